"""Load report: how many requests there were of each kind, how many failed, and how long replies took, to the ns.

Locust rounds what is below 100 ms to whole milliseconds. Here a worker keeps histograms and sends what was added since
its last report; the master merges.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..pipelines.histogram import Histogram, as_hgrm
from ..pipelines.report import latency_of

TOO_LATE_SECONDS = 0.010
BUSY_SHARE = 0.9
_AT_ONCE = 1_000
_ENOUGH = 100  # with fewer, p99 is the one that was late when all began
_COLUMNS = ("p50", "p90", "p99", "p99_9", "max")
JsonDocument = dict[str, Any]


class RequestStatistics:
    """Requests of one kind.

    Attributes:
        count: How many, those that failed included.
        failures: How many failed.
    """

    __slots__ = ("_fresh", "_histogram", "count", "failures")

    def __init__(self) -> None:
        self.count = self.failures = 0
        self._histogram = Histogram()
        self._fresh: list[int] = []

    def succeeded(self, nanoseconds: int) -> None:
        """Counts one that took so long."""
        self.count += 1
        self._fresh.append(nanoseconds)
        if len(self._fresh) >= _AT_ONCE:
            self._record()

    def failed(self) -> None:
        """Counts one that failed: it has no latency."""
        self.count += 1
        self.failures += 1

    def add(self, count: int, failures: int, times: Histogram) -> None:
        """Adds those of a worker or a pump."""
        self.count += count
        self.failures += failures
        self._histogram.merge(times)

    @property
    def times(self) -> Histogram:
        """How long those took that did not fail, in ns."""
        self._record()
        return self._histogram

    def _record(self) -> None:
        fresh, self._fresh = self._fresh, []
        self._histogram.record_all(fresh)


class Health:
    """Whether a process that makes load is fast enough to make it as planned.

    Attributes:
        wakeups: How much later its greenlets woke up than they should have, in ns.
        lag: How much later its pumps sent than planned, in ns.
        busy: The largest share of a core that it used between two reports.
    """

    __slots__ = ("busy", "lag", "wakeups")

    def __init__(self) -> None:
        self.wakeups = Histogram()
        self.lag = Histogram()
        self.busy = 0.0

    def merge(self, other: Health) -> None:
        """Adds what was seen since."""
        self.wakeups.merge(other.wakeups)
        self.lag.merge(other.lag)
        self.busy = max(self.busy, other.busy)

    def warnings(self, who: str) -> list[str]:
        """What makes its figures doubtful, in sentences."""
        found = []
        for times, what in ((self.wakeups, "woke up"), (self.lag, "sent with its pumps")):
            late = times.percentile(99) / 1e9
            if late > TOO_LATE_SECONDS and times.count >= _ENOUGH:
                found.append(f"{who} {what} {late * 1000:.3f} ms late at p99: it is too slow for this load.")
        if self.busy >= BUSY_SHARE:
            found.append(f"{who} used {self.busy * 100:.0f} % of a core: it is too slow for this load.")
        return found

    def as_json(self) -> JsonDocument:
        """For `from_json` on the master."""
        return {"wakeups": self.wakeups.as_json(), "lag": self.lag.as_json(), "busy": self.busy}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Health:
        """What `as_json` gave."""
        health = cls()
        health.wakeups = Histogram.from_json(document["wakeups"])
        health.lag = Histogram.from_json(document["lag"])
        health.busy = float(document["busy"])
        return health


class LoadReport:
    """All requests of a run, and the health of those who made them."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begins anew."""
        self._requests: dict[tuple[str, str], RequestStatistics] = {}
        self._health: dict[str, Health] = {}

    def requests(self, type: str, name: str) -> RequestStatistics:
        """Those of one kind."""
        found = self._requests.get((type, name))
        if found is None:
            found = self._requests[type, name] = RequestStatistics()
        return found

    def health(self, who: str) -> Health:
        """That of one process."""
        return self._health.setdefault(who, Health())

    def __bool__(self) -> bool:
        return bool(self._requests)

    def take(self, who: str) -> JsonDocument:
        """What came since the last time, for `add` on the master; here it is gone."""
        document = {
            "requests": [
                [type, name, requests.count, requests.failures, requests.times.as_json()]
                for (type, name), requests in self._requests.items()
            ],
            "health": self.health(who).as_json(),
        }
        self.clear()
        return document

    def add(self, who: str, document: Mapping[str, Any]) -> None:
        """Adds what a worker took."""
        for type, name, count, failures, times in document["requests"]:
            self.requests(type, name).add(count, failures, Histogram.from_json(times))
        self.health(who).merge(Health.from_json(document["health"]))

    @property
    def warnings(self) -> list[str]:
        """Which workers were too slow, in sentences."""
        return [warning for who, health in sorted(self._health.items()) for warning in health.warnings(who)]

    def as_json(self) -> JsonDocument:
        """Times in seconds; `latency` is None where nothing succeeded."""
        return {
            "requests": [_as_json(*kind, requests) for kind, requests in sorted(self._requests.items())],
            "warnings": self.warnings,
        }

    def as_text(self) -> str:
        """A table, times in milliseconds, and the warnings below it."""
        head = ["Type", "Name", "Count", "Failures", *(column.replace("_", ".") for column in _COLUMNS)]
        rows = [head, *(_row(*kind, requests) for kind, requests in sorted(self._requests.items()))]
        lines = _aligned(rows)
        lines.insert(1, "-" * len(lines[0]))
        warnings = [f"WARNING: {warning}" for warning in self.warnings]
        return "\n".join(["Replies of ZeroMQ, times in milliseconds", *lines, *warnings])

    def write(self, path: Path) -> list[Path]:
        """Writes the report as JSON, and its percentile distributions beside it; returns the files.

        `.hgrm` has that of all requests. If there are several kinds, each has one of its own, with its number.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.as_json(), indent=1) + "\n", "utf-8")
        histograms = {kind: requests.times for kind, requests in sorted(self._requests.items())}
        files = [path, path.with_suffix(".hgrm")]
        files[1].write_text(as_hgrm(_merged(histograms.values())), "utf-8")
        if len(histograms) > 1:
            for number, ((type, name), times) in enumerate(histograms.items(), start=1):
                file = path.with_suffix(f".{number}.{_file_name(f'{type} {name}')}.hgrm")
                file.write_text(as_hgrm(times), "utf-8")
                files.append(file)
        return files


def _as_json(type: str, name: str, requests: RequestStatistics) -> JsonDocument:
    latency = latency_of(requests.times)
    return {
        "type": type,
        "name": name,
        "count": requests.count,
        "failures": requests.failures,
        "latency": None if latency is None else asdict(latency),
    }


def _row(type: str, name: str, requests: RequestStatistics) -> list[str]:
    latency = latency_of(requests.times)
    times = ["-" if latency is None else f"{getattr(latency, column) * 1000:.3f}" for column in _COLUMNS]
    return [type, name, f"{requests.count:,}", f"{requests.failures:,}", *times]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        "  ".join(cell.ljust(width) if number < 2 else cell.rjust(width) for number, (cell, width) in enumerate(row))
        for row in (list(zip(row, widths)) for row in rows)
    ]


def _merged(histograms: Iterable[Histogram]) -> Histogram:
    merged = Histogram()
    for histogram in histograms:
        merged.merge(histogram)
    return merged


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")[:80]
