"""Histogram: percentiles of times without a list of them, to 1/128 of the value, in the manner of HdrHistogram.

Values are whole ns from 0. Each power of two has 128 buckets: that of a value is the upper half of the bits of the same
number as a 32-bit float, sign, 8 bits exponent, 7 bits fraction. So `struct` and `Counter` find and count the buckets
of many values without a step of Python for each. Histograms are merged by adding their buckets.
"""

from __future__ import annotations

import struct
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

_UPPER_HALF = slice(1, None, 2) if sys.byteorder == "little" else slice(0, None, 2)
_MAX = 1 << 62
_SUB_BUCKETS = 128
_TICKS_PER_HALF = 5


class Histogram:
    """Counts of values in buckets.

    Attributes:
        count: How many values.
        min: The smallest one, exactly; 0 if there is none.
        max: The largest one, exactly.
        total: Their sum, exactly.
    """

    __slots__ = ("_counts", "count", "max", "min", "total")

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self.count = self.min = self.max = self.total = 0

    def record(self, value: int) -> None:
        """Counts one value; what is below 0 counts as 0."""
        self.record_all((value,))

    def record_many(self, value: int, count: int) -> None:
        """Counts one value so many times."""
        value = min(max(value, 0), _MAX)
        self._include(value, value, count, value * count)
        self._counts[_bucket(value)] += count

    def record_all(self, values: Sequence[int]) -> None:
        """Counts values."""
        if not values:
            return
        low, high = min(values), max(values)
        if low < 0 or high > _MAX:
            self.record_all([min(max(value, 0), _MAX) for value in values])
            return
        self._include(low, high, len(values), sum(values))
        floats = struct.pack(f"{len(values)}f", *values)
        self._counts.update(memoryview(floats).cast("H")[_UPPER_HALF].tolist())

    def merge(self, other: Histogram) -> None:
        """Adds the values of another one."""
        if other.count:
            self._include(other.min, other.max, other.count, other.total)
            self._counts.update(other._counts)

    def since(self, earlier: Histogram) -> Histogram:
        """What was counted after an earlier state of this one; smallest and largest value to 1/128."""
        later = Histogram()
        later._counts = self._counts - earlier._counts
        if later._counts:
            values = [_highest(bucket) for bucket in (min(later._counts), max(later._counts))]
            later._include(values[0], values[1], later._counts.total(), self.total - earlier.total)
        return later

    def value(self, name: str) -> float:
        """The value of that name: `p99.9`, `min`, `mean`, `max`."""
        named = {"min": self.min, "mean": self.mean, "max": self.max}
        return named[name] if name in named else self.percentile(float(name.removeprefix("p")))

    def _include(self, low: int, high: int, count: int, total: int) -> None:
        self.min = min(self.min, low) if self.count else low
        self.max = max(self.max, high)
        self.count += count
        self.total += total

    @property
    def mean(self) -> float:
        """The mean, exactly; 0 if there is none."""
        return self.total / self.count if self.count else 0.0

    def percentile(self, percent: float) -> int:
        """The value that this share of all values does not exceed, to 1/128 of it; 0 if there is none."""
        return self.percentiles([percent])[0]

    def percentiles(self, percents: Sequence[float]) -> list[int]:
        """As `percentile` for each of several, which ascend."""
        found: list[int] = []
        buckets = self.buckets()
        value, seen = next(buckets, (0, 0))
        for percent in percents:
            # The number of the value, from 1: 99.9 % of 1,000 values are 999 of them, whatever floats say.
            rank = min(self.count, -int(-round(percent * self.count / 100, 6) // 1))
            while seen < rank:
                value, count = next(buckets)
                seen += count
            found.append(min(max(value, self.min), self.max))
        return found

    def buckets(self) -> Iterator[tuple[int, int]]:
        """Highest value and count of each bucket that has values, in ascending order."""
        return ((_highest(bucket), self._counts[bucket]) for bucket in sorted(self._counts))

    def as_json(self) -> list[list[int]]:
        """For `from_json` at the other end of a pipe."""
        return [[self.min, self.max, self.total], *map(list, sorted(self._counts.items()))]

    @classmethod
    def from_json(cls, document: Sequence[Sequence[int]]) -> Histogram:
        """What `as_json` gave."""
        histogram = cls()
        low, high, total = document[0]
        for bucket, count in document[1:]:
            histogram._counts[bucket] = count
        histogram._include(low, high, histogram._counts.total(), total)
        return histogram


def _bucket(value: int) -> int:
    """The bucket of a value."""
    return int.from_bytes(struct.pack(">f", value)[:2], "big")


def _highest(bucket: int) -> int:
    """The highest value that is counted in a bucket."""
    (beyond,) = struct.unpack(">f", struct.pack(">I", (bucket + 1) << 16))
    return int(-(-beyond // 1)) - 1


def as_hgrm(histogram: Histogram) -> str:
    """The percentile distribution in milliseconds, as HdrHistogram's plotters read it (`.hgrm`)."""
    values = list(histogram.buckets())
    lines = ["       Value     Percentile TotalCount 1/(1-Percentile)", ""]
    lines += [_hgrm_line(*row) for row in _distribution(histogram, values)]
    deviation = _deviation(histogram) / 1e6
    lines += [
        f"#[Mean    = {histogram.mean / 1e6:12.3f}, StdDeviation   = {deviation:12.3f}]",
        f"#[Max     = {histogram.max / 1e6:12.3f}, Total count    = {histogram.count:12d}]",
        f"#[Buckets = {len(values):12d}, SubBuckets     = {_SUB_BUCKETS:12d}]",
    ]
    return "\n".join(lines) + "\n"


def _hgrm_line(value: int, share: float, count: int) -> str:
    inverse = f"{1 / (1 - share):14.2f}" if share < 1 else "           inf"
    return f"{value / 1e6:12.3f} {share:14.12f} {count:10d} {inverse}"


def _distribution(histogram: Histogram, values: Sequence[tuple[int, int]]) -> Iterator[tuple[int, float, int]]:
    """Values with the share and number of those that are not above them, in steps that halve with the rest."""
    sums = list(accumulate(count for _, count in values))
    wanted = iter(_shares())
    share = next(wanted)
    for (value, _), seen in zip(values, sums):
        while seen >= share * histogram.count and seen < histogram.count:
            yield min(value, histogram.max), share, seen
            share = next(wanted)
    if histogram.count:
        yield histogram.max, 1.0, histogram.count


def _shares() -> Iterator[float]:
    half, base = 0.5, 0.0
    while True:
        yield from (base + half * step / _TICKS_PER_HALF for step in range(_TICKS_PER_HALF))
        base, half = base + half, half / 2


def _deviation(histogram: Histogram) -> float:
    if not histogram.count:
        return 0.0
    mean = histogram.mean
    squares: Iterable[float] = (count * (value - mean) ** 2 for value, count in histogram.buckets())
    return float((sum(squares) / histogram.count) ** 0.5)
