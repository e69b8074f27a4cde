"""WireLink: one connection of the WIRE engine, on a socket that never blocks."""

from __future__ import annotations

import socket
import struct
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from enum import Enum
from typing import NamedTuple

from ..errors import ProtocolError
from ..plain_text import printable
from ..zmtp.commands import Command, ping, read_command, read_ping
from ..zmtp.events import HandshakeDone, HandshakeRefused
from ..zmtp.frames import MORE, Buffer, Frame, scan
from ..zmtp.opening import Opening
from ..zmtp.runs import Run, runs
from ..zmtp.transport import unacknowledged_bytes, unread_bytes
from .receive_buffer import ReceiveBuffer
from .wire_encoding import Encoded, whole_before

_OPENING_SIZE = 1 << 16
_MOST_MARKS = 1000
_MOST_PEEKED = 1 << 23


class State(Enum):
    """How far a link is."""

    CONNECTING = "CONNECTING"
    OPENING = "OPENING"
    READY = "READY"
    LOST = "LOST"


class _Outgoing:
    """Bytes that the kernel has not taken yet, from the beginning of a message on.

    Attributes:
        encoded: The messages; none in what is no message.
        done: How many bytes the kernel has taken.
    """

    __slots__ = ("done", "encoded")

    def __init__(self, encoded: Encoded, done: int = 0) -> None:
        self.encoded = encoded
        self.done = done

    @property
    def messages(self) -> int:
        """How many messages are not taken as a whole."""
        return len(self.encoded.ends) - whole_before(self.encoded.ends, self.done)


class Mark(NamedTuple):
    """When the kernel of the peer has taken so many bytes of all, `messages` more have arrived there."""

    position: int
    messages: int


