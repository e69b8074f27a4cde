"""Pump: the loop that sends messages when they are due, and reports exactly what became of them.

It wakes at most every 0.2 ms and sends then what is due. What a lane does not take is offered again; while something is
due and no lane takes it, the pump is blocked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..waiting.deadline import Deadline
from .control import STATUS_SECONDS, Control, Document
from .engine import missing_peer
from .histogram import Histogram
from .measuring import SECOND, Effort, bottleneck
from .messages import Batch, messages_of
from .report import PumpReport, PumpSecond, as_json, latency_of
from .requests import Requests
from .schedule import parse_schedule
from .stamp import run_ids
from .timeline import Timeline

if TYPE_CHECKING:
    from .engine import PumpEngine, Reply
    from .settings import PumpSettings

UNLIMITED = "MAX"
_STEP_NS = 200_000
_BATCH_BYTES = 256 * 1024
_MOST_IN_BATCH = 4096
_GENERAL_BATCH = 256
_LET_GO_SECONDS = 0.3
_CATCHING_UP_NS = 250_000_000  # after the duration, of a REQ whose service may only have been late for a moment


class Pump:
    """One run of a pump.

    Args:
        settings: What it does.
        engine: What moves the messages.
        control: Brings commands and takes reports.
    """

    def __init__(self, settings: PumpSettings, engine: PumpEngine, control: Control) -> None:
        self._settings = settings
        self._engine = engine
        self._control = control
        self._messages = messages_of(settings)
        self._messages.available(1, 1)  # a file that cannot be read is refused before anything is sent
        schedule = None if settings.rate is None else parse_schedule(settings.rate)
        self._duration = None if settings.duration is None else round(settings.duration * SECOND)
        self._timeline = Timeline(schedule, 0, self._duration)
        self._lanes = range(settings.connections)
        self._runs = run_ids(settings.connections)
        self._requests = Requests(settings.connections, round(settings.timeout * SECOND))
        self._asks = settings.type == "REQ"
        self._most = 1 if self._asks else self._batch_size()
        self._state = "RUNNING"
        self._taken = 0
        self._next_lane = 0
        self._begin = self._last = 0
        self._lag = Histogram()
        self._per_second: dict[int, int] = {}
        self._blocked_since: int | None = None
        self._blocked = 0
        self._awaited = 0  # ns in which messages were due and all lanes waited for replies
        self._left = 0  # messages that no lane took when they were offered last
        self._refused = False  # whether none was taken then
        self._attempted = 0
        self._exhausted = False
        self._effort = Effort()
        self._actions: dict[str, Callable[..., object]] = {
            "pause": self._pause,
            "resume": self._resume,
            "rate": self._set_rate,
            "report": self.report,
            "status": self._status,
            "missing_peer": partial(missing_peer, engine),
        }

    def run(self) -> None:
        """Connects or binds, sends everything, and goes on answering until it is stopped.

        Raises:
            EndpointFailed: It could not bind or connect; nothing was sent.
        """
        try:
            self._open()
            self._control.started(self._engine.endpoint)
            self._wait_for_peer()
            self._start()
            while not self._control.stopped and not self._ended():
                self._turn()
            self._finish()
            self._state = "STOPPED" if self._control.stopped and self._state != "DONE" else "DONE"
            self._effort.end()
            self._control.report_now(self._status())
            while not self._control.stopped:
                self._serve(0.5)
            self._let_go()
        finally:
            self._engine.close()
        self._control.report_now(self._status())  # what was sent in part only counts no more

    # Beginning and end

    def _open(self) -> None:
        settings, deadline = self._settings, Deadline(self._settings.timeout)
        self._engine.open()
        if not settings.bind and not settings.lazy:
            self._engine.wait_connected(deadline)

    def _wait_for_peer(self) -> None:
        while not self._settings.lazy and not self._engine.has_peer and not self._control.stopped:
            self._serve(STATUS_SECONDS)

    def _start(self) -> None:
        paused = self._timeline.paused
        self._begin = self._last = time.monotonic_ns()
        self._timeline = Timeline(self._timeline.schedule, self._begin, self._duration)
        if paused:
            self._timeline.pause(self._begin)
        self._effort.begin()

    def _ended(self) -> bool:
        if self._timeline.paused:
            return False
        now, count = time.monotonic_ns(), self._settings.count
        if (count is not None and self._taken >= count) or self._exhausted or self._timeline.over(now, self._taken):
            return True
        if self._awaits_replies:
            return self._timeline.expired(now - _CATCHING_UP_NS)
        # Only what is refused after the end is given up: on a busy machine much time goes by between two attempts.
        return self._refused and self._timeline.expired(self._attempted)

    def _finish(self) -> None:
        """Waits for the replies that are missing and until the kernel has taken everything."""
        while self._requests.under_way and not self._control.stopped:
            self._serve(STATUS_SECONDS)
        self._unblock(time.monotonic_ns())
        while not self._control.stopped and not self._engine.finish():
            now = time.monotonic_ns()
            if self._blocked_since is None:
                self._blocked_since = now
            self._serve(0.01)
        self._unblock(time.monotonic_ns())
        deadline = Deadline(_LET_GO_SECONDS)
        while self._engine.acknowledged < self._engine.sent and deadline.remaining() and not self._control.stopped:
            self._serve(0.01)  # for the subscribers of a PUB; other types have waited

    def _let_go(self) -> None:
        """Lets what was sent arrive after a stop, for a moment."""
        deadline = Deadline(_LET_GO_SECONDS)
        while self._engine.sent and not self._engine.finish() and deadline.remaining():
            self._engine.wait(0.01, False)

    # One turn

    def _turn(self) -> None:
        self._control.run_commands(self._actions)
        if self._timeline.paused:
            self._serve(STATUS_SECONDS)
            return
        now = time.monotonic_ns()
        self._take_replies(now)  # not after sending: a reply may be there before that is done
        amount = self._due(now)
        if amount > 0:
            self._send(amount, now)
        self._control.report(self._status)
        pause = self._pause_before_next(amount)
        if pause > 0:
            self._rest(pause)

    def _rest(self, pause: float) -> None:
        """Waits until more can be sent, or the time is over."""
        awaits_replies, begun = self._awaits_replies, time.monotonic_ns()
        self._engine.wait(pause, self._left > 0)
        if awaits_replies and self._timeline.schedule is not None:
            due = self._timeline.planned(self._taken, 1)[0]
            self._awaited += max(0, time.monotonic_ns() - max(begun, due))

    @property
    def _awaits_replies(self) -> bool:
        """Whether nothing can be sent before a reply comes."""
        return self._asks and self._requests.under_way >= len(self._lanes)

    def _serve(self, seconds: float) -> None:
        """A turn in which nothing is sent."""
        self._engine.wait(seconds, False)
        self._control.run_commands(self._actions)
        self._take_replies(time.monotonic_ns())
        self._control.report(self._status, soon=True)

    def _due(self, now: int) -> int:
        """How many messages to send now."""
        scheduled = self._timeline.schedule is not None
        amount = self._timeline.releasable(now, self._taken) if scheduled else self._most
        if self._settings.count is not None:
            amount = min(amount, self._settings.count - self._taken)
        if self._settings.replies:
            amount = min(amount, self._requests.room)
        if amount > 0:
            available = self._messages.available(self._taken + 1, min(amount, self._most * len(self._lanes)))
            self._exhausted = available == 0
            return available
        return amount

    def _pause_before_next(self, amount: int) -> float:
        if self._left or self._awaits_replies:
            return STATUS_SECONDS
        if self._timeline.schedule is None:
            return 0.0
        wanted = max(_STEP_NS, self._timeline.next_due(time.monotonic_ns(), self._taken))
        return min(wanted / SECOND, STATUS_SECONDS) if amount < self._most else 0.0

    def _send(self, amount: int, now: int) -> None:
        """Deals messages to the lanes in turn; what one refuses goes to the next."""
        share = min(self._most, -(-amount // len(self._lanes)))
        before, rest = self._taken, amount
        for _ in self._lanes:
            if not rest:
                break
            lane = self._next_lane
            self._next_lane = (lane + 1) % len(self._lanes)
            rest -= self._send_on(lane, min(share, rest))
        self._left, taken = rest, self._taken - before
        self._refused = not (taken or self._awaits_replies)
        self._attempted = now
        if not taken:
            self._timeline.refused(self._taken)
        else:
            self._unblock(now)
        if rest:
            self._block(now)

    def _send_on(self, lane: int, amount: int) -> int:
        scheduled = self._timeline.schedule is not None
        planned = self._timeline.planned(self._taken, amount) if scheduled else [time.monotonic_ns()] * amount
        taken = self._engine.send(lane, Batch(self._messages, self._runs[lane], self._taken + 1, planned))
        if not taken:
            return 0
        done = planned[:taken]
        self._last = time.monotonic_ns()
        if self._settings.replies:
            self._requests.sent(lane, self._taken + 1, done, self._last)
        if scheduled:
            self._lag.record_all([self._last - time for time in done])
        second = (self._last - self._begin) // SECOND
        self._per_second[second] = self._per_second.get(second, 0) + taken
        self._taken += taken
        return taken

    def _take_replies(self, now: int) -> None:
        replies = self._engine.replies()
        if self._asks:
            self._take_answers(replies)
        else:
            for reply in replies:
                self._requests.reply(*reply)
        for lane in self._requests.give_up(now):
            if self._asks:
                self._engine.renew(lane)

    def _take_answers(self, replies: Sequence[Reply]) -> None:
        """A second reply to an earlier request is no answer, unless the engine reads no other."""
        unanswered: dict[int, Reply] = {}
        for reply in replies:
            unanswered.pop(reply.lane, None)
            if not self._requests.reply(*reply):
                unanswered[reply.lane] = reply
        for lane, reply in unanswered.items():
            if not self._engine.waits_on(lane):
                self._requests.reply(lane, (), reply.arrived)

    def _batch_size(self) -> int:
        shape = self._messages.shape
        if shape is None:
            return _GENERAL_BATCH
        size = len(shape.rest) + sum(map(len, shape.before)) + 64
        return max(1, min(_MOST_IN_BATCH, _BATCH_BYTES // size))

    # Blocked

    def _block(self, now: int) -> None:
        awaits_reply = self._asks and self._requests.under_way
        if self._blocked_since is None and not awaits_reply:
            self._blocked_since = now
            self._control.report(self._status)

    def _unblock(self, now: int) -> None:
        if self._blocked_since is not None:
            self._blocked += now - self._blocked_since
            self._blocked_since = None

    # Commands

    def _pause(self) -> None:
        now = time.monotonic_ns()
        self._unblock(now)
        self._left, self._refused = 0, False
        self._timeline.pause(now)

    def _resume(self) -> None:
        self._timeline.resume(time.monotonic_ns(), self._taken)

    def _set_rate(self, rate: str) -> str:
        """Follows another profile from now on; returns the old one."""
        old = self._timeline.schedule
        schedule = None if rate == UNLIMITED else parse_schedule(rate)
        self._timeline.change(schedule, time.monotonic_ns(), self._taken)
        return UNLIMITED if old is None else str(old)

    # What it reports

    def _current_state(self) -> str:
        if self._state != "RUNNING":
            return self._state
        if self._timeline.paused:
            return "PAUSED"
        return "BLOCKED" if self._blocked_since is not None else "RUNNING"

    def _status(self) -> Document:
        return {
            "state": self._current_state(),
            "sent": self._engine.sent,
            "asked": self._asked(),
            "since": self._blocked_since,
            "last": self._last,
            "replies": self._requests.replies,
            "run": self._runs[0],
        }

    def _asked(self) -> int:
        if not self._begin:
            return 0
        if self._timeline.schedule is None:
            return self._taken if self._settings.count is None else self._settings.count
        planned = max(self._taken, self._timeline.planned_count(time.monotonic_ns()))
        return planned if self._settings.count is None else min(planned, self._settings.count)

    def results(self) -> Iterator[Document]:
        """What is reported at the end."""
        yield {"final": self.report()}

    def report(self) -> Document:
        """The report and what it was made from."""
        engine, settings = self._engine, self._settings
        now = time.monotonic_ns()
        blocked = self._blocked + (now - self._blocked_since if self._blocked_since is not None else 0)
        seconds = (self._last - self._begin) / SECOND
        held_up = (blocked + self._awaited) / max(1, self._last - self._begin)
        rates = self._rates(seconds)
        report = PumpReport(
            name=settings.name,
            type=settings.type,
            endpoint=engine.endpoint,
            state=self._current_state(),
            engine=settings.engine,
            asked=self._asked(),
            sent=engine.sent,
            acknowledged=engine.acknowledged,
            dropped=engine.dropped,
            dropped_is_minimum=engine.dropped_is_minimum,
            bytes=engine.payload_bytes,
            seconds=seconds,
            rate=rates[0],
            bytes_per_second=rates[1],
            replies=self._requests.replies,
            lost=self._requests.lost,
            latency=latency_of(self._requests.latency),
            lag=latency_of(self._lag),
            blocked=blocked / SECOND,
            bottleneck=bottleneck(self._effort.busy(), self._lag.percentile(99), held_up),
            per_second=[PumpSecond(second, self._per_second.get(second, 0)) for second in range(self._seconds())],
        )
        histograms = {"latency": self._requests.latency.as_json(), "lag": self._lag.as_json()}
        return {"report": as_json(report), "histograms": histograms}

    def _rates(self, seconds: float) -> tuple[float, float]:
        """Messages and bytes per second: of n messages n - 1 intervals."""
        sent = self._engine.sent
        if sent < 2 or seconds <= 0:
            return 0.0, 0.0
        return (sent - 1) / seconds, self._engine.payload_bytes * (sent - 1) / sent / seconds

    def _seconds(self) -> int:
        return max(self._per_second, default=-1) + 1
