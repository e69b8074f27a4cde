"""Schedule: a rate profile as text → when each message is planned. Pure; times in ns from the beginning.

    10000                     messages per second, without end
    1000:1s,4000:1s,2000:1s   steps
    1000..3000:1s             a ramp, from one rate to another
    100/250ms                 bursts: 100 messages at once, every 250 ms; `100/250ms:5s` for 5 seconds

Parts are joined by commas and come one after the other; only the last one may go on without end.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from ..errors import InvalidValue

SECOND = 1_000_000_000
_NUMBER = r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?"
_RATE = rf"{_NUMBER}(?:[eE][+-]?[0-9]+)?"
_PART = rf"(?P<rate>{_RATE})(?:\.\.(?P<to>{_RATE})|/(?P<every>[^:,/]+))?(?::(?P<time>[^:,/]+))?"
_FORMS = "Write a number (10000), steps (1000:1s,4000:1s), a ramp (1000..3000:1s) or bursts (100/250ms)."
_UNITS = {"": 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0, "m": 60.0, "h": 3600.0}
LOWEST, HIGHEST = 1e-3, 1e9  # messages per second
_LONGEST = 1e9  # seconds


class Part(ABC):
    """One part of a profile.

    Args:
        length: In ns; None for one without end.
        count: How many messages it has; None without end.
    """

    def __init__(self, length: int | None, count: int | None) -> None:
        self.length = length
        self.count = count

    @abstractmethod
    def due(self, time: int) -> int:
        """How many messages are planned up to this time, inclusive; without regard to the end."""

    @abstractmethod
    def planned(self, first: int, count: int) -> Sequence[int]:
        """The times of messages, numbered from 0."""


class Steady(Part):
    """A constant rate in messages per 1,000 seconds, so that it is a whole number."""

    def __init__(self, rate: float, length: int | None = None) -> None:
        self.rate = rate
        self._per_1000s = round(rate * 1000)
        super().__init__(length, None if length is None else round(rate * length / SECOND))

    def due(self, time: int) -> int:
        return time * self._per_1000s // (1000 * SECOND) + 1

    def planned(self, first: int, count: int) -> Sequence[int]:
        step, rest = divmod(1000 * SECOND, self._per_1000s)
        if not rest:
            return range(first * step, (first + count) * step, step)
        per = self._per_1000s
        return [-(-number * 1000 * SECOND // per) for number in range(first, first + count)]


class Ramp(Part):
    """A rate that changes evenly from one to another."""

    def __init__(self, start: float, end: float, length: int) -> None:
        self.rate = end
        self._start, self._length = start, length
        self._change = (end - start) / (length / SECOND)
        super().__init__(length, round((start + end) / 2 * length / SECOND))

    def due(self, time: int) -> int:
        time = min(time, self._length)
        seconds = time / SECOND
        guess = int(self._start * seconds + self._change * seconds * seconds / 2)
        # Exactly what `_time_of` says, which floats would miss by one.
        while self._time_of(guess) > time:
            guess -= 1
        while self._time_of(guess + 1) <= time and guess + 1 < (self.count or 0):
            guess += 1
        return guess + 1

    def planned(self, first: int, count: int) -> Sequence[int]:
        return [self._time_of(number) for number in range(first, first + count)]

    def _time_of(self, number: int) -> int:
        # The smaller root of change/2·t² + start·t = number, in the form that is exact also for a small change.
        root = max(0.0, self._start * self._start + 2 * self._change * number) ** 0.5
        return min(round(2 * number / (self._start + root) * SECOND) if number else 0, self._length)


class Bursts(Part):
    """Some messages at once, again and again."""

    def __init__(self, size: int, every: int, length: int | None = None) -> None:
        self.rate = size * SECOND / every
        self._size, self._every = size, every
        super().__init__(length, None if length is None else -(-length // every) * size)

    def due(self, time: int) -> int:
        return (time // self._every + 1) * self._size

    def planned(self, first: int, count: int) -> Sequence[int]:
        size, every = self._size, self._every
        return [number // size * every for number in range(first, first + count)]


class Schedule:
    """The parts of a profile, one after the other.

    Args:
        parts: At least one; only the last may go on without end.
        text: As the user wrote it.

    Attributes:
        count: How many messages it has; None without end.
        length: In ns; None without end.
    """

    def __init__(self, parts: Sequence[Part], text: str) -> None:
        self._parts = parts
        self._text = text
        self._starts = [0, *accumulate(part.length or 0 for part in parts[:-1])]
        self._firsts = [0, *accumulate(part.count or 0 for part in parts[:-1])]
        last = parts[-1]
        self.count = None if last.count is None else self._firsts[-1] + last.count
        self.length = None if last.length is None else self._starts[-1] + last.length

    def __str__(self) -> str:
        return self._text

    def due(self, time: int) -> int:
        """How many messages are planned up to this time, inclusive."""
        if time < 0:
            return 0
        number = bisect_right(self._starts, time) - 1
        part = self._parts[number]
        within = part.due(time - self._starts[number])
        return self._firsts[number] + (within if part.count is None else min(within, part.count))

    def planned(self, first: int, count: int) -> Sequence[int]:
        """The times of messages, numbered from 0."""
        number = bisect_right(self._firsts, first) - 1
        part, start, base = self._parts[number], self._starts[number], self._firsts[number]
        here = count if part.count is None else min(count, base + part.count - first)
        times = part.planned(first - base, here)
        if start:
            times = [start + time for time in times]
        return times if here == count else [*times, *self.planned(first + here, count - here)]


def parse_schedule(rate: object) -> Schedule:
    """The schedule of a `rate=` argument: a number, or a profile as text.

    Raises:
        InvalidValue: It is none.
    """
    text = "".join(str(rate).split())
    parts = [_part(part, text) for part in text.split(",")]
    if any(part.length is None for part in parts[:-1]):
        raise InvalidValue(f"rate={rate} cannot be used: only the last part may be without a time. {_FORMS}")
    return Schedule(parts, text)


def _part(part: str, text: str) -> Part:
    match = re.fullmatch(_PART, part, re.ASCII)
    if match is None:
        raise InvalidValue(f"rate={text} cannot be used: '{part}' is not a rate. {_FORMS}")
    first = float(match["rate"])
    length = _time(match["time"], text) if match["time"] else None
    if match["to"]:
        return _ramp(first, float(match["to"]), length, text)
    if not LOWEST <= first <= HIGHEST:
        raise InvalidValue(f"rate={text} cannot be used: a rate is above 0, from 0.001 to 1,000,000,000. {_FORMS}")
    if match["every"]:
        if not first.is_integer():
            raise InvalidValue(f"rate={text} cannot be used: a burst has a whole number of messages. {_FORMS}")
        return Bursts(int(first), _time(match["every"], text), length)
    return Steady(first, length)


def _ramp(start: float, end: float, length: int | None, text: str) -> Part:
    if length is None:
        raise InvalidValue(f"rate={text} cannot be used: a ramp needs its time, as in 1000..3000:1s. {_FORMS}")
    if not LOWEST <= max(start, end) <= HIGHEST:
        raise InvalidValue(
            f"rate={text} cannot be used: a ramp needs a rate above 0, from 0.001 to 1,000,000,000. {_FORMS}"
        )
    return Ramp(start, end, length)


def _time(text: str, profile: str) -> int:
    match = re.fullmatch(rf"({_NUMBER})(us|ms|s|min|m|h|)", text, re.ASCII)
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not 1 / SECOND <= seconds <= _LONGEST:
        raise InvalidValue(f"rate={profile} cannot be used: '{text}' is no time above 0, such as 250ms or 1s. {_FORMS}")
    return round(seconds * SECOND)
