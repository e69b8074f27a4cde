"""A connection in a capture: its segments in, messages and events out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from ..errors import ProtocolError
from ..report.frames import preview
from ..report.words import count_of
from ..zmtp.commands import read_command
from ..zmtp.frames import COMMAND, MORE, Frame, message_bytes, scan
from ..zmtp.greeting import SIGNATURE, Version
from ..zmtp.observer import Direction, ObservedKind, ObservedUnit, Observer
from ..zmtp.runs import Run
from .boundaries import begun_frame, first_boundary, rest_of_message
from .packets import ACK, FIN, RST, SYN, PacketAddress, Segment, shown
from .recording import NANOSECONDS, RecordedConnection, RecordedEvent, Track
from .reel import Reel
from .tcp import Piece, TcpStream

_WINDOWS = (1 << 14, 1 << 16, 1 << 18, 1 << 20)
_LONG_MESSAGE = 1 << 16
_CURVE_MESSAGE = b"\x07MESSAGE"
_SHOWN_TOPIC = 64
_SUBSCRIPTIONS = ("SUBSCRIBE", "CANCEL")

Note = Callable[[int, str, int, str], None]


class Conversation:
    """A connection: two streams, and what is known of it.

    Args:
        client: Who connected.
        server: Who accepted.
        number: Counts the connections of the capture, also those that do not speak ZeroMQ.
        tracks: The numbers of tracks: each for what a client sends, with one more for what its server sends.
        reel: Where messages go.
        expected: Whether it is expected to speak ZeroMQ.
    """

    def __init__(
        self,
        client: PacketAddress,
        server: PacketAddress,
        number: int,
        tracks: Iterator[int],
        reel: Reel,
        expected: bool,
    ) -> None:
        self.number = number
        self._free_tracks = tracks
        self._expected = expected
        self._addresses = client, server
        self._observer = Observer()
        self._events: list[tuple[int, str, int, str]] = []
        self._sides = {
            client: Side(self, 0, self._observer.client, reel),
            server: Side(self, 1, self._observer.server, reel),
        }
        self._sequence: int | None = None
        self._shaken = self._closed = False

    @cached_property
    def first_track(self) -> int:
        """The number of the track for what the client sends; it is taken when the connection first needs it."""
        return next(self._free_tracks)

    def is_begun_by(self, segment: Segment) -> bool:
        """Whether a SYN is that of this connection, rather than of a later one between the same addresses."""
        return self._sequence is None or segment.sequence == self._sequence

    def take(self, time: int, segment: Segment) -> None:
        """Takes a segment of either side, `time` nanoseconds after the capture began."""
        if segment.flags & (SYN | ACK) == SYN and self._sequence is None:
            self._sequence = segment.sequence
            self.note(time, "CONNECTED", 0)
        side = self._sides[segment.source]
        side.take(time, segment)
        if segment.flags & (FIN | RST) and not self._closed:
            self._closed = True
            self.note(side.time, "DISCONNECTED", side.place, "reset" if segment.flags & RST else "")

    def finish(self) -> None:
        """The capture ends."""
        for side in self._sides.values():
            side.finish()

    def note(self, time: int, event: str, place: int, detail: str = "") -> None:
        """Notes what the client (0) or the server (1) has done."""
        self._events.append((time, event, place, detail))

    def shake(self, time: int) -> None:
        """One side has done its part of the handshake."""
        client, server = self._observer.client, self._observer.server
        if client.in_traffic and server.in_traffic and not self._shaken:
            self._shaken = True
            refused = client.error or server.error
            self.note(time, "HANDSHAKE_FAILED" if refused else "HANDSHAKE_SUCCEEDED", 0, refused or "")

    @property
    def opaque(self) -> bool:
        """Whether its messages are encrypted."""
        return self._observer.opaque or any(side.encrypted for side in self._sides.values())

    @property
    def has_envelopes(self) -> bool:
        """Whether messages begin with an envelope, as those from and to REQ and REP do."""
        return any(type in ("REQ", "REP") for type in self._types)

    @property
    def is_zeromq(self) -> bool:
        """Whether it speaks ZeroMQ, or should have."""
        return any(side.speaks or (self._expected and side.problem) for side in self._sides.values())

    def described(self, number: int) -> RecordedConnection:
        """The connection under the number that users see."""
        client, server = map(shown, self._addresses)
        problems = dict.fromkeys(side.told for side in self._sides.values() if side.problem)
        return RecordedConnection(
            number,
            client,
            server,
            *self._types,
            mechanism=self._observer.mechanism or ("CURVE" if self.opaque else ""),
            opaque=self.opaque,
            addresses=(client, server),
            problem="; ".join(problems),
        )

    def tracks(self, number: int) -> list[Track]:
        """One for each direction."""
        client, server = map(shown, self._addresses)
        there, back = self._types, self._types[::-1]
        return [
            Track(number, client, server, there, addresses=(client, server)),
            Track(number, server, client, back, addresses=(server, client)),
        ]

    def events(self, number: int) -> list[RecordedEvent]:
        """What has happened to it."""
        names = [shown(address) for address in self._addresses]
        return [
            RecordedEvent(time / NANOSECONDS, number, event, names[place], names[1 - place], detail)
            for time, event, place, detail in self._events
        ]

    @property
    def _types(self) -> tuple[str, str]:
        return self._observer.client.socket_type, self._observer.server.socket_type


class Side:
    """What one end of a connection sends.

    Attributes:
        place: 0 for the client, 1 for the server.
        problem: Why not all of it could be read; empty if it could.
        encrypted: Whether it sends what only CURVE does, although no greeting was seen.
        speaks: Whether it has sent what is ZeroMQ.
        time: Of what it sent last. It never goes back, as the times of packets do by microseconds where two
            processors capture: then messages would change places.
    """

    def __init__(self, conversation: Conversation, place: int, direction: Direction, reel: Reel) -> None:
        self.place = place
        self._who = "the server" if place else "the client"
        self.problem = ""
        self.encrypted = self.speaks = False
        self.time = 0
        self._conversation = conversation
        self._direction = direction
        self._reel = reel
        self._stream = TcpStream()
        self._buffer = bytearray()
        self._lost = self._over = self._begun = False
        self._waiting: list[tuple[int, bytes]] = []
        self._track = self._walked = self._waiting_bytes = self._missing = self._skipped = self._tries = 0
        self._to_skip = 0  # bytes up to the end of a frame of which some are missing
        self._is_broken = False  # whether the message that comes next in the buffer has lost a frame

    def take(self, time: int, segment: Segment) -> None:
        """Takes a segment."""
        self.time = max(self.time, time)
        for piece in self._stream.take(self.time, segment):
            self._take(piece)

    def finish(self) -> None:
        """The capture ends."""
        for piece in self._stream.finish():
            self._take(piece)
        if self._lost:
            self._search(complete=self._stream.ended)

    def _take(self, piece: Piece) -> None:
        if self._is_done:
            return
        if piece.missing:
            self._missing += piece.missing
            are = "is" if self._missing == 1 else "are"
            problem = f"{count_of(self._missing, 'byte')} of what {self._who} has sent {are} missing in the capture"
            if self._steps_over(piece.missing):
                self.problem = problem
            else:
                self._lose(problem)
            return
        if not self._begun:
            self._begun = True
            if not self._stream.whole and not piece.data.startswith(SIGNATURE[:1]):
                self._lose("the capture began in the middle of the connection: earlier messages are missing")
        if self._lost:
            self._waiting.append((piece.time, piece.data))
            self._waiting_bytes += len(piece.data)
            self._skipped += len(piece.data)
            if self._waiting_bytes >= _WINDOWS[self._tries]:
                self._search(complete=False)
        else:
            self._feed(piece.time, piece.data)

    @property
    def told(self) -> str:
        """The problem, and how much was captured and yet not read."""
        return f"{self.problem}; {count_of(self._skipped, 'captured byte')} skipped" if self._skipped else self.problem

    @property
    def _is_done(self) -> bool:
        """Whether nothing more can be read: behind the handshake, if messages are encrypted."""
        return self._over or (self._conversation.opaque and self._direction.in_traffic)

    # Where bytes are missing

    def _steps_over(self, missing: int) -> bool:
        """Leaves out a frame whose size is known and that has all missing bytes; whether there is one."""
        if self._lost or not self._direction.in_traffic:
            return False
        if not self._to_skip:
            frame = begun_frame(self._buffer, self._walked)
            if frame is None:
                return False
            self._forget()
            self._to_skip, self._is_broken = frame.to_come, frame.more
        if missing > self._to_skip:
            return False
        self._to_skip -= missing
        return True

    def _skip(self, data: bytes) -> bytes:
        """What follows the frame that is left out."""
        skipped = min(self._to_skip, len(data))
        self._to_skip -= skipped
        return data[skipped:]

    def _leaves_out_broken(self) -> bool:
        """Leaves out the other frames of a message that has lost one; whether all of them are there."""
        position, self._is_broken = rest_of_message(self._buffer)
        del self._buffer[:position]
        self._walked = 0
        return not self._is_broken

    # Where the beginning of a message is not known

    def _lose(self, problem: str) -> None:
        if self._lost:
            self._search(complete=False)
        self.problem = problem
        self._lost = True
        self._forget()

    def _forget(self) -> None:
        self._buffer.clear()
        self._waiting = []
        self._walked = self._waiting_bytes = self._tries = self._to_skip = 0
        self._is_broken = False

    def _search(self, complete: bool) -> None:
        """Looks for the beginning of a message in what has come; in more of it each time, up to a limit."""
        data = b"".join(part for _, part in self._waiting)
        boundary = first_boundary(data, complete)
        if boundary is None:
            self._tries += 1
            if self._tries == len(_WINDOWS):
                self._forget()
            return
        waiting = self._waiting
        self._skipped -= len(data) - boundary
        self._forget()
        self._lost = False
        self._direction.in_traffic = True
        self._speak()
        self.encrypted = _CURVE_MESSAGE in data[boundary : boundary + 32]
        for time, part in waiting:
            if boundary < len(part):
                self._feed(time, part[boundary:])
            boundary = max(0, boundary - len(part))

    # Where it is

    def _feed(self, time: int, data: bytes) -> None:
        if self._is_done:
            return
        long = len(self._buffer) > _LONG_MESSAGE
        self._buffer += self._skip(data)
        if long and self._direction.in_traffic and not self._has_whole_message():
            return
        try:
            if self._is_broken and not self._leaves_out_broken():
                return
            while True:
                position = self._take_runs(time) if self._direction.has_runs else self._take_units(time)
                if not position:
                    return
                del self._buffer[:position]
                self._walked = 0
        except ProtocolError as error:
            self._stop(f"what {self._who} has sent is not ZeroMQ from byte {error.offset:,} on: {error.rule}")

    def _has_whole_message(self) -> bool:
        """Goes on where it ended last time, so that a message of many segments is walked through once."""
        try:
            while found := scan(self._buffer, self._walked):
                self._walked = found[-1].end
                if any(not frame.flags & (MORE | COMMAND) for frame in found):
                    return True
        except ProtocolError:
            return True
        return False

    def _take_units(self, time: int) -> int:
        """Takes what is whole in the buffer, one by one; returns up to where."""
        units, position = self._direction.read(self._buffer)
        for unit in units:
            self._handle(time, unit)
        return position

    def _take_runs(self, time: int) -> int:
        """Takes what is whole in the buffer, messages between commands at once; returns up to where."""
        found = self._direction.read_runs(self._buffer)
        for are_commands, group in groupby(found, attrgetter("is_command")):
            if not are_commands:
                self._add(time, list(group))
                continue
            for run in group:
                self._handle(time, self._direction.unit(self._buffer, run.frames))
        return found[-1].end if found else 0

    def _add(self, time: int, found: list[Run]) -> None:
        """Takes messages behind each other; only the first one may have commands between its frames."""
        if found[0].is_interrupted:
            self._add_message(time, found[0].frames)
            found = found[1:]
        if not found:
            return
        start, ends, envelopes = found[0].start, list[int](), list[int]()
        enveloped = self._conversation.has_envelopes
        for run in found:
            ends += range(run.start + run.size - start, run.end - start + 1, run.size)
            envelopes += [_envelope(run.frames) if enveloped else 0] * run.messages
        self._reel.add_run(time, self._track, self._buffer[start : found[-1].end], ends, envelopes)

    def _handle(self, time: int, unit: ObservedUnit) -> None:
        if unit.kind is ObservedKind.MESSAGE:
            self._add_message(time, unit.frames)
        elif unit.kind is ObservedKind.HANDSHAKE:
            self._conversation.shake(time)
        elif unit.kind is ObservedKind.GREETING:
            greeting = self._direction.greeting
            if greeting is not None and greeting.version is Version.ZMTP_1:
                self._stop(f"{self._who} speaks ZMTP 1.0 or no ZeroMQ, which cannot be read")
            else:
                self._speak()
        elif unit.command in _SUBSCRIPTIONS:
            self._conversation.note(time, unit.command, self.place, preview(self._topic(unit), _SHOWN_TOPIC))

    def _speak(self) -> None:
        self.speaks = True
        self._track = self._conversation.first_track + self.place

    def _add_message(self, time: int, frames: Sequence[Frame]) -> None:
        envelope = _envelope(frames) if self._conversation.has_envelopes else 0
        self._reel.add_encoded(time, self._track, message_bytes(self._buffer, frames), envelope)

    def _topic(self, unit: ObservedUnit) -> bytes:
        frame = unit.frames[0]
        if unit.kind is ObservedKind.SUBSCRIPTION:
            return bytes(self._buffer[frame.body + 1 : frame.end])
        return read_command(self._buffer, frame).data

    def _stop(self, problem: str) -> None:
        self.problem = problem
        self._over = True
        self._forget()


def _envelope(frames: Sequence[Frame]) -> int:
    """How many frames there are up to the first empty one; none if nothing follows it."""
    return next((number for number, frame in enumerate(frames[:-1], 1) if frame.body == frame.end), 0)
