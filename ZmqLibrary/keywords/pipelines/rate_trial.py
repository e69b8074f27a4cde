"""The steps of `Find Maximum Rate`: whether a pipeline holds one rate after the other."""

from __future__ import annotations

from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from ...errors import CheckFailed, WrongUse
from ...log import logger
from ...pipelines.histogram import Histogram
from ...pipelines.states import ENDED
from ...report.words import count_of
from ...report.words import seconds as in_words
from ...waiting.deadline import Deadline

if TYPE_CHECKING:
    from ...pipelines.runner import PumpRun, SinkRun

_ENOUGH = 0.98  # of the messages that a step asked for: the rest is what is on its way
_MOMENT = 1.0
_CATCHING_UP = 10.0  # seconds: pumps catch up by a tenth of their rate
_ON_THE_WAY = 2.0  # seconds without any message, after which those that did not come are lost
_LOOK_AGAIN = 0.1


class RateTrial:
    """Steps of one rate after the other, without a pause: what a step has left in queues is a burden for the next one.

    Args:
        pump: Sends.
        sink: Gets what the pump sends.
        seconds: How long a step takes.
        lost: How many messages may be lost in each.
        percentile: Of the latency.
        latency: The highest one in seconds; None: any.

    Raises:
        WrongUse: The pump has ended, or one of them is paused.
    """

    def __init__(
        self, pump: PumpRun, sink: SinkRun, seconds: float, lost: int, percentile: str, latency: float | None
    ) -> None:
        self._pump = pump
        self._sink = sink
        self._seconds = seconds
        self._allowed = lost
        self._percentile = percentile
        self._latency = latency
        self._patience = max(_ON_THE_WAY, latency or 0.0)
        self._lost = 0
        _require_running(pump, sink)

    def find(self, start: float, step: float) -> float:
        """Tries `start`, `start` + `step` and so on. The pump goes on at the last rate that held, or at that of before.

        Returns:
            The last rate that held.

        Raises:
            CheckFailed: None has held.
            WrongUse: The pump has ended.
        """
        rate, held = start, None
        before: object = self._pump.control("rate", rate=f"{start:f}")
        try:
            self._lost = self._missing(0)
            while not (problem := self._problem_at(rate)):
                logger.info(f"{rate:,g} messages a second hold.")
                rate, held = rate + step, rate
            logger.info(f"{rate:,g} messages a second do not hold: {problem}.")
        finally:
            if self._pump.alive:
                self._pump.control("rate", rate=before if held is None else f"{held:f}")
        if held is None:
            raise CheckFailed(f"Not even {rate:,g} messages a second held: {problem}.")
        return held

    def _problem_at(self, rate: float) -> str:
        """Why a rate does not hold; empty if it does."""
        before, sent = self._sink.result(), self._pump.report.sent
        started = monotonic()
        self._pump.control("rate", rate=f"{rate:f}")
        self._go_on(self._seconds)
        return (
            self._shortfall(rate, sent, started)
            or self._losses(before["report"]["received"], sent)
            or self._latency_problem(Histogram.from_json(before["histograms"]["latency"]))
        )

    def _losses(self, received: int, sent: int) -> str:
        before, self._lost = self._lost, self._missing(self._lost + self._allowed)
        lost, report = self._lost - before, self._sink.report
        if lost <= self._allowed:
            return ""
        if report.received > received:
            return f"{count_of(lost, 'message')} lost"
        number = self._pump.report.sent - sent
        return f"{self._sink.title} got none of the {count_of(number, 'message')} that {self._pump.title} has sent"

    def _go_on(self, seconds: float) -> None:
        self._pump.wait_for(lambda: self._pump.status.get("state") in ENDED, Deadline(seconds))

    def _shortfall(self, rate: float, sent: int, started: float) -> str:
        # A pump that was only held up by a busy machine catches up; one whose peer does not take everything does not.
        before, end, catching_up = inf, Deadline(_CATCHING_UP), Deadline(_MOMENT)
        while True:
            wanted, report = rate * (monotonic() - started), self._pump.report
            if report.state in ENDED:
                raise _ended(self._pump)
            behind = wanted - (report.sent - sent)
            if behind <= wanted * (1 - _ENOUGH) + 1:
                return ""
            if behind < before:  # not than ever: it may be held up again meanwhile
                catching_up = Deadline(_MOMENT)
            before = behind
            if not (end.remaining() and catching_up.remaining()):
                return f"{report.sent - sent:,} of {wanted:,.0f} messages sent"
            self._go_on(_LOOK_AGAIN)

    def _missing(self, allowed: int) -> int:
        """How many of all messages that the pump has sent until now did not come.

        While it is more than allowed, waits for those on their way: as long as any come, but at most 10 s.
        """
        self._pump.refresh(Deadline(_MOMENT))
        self._sink.expect(self._pump.sent)
        end, quiet, before = Deadline(_CATCHING_UP), Deadline(self._patience), inf
        while (missing := self._sink.report.lost) > allowed and end.remaining() and quiet.remaining():
            if missing < before:
                quiet = Deadline(self._patience)
            before = missing
            self._sink.wait_for(lambda: False, Deadline(_LOOK_AGAIN))
        return missing

    def _latency_problem(self, before: Histogram) -> str:
        if self._latency is None:
            return ""
        step = self._sink.histogram("latency").since(before)
        if not step.count:
            return self._sink.report.latency_problem.rstrip(".") or "no message with a time came"
        found = step.value(self._percentile) / 1e9
        return f"latency {in_words(found)} ({self._percentile})" if found > self._latency else ""


def _require_running(pump: PumpRun, sink: SinkRun) -> None:
    if pump.report.state in ENDED:
        raise _ended(pump)
    for run, way in ((pump, "Resume Pump"), (sink, "Resume Sink")):
        if run.result()["report"]["state"] == "PAUSED":
            raise WrongUse(f"{run.heading} is paused, and Find Maximum Rate needs both running. Use `{way}` first.")


def _ended(pump: PumpRun) -> WrongUse:
    return WrongUse(f"{pump.heading} has ended: Find Maximum Rate needs one without count and duration.")
