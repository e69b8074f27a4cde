"""What the keyword groups about pumps and sinks share: finding them, and logging what they have done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ...errors import InvalidValue
from ...log import logger
from ...pipelines.states import ENDED
from ...waiting.deadline import Deadline
from ..base import KeywordGroup

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...pipelines.runner import PipelineRun, PumpRun, SinkRun
    from ...pipelines.settings import PumpSettings, SinkSettings
    from ...pipelines.states import Engine

_HIGHEST = 1e18


class PipelineGroup(KeywordGroup):
    """Base of the keyword groups about pumps and sinks."""

    def _pump(self, name: str | None) -> PumpRun:
        """The pump of that name, which is the current one from then on; or the current one.

        Raises:
            NotOpen: There is none.
            WorkerFailed: It has failed, or its process was killed.
        """
        # Imported when used, since few suites have pipelines.
        from ...pipelines.runner import PumpRun

        return self._worker(PumpRun, name)

    def _sink(self, name: str | None) -> SinkRun:
        """As `_pump`."""
        from ...pipelines.runner import SinkRun

        return self._worker(SinkRun, name)

    def _start(self, kind: type[PipelineRun], settings: PumpSettings | SinkSettings, engine: Engine) -> str:
        from .making import described, needs_library, with_engine

        chosen, reason = with_engine(settings, engine)
        run = kind(chosen, self.session.context if needs_library(self.session, chosen) else None)
        self.session.start(run)
        self.session.lifetimes.own(lambda: self._log_rest(run))
        logger.info(
            f"Started {run.title} ({chosen.type}): {described(settings, run.endpoint)}, engine {chosen.engine}{reason}."
        )
        return run.name

    def _wait(
        self, run: PipelineRun, condition: Callable[[], object], deadline: Deadline, wanted: int | None = None
    ) -> object:
        """Waits, and shows on a terminal how far it is.

        Returns:
            What the condition returned; None at the deadline, or when the pump or sink has failed.
        """
        from ...log.progress import Progress

        with Progress(run, wanted) as progress:
            while True:
                found = run.wait_for(condition, Deadline(min(progress.EVERY, deadline.remaining())))
                if found or run.error or not deadline.remaining():
                    return found
                progress.show()

    def _stop(self, run: PipelineRun) -> None:
        """Stops a pump or sink, whose report can still be asked for."""
        self.session.workers.retire(run)
        run.check()
        self._log_end(run)

    def _pause(self, run: PipelineRun) -> None:
        run.control("pause")
        logger.info(f"Paused {run.title}.")

    def _resume(self, run: PipelineRun) -> None:
        run.control("resume")
        logger.info(f"Resumed {run.title}.")

    def _log_state(self, run: PipelineRun) -> None:
        """Logs the report of a pump or sink as it is now."""
        from ...log.pipeline_log import log_report

        run.shown = log_report(run)

    def _expect_count(self, sink: SinkRun, pump: PumpRun) -> None:
        """Gives a sink the number of messages of an ended pump, so that what is missing at the end counts as lost."""
        if pump.status.get("state") in ENDED:
            sink.expect(pump.sent)

    def _log_end(self, run: PipelineRun) -> None:
        """Logs the report of a pump or sink once, when it has ended."""
        from ...log.pipeline_log import log_report

        if not run.logged and run.error is None:
            run.logged = True
            log_report(run)

    def _log_rest(self, run: PipelineRun) -> None:
        """Logs the report of a pump or sink at the end of its test, unless it is in the log as it is."""
        from ...pipelines.report import as_json

        if run.logged or run.error is not None:
            return
        if run.shown is None or _figures(as_json(run.shown)) != _figures(run.result()["report"]):
            self._log_end(run)


def _figures(report: dict[str, object]) -> dict[str, object]:
    """What a report says of messages, which is the same as long as none come."""
    return {name: value for name, value in report.items() if name not in ("state", "bottleneck")}


def require_positive(**values: float | None) -> None:
    """Raises InvalidValue for a number that is not above 0, or too large to count with."""
    for name, value in values.items():
        if value is not None and not 0 < value <= _HIGHEST:
            shown = f"{value:g}" if abs(value) < sys.float_info.max else "a number of more than 300 digits"
            raise InvalidValue(
                f"{name}={shown} cannot be used: give a number above 0 and up to {_HIGHEST:g}, or omit it."
            )
