"""Keywords that judge what pumps and sinks have found."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from assertionengine import AssertionOperator
from robot.api.deco import keyword

from ...errors import CheckFailed, InvalidValue, WrongUse
from ...log import logger
from ...pipelines.states import ENDED
from ...report.words import count_of, lines, with_message
from ...report.words import seconds as in_words
from ...waiting.deadline import Deadline
from ..assertion_engine import holds, require_comparison
from .group import PipelineGroup, require_positive
from .sink_wait import READS_NOTHING

if TYPE_CHECKING:
    from ...pipelines.report import SinkReport
    from ...pipelines.runner import PipelineRun, PumpRun, SinkRun

_VALUES = ("p50", "p90", "p99", "p99.9", "p99.99", "max", "min", "mean")
_SHOWN = 5
_MAY_WAIT = ("REQ", "DEALER")
_MOMENT = 1.0


class PipelineCheckKeywords(PipelineGroup):
    """Assertions on pipelines."""

    @keyword
    def sink_should_be_complete(
        self,
        *,
        pump: str | None = None,
        sink: str | None = None,
        lost: int = 0,
        duplicates: int = 0,
        reordered: int = 0,
        corrupt: int = 0,
        message: str | None = None,
    ) -> None:
        """Fails if a sink has not got every message once, whole and in order. Does not wait; see `Wait For Sink`.

        Give ``pump``, and look at ``unstamped`` of the report: without the pump it passes when nothing came, and
        messages without stamp or number make it fail only if fewer came than pumps without stamps have sent.

        Args:
            pump: The pump at the beginning of the pipeline, which must have ended: then messages that are missing at
                the end count as lost, too.
            lost: How many may be lost.
            duplicates: How many further copies may have come.
            reordered: How many may have come too late.
            corrupt: How many may be damaged.

        Raises:
            CheckFailed: There are more; the message has each count that is not 0, and the first numbers concerned.
            WrongUse: The pump is still sending.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    out    bind=yes
        | ${address}=        Get Sink Endpoint
        | Start Pump         ${address}    PUSH    source    count=500
        | Wait For Sink      pump=source    timeout=20s
        | Sink Should Be Complete    pump=source    sink=out

        Tags: Pipeline, Assertion
        """
        allowed = {"lost": lost, "duplicates": duplicates, "reordered": reordered, "corrupt": corrupt}
        _require_allowed(allowed)
        run = self._sink(sink)
        if pump is not None:
            self._take_count(run, self._pump(pump))
        report = run.report
        if any(getattr(report, name) > number for name, number in allowed.items()):
            reason = READS_NOTHING["PAUSED"] if report.state == "PAUSED" else ""
            text = lines(f"{run.heading} is not complete: {_faults(report)}.", reason, _without_numbers(report))
            raise CheckFailed(with_message(message, text))
        logger.info(f"{run.heading} is complete: {count_of(report.received, 'message')}.")

    @keyword
    def throughput_should_be(
        self,
        operator: AssertionOperator,
        rate: float,
        *,
        sink: str | None = None,
        pump: str | None = None,
        message: str | None = None,
    ) -> float:
        """Fails unless the throughput is as expected: messages per second from the first message to the last.

        Args:
            operator: ``==``, ``!=``, ``>``, ``>=``, ``<`` or ``<=``.
            rate: Messages per second.
            sink: Whose throughput; default is the sink used or started last.
            pump: Whose throughput, instead of that of a sink.

        Returns:
            The throughput.

        Raises:
            CheckFailed: It is not so; the message has the throughput.
            WrongUse: It is unknown, because only one message came.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    out    bind=yes
        | ${address}=        Get Sink Endpoint
        | Start Pump         ${address}    PUSH    source    count=500    rate=1000
        | Wait For Sink      pump=source    timeout=20s
        | Throughput Should Be    <=    1100    sink=out

        Tags: Pipeline, Assertion
        """
        require_comparison(operator)
        run = self._chosen(sink, pump)
        report = run.result()["report"]
        found: float = report["rate"]
        if not found and report["received" if pump is None else "sent"]:
            raise WrongUse(
                f"{run.heading} has no throughput: it is counted from the first message to the last, and there is only "
                "one."
            )
        if not holds(found, operator, rate):
            text = f"{run.heading} has a throughput of {found:,.1f} messages a second, not {operator.value} {rate:,g}."
            raise CheckFailed(with_message(message, text))
        logger.info(f"{run.heading} has a throughput of {found:,.1f} messages a second.")
        return found

    @keyword
    def latency_should_be(
        self,
        percentile: str,
        operator: AssertionOperator,
        time: timedelta,
        *,
        sink: str | None = None,
        pump: str | None = None,
        message: str | None = None,
    ) -> float:
        """Fails unless the latency at a percentile is as expected.

        It is counted from the time at which a message was planned, so that a service that stalls is seen by every
        message that should have gone meanwhile.

        Args:
            percentile: ``p50``, ``p90``, ``p99``, ``p99.9``, ``p99.99``, ``max``, ``min`` or ``mean``.
            operator: ``==``, ``!=``, ``>``, ``>=``, ``<`` or ``<=``.
            time: The latency.
            sink: Whose latency; default is the sink used or started last.
            pump: The latency of the replies to this pump, instead of that of a sink.

        Returns:
            The latency in seconds.

        Raises:
            CheckFailed: It is not so; the message has the latency.
            WrongUse: There is none.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    out    bind=yes
        | ${address}=        Get Sink Endpoint
        | Start Pump         ${address}    PUSH    source    count=500    rate=1000
        | Wait For Sink      pump=source    timeout=20s
        | Latency Should Be    p99.9    <    10s    sink=out

        Tags: Pipeline, Assertion
        """
        require_comparison(operator)
        name = _checked_percentile(percentile)
        run = self._chosen(sink, pump)
        report = run.result()["report"]
        if report["latency"] is None:
            raise WrongUse(f"{run.heading} has no latency: {_no_latency_of(run, report)}")
        found: float = report["latency"][name.replace(".", "_")]
        expected = time.total_seconds()
        if not holds(found, operator, expected):
            text = (
                f"{run.heading} has a latency of {in_words(found)} ({name}), not {operator.value} {in_words(expected)}."
            )
            raise CheckFailed(with_message(message, text))
        logger.info(f"{run.heading} has a latency of {in_words(found)} ({name}).")
        return found

    @keyword
    def find_maximum_rate(
        self,
        *,
        pump: str | None = None,
        sink: str | None = None,
        start: float = 1000,
        step: float = 1000,
        time: timedelta = timedelta(seconds=1),
        lost: int = 0,
        percentile: str = "p99",
        latency: timedelta | None = None,
    ) -> float:
        """Finds out how many messages a second a running pump can put through a pipeline.

        Sets the rate of the pump to ``start``, ``start`` + ``step`` and so on, each for some time, and stops at the
        first rate that does not hold: at which messages are lost, the latency is too high, or not everything was sent
        that was to be sent. All that a step has sent has to come, while the pump goes on: when none of the rest came
        for 2 seconds, or after 10, that is lost. Afterwards the pump goes on at the last rate that held, or if none
        did, at its rate of before.

        Args:
            pump: The pump, which must be running without end.
            sink: The sink at the end of the pipeline.
            start: The first rate, in messages per second.
            step: By how much it grows.
            time: How long each rate is held.
            lost: How many messages may be lost in each step.
            percentile: Of the latency in each step.
            latency: The highest latency; without it only losses and the rate count.

        Returns:
            The last rate that held.

        Raises:
            CheckFailed: Not even the first one held; the message says why.
            WrongUse: The pump has ended, or the pump or the sink is paused.

        Example:
        | Start Sink         tcp://127.0.0.1:*    PULL    out    bind=yes    rate=2000    receive_hwm=10
        | ${address}=        Get Sink Endpoint
        | Start Pump         ${address}    PUSH    source    rate=100
        | ${rate}=           Find Maximum Rate    start=50    step=3000    time=500ms    latency=1s
        | Should Be True     ${rate} < 10000

        Tags: Pipeline
        """
        from .rate_trial import RateTrial

        highest = None if latency is None else latency.total_seconds()
        require_positive(start=start, step=step, time=time.total_seconds(), latency=highest)
        _require_allowed({"lost": lost})
        name = _checked_percentile(percentile)
        source, target = self._pump(pump), self._sink(sink)
        trial = RateTrial(source, target, time.total_seconds(), lost, name, highest)
        return trial.find(start, step)

    def _chosen(self, sink: str | None, pump: str | None) -> PipelineRun:
        if sink is not None and pump is not None:
            raise InvalidValue("Give either sink= or pump=: whose figures are meant.")
        return self._sink(sink) if pump is None else self._pump(pump)

    def _take_count(self, sink: SinkRun, pump: PumpRun) -> None:
        # One whose messages are all there may need a moment to report that it has ended.
        if not pump.wait_for(lambda: pump.status.get("state") in ENDED, Deadline(_MOMENT)):
            pump.check()
            raise WrongUse(f"{pump.heading} is still sending: use `Wait For Pump` or `Stop Pump` first.")
        self._expect_count(sink, pump)


def _no_latency_of(run: PipelineRun, report: dict[str, Any]) -> str:
    if run.kind == "sink":
        return str(report["latency_problem"]) or "no message with a time has come."
    if run.settings.replies:
        return "no reply has come."
    way = " Start it with replies=yes" if run.settings.type in _MAY_WAIT else " Give sink="
    return f"a pump has that of the replies to it, and this {run.settings.type} waits for none.{way}."


def _faults(report: SinkReport) -> str:
    """Each count that is not 0, with the first numbers concerned."""
    counts = (
        ("lost", report.lost, report.first_lost),
        ("duplicate", report.duplicates, report.first_duplicates),
        ("reordered", report.reordered, report.first_reordered),
        ("corrupt", report.corrupt, report.readable_corrupt),
    )
    return ", ".join(f"{count:,} {word}{_first(numbers)}" for word, count, numbers in counts if count)


def _without_numbers(report: SinkReport) -> str:
    """That messages that count as lost may have come without their stamps; empty if all had one."""
    if not (report.lost and report.unstamped):
        return ""
    return (
        f"{count_of(report.unstamped, 'message')} came without a stamp that can be read: lost ones may be among them. "
        "Stamps have to pass the service unchanged, and stamp has to be the same at pump and sink."
    )


def _first(numbers: list[int]) -> str:
    known = [str(number) for number in numbers if number or number == 0][:_SHOWN]
    return f" (first: {', '.join(known)})" if known else ""


def _require_allowed(numbers: dict[str, int]) -> None:
    for name, number in numbers.items():
        if number < 0:
            raise InvalidValue(f"{name}={number} cannot be used: give how many are allowed, 0 or more.")


def _checked_percentile(percentile: str) -> str:
    name = percentile.strip().lower().replace("_", ".")
    if name not in _VALUES:
        raise InvalidValue(f"percentile={percentile} is not known. There are: {', '.join(_VALUES)}.")
    return name
