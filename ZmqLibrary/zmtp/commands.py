"""ZMTP commands: what peers send each other besides messages (RFC 37, "Commands"; PLAIN: RFC 24).

command = name-size name data        in a frame with the flag COMMAND
READY, INITIATE     metadata: name-size name value-size(4) value, repeated
ERROR               reason-size reason
HELLO               username-size username password-size password
SUBSCRIBE, CANCEL   topic (3.1; in 3.0 a message of one frame: 01 topic, 00 topic)
PING                time-to-live(2, tenths of a second) context (at most 16 bytes)
PONG                context of the PING
JOIN, LEAVE         group
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..errors import ProtocolError
from .frames import COMMAND, Buffer, Frame, encode, header
from .greeting import Version

CONTEXT_LIMIT = 16
"""Most bytes of the context of a PING."""

# What a PLAIN server of libzmq sends for `05 ERROR`: its source says "\x5ERROR", and C reads 5E as one number.
_ERROR_OF_LIBZMQ = b"^RROR"

_NAME_LIMIT = 255
_PROPERTY_CHARACTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+")


class Command(NamedTuple):
    """A command.

    Attributes:
        name: `READY`, …; also one that nobody knows.
        data: What follows the name.
    """

    name: str
    data: bytes = b""

    def encode(self) -> bytes:
        """The frame, as it goes over the wire."""
        body = bytes((len(self.name),)) + self.name.encode("latin-1") + self.data
        return header(len(body), COMMAND) + body


def read_command(data: Buffer, frame: Frame, offset: int = 0) -> Command:
    """Reads a command's frame.

    Args:
        data: The buffer in which it lies.
        frame: Where it lies.
        offset: How much came before position 0 of the buffer.

    Raises:
        ProtocolError: It has no name.
    """
    size = data[frame.body] if frame.body < frame.end else 0
    start = frame.body + 1
    if data[frame.body : start + 4] == _ERROR_OF_LIBZMQ:
        return Command("ERROR", bytes(data[start + 4 : frame.end]))
    if not size:
        raise ProtocolError(offset + frame.body, "a command has a name, and this one is empty")
    if start + size > frame.end:
        left = frame.end - start
        raise ProtocolError(
            offset + frame.body, f"a command's name lies inside its frame, and it announces {size} bytes of {left}"
        )
    return Command(bytes(data[start : start + size]).decode("latin-1"), bytes(data[start + size : frame.end]))


def name_of(data: Buffer, frame: Frame) -> str:
    """The name of a command, without reading the rest; empty if it has none."""
    if data[frame.body : frame.body + 5] == _ERROR_OF_LIBZMQ:
        return "ERROR"
    size = data[frame.body] if frame.body < frame.end else 0
    return bytes(data[frame.body + 1 : min(frame.body + 1 + size, frame.end)]).decode("latin-1")


def ready(metadata: Mapping[str, bytes]) -> Command:
    """READY with its metadata."""
    return Command("READY", encode_metadata(metadata))


def error(reason: str) -> Command:
    """ERROR with its reason, at most 255 characters."""
    text = reason.encode("ascii", "replace")[:_NAME_LIMIT]
    return Command("ERROR", bytes((len(text),)) + text)


def read_error(command: Command, offset: int = 0) -> str:
    """The reason of an ERROR.

    Raises:
        ProtocolError: It is cut off.
    """
    return _sized(command.data, 0, "the reason of an ERROR", offset)[0].decode("latin-1")


def hello(username: bytes, password: bytes) -> Command:
    """HELLO of PLAIN with who it is; each at most 255 bytes."""
    return Command("HELLO", bytes((len(username),)) + username + bytes((len(password),)) + password)


def read_hello(command: Command, offset: int = 0) -> tuple[bytes, bytes]:
    """User name and password of a HELLO.

    Raises:
        ProtocolError: It is cut off, or more follows.
    """
    username, position = _sized(command.data, 0, "the user name of a HELLO", offset)
    password, position = _sized(command.data, position, "the password of a HELLO", offset)
    if position != len(command.data):
        raise ProtocolError(offset + position, "a HELLO ends with the password, and more follows")
    return username, password


def ping(ttl: float = 0, context: bytes = b"") -> Command:
    """PING that asks for a PONG with the same context.

    Args:
        ttl: Seconds after which the receiver may give up a silent sender; 0: never.
        context: At most 16 bytes.
    """
    return Command("PING", min(round(ttl * 10), 0xFFFF).to_bytes(2, "big") + context[:CONTEXT_LIMIT])


def read_ping(command: Command, offset: int = 0) -> tuple[float, bytes]:
    """Time to live in seconds, and context, of a PING.

    Raises:
        ProtocolError: It is cut off, or the context is longer than 16 bytes.
    """
    if len(command.data) < 2:
        raise ProtocolError(offset, f"a PING has a time to live of 2 bytes, and this one has {len(command.data)}")
    context = command.data[2:]
    if len(context) > CONTEXT_LIMIT:
        raise ProtocolError(offset + 2, f"the context of a PING has at most 16 bytes, and this one has {len(context)}")
    return int.from_bytes(command.data[:2], "big") / 10, context


def subscription(topic: bytes, version: Version, *, cancel: bool = False) -> bytes:
    """The bytes of a subscription, or of its end, as a peer of that version takes it."""
    if version is Version.ZMTP_3_1:
        return Command("CANCEL" if cancel else "SUBSCRIBE", topic).encode()
    return encode([(b"\0" if cancel else b"\1") + topic])


def encode_metadata(metadata: Mapping[str, bytes]) -> bytes:
    """Properties as READY and INITIATE hold them."""
    return b"".join(
        bytes((len(name),)) + name.encode("ascii") + len(value).to_bytes(4, "big") + value
        for name, value in metadata.items()
    )


def read_metadata(data: bytes, offset: int = 0) -> dict[str, bytes]:
    """Reads properties. Their names are the same whatever the case: `Socket-Type` and `Identity` are spelled so.

    Args:
        data: All properties.
        offset: Position of the first byte in what the peer sent.

    Raises:
        ProtocolError: A name or value is cut off, or a name is none.
    """
    found: dict[str, bytes] = {}
    position = 0
    while position < len(data):
        name, behind = _sized(data, position, "the name of a property", offset)
        if not name or not _PROPERTY_CHARACTERS.issuperset(name):
            raise ProtocolError(
                offset + position, f"the name of a property has letters, digits and -_.+, and this is {name.hex(' ')}"
            )
        size = int.from_bytes(data[behind : behind + 4], "big")
        end = behind + 4 + size
        if end > len(data):
            raise ProtocolError(
                offset + behind, f"the value of a property announces {size} bytes, and {len(data) - behind} follow"
            )
        found[_STANDARD.get(name.lower(), name.decode("ascii"))] = data[behind + 4 : end]
        position = end
    return found


_STANDARD = {b"socket-type": "Socket-Type", b"identity": "Identity", b"resource": "Resource"}


def _sized(data: bytes, position: int, what: str, offset: int) -> tuple[bytes, int]:
    """A text behind its size of one byte, and the position behind it."""
    size = data[position] if position < len(data) else -1
    end = position + 1 + size
    if size < 0 or end > len(data):
        left = len(data) - position - 1
        announced = f"announces {size} bytes, and {left} follow" if size >= 0 else "is missing"
        raise ProtocolError(offset + position, f"{what} lies inside its command; it {announced}")
    return data[position + 1 : end], end
