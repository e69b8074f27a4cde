"""One direction of a connection through a proxy: bytes in, units through the stages, bytes out.

It reads as much as it may hold, finds out where messages begin and end, and writes what comes out of the last stage. As
long as no fault needs messages by themselves they are only counted. What is no ZMTP passes as bytes.

A message that is larger than a read passes in pieces; where a fault needs it whole it is gathered up to `limit` bytes.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence

from ..errors import ProtocolError
from ..zmtp.frames import bounds_of
from ..zmtp.greeting import Version
from ..zmtp.observer import Direction, ObservedKind
from ..zmtp.runs import Extent, Run, measure, runs
from .active_fault import ActiveFault
from .chain import StageChain
from .large_message import LargeMessage, is_large
from .outlet import Outlet
from .owner import Owner
from .seen import heads_of
from .stage_table import stage_for
from .units import LARGEST, Chunk, Head, Unit, UnitKind, as_subscription, raw, units_from

READ_BYTES = 2**19
_LARGE_BYTES = READ_BYTES // 2
_BACKLOG = 2**18
_NO_BYTES = b""
_NOT_TOLD_APART = (
    "Connection {number} is no ZeroMQ, or an older one than ZMTP 2.0: its messages cannot be told apart, and "
    "pass untouched. Faults on connections and bytes are possible there."
)
SUBSCRIBERS = ("SUB", "XSUB")


class Stream:
    """One direction of a connection.

    Args:
        owner: The connection.
        to_target: Which way it goes.
        source: Where bytes come from.
        sink: Where they go.
        reading: What is known of the side that sends.

    Attributes:
        ended: Whether the sender has ended its side.
        was_reset: Whether it did so with an error.
        done: Whether that was passed on, or will be.
        shut: Whether the receiver knows.
        abandoned: Whether nothing goes this way any more: the receiver is gone.
        opaque: Whether it is no ZMTP, or too old to be told apart.
    """

    def __init__(
        self, owner: Owner, to_target: bool, source: socket.socket, sink: socket.socket, reading: Direction
    ) -> None:
        self.owner = owner
        self.to_target = to_target
        self.source = source
        self.sink = sink
        self.reading = reading
        self.loop = owner.loop
        self.limit = owner.limit
        self.ended = False
        self.was_reset = False
        self.done = False
        self.shut = False
        self.abandoned = False
        self.opaque = False
        self.read_bytes = 0
        self._rest: bytes | bytearray = _NO_BYTES
        self._needed = 0
        self._read_to = READ_BYTES
        self._sent_ahead = 0
        self._large: LargeMessage | None = None
        self._outlet = Outlet(sink)
        self._closing: bool | None = None
        self._stages = StageChain(self._passed, self._outlet.feed)

    # Faults

    @property
    def enveloped(self) -> bool:
        """Whether messages begin with an envelope of REQ or REP."""
        return self.owner.enveloped

    def attach(self, active: ActiveFault) -> None:
        """From now on a fault acts here."""
        stage = stage_for(active, self)
        if stage is not None:
            self._stages.add(stage)
            self._check_messages(active)

    def detach(self, active: ActiveFault) -> None:
        """A fault acts here no more; what it held goes on."""
        self._stages.end(active)

    @property
    def _is_too_old(self) -> bool:
        sides = (self.reading, self.reading.other)
        return any(side.greeting is not None and side.greeting.version is Version.ZMTP_1 for side in sides)

    def _pass_as_bytes(self) -> None:
        """From now on messages are not told apart."""
        self.opaque = True
        for stage in self._stages:
            self._check_messages(stage.active)

    def _check_messages(self, active: ActiveFault) -> None:
        if self.opaque and active.fault.counts_messages:
            self.report(active, _NOT_TOLD_APART.format(number=self.owner.number))

    def report(self, active: ActiveFault, problem: str) -> None:
        """A fault could not act."""
        self.owner.refuse(active, problem)

    # Reading

    @property
    def may_read(self) -> bool:
        """Whether more may come in: what waits here is bounded."""
        if self.ended or self._closing is not None:
            return False
        return self._outlet.bytes < _BACKLOG and self.waiting_bytes < _BACKLOG + self._stages.backlog

    @property
    def waiting_bytes(self) -> int:
        """Bytes that came in and are not written yet."""
        return self._outlet.bytes + self._stages.held

    @property
    def _is_quiet(self) -> bool:
        """Whether all that was read is written, so that what is waited for stays the same."""
        return not (self._outlet.bytes or self._stages or self._stages.held or self.ended or self._closing is not None)

    def read(self) -> None:
        """The source has bytes, or has ended."""
        try:
            count = self._read_some()
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            count = 0
            self.was_reset = True
        if not count:
            self._end()
        if not self._is_quiet:
            self.settle()

    def _read_some(self) -> int:
        rest = self._rest
        if len(rest) > _LARGE_BYTES:
            return self._gather()
        buffer, kept = self.owner.buffer, len(rest)
        buffer[:kept] = rest
        with memoryview(buffer) as view, view[kept : self._read_to] as room:
            count = self.source.recv_into(room)
        if count:
            self.read_bytes += count
            self._rest = _NO_BYTES
            self._take(buffer, kept + count)
        return count

    def _gather(self) -> int:
        """More of a large message that a fault needs whole."""
        assert isinstance(self._rest, bytearray)
        piece = self.source.recv(READ_BYTES)
        self.read_bytes += len(piece)
        self._rest += piece
        if len(self._rest) >= self._needed or len(self._rest) > self.limit:
            rest, self._rest = self._rest, _NO_BYTES
            self._take(rest, len(rest))
        return len(piece)

    def _take(self, data: bytearray, end: int) -> None:
        """Takes in what is whole, and keeps the rest."""
        position = 0
        try:
            if not self.opaque and not self.reading.in_traffic:
                position = self._take_beginning(data, end)
                if self._is_too_old:
                    self._pass_as_bytes()
                self.owner.meet()  # before the first message, which may be in the same packet
            if not self.opaque and self.reading.in_traffic:
                while position < end and (taken := self._take_traffic(data, position, end)) > position:
                    position = taken
        except ProtocolError:
            self._pass_as_bytes()
        if end - position > _LARGE_BYTES and not self.reading.in_traffic:
            self._pass_as_bytes()
        if self.opaque and position < end:
            self._stages.feed(raw(bytes(data[position + self._sent_ahead : end])))
            self._sent_ahead = 0
            position = end
        if position < end:
            self._keep(data, position, end)

    def _keep(self, data: bytearray, position: int, end: int) -> None:
        """Keeps the beginning of a message. The next reads end where messages of its size do: then there is none."""
        rest, size = end - position, bounds_of(data, position, end)[1] - position
        self._read_to = READ_BYTES - READ_BYTES % size if size <= _LARGE_BYTES else READ_BYTES
        if rest > _LARGE_BYTES and self.reading.in_traffic:
            self._rest = data[position:end]
            self._needed = max(size, rest + 1)
        else:
            self._rest = bytes(memoryview(data)[position:end])

    def _take_beginning(self, data: bytearray, end: int) -> int:
        """Greeting and handshake. Parts of a greeting go on at once: each side waits for the other's."""
        position = 0
        while position < end and not self.reading.in_traffic:
            try:
                units, after = self.reading.read(data, position, end, most=1)
            except ProtocolError:
                self._pass_as_bytes()
                return position
            if not units:
                break
            for unit in units:
                if unit.kind in (ObservedKind.GREETING, ObservedKind.HANDSHAKE, ObservedKind.OPAQUE):
                    self._stages.feed(raw(bytes(data[position + self._sent_ahead : unit.end])))
                    self._sent_ahead = 0
                    position = unit.end
            if after > position:  # A message was in the same packet: it is read again as traffic.
                break
        if self.reading.greeting is None and end - position > self._sent_ahead:
            self._stages.feed(raw(bytes(data[position + self._sent_ahead : end]), cuts=True))
            self._sent_ahead = end - position
        return position

    def _take_traffic(self, data: bytearray, start: int, end: int) -> int:
        """Whole messages and commands; and of a large message what there is. Returns the position behind them."""
        if self._large:
            return self._take_large(data, start, end)
        if bounds_of(data, start, end)[1] <= end and (taken := self._take_whole(data, start, end)) > start:
            return taken
        gathers = self._stages.counts_messages
        if is_large(data, start, end, self.limit if gathers else _LARGE_BYTES, gathers):
            chunk = Chunk(time.time(), self.owner.number, self.to_target, b"", 1, self.enveloped)
            self._large = LargeMessage(chunk, self._stages.feed, self.owner.note)
            self._large.judge(self._stages, data, start, end)
            return self._take_large(data, start, end)
        return start

    def _take_whole(self, data: bytearray, start: int, end: int) -> int:
        """Whole messages and commands. Returns the position behind them."""
        if self._stages.counts_messages or self._reads_commands:
            found = runs(data, start, end, largest=LARGEST)
            if found:
                self._take_runs(bytes(memoryview(data)[start : found[-1].end]), found, start)
            return found[-1].end if found else start
        extent = measure(data, start, end, largest=LARGEST)
        if extent.end > start:
            self._take_block(data, start, extent)
        return extent.end

    @property
    def _reads_commands(self) -> bool:
        """Whether commands matter: subscriptions, which in ZMTP 3.0 are messages, and answers to the proxy's PING."""
        return self.reading.socket_type in SUBSCRIBERS or self.owner.awaits_pong

    def _take_block(self, data: bytearray, start: int, extent: Extent) -> None:
        """Messages that need not be told apart. Without stages they are written at once, from where they are."""
        size, came = extent.end - start, time.time()
        if not self._stages:
            with memoryview(data) as view, view[start : extent.end] as written:
                self._write_through(written)
        keeps = bool(self._stages) or self.owner.copies.allows(size, extent.messages)
        block = bytes(memoryview(data)[start : extent.end]) if keeps else b""
        chunk = self._chunk(came, block, extent.messages, None if keeps else heads_of(data, start, extent))
        if self._stages:
            self._stages.feed(Unit(UnitKind.MESSAGES, block, 0, len(block), extent.messages, None, chunk))

    def _write_through(self, block: memoryview) -> None:
        try:
            self._outlet.write_through(block)
        except OSError:
            self.abandon()

    def _take_runs(self, block: bytes, found: Sequence[Run], start: int) -> None:
        subscriptions = self.reading.socket_type in SUBSCRIBERS
        messages = 0 if subscriptions else sum(run.messages for run in found if not run.is_command)
        chunk = self._chunk(time.time(), block, messages)
        for unit in units_from(block, found, chunk, start):
            if subscriptions and unit.kind is UnitKind.MESSAGES:
                for index in range(unit.messages):
                    self._take_subscription(unit.part(index, index + 1))
            elif unit.kind is UnitKind.COMMAND:
                self._take_command(unit)
            else:
                self._stages.feed(unit)

    def _take_subscription(self, unit: Unit) -> None:
        """A message of a subscriber: in ZMTP 3.0 a subscription, else what an XSUB says to its publisher."""
        if (command := as_subscription(unit)).command:
            self._take_command(command)
        else:
            self._stages.feed(unit._replace(chunk=self._chunk(time.time(), bytes(unit.wire), 1), first=0))

    def _take_command(self, unit: Unit) -> None:
        if not self.owner.takes(unit):
            self._stages.feed(unit)

    def _chunk(self, came: float, block: bytes, messages: int, heads: list[Head] | None = None) -> Chunk | None:
        if not messages:
            return None
        chunk = Chunk(came, self.owner.number, self.to_target, block, messages, self.enveloped)
        chunk.heads = heads
        self.owner.note(chunk)
        return chunk

    # Large messages

    def _take_large(self, data: bytearray, start: int, end: int) -> int:
        assert self._large
        position, is_over = self._large.take(data, start, end)
        if is_over:
            self._large = None
        return position

    # Writing

    def inject(self, data: bytes) -> None:
        """Sends a message or command of the proxy's own, between two others."""
        self._stages.inject(data)
        self.settle()

    def _passed(self, unit: Unit) -> None:
        """No fault on messages has stopped it."""
        if unit.kind is UnitKind.COMMAND and unit.command:
            self.owner.passed(unit)

    def settle(self) -> None:
        """Writes what can be written, ends what is at its end, and looks at what to wait for."""
        self._stages.forget_ended()
        self.flush()
        self.owner.went_on()

    def flush(self) -> None:
        """Writes as much as the sink takes."""
        try:
            all_written = self._outlet.flush()
        except OSError:
            self.abandon()
            all_written = True
        if all_written and self._closing is not None:
            self.owner.close(self._closing)

    @property
    def wants_to_write(self) -> bool:
        """Whether the sink has not taken everything yet."""
        return self._outlet.bytes > 0

    def close_connection(self, reset: bool) -> None:
        """Ends the connection once everything before is written."""
        self._closing = reset

    # The end

    def _end(self) -> None:
        """The source has ended its side: what is left of an unfinished message goes on, as it would without a proxy."""
        self.ended = True
        if self._rest:
            rest, self._rest = bytes(self._rest), _NO_BYTES
            self._stages.feed(raw(rest[self._sent_ahead :], cuts=True))
        self._stages.sender_ended()

    @property
    def drained(self) -> bool:
        """Whether the end of the source can be passed on: nothing is left to be written, and no fault holds it."""
        return self.ended and not self.waiting_bytes and not self._stages.holds_end

    @property
    def is_taking(self) -> bool:
        """Whether the receiver is there, and has not taken everything that was written."""
        return not self.abandoned and self._outlet.is_taking(self.owner.buffer)

    def abandon(self) -> None:
        """The receiver is gone, or the connection closed. What it has sent before may still go the other way."""
        self.ended = self.done = self.shut = self.abandoned = True
        self._stages.abandon()
        self._outlet.clear()
