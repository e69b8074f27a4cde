"""What pumps and sinks measure of themselves: seconds of their run, and whether they were too slow themselves."""

from __future__ import annotations

import time

from ..report.words import seconds

SECOND = 1_000_000_000
_LATE_NS = 10_000_000
_BUSY = 0.9
_LONG_ENOUGH_NS = 200_000_000
_HELD_UP = 1 / 200  # of the time, after which the slowest hundredth of the messages may be late


class Effort:
    """How busy the thread is that calls `begin`."""

    def __init__(self) -> None:
        self._wall = self._cpu = self._idle = 0
        self._ended: tuple[int, int] | None = None

    def begin(self) -> None:
        """The work begins."""
        self._wall, self._cpu = time.monotonic_ns(), time.thread_time_ns()

    def end(self) -> None:
        """The work is over; what comes after it does not count."""
        if self._ended is None:
            self._ended = time.monotonic_ns(), time.thread_time_ns()

    def busy(self) -> float:
        """The share of a core that was used, 0 to 1; for very short work 0."""
        wall, cpu = self._ended or (time.monotonic_ns(), time.thread_time_ns())
        elapsed = wall - self._wall
        return 0.0 if not self._wall or elapsed < _LONG_ENOUGH_NS else min(1.0, (cpu - self._cpu) / elapsed)


def bottleneck(busy: float, lag_p99: int, held_up: float) -> str:
    """Why a pump or sink was too slow itself, in words; empty if it was not.

    Args:
        busy: The share of a core that it used.
        lag_p99: How late it was at the 99th percentile, in ns.
        held_up: The share of the time in which its peer was not there, did not take more, or had not replied yet.
    """
    if busy >= _BUSY:
        return f"its core was busy ({busy:.0%})"
    if lag_p99 > _LATE_NS and held_up < _HELD_UP:
        return f"it was late by {seconds(lag_p99 / SECOND)} at p99"
    return ""
