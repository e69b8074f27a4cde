"""Ownership: which thread may use a socket. Two threads on one libzmq socket abort the process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from ..waiting.deadline import Deadline

Result = TypeVar("Result")


class Holder(Protocol):
    """A worker that has taken a socket."""

    @property
    def title(self) -> str: ...

    def consult(self, action: Callable[[], Result]) -> Result: ...

    def wait_for(self, condition: Callable[[], Result], deadline: Deadline) -> Result | None: ...


class Ownership:
    """Who has a socket: nobody, which means the main thread, or a worker with its own thread."""

    def __init__(self) -> None:
        self._holder: Holder | None = None
        self._thread: int | None = None

    def take(self, holder: Holder) -> None:
        """Gives the socket to a worker: until `give_back`, only the worker's thread may use it."""
        self._holder = holder

    def enter_thread(self) -> None:
        """The worker's thread begins to use the socket."""
        self._thread = threading.get_ident()

    def give_back(self) -> None:
        """The worker's thread has ended."""
        self._holder = self._thread = None

    @property
    def holder(self) -> str | None:
        """The worker that has taken the socket, as errors name it; None if it is free."""
        return self._holder.title if self._holder else None

    @property
    def elsewhere(self) -> Holder | None:
        """The worker that has to be asked, because its thread is not this one; None if this thread may go on."""
        return self._holder if self._holder is not None and threading.get_ident() != self._thread else None
