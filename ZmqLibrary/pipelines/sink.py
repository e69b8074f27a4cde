"""Sink: the loop that takes messages out of a pipeline, as they come or at most so many in a second."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..waiting.deadline import Deadline
from .control import STATUS_SECONDS, Control, Document
from .engine import missing_peer
from .ledger import Sent, losses
from .measuring import SECOND, Effort, bottleneck
from .report import SinkReport, as_json, latency_of
from .tally import Tally

if TYPE_CHECKING:
    from .engine import SinkEngine
    from .settings import SinkSettings

_BURST = 100_000
_ALLOWANCE_NS = 10_000_000


class Allowance:
    """How many messages a slow consumer may read now: what it does not use within 10 ms is gone.

    Args:
        rate: Messages per second; None: as many as there are.
    """

    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self._used_until = 0.0

    def now(self, now: int) -> int:
        """How many messages may be read."""
        if self.rate is None:
            return _BURST
        self._used_until = max(self._used_until, now - max(_ALLOWANCE_NS, SECOND / self.rate))
        return int((now - self._used_until) * self.rate / SECOND + 1e-6)

    def use(self, messages: int) -> None:
        """So many were read."""
        if self.rate is not None:
            self._used_until += messages * SECOND / self.rate

    def pause(self, now: int) -> float:
        """Seconds until the next message may be read."""
        if self.rate is None:
            return STATUS_SECONDS
        return min(STATUS_SECONDS, max(0.0, self._used_until / SECOND + 1 / self.rate - now / SECOND))


class Sink:
    """One run of a sink.

    Args:
        settings: What it does.
        engine: What moves the messages.
        control: Brings commands and takes reports.
    """

    def __init__(self, settings: SinkSettings, engine: SinkEngine, control: Control) -> None:
        self._settings = settings
        self._engine = engine
        self._control = control
        self._tally = Tally(settings)
        self._allowance = Allowance(settings.rate)
        self._state = "RUNNING"
        self._sent: dict[int, Sent] = {}
        self._taken = 0
        self._quiet_since: int | None = None  # when it looked for messages and found none
        self._effort = Effort()
        self._actions: dict[str, Callable[..., object]] = {
            "pause": self._pause,
            "resume": self._resume,
            "rate": self._set_rate,
            "report": self.report,
            "status": self._status,
            "missing_peer": partial(missing_peer, engine),
            "expect": self._expect,
            "messages": self._messages,
        }

    def run(self) -> None:
        """Connects or binds, and takes messages until it is stopped.

        Raises:
            EndpointFailed: It could not bind or connect.
        """
        try:
            settings, deadline = self._settings, Deadline(self._settings.timeout)
            self._engine.open()
            if not settings.bind and not settings.lazy:
                self._engine.wait_connected(deadline)
            self._control.started(self._engine.endpoint)
            while not self._control.stopped:
                self._turn()
            self._state = "STOPPED"
            self._quiet_since = self._quiet_since or self._tally.last
            self._control.report_now(self._status())
        finally:
            self._engine.close()

    def _turn(self) -> None:
        self._control.run_commands(self._actions)
        reading = self._state == "RUNNING"
        allowed = self._allowance.now(time.monotonic_ns()) if reading else 0
        received = 0
        if allowed > 0:
            first = not self._tally.received
            received = self._engine.receive(allowed, self._tally)
            self._allowance.use(received)
            if first and received:
                self._effort.begin()
                self._taken = time.monotonic_ns()
        was_quiet = self._quiet_since is not None
        if received or not reading:
            self._quiet_since = None
        elif allowed and not was_quiet:
            self._quiet_since = time.monotonic_ns()
        # While messages flow, each status would take time from them; once they stop, that is reported soon.
        self._control.report(self._status, soon=was_quiet and not received)
        if not reading:
            self._engine.wait(STATUS_SECONDS, False)
        elif received == allowed or not allowed:
            self._rest()
        elif not received:
            self._engine.wait(self._control.pause, True)

    def _rest(self) -> None:
        """A slow consumer looks for no messages until it may read the next one."""
        if self._allowance.rate is not None:
            self._engine.wait(self._allowance.pause(time.monotonic_ns()), False)

    # Commands

    def _pause(self) -> None:
        self._state = "PAUSED"

    def _resume(self) -> None:
        self._state = "RUNNING"

    def _set_rate(self, rate: float | None) -> float | None:
        """Reads so many messages a second from now on; returns the old rate."""
        old = self._allowance.rate
        self._allowance = Allowance(rate)
        return old

    def _expect(self, sent: dict[str, Sequence[int]]) -> None:
        """From now on it is known what pumps have sent, by the run id of the first lane."""
        self._sent.update({int(run): Sent(count, bool(numbered)) for run, (count, numbered) in sent.items()})

    def _messages(self) -> list[Document]:
        """The messages that are kept."""
        return [
            {"time": kept.time, "frames": [b64encode(frame).decode("ascii") for frame in kept.frames]}
            for kept in self._tally.kept
        ]

    # What it reports

    def _status(self) -> Document:
        tally = self._tally
        return {
            "state": self._state,
            "received": tally.received,
            "unstamped": tally.unstamped,
            "last": tally.last,
            "quiet": self._quiet_since,
            "came": {str(sender): ledger.came for sender, ledger in tally.ledgers.items()},
        }

    def results(self) -> Iterator[Document]:
        """What is reported at the end: the counts first, because messages may be large."""
        ledgers = {str(sender): ledger.as_json() for sender, ledger in self._tally.ledgers.items()}
        yield {"final": {**self.report(), "ledgers": ledgers}}
        yield {"kept": self._messages()}

    def report(self) -> Document:
        """The report and what it was made from."""
        tally, settings = self._tally, self._settings
        ledgers = tally.ledgers
        lost, first_lost = losses(ledgers, self._sent, tally.received, tally.unstamped)
        duplicates = sum(ledger.duplicates for ledger in ledgers.values())
        reordered = sum(ledger.reordered for ledger in ledgers.values())
        seconds = self._seconds()
        rate = (tally.received - 1) / seconds if seconds > 0 else 0.0
        histogram = tally.all_latencies()
        report = SinkReport(
            name=settings.name,
            type=settings.type,
            endpoint=self._engine.endpoint,
            state=self._state,
            engine=settings.engine,
            received=tally.received,
            bytes=tally.bytes,
            lost=lost,
            duplicates=duplicates,
            reordered=reordered,
            corrupt=tally.corrupt,
            unstamped=tally.unstamped,
            complete=not (lost or duplicates or reordered or tally.corrupt),
            bounded=any(ledger.bounded for ledger in ledgers.values()),
            seconds=seconds,
            rate=rate,
            bytes_per_second=rate * tally.bytes / tally.received if tally.received else 0.0,
            latency=latency_of(histogram),
            latency_problem=self._latency_problem(),
            bottleneck=bottleneck(self._effort.busy(), 0, 0.0),
            first_lost=first_lost,
            first_duplicates=[number for ledger in ledgers.values() for number in ledger.first_duplicates],
            first_reordered=[number for ledger in ledgers.values() for number in ledger.first_reordered],
            first_corrupt=tally.first_corrupt,
            per_second=tally.seconds,
        )
        return {"report": as_json(report), "histograms": {"latency": histogram.as_json()}}

    def _seconds(self) -> float:
        """From the first message to the last; of those that all came in one read, until they were taken."""
        tally = self._tally
        last = self._taken if tally.last == tally.first and tally.received > 1 else tally.last
        return (last - tally.first) / SECOND

    def _latency_problem(self) -> str:
        """Why the latency is unknown although messages have times; empty if it is known."""
        if not self._tally.strange_clock:
            return ""
        if self._tally.strange_time is None:
            return _STRANGE_CLOCK
        number, age = self._tally.strange_time
        when = f"{age // SECOND:,} seconds ago" if age > 0 else f"{-age / SECOND:,.3f} seconds in the future"
        return _STRANGE_TIMES.format(place=self._settings.sent_at, number=number, when=when)


_STRANGE_TIMES = (
    "A time of sending is in the future or more than a day ago, so the latency is unknown: the first one is that of "
    "message {number} of all that came, {when}. The clock of the service is another one than that of this machine, or "
    "sent_at={place} is another time."
)
_STRANGE_CLOCK = (
    "The planned times are those of another machine's clock, so the latency is unknown. Run pump and sink on one "
    "machine, or measure the round trip with replies=yes."
)
