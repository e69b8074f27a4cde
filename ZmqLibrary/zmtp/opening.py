"""What one end of a connection says and hears before the first message: greetings, then the handshake."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import InvalidValue, ProtocolError
from .commands import read_command
from .events import Event, GreetingReceived, HandshakeDone, HandshakeRefused
from .frames import Frame, encode, scan
from .greeting import SIGNATURE, TYPES_2, Greeting, Version, read_greeting, revision_of
from .handshake import PARTNERS, Handshake

_MAJOR = {Version.ZMTP_2: 1, Version.ZMTP_3: 3, Version.ZMTP_3_1: 3}
_LONGEST_COMMAND = 1 << 16
_LONGEST_ROUTING_ID = 255
_ADDRESSED = ("REQ", "DEALER", "ROUTER")


class Opening:
    """The beginning of a connection, of one side.

    Args:
        socket_type: What this side is.
        handshake: Of the mechanism, in this side's role; used once.
        version: The highest version that this side speaks.
        routing_id: That a ROUTER peer shall know this side by; at most 255 bytes.
        metadata: Further properties for the peer.

    Attributes:
        peer: What the handshake said about the other side; None before it is done.
        version: The version that is spoken; before the greeting of the peer, the highest that this side speaks.

    Raises:
        InvalidValue: There is no such socket type, or the routing id is too long.
    """

    def __init__(
        self,
        socket_type: str,
        handshake: Handshake,
        version: Version = Version.ZMTP_3_1,
        routing_id: bytes = b"",
        metadata: Mapping[str, bytes] | None = None,
    ) -> None:
        if socket_type not in PARTNERS:
            raise InvalidValue(f"There is no socket type '{socket_type}' in ZMTP. Choose from: {', '.join(PARTNERS)}.")
        if len(routing_id) > _LONGEST_ROUTING_ID:
            raise InvalidValue(f"A routing id has at most 255 bytes; this one has {len(routing_id)}.")
        told = {"Identity": routing_id} if routing_id or socket_type in _ADDRESSED else {}
        self.peer: HandshakeDone | None = None
        self.version = version
        self._socket_type = socket_type
        self._handshake = handshake
        self._metadata = {"Socket-Type": socket_type.encode("ascii"), **told, **(metadata or {})}
        self._greeting: Greeting | None = None
        # The rest of the greeting depends on the version of the peer.
        self._to_send = bytearray(SIGNATURE + bytes((_MAJOR[version],)))
        self._went_on = False

    @property
    def refused(self) -> bool:
        """Whether one side has sent ERROR."""
        return self._handshake.refused is not None

    def bytes_to_send(self) -> bytes:
        """What has to go to the peer next. It is handed out once."""
        data = bytes(self._to_send)
        self._to_send.clear()
        return data

    def read(self, data: bytearray, offset: int) -> tuple[Event | None, int]:
        """Reads the greeting, or the next command of the handshake.

        Args:
            data: What came from the peer and was not read yet.
            offset: How much came before.

        Returns:
            What it means, None if nothing yet; and how many bytes were read. None of them: more are needed.

        Raises:
            ProtocolError: A rule is broken, or the sides do not fit together.
        """
        if self._greeting is None:
            return self._read_greeting(data)
        frames = scan(data, offset=offset, most=1, largest=_LONGEST_COMMAND)
        if not frames:
            return None, 0
        return self._read_handshake(data, frames[0], offset), frames[0].end

    def _read_handshake(self, data: bytearray, frame: Frame, offset: int) -> Event | None:
        if self.version is Version.ZMTP_2:
            return self._done({"Identity": bytes(data[frame.body : frame.end])}, offset)
        if not frame.is_command:
            raise ProtocolError(offset, "a message came before the handshake was done")
        if self.refused:
            raise ProtocolError(offset, "nothing follows an ERROR")
        handshake = self._handshake
        command = read_command(data, frame, offset)
        for answer in handshake.receive(command, offset + frame.end - len(command.data)):
            self._to_send += answer.encode()
        if handshake.refused is not None:
            return HandshakeRefused(handshake.refused, handshake.refused_by_peer)
        return self._done(handshake.metadata, offset) if handshake.done else None

    def _done(self, metadata: Mapping[str, bytes], offset: int) -> Event:
        socket_type = self._type_in(metadata)
        partners = PARTNERS[self._socket_type]
        if socket_type is not None and socket_type not in partners:
            raise ProtocolError(
                offset, f"a {self._socket_type} talks to {' or '.join(partners)}, not to {socket_type!r}"
            )
        routing_id = metadata.get("Identity", b"")
        self.peer = HandshakeDone(socket_type or "", routing_id, metadata, self._handshake.username)
        return self.peer

    def _type_in(self, metadata: Mapping[str, bytes]) -> str | None:
        """What the peer says it is; None if it does not. It should and need not (RFC 37), and libzmq takes it so."""
        if self._greeting and self._greeting.socket_type:
            return self._greeting.socket_type
        told = metadata.get("Socket-Type")
        return None if told is None else told.decode("ascii", "backslashreplace")

    def _read_greeting(self, data: bytearray) -> tuple[Event | None, int]:
        revision = revision_of(data)
        if revision is not None and not self._went_on:
            self._go_on(revision)
        greeting = read_greeting(data, other=_MAJOR[self.version])
        if greeting is None:
            return None, 0
        self._check(greeting)
        self.version = min(self.version, greeting.version, key=lambda version: version.value)
        self._greeting = greeting
        self._begin()
        return GreetingReceived(greeting), greeting.length

    def _go_on(self, revision: int) -> None:
        """Sends the rest of the greeting, now that the version of the peer is known."""
        self._went_on = True
        if revision < 3 or self.version is Version.ZMTP_2:
            self.version = Version.ZMTP_2
            self._to_send += bytes((TYPES_2.index(self._socket_type),))
            return
        greeting = Greeting(self.version, self._handshake.mechanism, self._handshake.as_server)
        self._to_send += greeting.encode()[len(SIGNATURE) + 1 :]

    def _check(self, greeting: Greeting) -> None:
        own = self._handshake
        if greeting.version is Version.ZMTP_1:
            raise ProtocolError(0, "this side speaks ZMTP 2.0 and later, and the peer speaks 1.0")
        if greeting.version is Version.ZMTP_2:
            if own.mechanism != "NULL":
                raise ProtocolError(10, f"{own.mechanism} needs ZMTP 3, and the peer speaks 2.0")
            return
        if greeting.mechanism != own.mechanism:
            raise ProtocolError(
                12, f"both sides have the same mechanism; here it is {own.mechanism}, there {greeting.mechanism}"
            )
        # Two clients are recognized by their HELLO: libzmq leaves as-server at 0, also as a server.
        if own.as_server and greeting.as_server:
            raise ProtocolError(32, f"one side is the server of {own.mechanism}, and both are servers")

    def _begin(self) -> None:
        if self.version is Version.ZMTP_2:
            self._to_send += encode([self._metadata.get("Identity", b"")])
            return
        for command in self._handshake.begin(self._metadata):
            self._to_send += command.encode()
