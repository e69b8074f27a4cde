"""What `Wait For Sink` waits for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...pipelines.states import ENDED
from ...report.words import count_of, lines, seconds

if TYPE_CHECKING:
    from ...pipelines.runner import PumpRun, SinkRun

READS_NOTHING = {
    "PAUSED": "The sink is paused. Use `Resume Sink`.",
    "STOPPED": "The sink was stopped, and gets no more messages. Wait for them before `Stop Sink`.",
}


class SinkWait:
    """What `Wait For Sink` waits for."""

    def __init__(self, sink: SinkRun, pump: PumpRun | None, count: int | None, idle: float | None) -> None:
        self._sink = sink
        self._pump = pump
        self._count = count
        self._idle = None if idle is None else int(idle * 1e9)
        self._begin = time.monotonic_ns()

    @property
    def wanted(self) -> int | None:
        """How many messages, if that is known."""
        if self._count is not None or self._pump is None:
            return self._count
        return self._pump.settings.count

    def is_over(self) -> bool:
        """Whether it is so."""
        status = self._sink.status
        received = status.get("received", 0)
        if self._count is not None and received >= self._count:
            return True
        if self._pump is not None:
            if self._pump.error is not None:
                return True
            if self._pump.status.get("state") not in ENDED:
                return False
            if self._sink.has_all_of(self._pump):
                return True
        quiet_since = self._sink.quiet_since
        if self._idle is None or quiet_since is None:
            return False
        return time.monotonic_ns() - max(self._begin, quiet_since, self._pump_end()) >= self._idle

    def _pump_end(self) -> int:
        return int(self._pump.status.get("last", 0)) if self._pump else 0

    def explanation(self, waited: float) -> str:
        """Why it is not over."""
        received = self._sink.status.get("received", 0)
        text = f"{self._sink.heading} is not done in {seconds(waited)}: {count_of(received, 'message')} came"
        reason = READS_NOTHING.get(self._sink.status.get("state", ""), "")
        return lines(f"{text}{self._missing()}.", reason, self._sink.missing_peer)

    def _missing(self) -> str:
        if self._count is not None:
            return f", and {self._count:,} are waited for"
        if self._pump is not None:
            status = self._pump.status
            state, sent = status.get("state", "RUNNING"), status.get("sent", 0)
            return f"; {self._pump.title} has sent {sent:,} and is {state}"
        return f", without a pause of {seconds((self._idle or 0) / 1e9)}"
