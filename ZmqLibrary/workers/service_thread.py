"""ServiceThread: a thread that others ask to run functions, and wait for; and what it reports when it has failed.

Everything waits with a bound. An exception in the thread is kept and raised by `check`.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from ..errors import WorkerFailed, WrongUse, described
from ..waiting.deadline import Deadline, Patience
from ..waiting.threads import is_alive
from ..waiting.uninterrupted import Uninterrupted
from .background import Titled
from .wakeup import Wakeup

if TYPE_CHECKING:
    import zmq

START_SECONDS = 5.0
STOP_SECONDS = 1.0
Result = TypeVar("Result")


def require_threads() -> None:
    """Threads have to be threads: a greenlet stops all others while it waits for libzmq.

    Raises:
        WrongUse: gevent has replaced them.
    """
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("threading"):
        raise WrongUse(
            "A worker needs a thread of its own, and gevent's monkey patching has replaced threads by greenlets, which "
            "do not run while libzmq waits. Import the library that calls gevent.monkey.patch_all() in a process of "
            "its own, or have it call patch_all(thread=False)."
        )


class ServiceThread(Titled):
    """A thread that runs functions for others besides its work; subclasses say what its work is.

    Args:
        name: Its alias or generated name.
        context: The libzmq context of the sockets that it waits for.
    """

    kind = "worker"

    def __init__(self, name: str, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        require_threads()
        self.name = name
        self.changed = threading.Condition()
        self.reported = False
        self._actions: deque[Callable[[], object]] = deque()
        self._wakeup = Wakeup(context)
        self._ended = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"zmq-{self.kind}-{name}", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread does its work."""
        return not self._ended and is_alive(self._thread)

    @property
    def error(self) -> BaseException | None:
        """The exception that ended the thread."""
        return self._error

    def check(self) -> None:
        """Raises what has ended the thread, if something has.

        Raises:
            WorkerFailed: The thread ended with an exception.
        """
        if self._error is not None:
            self.reported = True
            raise WorkerFailed(f"{self.heading} has failed: {described(self._error)}") from self._error

    @property
    def unreported_error(self) -> BaseException | None:
        """The exception that ended the thread, if that was not reported yet."""
        return None if self.reported else self._error

    def post(self, action: Callable[[], object]) -> None:
        """Has a function run in the worker's thread, soon."""
        self._actions.append(action)
        self._wakeup.ring()

    def call(self, action: Callable[[], Result], timeout: float = START_SECONDS) -> Result:
        """Runs a function in the worker's thread and returns its result.

        Raises:
            WorkerFailed: The thread has ended, or did not answer in time.
            Exception: Whatever the function raises.
        """
        if threading.current_thread() is self._thread:
            return action()
        self.check()
        future: Future[Result] = Future()
        self.post(lambda: self._fulfil(future, action))
        if self.wait_for(future.done, Patience(timeout)):
            return future.result()
        if self.alive:
            raise WorkerFailed(f"{self.heading} did not answer in {timeout:g} seconds.")
        raise WorkerFailed(f"{self.heading} has stopped.")

    def consult(self, action: Callable[[], Result], timeout: float = STOP_SECONDS) -> Result:
        """Runs a function that only looks at the socket: in the thread, or here when the thread has ended.

        Raises:
            WorkerFailed: The thread did not answer in time.
        """
        return self.call(action, timeout) if self.alive else action()

    def wait_for(self, condition: Callable[[], Result], deadline: Deadline) -> Result | None:
        """Waits until a condition holds that the worker's thread brings about; it is looked at after each change.

        While it is looked at, `changed` is locked, so that it may read what the thread changes under that lock.

        Returns:
            What the condition returned, or None at the deadline or when the thread has ended without it.

        Raises:
            WorkerFailed: The thread ended with an exception.
        """
        while True:
            alive = self.alive
            with Uninterrupted(), self.changed:
                result = condition()
                if result:
                    return result
                step = deadline.slice()
                if alive and step:
                    self.changed.wait(step)
                    continue
            if not alive:
                self.check()
            return None

    # Called in the thread

    def _run(self) -> None:
        raise NotImplementedError

    def notify(self) -> None:
        """Wakes those who wait for a change."""
        with self.changed:
            self.changed.notify_all()

    def _fulfil(self, future: Future[Result], action: Callable[[], Result]) -> None:
        try:
            future.set_result(action())
        except Exception as error:
            future.set_exception(error)
        self.notify()
