"""Handover: when a worker's thread ends, and who then gives up what it had: the caller of `stop`, or the thread.

It is the caller of `stop`, unless the thread is left behind because it does not end in time: then it is the thread,
whenever it ends. It is never both, because two threads on one socket abort the process.
"""

from __future__ import annotations

import threading

from ..waiting.deadline import Deadline
from ..waiting.threads import is_set_within
from ..waiting.uninterrupted import Uninterrupted

_GRACE_SECONDS = 0.2


class Handover:
    """The end of one thread.

    Attributes:
        inherits: Whether the thread, left behind, closes also what it would otherwise only give back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._grace: Deadline | None = None
        self._left = False
        self._begun = False
        self.inherits = False

    # Called from outside

    def ask(self) -> None:
        """Starts the grace period in which the thread still does what is pending."""
        self._grace = self._grace or Deadline(_GRACE_SECONDS)

    def wait(self, seconds: float) -> None:
        """Waits until the thread has ended."""
        is_set_within(self._done, seconds)

    def leave_behind(self) -> bool:
        """Has the thread give up everything itself.

        Returns:
            Whether it will; if not, it is so near its end that it can be waited for.
        """
        with Uninterrupted(), self._lock:
            self._left = self._left or not self._begun
            return self._left

    def inherit(self) -> bool:
        """Has a thread that was left behind close what it would otherwise only give back.

        Returns:
            Whether it will.
        """
        with Uninterrupted(), self._lock:
            self.inherits = self.inherits or (self._left and not self._begun)
            return self.inherits

    @property
    def over(self) -> bool:
        """Whether the thread no longer touches anything. `Thread.is_alive` is wrong after an interrupted `join`."""
        return self._done.is_set()

    # Called in the thread

    @property
    def urgent(self) -> bool:
        """Whether the thread was asked to end and the grace period is over."""
        return self._grace is not None and not self._grace.remaining()

    def begin(self) -> bool:
        """The thread has done its work.

        Returns:
            Whether it was left behind and has to give up everything itself.
        """
        with self._lock:
            self._begun = True
            return self._left

    def finish(self) -> None:
        """Is the last thing that the thread does."""
        self._done.set()
