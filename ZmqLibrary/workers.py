"""Worker: a thread that owns a socket.

Rules: from `start` to the end of `stop` only the worker's thread touches the socket. Everything else asks for it with
`call` or `post`, which run a function in that thread. `start`, `call` and `stop` wait with a bound. An exception in
the thread is kept and raised by `check`, which every keyword about the worker calls first. Locks are held in the main
thread only while Robot's timeout signal is held back: it would leave them locked.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

import zmq

from .bell import Bell, Timers
from .errors import WorkerFailed
from .journal import Journal, JournalEntry
from .waiting import SLICE, Deadline, Uninterrupted
from .wire import BURST

if TYPE_CHECKING:
    from .message import Message
    from .sockets import ZmqSocket

__all__ = ["START_SECONDS", "STOP_SECONDS", "Journal", "JournalEntry", "Worker"]

START_SECONDS = 5.0
STOP_SECONDS = 1.0
_IDLE_SECONDS = 60.0
Result = TypeVar("Result")


class Worker:
    """A thread that owns a socket; subclasses say what it does with the messages.

    Args:
        name: Its alias or generated name.
        socket: The socket that it takes.
        journal: Where it tells what it does.
        owns_socket: Whether the socket is closed when the worker stops, rather than given back.
    """

    kind = "worker"
    opener = "Start Mock Server"
    is_server = False  # whether it has an address that tests connect to
    keeps_results = False  # whether it can still be asked by its name after it was stopped

    def __init__(self, name: str, socket: ZmqSocket, journal: Journal, owns_socket: bool = False) -> None:
        self.name = name
        self.socket = socket
        self.journal = journal
        self.changed = threading.Condition()
        self._owns_socket = owns_socket
        self._actions: deque[Callable[[], object]] = deque()
        self._timers = Timers()
        self._started = threading.Event()
        self._done = threading.Event()
        self._has_socket = False
        self._stopping = False
        self._ended = False
        self._error: BaseException | None = None
        self.reported = False
        self._bell = Bell(socket.context)
        self._thread = threading.Thread(target=self._run, name=f"zmq-{self.kind}-{name}", daemon=True)

    @property
    def title(self) -> str:
        """The worker as errors name it: `mock server 'orders'`."""
        return f"{self.kind} '{self.name}'"

    @property
    def heading(self) -> str:
        """The title at the beginning of a sentence."""
        return self.title[:1].upper() + self.title[1:]

    # Called from outside

    def start(self) -> None:
        """Takes the socket and starts the thread.

        Raises:
            WrongUse: Another worker has the socket.
            WorkerFailed: The thread did not get ready.
        """
        with Uninterrupted():
            self.socket.take(self)
            self._has_socket = True
            self._thread.start()
        deadline = Deadline(START_SECONDS)
        while not self._started.wait(deadline.slice()):
            if not deadline.remaining():
                raise WorkerFailed(f"{self.heading} did not start in {START_SECONDS:g} seconds.")
        self.check()

    @property
    def alive(self) -> bool:
        """Whether the thread does its work."""
        return self._thread.is_alive() and not self._ended

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
            raise WorkerFailed(f"{self.heading} has failed: {_described(self._error)}") from self._error

    @property
    def unreported_error(self) -> BaseException | None:
        """The exception that ended the thread, if no keyword has shown it yet."""
        return None if self.reported else self._error

    def post(self, action: Callable[[], object]) -> None:
        """Has a function run in the worker's thread, soon."""
        self._actions.append(action)
        self._bell.ring()

    def call(self, action: Callable[[], Result], timeout: float = START_SECONDS) -> Result:
        """Runs a function in the worker's thread and returns its result.

        Raises:
            WorkerFailed: The thread has ended, or did not come to it in time.
            Exception: Whatever the function raises.
        """
        if threading.current_thread() is self._thread:
            return action()
        self.check()
        future: Future[Result] = Future()
        self.post(lambda: self._fulfil(future, action))
        if self.wait_for(future.done, Deadline(timeout)):
            return future.result()
        if self.alive:
            raise WorkerFailed(f"{self.heading} did not answer in {timeout:g} seconds.")
        raise WorkerFailed(f"{self.heading} has stopped.")

    def consult(self, action: Callable[[], Result], timeout: float = STOP_SECONDS) -> Result:
        """Runs a function that only looks at the socket: in the thread, or here when the thread has ended.

        Raises:
            WorkerFailed: The thread did not come to it in time.
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

    def ask_to_stop(self) -> None:
        """Lets the thread end by itself, without waiting for it."""
        if self._runs:
            self.post(self._leave)

    def stop(self, deadline: Deadline | None = None) -> bool:
        """Ends the thread and gives the socket back; stopping twice does nothing.

        If an exception comes in between, such as Robot's timeout, `stop` can be called again.

        Args:
            deadline: How long to wait for the thread; a second if not given.

        Returns:
            Whether the thread has ended. If not, the socket stays taken and open.
        """
        deadline = deadline or Deadline(STOP_SECONDS)
        self.ask_to_stop()
        while self._runs:
            step = deadline.slice()
            if not step:
                return False
            with Uninterrupted():
                self._done.wait(step)
        with Uninterrupted():
            if self._thread.ident is not None:
                self._thread.join(SLICE)
            self._release()
        return True

    @property
    def _runs(self) -> bool:
        """Whether the thread may still use the socket. `Thread.is_alive` is wrong after an interrupted `join`."""
        return self._thread.ident is not None and not self._done.is_set()

    def _release(self) -> None:
        self._bell.close()
        if self._has_socket:
            self._has_socket = False
            self.socket.give_back()
            if self._owns_socket:
                self.socket.close()

    # Called in the thread

    def prepare(self) -> None:
        """Comes before the first message."""

    def handle(self, message: Message) -> None:
        """Comes for each message that is received."""

    def handled(self) -> None:
        """Comes after each burst of messages."""

    def finish(self) -> None:
        """Comes at the end, also after an exception."""

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Runs a function in this thread after some time."""
        self._timers.add(seconds, action)

    def note(self, text: str, frames: Sequence[bytes] = (), *, warning: bool = False, at: float | None = None) -> None:
        """Tells the journal."""
        self.journal.add(JournalEntry(time.time() if at is None else at, self.name, text, frames, warning))

    def notify(self) -> None:
        """Wakes those who wait for a change."""
        with self.changed:
            self.changed.notify_all()

    def _leave(self) -> None:
        self._stopping = True

    def _run(self) -> None:
        try:
            self.socket.enter_thread()
            self.prepare()
            self._started.set()
            while not self._stopping:
                self._turn()
        except BaseException as error:
            self._fail(error)
        try:
            self.finish()
        except BaseException as error:
            self._fail(error)
        self._ended = True
        self._started.set()
        self.notify()
        self._done.set()

    def _fail(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
        self.note(f"failed: {_described(error)}", warning=True)

    def _turn(self) -> None:
        # A PUB has its subscriptions to read although it receives no messages.
        pause = 0.0 if self.socket.inbox else self._timers.pause(_IDLE_SECONDS)
        self.socket.poll(zmq.POLLIN, pause, also=self._bell.ear)
        self._bell.heard()
        while self._actions:
            self._actions.popleft()()
        self._timers.run()
        self.socket.drain()
        if self.socket.type.receives and self.socket.take_all(self.handle, BURST):
            self.handled()
            self.notify()

    def _fulfil(self, future: Future[Result], action: Callable[[], Result]) -> None:
        try:
            future.set_result(action())
        except Exception as error:
            future.set_exception(error)
        self.notify()


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
