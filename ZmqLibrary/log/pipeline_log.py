"""What the log has of pumps and sinks: a line, and folded below it a table and two charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..pipelines.histogram import Histogram
from ..pipelines.report import LatencyReport, PumpReport, SinkReport
from ..report.html import as_html
from ..report.words import count_of
from . import logger
from .charts import Second, over_time, spectrum, time_text

if TYPE_CHECKING:
    from ..pipelines.runner import PipelineRun

_NAMES = ("p50", "p90", "p99", "p99.9", "p99.99", "max")
_SHOWN = 10


def log_report(run: PipelineRun) -> PumpReport | SinkReport:
    """Logs what a pump or sink has done so far, and returns it."""
    document = run.result()
    latency = Histogram.from_json(document["histograms"]["latency"])
    report: PumpReport | SinkReport = run.report  # type: ignore[attr-defined]
    logger.info(report_html(report, latency), html=True)
    if report.bottleneck:
        logger.info(f"{run.heading} was itself the bottleneck: {report.bottleneck}. Its figures show its own limit.")
    return report


def report_html(report: PumpReport | SinkReport, latency: Histogram) -> str:
    """A line that folds out to a table and two charts."""
    rows = pump_rows(report) if isinstance(report, PumpReport) else sink_rows(report)
    charts = [over_time(seconds_of(report)), *([spectrum(latency)] if latency.count else [])]
    body = "".join(f"<tr><th>{as_html(name)}</th><td>{as_html(value)}</td></tr>" for name, value in rows)
    return (
        f"<details><summary>{as_html(report_line(report))}</summary>"
        f'<table border="1" cellpadding="3">{body}</table>{"".join(charts)}</details>'
    )


def report_line(report: PumpReport | SinkReport) -> str:
    """What a pump or sink has done, in a line."""
    time = f", in {time_text(report.seconds)}" if report.seconds else ""
    rate = f", {report.rate:,.0f} a second" if report.rate else time
    if isinstance(report, PumpReport):
        extra = f", {report.replies:,} replies" if report.replies or report.lost else ""
        dropped = f", {_dropped(report)} dropped" if report.dropped else ""
        return f"Pump '{report.name}' ({report.state}): {count_of(report.sent, 'message')} sent{rate}{extra}{dropped}"
    received = f"{count_of(report.received, 'message')} received{rate}"
    return f"Sink '{report.name}' ({report.state}): {received}, {_faults(report)}"


def _dropped(report: PumpReport) -> str:
    return f"at least {report.dropped:,}" if report.dropped_is_minimum else f"{report.dropped:,}"


def _faults(report: SinkReport) -> str:
    counts = [("lost", report.lost), ("duplicate", report.duplicates), ("reordered", report.reordered),
              ("corrupt", report.corrupt)]  # fmt: skip
    return ", ".join(f"{count:,} {word}" for word, count in counts if count) or "complete"


def pump_rows(report: PumpReport) -> list[tuple[str, str]]:
    """The table of a pump."""
    return [
        *_common_rows(report),
        ("Asked for", f"{report.asked:,}"),
        ("Sent", f"{report.sent:,}"),
        ("Acknowledged", f"{report.acknowledged:,}"),
        ("Dropped", _dropped(report)),
        *_rate_rows(report),
        ("Replies", f"{report.replies:,} ({report.lost:,} overdue)"),
        ("Blocked", time_text(report.blocked)),
        *_latency_rows("Latency of replies", report.latency),
        *_latency_rows("Lag of the pump", report.lag),
    ]


def sink_rows(report: SinkReport) -> list[tuple[str, str]]:
    """The table of a sink."""
    bounded = " (so many gaps that the oldest were written off)" if report.bounded else ""
    return [
        *_common_rows(report),
        ("Received", f"{report.received:,}"),
        ("Lost", f"{report.lost:,}{_first(report.first_lost)}{bounded}"),
        ("Duplicates", f"{report.duplicates:,}{_first(report.first_duplicates)}"),
        ("Reordered", f"{report.reordered:,}{_first(report.first_reordered)}"),
        ("Corrupt", f"{report.corrupt:,}{_first(report.readable_corrupt)}"),
        ("Unstamped", f"{report.unstamped:,}"),
        *_rate_rows(report),
        *([("No latency", report.latency_problem)] if report.latency_problem else []),
        *_latency_rows("Latency", report.latency),
    ]


def _common_rows(report: PumpReport | SinkReport) -> list[tuple[str, str]]:
    own = [("Bottleneck", f"itself: {report.bottleneck}")] if report.bottleneck else []
    return [("Socket", f"{report.type} at {report.endpoint}, engine {report.engine}"), ("State", report.state), *own]


def _rate_rows(report: PumpReport | SinkReport) -> list[tuple[str, str]]:
    return [
        ("Time", f"{report.seconds:.3f} s"),
        ("Rate", f"{report.rate:,.1f} messages a second, {report.bytes_per_second / 1e6:,.3f} MB a second"),
    ]


def _latency_rows(name: str, latency: LatencyReport | None) -> list[tuple[str, str]]:
    if latency is None:
        return []
    return [(name, ", ".join(f"{key} {time_text(latency[key])}" for key in _NAMES))]


def _first(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    more = ", …" if len(numbers) > _SHOWN else ""
    return f" (first: {', '.join(map(str, numbers[:_SHOWN]))}{more})"


def seconds_of(report: PumpReport | SinkReport) -> list[Second]:
    """Each second of a run, for a chart."""
    if isinstance(report, PumpReport):
        return [Second(second.sent) for second in report.per_second]
    return [Second(second.received, second.latency.p99 if second.latency else None) for second in report.per_second]