class WireLink:
    """One connection.

    Args:
        transport: Its socket; this object owns it.
        opening: Greetings and handshake, at their beginning.
        lane: The lane that it serves.
        largest: Most bytes of a frame that is accepted.
        connected: Whether the socket is connected already.

    Attributes:
        state: How far it is.
        peer: What the handshake has shown; None before it is done.
        problem: Why it was lost; None if the peer has just closed it.
        unread: Runs that are read from the wire and were not handed on; the first one maybe in part.
        arrived: When the unread bytes came, in monotonic ns.
        subscriptions: Topics that the peer has subscribed to, and how often.
        acknowledged: Messages that the kernel of the peer has taken.
        deadline: When the handshake has to be done, in monotonic ns.
        routing_id: Of the peer, as a ROUTER names it.
        is_pinged: Whether the peer has sent a PING.
    """

    def __init__(self, transport: socket.socket, opening: Opening, lane: int, largest: int, connected: bool) -> None:
        self.transport = transport
        self.lane = lane
        self.state = State.OPENING if connected else State.CONNECTING
        self.peer: HandshakeDone | None = None
        self.problem: Exception | None = None
        self.unread: deque[Run] = deque()
        self.arrived = self.deadline = 0
        self.subscriptions: dict[bytes, int] = {}
        self.acknowledged = 0
        self.routing_id = b""
        self.is_pinged = False
        self.buffer = ReceiveBuffer(b"", 0)
        self._opening = opening
        self._largest = largest
        self._early = bytearray()
        self._early_offset = 0
        self._outgoing: deque[_Outgoing] = deque()
        self._written = 0
        self._marks: deque[Mark] = deque()
        self._peeked = self._looked_at = 0  # positions in the stream
        if connected:
            self.say(opening.bytes_to_send())

    @property
    def version(self) -> str:
        """The version of ZMTP that is spoken."""
        return self._opening.version.value

    @property
    def has_outgoing(self) -> bool:
        """Whether bytes wait for the kernel."""
        return bool(self._outgoing)

    @property
    def queued(self) -> int:
        """How many messages the kernel has not taken as a whole."""
        return sum(entry.messages for entry in self._outgoing)

    def fileno(self) -> int:
        """The descriptor of its socket, for `select`."""
        return self.transport.fileno()

    def lose(self, problem: Exception | None = None) -> None:
        """Closes it at once."""
        if self.state is not State.LOST:
            self.count_acknowledged()
            self.state, self.problem = State.LOST, problem
            self.transport.close()

    # The beginning

    def become_connected(self) -> None:
        """The socket is writable for the first time: it is connected, or could not be."""
        code = self.transport.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self.lose(OSError(code, "connecting failed"))
            return
        self.state = State.OPENING
        self.say(self._opening.bytes_to_send())

    def go_on_opening(self) -> None:
        """Reads greeting and handshake as far as they came."""
        try:
            data = self.transport.recv(_OPENING_SIZE)
            if not data:
                raise ConnectionResetError("the peer closed the connection during the handshake")
            self._early += data
            self._read_opening()
        except BlockingIOError:
            return
        except (OSError, ProtocolError) as error:
            self.lose(error)

    def _read_opening(self) -> None:
        while self.state is State.OPENING:
            event, size = self._opening.read(self._early, self._early_offset)
            self.say(self._opening.bytes_to_send())
            if not size:
                break
            self._early_offset += size
            del self._early[:size]
            if isinstance(event, HandshakeRefused):
                raise ConnectionRefusedError(f"the handshake was refused: {printable(event.reason)}")
            if isinstance(event, HandshakeDone) and self.state is State.OPENING:
                self.peer = event
                self.state = State.READY
                self.buffer = ReceiveBuffer(bytes(self._early), self._early_offset)
                self._parse()

    # Reading

    def read(self, now: int | None = None) -> bool:
        """Reads what is there and finds the messages in it; they are in `unread` then.

        Args:
            now: When it came, in monotonic ns; None: now.

        Returns:
            Whether anything came.
        """
        try:
            received = self.buffer.fill(self.transport)
        except OSError as error:
            self.lose(error)
            return False
        if received is None:
            return False
        if not received:
            self.lose()
            return False
        self.arrived = time.monotonic_ns() if now is None else now
        self._parse()
        return True

    def _parse(self) -> None:
        buffer = self.buffer
        try:
            self.unread.extend(buffer.runs(self._largest))
        except ProtocolError as error:
            self.lose(error)
            return
        rest = self.unread[-1].end if self.unread else buffer.start
        if rest < buffer.end and buffer.data[rest] & MORE:  # a message that may be long on its way
            begin = max(rest, self._looked_at - buffer.offset)
            self._answer_between_frames(memoryview(buffer.data)[: buffer.end], begin, buffer.offset)

    def consume(self, end: int) -> None:
        """The bytes up to this position are read."""
        self.buffer.start = end

    def take_command(self, run: Run) -> Command | None:
        """Reads a command; a PING is answered.

        Returns:
            The command; None if it cannot be read and the link is lost therefore.
        """
        offset = self.buffer.offset
        try:
            command = read_command(self.buffer.data, run.frames[0], offset)
            if command.name == "PING" and offset + run.start >= self._looked_at:
                self._answer(command, offset + run.end)
        except ProtocolError as error:
            self.lose(error)
            return None
        return command

    def _answer(self, ping: Command, end: int) -> None:
        _, context = read_ping(ping, end - len(ping.data))
        self.is_pinged = True
        self.say(Command("PONG", context).encode())

    def answer_pings(self) -> None:
        """Answers the PINGs behind unread messages and reads none of these, for a sink that leaves them to its peer.

        To a peer whose PINGs are stuck behind what it cannot send, it says that it is there: that counts as an answer.
        But not to one without PINGs: it may have ended, and its kernel, which still delivers what it has sent, throws
        that away as soon as something comes.
        """
        received = self.buffer.offset + self.buffer.end + unread_bytes(self.transport)
        if received > self._peeked:
            self._peeked = received
            self._look_at(self._waiting())
        elif self.is_pinged:
            self.say(ping().encode())

    def _waiting(self) -> bytes:
        try:
            return self.transport.recv(_MOST_PEEKED, socket.MSG_PEEK)
        except OSError:  # nothing, or lost: reading will show it
            return b""

    def _look_at(self, waiting: bytes) -> None:
        """Looks for PINGs in what was not looked at before: the end of the buffer, and what waits in the kernel."""
        buffer = self.buffer
        begin = max(buffer.offset + buffer.start, self._looked_at)
        kept = buffer.offset + buffer.end - begin
        data = bytes(buffer.data[buffer.end - kept : buffer.end]) + waiting if kept > 0 else waiting[-kept:]
        position = 0
        with suppress(ProtocolError):  # reading will show it
            while found := runs(data, position, offset=begin, largest=self._largest):
                self._answer_pings_among(data, [run.frames[0] for run in found if run.is_command], begin)
                position = found[-1].end
                self._looked_at = begin + position
        self._answer_between_frames(data, position, begin)

    def _answer_between_frames(self, data: Buffer, position: int, offset: int) -> None:
        """Answers the PINGs between the frames of a message that is not whole yet."""
        with suppress(ProtocolError):  # reading will show it
            while found := scan(data, position, offset=offset, largest=self._largest):
                self._answer_pings_among(data, [frame for frame in found if frame.is_command], offset)
                position = found[-1].end
                self._looked_at = offset + position

    def _answer_pings_among(self, data: Buffer, commands: Sequence[Frame], offset: int) -> None:
        for frame in commands:
            command = read_command(data, frame, offset)
            if command.name == "PING":
                self._answer(command, offset + frame.end)

    def read_frames(self, run: Run, frames: Sequence[Frame]) -> Iterator[tuple[bytes, ...]]:
        """The bytes of these frames of each message of a run."""
        view = memoryview(self.buffer.data)
        if run.messages == 1:
            return iter((tuple(bytes(view[frame.body : frame.end]) for frame in frames),))
        layout, position = "", run.start
        for frame in frames:
            layout += f"{frame.body - position}x{frame.end - frame.body}s"
            position = frame.end
        layout += f"{run.start + run.size - position}x"
        return struct.iter_unpack(layout, view[run.start : run.end])

    # Writing

    def say(self, data: bytes) -> None:
        """Sends bytes that are no message, behind what waits."""
        if data and self.state is not State.LOST:
            self._outgoing.append(_Outgoing(Encoded(memoryview(data), (), ())))
            self.flush()

    def offer(self, encoded: Encoded, keep: int = 0) -> int:
        """Gives messages to the kernel as far as it takes them.

        Args:
            encoded: The messages.
            keep: How many more than those that the kernel has begun are taken and kept until it can.

        Returns:
            How many messages were taken. One that the kernel has begun counts, and its rest is kept.
        """
        if self._outgoing and not self.flush() and not keep:
            return 0
        written = 0 if self._outgoing or self.state is not State.READY else self._write(encoded.data)
        if written == len(encoded.data):
            self._note_written(len(encoded.ends))
            return len(encoded.ends)
        if self.state is State.LOST:
            return whole_before(encoded.ends, written)
        whole, taken = whole_before(encoded.ends, written), encoded.begun(written)
        taken = min(len(encoded.ends), taken + keep)
        if whole:
            self._marks.append(Mark(self._written - (written - encoded.begin(whole)), whole))
        if taken > whole:
            kept = encoded.part(whole, taken)
            data = memoryview(bytes(kept.data))  # a copy: the encoder uses its buffer again
            self._outgoing.append(_Outgoing(kept._replace(data=data), written - encoded.begin(whole)))
        return taken

    def _note_written(self, messages: int) -> None:
        self._marks.append(Mark(self._written, messages))
        if len(self._marks) > _MOST_MARKS:
            self.count_acknowledged()

    def flush(self) -> bool:
        """Sends on what waits.

        Returns:
            Whether nothing waits any more.
        """
        while self._outgoing and self.state is not State.LOST:
            entry = self._outgoing[0]
            before = entry.messages
            entry.done += self._write(entry.encoded.data[entry.done :])
            left = entry.messages
            if before > left:
                self._marks.append(Mark(self._written, before - left))
            if entry.done < len(entry.encoded.data):
                return False
            self._outgoing.popleft()
        return not self._outgoing and self.state is not State.LOST

    def _write(self, data: memoryview) -> int:
        written = 0
        try:
            written = self.transport.send(data)
            while written < len(data):
                written += self.transport.send(data[written:])
        except BlockingIOError:
            pass
        except OSError as error:
            self.lose(error)
        self._written += written
        return written

    def cut_message(self) -> Encoded | None:
        """The message of which the kernel has taken a part only, whole: for another link once this one is lost."""
        return next(self.unsent(), None)

    def unsent(self) -> Iterator[Encoded]:
        """The messages that the kernel has not taken as a whole, one by one."""
        for entry in self._outgoing:
            whole, number = whole_before(entry.encoded.ends, entry.done), len(entry.encoded.ends)
            yield from (entry.encoded.part(place, place + 1) for place in range(whole, number))

    # What the peer has

    def count_acknowledged(self) -> int:
        """Looks what the kernel of the peer has taken.

        Returns:
            How many messages it has not; kept ones included.
        """
        if self._marks and self.state is State.READY:
            arrived = self._written - unacknowledged_bytes(self.transport)
            while self._marks and self._marks[0].position <= arrived:
                self.acknowledged += self._marks.popleft().messages
        return self.queued + sum(mark.messages for mark in self._marks)
