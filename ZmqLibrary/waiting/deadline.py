"""Deadlines, and the slices in which they are waited for.

Waits go in slices, because a signal that reaches another thread does not wake a poll in the main thread, and because
Windows delivers Robot's timeouts only between byte codes.
"""

from __future__ import annotations

import time

SLICE = 0.1


class Deadline:
    """An end on the monotonic clock. `Deadline(0)` is over at once: what waits for it only looks.

    Args:
        seconds: How long to wait.
    """

    __slots__ = ("_end", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds until the end, never below 0."""
        return max(0.0, self._end - time.monotonic())

    def slice(self) -> float:
        """Seconds of the next wait: at most `SLICE`."""
        return min(self.remaining(), SLICE)


class Patience(Deadline):
    """A deadline for other threads of this process: when a busy machine holds up the process, that does not count.

    Of the time between two looks `SLICE` counts at most, which is how long waits take.

    Args:
        seconds: How long to wait.
    """

    __slots__ = ("_left", "_looked_at")

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self._left = seconds
        self._looked_at = time.monotonic()

    def remaining(self) -> float:
        """Seconds of waiting that are left, never below 0."""
        now = time.monotonic()
        self._left = max(0.0, self._left - min(now - self._looked_at, SLICE))
        self._looked_at = now
        return self._left
