"""UserFunctions: runs functions of the user one after the other in their own thread, which may hang without harm."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from ..waiting.deadline import Deadline
from ..waiting.threads import has_ended

FunctionCall = Callable[[], None]
_SOON = 0.1


class UserFunctions:
    """A daemon thread that is started with the first job.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[FunctionCall | None] = SimpleQueue()
        self._thread: _Thread | None = None

    def put(self, job: FunctionCall) -> None:
        """Has a function run after those before it; it must not raise."""
        if self._thread is None:
            self._thread = _Thread(self._name, self._jobs)
        self._jobs.put(job)

    def abandon(self) -> None:
        """Leaves the thread to the function that does not return; a new one does what is left."""
        if self._thread is not None:
            self._thread.abandoned = True
            self._thread = _Thread(self._name, self._jobs)

    def close(self) -> None:
        """Ends the thread as soon as its function returns; waits for that at most 0.1 s."""
        if self._thread is not None:
            self._thread.abandoned = True
            self._jobs.put(None)
            has_ended(self._thread, Deadline(_SOON))


class _Thread(threading.Thread):
    def __init__(self, name: str, jobs: SimpleQueue[FunctionCall | None]) -> None:
        super().__init__(name=f"zmq-{name}-calls", daemon=True)
        self.abandoned = False
        self._jobs = jobs
        self.start()

    def run(self) -> None:
        while not self.abandoned and (job := self._jobs.get()):
            job()
