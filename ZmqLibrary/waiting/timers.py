"""Timers: functions that a thread runs later."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from itertools import count


class Timers:
    """Functions to be run later, all in one thread."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = count()

    def add(self, seconds: float, action: Callable[[], object]) -> None:
        """Has a function run after some time."""
        heapq.heappush(self._heap, (time.monotonic() + seconds, next(self._numbers), action))

    def pause(self, longest: float) -> float:
        """Seconds until the next one is due, at most `longest`."""
        return min(longest, max(0.0, self._heap[0][0] - time.monotonic())) if self._heap else longest

    def run(self, enough: Callable[[], bool] = lambda: False) -> None:
        """Runs what is due, at least one if there is one; what that adds comes next time, and so does what is left."""
        now = time.monotonic()
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()
            if enough():
                break


class Retry:
    """A function that is run again soon, once however often that is asked for until then.

    Args:
        later: Has a function run after some seconds.
        action: The function.
    """

    SECONDS = 0.01

    def __init__(self, later: Callable[[float, Callable[[], object]], object], action: Callable[[], object]) -> None:
        self._later = later
        self._action = action
        self._planned = False

    def soon(self) -> None:
        """Has it run."""
        if not self._planned:
            self._planned = True
            self._later(self.SECONDS, self._run)

    def _run(self) -> None:
        self._planned = False
        self._action()
