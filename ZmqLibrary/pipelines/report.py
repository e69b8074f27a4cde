"""Reports: what a pump or sink has done. Frozen values, JSON both ways; times are seconds as float."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .histogram import Histogram

PERCENTILES = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p99_9": 99.9, "p99_99": 99.99}
_SECONDS = 1e-9


@dataclass(frozen=True)
class LatencyReport:
    """How long something took, in seconds, from the planned time on: `latency["p99.9"]`, or as attributes.

    Attributes:
        count: How many values.
        min: The smallest.
        mean: The mean.
        p50: Half of all values are at most so large.
        p90: 90 percent.
        p99: 99 percent.
        p99_9: 99.9 percent.
        p99_99: 99.99 percent.
        max: The largest.
    """

    count: int
    min: float
    mean: float
    p50: float
    p90: float
    p99: float
    p99_9: float
    p99_99: float
    max: float

    def __getitem__(self, name: str) -> float:
        attribute = str(name).replace(".", "_")
        if attribute not in self.__dataclass_fields__:
            raise KeyError(f"{name}: there are count, min, mean, p50, p90, p99, p99.9, p99.99 and max")
        value: float = getattr(self, attribute)
        return value


def latency_of(histogram: Histogram) -> LatencyReport | None:
    """The percentiles of times in ns; None if there are none."""
    if not histogram.count:
        return None
    values = histogram.percentiles(list(PERCENTILES.values()))
    seconds = dict(zip(PERCENTILES, (value * _SECONDS for value in values)))
    return LatencyReport(
        count=histogram.count,
        min=histogram.min * _SECONDS,
        mean=histogram.mean * _SECONDS,
        max=histogram.max * _SECONDS,
        **seconds,
    )


@dataclass(frozen=True)
class PumpSecond:
    """What a pump sent in one second of its run, counted from 0."""

    second: int
    sent: int


@dataclass(frozen=True)
class SinkSecond:
    """What a sink received in one second since its first message, counted from 0."""

    second: int
    received: int
    latency: LatencyReport | None = None


@dataclass(frozen=True)
class PumpReport:
    """What a pump has done.

    Attributes:
        name: The alias, or a generated name.
        type: Of the socket.
        endpoint: As bound, with its port; or where it connects to.
        state: `RUNNING`, `PAUSED`, `BLOCKED`, `DONE`, `STOPPED` or `FAILED`.
        engine: `WIRE` or `SOCKET`.
        asked: How many messages were planned so far.
        sent: Whole messages that were given to the kernel or to libzmq; of a PUB: published.
        acknowledged: Of these, how many the peer's kernel has taken, as far as it can be known.
        dropped: By a PUB, because the queue of a subscriber was full; summed over the subscribers.
        dropped_is_minimum: Whether it may have dropped more: of several subscribers libzmq does not tell how many miss
            a message.
        bytes: Of all frames that were sent.
        seconds: From the first message to the last.
        rate: Messages per second.
        bytes_per_second: Bytes per second.
        replies: How many came.
        lost: Requests without a reply, once they are overdue.
        latency: Of replies, from the planned time of the request.
        lag: How late messages were sent after their planned time.
        blocked: Seconds in which the peer did not take what was due, summed.
        bottleneck: Why the pump itself was too slow; empty if it was not.
        per_second: For each second what was sent in it.
    """

    name: str
    type: str
    endpoint: str
    state: str
    engine: str
    asked: int = 0
    sent: int = 0
    acknowledged: int = 0
    dropped: int = 0
    dropped_is_minimum: bool = False
    bytes: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    bytes_per_second: float = 0.0
    replies: int = 0
    lost: int = 0
    latency: LatencyReport | None = None
    lag: LatencyReport | None = None
    blocked: float = 0.0
    bottleneck: str = ""
    per_second: list[PumpSecond] = field(default_factory=list)


@dataclass(frozen=True)
class SinkReport:
    """What a sink has received.

    Attributes:
        name: The alias, or a generated name.
        type: Of the socket.
        endpoint: As bound, with its port; or where it connects to.
        state: `RUNNING`, `PAUSED`, `STOPPED` or `FAILED`.
        engine: `WIRE` or `SOCKET`.
        received: All messages that came, also duplicate and corrupt ones.
        bytes: Of all frames that came.
        lost: Numbers that never came; with the tail once the pump's count is known.
        duplicates: Each further copy of a message.
        reordered: Messages that came for the first time after a later one.
        corrupt: Messages that are not as the pump sent them.
        unstamped: Messages without a number.
        complete: Whether nothing is lost, duplicate, reordered or corrupt.
        bounded: Whether there were so many gaps that the oldest had to be written off: what came from them later counts
            as duplicate.
        seconds: From the first message to the last; of those that all came in one read, until they were taken.
        rate: Messages per second.
        bytes_per_second: Bytes per second.
        latency: From the planned time to the receipt; None if it cannot be known.
        latency_problem: Why the latency cannot be known although messages have times; empty if there is nothing wrong.
        bottleneck: Why the sink itself was too slow; empty if it was not.
        first_lost: The first numbers that never came.
        first_duplicates: The first numbers that came again.
        first_reordered: The first numbers that came too late.
        first_corrupt: The first numbers of corrupt messages, 0 where it cannot be read.
        per_second: For each second what was received in it, with its latency.
    """

    name: str
    type: str
    endpoint: str
    state: str
    engine: str
    received: int = 0
    bytes: int = 0
    lost: int = 0
    duplicates: int = 0
    reordered: int = 0
    corrupt: int = 0
    unstamped: int = 0
    complete: bool = True
    bounded: bool = False
    seconds: float = 0.0
    rate: float = 0.0
    bytes_per_second: float = 0.0
    latency: LatencyReport | None = None
    latency_problem: str = ""
    bottleneck: str = ""
    first_lost: list[int] = field(default_factory=list)
    first_duplicates: list[int] = field(default_factory=list)
    first_reordered: list[int] = field(default_factory=list)
    first_corrupt: list[int] = field(default_factory=list)
    per_second: list[SinkSecond] = field(default_factory=list)

    @property
    def readable_corrupt(self) -> list[int]:
        """The first numbers of corrupt messages, without those that cannot be read."""
        return [number for number in self.first_corrupt if number]


Report = PumpReport | SinkReport


def as_json(report: Report) -> dict[str, Any]:
    """The attributes of a report for JSON; also those of its latencies and seconds."""
    return asdict(report)


def pump_report(document: dict[str, Any]) -> PumpReport:
    """The report that `as_json` wrote."""
    seconds = [PumpSecond(**second) for second in document["per_second"]]
    return PumpReport(**{**document, **_latencies(document, "latency", "lag"), "per_second": seconds})


def sink_report(document: dict[str, Any]) -> SinkReport:
    """The report that `as_json` wrote."""
    seconds = [SinkSecond(**{**second, **_latencies(second, "latency")}) for second in document["per_second"]]
    return SinkReport(**{**document, **_latencies(document, "latency"), "per_second": seconds})


def _latencies(document: dict[str, Any], *names: str) -> dict[str, LatencyReport | None]:
    return {name: LatencyReport(**document[name]) if document[name] else None for name in names}
