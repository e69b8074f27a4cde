"""What faults do to the stream of one direction: stages, one behind the other, in the order in which faults were made.

Rules:
    A stage gets units with `feed` and gives them to the next one with `send`, at once or later.
    What overtakes others (a late message, a released one) waits while a message is passing in pieces.
    `flush` passes on everything that is held, in order: nothing is lost when the fault ends.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from .active_fault import ActiveFault
from .event_loop import EventLoop
from .faults import Bandwidth, CloseAfter, Latency, Slices
from .units import Chunk, Unit, UnitKind, units_of

_SMALL_BACKLOG = 65536
_STEP_SECONDS = 0.02  # Limited bandwidth goes on in steps of that many seconds' worth.


class Host(Protocol):
    """The direction of a connection that a stage belongs to."""

    loop: EventLoop
    limit: int

    @property
    def enveloped(self) -> bool:
        """Whether messages begin with an envelope of REQ or REP."""

    def settle(self) -> None:
        """Something went on outside of reading: writes it out."""

    def close_connection(self, reset: bool) -> None:
        """Ends the connection for both sides, once what was sent to the next stage is written."""

    def report(self, active: ActiveFault, problem: str) -> None:
        """A fault could not act."""


class Stage:
    """Passes everything on. Base of all stages.

    Args:
        active: The fault that it acts for.
        host: The direction.

    Attributes:
        send: Takes what goes on.
        held: Bytes that it holds.
        backlog: Bytes that it may hold before the direction stops reading.
    """

    backlog = 0

    def __init__(self, active: ActiveFault, host: Host) -> None:
        self.active = active
        self.host = host
        self.held = 0
        self.send: Callable[[Unit], None] = lambda unit: None
        self.ended = False

    def link(self, following: Callable[[Unit], None]) -> None:
        """Says who takes what goes on."""
        self.send = following

    def feed(self, unit: Unit) -> None:
        """Takes the next unit."""
        self.send(unit)

    def flush(self) -> None:
        """Passes on everything that is held."""

    @property
    def holds_end(self) -> bool:
        """Whether the receiver is not told yet that the sender has ended its side."""
        return False

    @property
    def lingers(self) -> bool:
        """Whether something that it let go has still to wait for the end of a message that passes in pieces."""
        return False

    def sender_ended(self) -> None:
        """The sender has ended its side."""

    def abandon(self) -> None:
        """The connection is gone."""

    def end(self) -> None:
        """The fault is over: passes on everything, also what still comes."""
        self.ended = True
        self.flush()


class Queue(Stage):
    """Lets units go on in the order in which they came, each when it is due."""

    backlog = _SMALL_BACKLOG

    def __init__(self, active: ActiveFault, host: Host) -> None:
        super().__init__(active, host)
        self._waiting: deque[tuple[float, Unit]] = deque()
        self._wakes_at: float | None = None

    def hold(self, due: float, unit: Unit) -> None:
        """Keeps a unit; those before it go on first."""
        if self._waiting:
            due = max(due, self._waiting[-1][0])
        self._waiting.append((due, unit))
        self.held += unit.size
        self._wake_at(self._waiting[0][0])

    def flush(self) -> None:
        while self._waiting:
            self._pass_first()

    def _pass_first(self) -> None:
        _, unit = self._waiting.popleft()
        self.held -= unit.size
        self.send(unit)

    def _wake_at(self, due: float) -> None:
        if due != float("inf") and (self._wakes_at is None or due < self._wakes_at):
            self._wakes_at = due
            self.host.loop.later(due, self._wake)

    def _wake(self) -> None:
        self._wakes_at = None
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            self._pass_first()
        if self._waiting:
            self._wake_at(self._waiting[0][0])
        self.host.settle()


class SilenceStage(Queue):
    """Nothing goes on until the end, not even that the sender has ended its side."""

    @property
    def holds_end(self) -> bool:
        return not self.ended

    def sender_ended(self) -> None:
        self.active.touch()

    def feed(self, unit: Unit) -> None:
        if self.ended:
            self.send(unit)
            return
        self.active.act_on(unit)
        self.hold(float("inf"), unit)


class CuttingQueue(Queue):
    """Lets units go on in pieces. Each is cut when its turn comes, because a large one has very many pieces."""

    def __init__(self, active: ActiveFault, host: Host) -> None:
        super().__init__(active, host)
        self._free_at = 0.0

    def hold(self, due: float, unit: Unit) -> None:
        """Keeps a unit behind the others; the next piece goes on when it is due."""
        if not self._waiting:
            self._free_at = due
        self._waiting.append((due, unit))
        self.held += unit.size
        self._wake_at(self._free_at)

    def _pass_piece(self, size: int) -> None:
        due, unit = self._waiting[0]
        if unit.size <= size:
            self._pass_first()
            return
        end = unit.start + size
        self._waiting[0] = due, unit._replace(start=end, shape=None)  # The last piece has its messages.
        self.held -= size
        self.send(unit._replace(end=end, messages=0, shape=None, command=""))


class BandwidthStage(CuttingQueue):
    """So many bytes a second."""

    def __init__(self, active: ActiveFault, host: Host, effect: Bandwidth) -> None:
        super().__init__(active, host)
        self._rate = effect.bytes_per_second
        self._most = max(1, int(self._rate * _STEP_SECONDS))

    def feed(self, unit: Unit) -> None:
        if self.ended:
            self.send(unit)
            return
        self.active.act_on(unit)
        self.hold(max(self._free_at, time.monotonic()) + self._seconds(unit), unit)

    def _seconds(self, unit: Unit) -> float:
        """How long its next piece takes."""
        return min(unit.size, self._most) / self._rate

    def _wake(self) -> None:
        self._wakes_at = None
        now = time.monotonic()
        while self._waiting and self._free_at <= now:
            self._pass_piece(self._most)
            if self._waiting:
                self._free_at += self._seconds(self._waiting[0][1])
        self.host.settle()
        if self._waiting:
            self._wake_at(self._free_at)


class SlicesStage(CuttingQueue):
    """A few bytes at a time."""

    def __init__(self, active: ActiveFault, host: Host, effect: Slices) -> None:
        super().__init__(active, host)
        self._effect = effect

    def feed(self, unit: Unit) -> None:
        if self.ended:
            self.send(unit)
            return
        self.active.act_on(unit)
        self.hold(max(self._free_at, time.monotonic()), unit)

    def _wake(self) -> None:
        """Each slice goes out by itself, or they would meet again in one packet."""
        self._wakes_at = None
        now = time.monotonic()
        if self._waiting and self._free_at <= now:
            self._free_at = now + self._effect.pause
            self._pass_piece(self._effect.size)
        self.host.settle()
        if self._waiting:
            self._wake_at(self._free_at)


class CloseStage(Stage):
    """Closes the connection before the last allowed byte."""

    def __init__(self, active: ActiveFault, host: Host, effect: CloseAfter) -> None:
        super().__init__(active, host)
        self._effect = effect
        self._left = effect.bytes
        self._closed = False

    def feed(self, unit: Unit) -> None:
        if self.ended:
            self.send(unit)
            return
        if self._closed:
            return
        if unit.size < self._left:
            self._left -= unit.size
            self.send(unit)
            return
        self._closed = True
        if self._left > 1:  # The last byte stays behind, so that its message does not arrive.
            self.send(unit._replace(end=unit.start + self._left - 1, messages=0, shape=None))
        self.active.act()
        if unit.chunk:
            self._mark_cut(unit, unit.chunk)
        self.host.close_connection(self._effect.reset)

    def _mark_cut(self, unit: Unit, chunk: Chunk) -> None:
        """Notes that it has acted on the first message that does not arrive."""
        name = self.active.fault.name
        if unit.kind is not UnitKind.MESSAGES:  # a piece of the only one
            chunk.mark(name)
        elif unit.data is not chunk.data:  # another one, which a fault has put in its place
            chunk.mark(name, unit.first)
        else:
            at = unit.start + max(0, self._left - 1)
            behind = (part for part in units_of(unit.data, chunk) if part.messages and part.end > at)
            if part := next(behind, None):
                chunk.mark(name, part.first + max(0, at - part.start) // (part.size // part.messages))


class LatencyStage(Queue):
    """Everything comes later, in order."""

    def __init__(self, active: ActiveFault, host: Host, effect: Latency) -> None:
        super().__init__(active, host)
        self._effect = effect
        self.backlog = host.limit

    def feed(self, unit: Unit) -> None:
        if self.ended:
            self.send(unit)
        else:
            self.active.act_on(unit)
            self.delay(unit)

    def delay(self, unit: Unit) -> None:
        """Keeps a unit for the latency."""
        jitter = self._effect.jitter
        spread = self.active.random.uniform(-jitter, jitter) if jitter else 0.0
        self.hold(time.monotonic() + self._effect.seconds + spread, unit)

    def in_order(self, unit: Unit) -> None:
        """Passes a unit on, behind those that wait."""
        if self._waiting:
            self.hold(self._waiting[-1][0], unit)
        else:
            self.send(unit)
