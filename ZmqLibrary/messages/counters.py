"""A counter that is watched: gaps, duplicates, and values that come late.

Values are counted in steps from the first one, so that a counter that wraps goes on and on inside. Memory is bounded:
gaps and numbers beyond a limit are counted, but not listed, and what fills such a gap later counts as a duplicate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from ..report.words import count_of

MAX_GAPS = 1_000
MAX_NUMBERS = 1_000
_LISTED = 5


class NoCounter(Exception):
    """A message in which no counter can be read."""


def whole_number(value: object) -> int | None:
    """The integer that a value is, or that a text writes; None for all others, such as 1.5 and true."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    if not isinstance(value, (float, str)):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if isinstance(value, str) or number == value else None


class Counter:
    """The counter of one topic.

    Args:
        first: Its first value.
        step: By how much it goes on.
        wrap: The number at which it begins anew from 0; None if it never does.
    """

    __slots__ = (
        "duplicates",
        "expected",
        "first",
        "gaps",
        "late",
        "late_positions",
        "messages",
        "missing",
        "position",
        "repeated_positions",
        "step",
        "unlisted",
        "wrap",
    )

    def __init__(self, first: int, step: int, wrap: int | None) -> None:
        self.first = first
        self.step = step
        self.wrap = wrap
        self.position = self.messages = 1
        self.expected = self.value_at(1)
        self.missing = self.duplicates = self.late = self.unlisted = 0
        self.gaps: list[tuple[int, int]] = []
        self.late_positions: list[int] = []
        self.repeated_positions: list[int] = []

    def value_at(self, position: int) -> int:
        """The counter's value some steps after the first one."""
        value = self.first + position * self.step
        return value % self.wrap if self.wrap else value

    def take(self, value: int) -> None:
        """Takes the next value.

        Raises:
            NoCounter: It cannot be one of this counter.
        """
        ahead = value - self.expected
        if self.wrap:
            ahead = (ahead + self.wrap // 2) % self.wrap - self.wrap // 2
        steps, rest = divmod(ahead, self.step)
        if rest:
            raise NoCounter(f"{value} is not {self.expected} plus or minus a multiple of the step {self.step}")
        self.messages += 1
        if steps < 0:
            self._take_late(self.position + steps)
            return
        if steps > 0:
            self._note_gap(self.position, self.position + steps - 1)
        self.position += steps + 1
        self.expected = self.value_at(self.position)

    def _note_gap(self, first: int, last: int) -> None:
        self.missing += last - first + 1
        if len(self.gaps) < MAX_GAPS:
            self.gaps.append((first, last))
        else:
            self.unlisted += last - first + 1

    def _take_late(self, position: int) -> None:
        if position < 0:
            self._note_late(position)
            return
        place = bisect_right(self.gaps, (position, float("inf"))) - 1
        if place < 0 or not self.gaps[place][0] <= position <= self.gaps[place][1]:
            self.duplicates += 1
            if len(self.repeated_positions) < MAX_NUMBERS:
                self.repeated_positions.append(position)
            return
        first, last = self.gaps[place]
        left = [gap for gap in ((first, position - 1), (position + 1, last)) if gap[0] <= gap[1]]
        if len(self.gaps) - 1 + len(left) > MAX_GAPS:
            smaller = min(left, key=lambda gap: gap[1] - gap[0])
            left.remove(smaller)
            self.unlisted += smaller[1] - smaller[0] + 1
        self.gaps[place : place + 1] = left
        self.missing -= 1
        self._note_late(position)

    def _note_late(self, position: int) -> None:
        self.late += 1
        if len(self.late_positions) < MAX_NUMBERS:
            self.late_positions.append(position)

    @property
    def faults(self) -> int:
        """How many messages are missing, came twice or came late."""
        return self.missing + self.duplicates + self.late

    def figures(self) -> dict[str, object]:
        """What happened, as a dictionary."""
        gaps = [(self.value_at(first), self.value_at(last), last - first + 1) for first, last in list(self.gaps)]
        return {
            "first": self.first,
            "next": self.expected,
            "messages": self.messages,
            "missing": self.missing,
            "duplicates": self.duplicates,
            "reordered": self.late,
            "gaps": [{"first": first, "last": last, "count": count} for first, last, count in gaps],
            "twice": self._values(self.repeated_positions),
            "late": self._values(self.late_positions),
        }

    def describe(self) -> list[str]:
        """What is wrong, as lines; empty if nothing is."""
        lines = []
        if self.missing:
            unlisted = f" ({self.unlisted:,} of them in gaps that were not kept)" if self.unlisted else ""
            lines.append(f"{count_of(self.missing, 'message')} missing{unlisted}: {self._shown(self.gaps, 'gap')}")
        if self.duplicates:
            lines.append(f"{count_of(self.duplicates, 'duplicate')}: {self._numbers(self.repeated_positions)}")
        if self.late:
            lines.append(f"{count_of(self.late, 'message')} out of order: {self._numbers(self.late_positions)}")
        return lines

    def _values(self, positions: Iterable[int]) -> list[int]:
        return [self.value_at(position) for position in list(positions)]

    def _numbers(self, positions: Sequence[int]) -> str:
        return self._shown(_ranges(sorted(set(positions))), "range")

    def _shown(self, ranges: Sequence[tuple[int, int]], thing: str) -> str:
        shown = ", ".join(self._shown_range(first, last) for first, last in ranges[:_LISTED])
        more = len(ranges) - _LISTED
        return f"{shown}, and {count_of(more, f'more {thing}')}" if more > 0 else shown

    def _shown_range(self, first: int, last: int) -> str:
        if first == last:
            return str(self.value_at(first))
        return f"{self.value_at(first)} to {self.value_at(last)} ({last - first + 1:,})"


def _ranges(positions: Iterable[int]) -> list[tuple[int, int]]:
    """Positions in ascending order as ranges of those that follow each other."""
    ranges: list[tuple[int, int]] = []
    for position in positions:
        if ranges and ranges[-1][1] == position - 1:
            ranges[-1] = (ranges[-1][0], position)
        else:
            ranges.append((position, position))
    return ranges
