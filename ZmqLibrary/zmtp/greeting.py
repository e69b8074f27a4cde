"""The greeting: the first bytes of a connection, which give the version and the mechanism.

    3.x (RFC 23, RFC 37)   FF 8 bytes 7F | major 3 | minor | mechanism (20) | as-server | 31 zero bytes       64 bytes
    2.0 (RFC 15)           FF 8 bytes 7F | revision 1 or 2 | socket type                                       12 bytes
    1.0 (RFC 13)           a frame: length, flags, routing id; no signature

A peer of 3.x sends the signature and its major version first. It goes on with a greeting of 2.0 where the other side
is of 2.0: the version of a connection is the lower of the two, and one side alone does not determine it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..errors import ProtocolError
from .frames import Buffer

SIGNATURE = b"\xff" + bytes(8) + b"\x7f"
LENGTH = 64
"""Bytes of a greeting of 3.x."""

LENGTH_2 = 12
"""Bytes of a greeting of 2.0."""

VERSION_AT = 10
_MECHANISM = slice(12, 32)
_AS_SERVER = 32
_SHORTEST_1 = 2


class Version(Enum):
    """Versions of ZMTP that differ on the wire."""

    ZMTP_1 = "1.0"
    ZMTP_2 = "2.0"
    ZMTP_3 = "3.0"
    ZMTP_3_1 = "3.1"


# Socket types by their number in a greeting of 2.0. The last two are not in RFC 15: libzmq has them.
TYPES_2 = ("PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB")


@dataclass(frozen=True)
class Greeting:
    """What a peer says of itself at first.

    Attributes:
        version: Of the protocol that it goes on with.
        mechanism: `NULL`, `PLAIN`, `CURVE` or another one; empty before 3.0.
        as_server: Whether it is the server of the mechanism.
        socket_type: Only in 2.0; later versions send it in READY.
        length: Bytes that the greeting takes.
    """

    version: Version
    mechanism: str = ""
    as_server: bool = False
    socket_type: str = ""
    length: int = LENGTH

    def encode(self) -> bytes:
        """The greeting as it goes over the wire."""
        if self.version is Version.ZMTP_2:
            return SIGNATURE + bytes((1, TYPES_2.index(self.socket_type)))
        minor = 1 if self.version is Version.ZMTP_3_1 else 0
        mechanism = self.mechanism.encode("ascii").ljust(20, b"\0")
        return SIGNATURE + bytes((3, minor)) + mechanism + bytes((self.as_server,)) + bytes(31)


def revision_of(data: Buffer, start: int = 0, end: int | None = None) -> int | None:
    """The major version that a peer says it can speak; None if more bytes are needed.

    3 and more: ZMTP 3. 1 and 2: ZMTP 2.0. 0: the peer sends no signature.
    """
    end = len(data) if end is None else end
    if end > start and data[start] != SIGNATURE[0]:
        return 0
    if end > start + 9 and not data[start + 9] & 1:
        return 0  # A frame of 1.0 with a long size, whose flags are no signature's.
    return data[start + VERSION_AT] if end > start + VERSION_AT else None


def read_greeting(data: Buffer, start: int = 0, end: int | None = None, *, other: int | None = None) -> Greeting | None:
    """Reads the greeting of a peer, the first bytes of what it sends.

    Args:
        data: What came from the peer.
        start: Where it begins.
        end: Where it ends. Default: the end of the buffer.
        other: The major version that the other side has said (see `revision_of`). Not known: the one of this peer.

    Returns:
        The greeting; None if more bytes are needed.

    Raises:
        ProtocolError: It is no greeting.
    """
    end = len(data) if end is None else end
    revision = revision_of(data, start, end)
    if revision is None:
        return None
    if revision == 0:
        return _read_1(data, start, end)
    if min(revision, 3 if other is None else other) < 3:
        return _read_2(data, start, end)
    return _read_3(data, start, end)


def _read_1(data: Buffer, start: int, end: int) -> Greeting | None:
    """A peer of 1.0 begins with a frame that holds its routing id."""
    if end - start < _SHORTEST_1:
        return None
    size, flags = data[start], data[start + 1]
    if size == 0xFF or size == 0 or flags & 0xFE:
        raise ProtocolError(
            0, f"a greeting begins with FF or a frame of ZMTP 1.0, and this is {_hex(data, start, end)}"
        )
    return Greeting(Version.ZMTP_1, length=size + 1) if end - start > size else None


def _read_2(data: Buffer, start: int, end: int) -> Greeting | None:
    if end - start < LENGTH_2:
        return None
    number = data[start + VERSION_AT + 1]
    if number >= len(TYPES_2):
        raise ProtocolError(11, f"the socket type of a greeting is 0 to {len(TYPES_2) - 1}, and it is {number}")
    return Greeting(Version.ZMTP_2, socket_type=TYPES_2[number], length=LENGTH_2)


def _read_3(data: Buffer, start: int, end: int) -> Greeting | None:
    if end - start < LENGTH:
        return None
    mechanism = bytes(data[start + _MECHANISM.start : start + _MECHANISM.stop]).rstrip(b"\0")
    if not mechanism or not all(33 <= byte <= 126 for byte in mechanism):
        raise ProtocolError(
            12, f"a mechanism is a name in capital letters, and this is {mechanism.hex(' ') or 'empty'}"
        )
    as_server = data[start + _AS_SERVER]
    if as_server > 1:
        raise ProtocolError(_AS_SERVER, f"as-server is 0 or 1, and it is {as_server}")
    version = Version.ZMTP_3 if data[start + VERSION_AT + 1] == 0 else Version.ZMTP_3_1
    return Greeting(version, mechanism.decode("ascii"), bool(as_server))


def _hex(data: Buffer, start: int, end: int) -> str:
    return bytes(data[start : min(end, start + 10)]).hex(" ")
