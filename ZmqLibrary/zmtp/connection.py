"""One end of a ZMTP connection, without I/O: what came in, events out; what to say in, bytes out.

    connection = Connection("PULL", Null())
    transport.send(connection.bytes_to_send())                   # greeting
    for event in connection.receive(transport.recv()): …         # GreetingReceived, HandshakeDone, MessageReceived …
    transport.send(connection.bytes_to_send())                   # answers: READY, PONG …
    transport.send(connection.send([b"frame", b"frame"]))

It speaks 3.1, 3.0 and 2.0, the highest that both sides know. A ProtocolError ends it: what the peer sent before the
byte that broke a rule has been handed out as events, and every further call raises the same error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..errors import InvalidValue, ProtocolError, WrongUse
from . import commands
from .commands import Command, read_command
from .events import (
    Cancelled,
    Closed,
    CommandReceived,
    Event,
    HandshakeDone,
    MessageReceived,
    PingReceived,
    PongReceived,
    Subscribed,
)
from .frames import LARGEST, Frame, encode, scan
from .greeting import Version
from .handshake import Handshake
from .opening import Opening

_PUBLISHERS = ("PUB", "XPUB")


class Connection:
    """One end of a connection.

    Args:
        socket_type: What this side is: `PUSH`.
        handshake: Of the mechanism, in this side's role; used once.
        routing_id: That a ROUTER peer shall know this side by; at most 255 bytes.
        metadata: Further properties for the peer.
        version: The highest version that this side speaks.
        largest: Most bytes of a message that is accepted, all frames and headers together.

    Attributes:
        failed: The error that ended the connection; None if none did.

    Raises:
        InvalidValue: There is no such socket type, or the routing id is too long.
    """

    def __init__(
        self,
        socket_type: str,
        handshake: Handshake,
        *,
        routing_id: bytes = b"",
        metadata: Mapping[str, bytes] | None = None,
        version: Version = Version.ZMTP_3_1,
        largest: int = LARGEST,
    ) -> None:
        self.socket_type = socket_type
        self.failed: ProtocolError | None = None
        self._opening = Opening(socket_type, handshake, version, routing_id, metadata)
        self._largest = largest
        self._received = bytearray()
        self._offset = 0
        self._to_send = bytearray()
        self._frames: list[bytes] = []
        self._size = 0

    @property
    def peer(self) -> HandshakeDone | None:
        """What the handshake said about the other side; None before it is done."""
        return self._opening.peer

    @property
    def version(self) -> Version:
        """The version that is spoken; before the greeting of the peer, the highest that this side speaks."""
        return self._opening.version

    @property
    def is_done(self) -> bool:
        """Whether the handshake is done, so that messages may be sent."""
        return self.peer is not None

    def bytes_to_send(self) -> bytes:
        """What has to go to the peer next: greeting, handshake, PONG. It is handed out once."""
        data = self._opening.bytes_to_send() + self._to_send
        self._to_send.clear()
        return data

    def receive(self, data: bytes) -> list[Event]:
        """Takes what came from the peer; nothing means that the peer has closed its side.

        Returns:
            What it means, in order. Empty: more bytes are needed.

        Raises:
            ProtocolError: A rule was broken by the first byte that is not in an event yet.
        """
        if self.failed:
            raise self.failed
        self._received += data
        events: list[Event] = []
        try:
            events.extend(self._events())
            if not data:
                events.append(self._close())
        except ProtocolError as error:
            self.failed = error
            if not events:
                raise
        return events

    def send(self, frames: Sequence[bytes]) -> bytes:
        """The bytes of a message.

        Raises:
            WrongUse: The handshake is not done.
            InvalidValue: There are no frames.
        """
        self._require_done()
        if not frames:
            raise InvalidValue("A message has at least one frame.")
        return encode(frames)

    def command(self, command: Command) -> bytes:
        """The bytes of a command.

        Raises:
            WrongUse: The handshake is not done, or the peer speaks ZMTP 2.0, which has no commands.
        """
        self._require_done()
        if self.version is Version.ZMTP_2:
            raise WrongUse(f"The peer speaks ZMTP 2.0, which has no commands: {command.name} was not sent.")
        return command.encode()

    def subscribe(self, topic: bytes) -> bytes:
        """The bytes of a subscription: SUBSCRIBE, or a message before 3.1."""
        self._require_done()
        return commands.subscription(topic, self.version)

    def cancel(self, topic: bytes) -> bytes:
        """The bytes that take a subscription back: CANCEL, or a message before 3.1."""
        self._require_done()
        return commands.subscription(topic, self.version, cancel=True)

    def ping(self, ttl: float = 0, context: bytes = b"") -> bytes:
        """The bytes of a PING; see `commands.ping`."""
        return self.command(commands.ping(ttl, context))

    def event_of(self, command: Command, offset: int = 0) -> Event:
        """What a command means that came after the handshake; a PING puts its PONG among the bytes to send.

        Raises:
            ProtocolError: Its data cannot be read.
        """
        if command.name == "PING":
            ttl, context = commands.read_ping(command, offset)
            self._to_send += Command("PONG", context).encode()
            return PingReceived(ttl, context)
        if command.name == "PONG":
            return PongReceived(command.data)
        if command.name == "SUBSCRIBE" and self.socket_type in _PUBLISHERS:
            return Subscribed(command.data)
        if command.name == "CANCEL" and self.socket_type in _PUBLISHERS:
            return Cancelled(command.data)
        return CommandReceived(command)

    def event_of_message(self, frames: tuple[bytes, ...]) -> Event:
        """What a message means: to a publisher it may be a subscription."""
        if self.socket_type in _PUBLISHERS and len(frames) == 1 and frames[0][:1] in (b"\0", b"\1"):
            return Subscribed(frames[0][1:]) if frames[0][0] else Cancelled(frames[0][1:])
        return MessageReceived(frames)

    def _require_done(self) -> None:
        if self.peer is None:
            raise WrongUse("The handshake is not done: nothing can be sent yet.")

    def _close(self) -> Event:
        if self._received or self._frames:
            raise ProtocolError(self._offset, "the peer closed in the middle of a message")
        if not self.is_done and not self._opening.refused:
            raise ProtocolError(
                self._offset,
                "the peer closed before the handshake was done "
                "(libzmq does so where mechanism or socket types do not go together)",
            )
        return Closed()

    def _events(self) -> Iterator[Event]:
        while self.peer is None and self._received:
            event, size = self._opening.read(self._received, self._offset)
            if not size:
                return
            self._forget(size)
            if event is not None:
                yield event
        position = 0
        try:
            while frames := scan(self._received, position, offset=self._offset, largest=self._largest):
                for frame in frames:
                    event = self._event(frame)
                    position = frame.end
                    if event is not None:
                        yield event
        finally:
            self._forget(position)

    def _forget(self, size: int) -> None:
        self._offset += size
        del self._received[:size]

    def _event(self, frame: Frame) -> Event | None:
        data, offset = self._received, self._offset
        if frame.is_command:
            command = read_command(data, frame, offset)
            return self.event_of(command, offset + frame.end - len(command.data))
        self._size += frame.end - frame.start
        if self._size > self._largest:
            raise ProtocolError(
                offset + frame.start, f"a message has at most {self._largest} bytes here, and this one has more"
            )
        self._frames.append(bytes(data[frame.body : frame.end]))
        if frame.more:
            return None
        message, self._frames, self._size = tuple(self._frames), [], 0
        return self.event_of_message(message)
