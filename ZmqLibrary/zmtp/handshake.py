"""Handshakes of ZMTP 3: NULL (RFC 37) and PLAIN (RFC 24), each for both roles, as state machines without I/O.

    NULL            both     READY →
    PLAIN           client   HELLO →                 INITIATE →
                    server            ← WELCOME                    ← READY

A server that refuses sends ERROR. CURVE is recognised by its name in the greeting; it has no handshake here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from ..errors import InvalidValue, ProtocolError
from . import commands
from .commands import Command, read_metadata

PARTNERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "PAIR": ("PAIR",),
        "PUB": ("SUB", "XSUB"),
        "SUB": ("PUB", "XPUB"),
        "REQ": ("REP", "ROUTER"),
        "REP": ("REQ", "DEALER"),
        "DEALER": ("REP", "DEALER", "ROUTER"),
        "ROUTER": ("REQ", "DEALER", "ROUTER"),
        "PULL": ("PUSH",),
        "PUSH": ("PULL",),
        "XPUB": ("SUB", "XSUB"),
        "XSUB": ("PUB", "XPUB"),
    }
)
"""Which socket types talk to each other (RFC 37, "Socket-Type")."""

_MOST_BYTES = 255


class Handshake(ABC):
    """One side of a handshake.

    Attributes:
        mechanism: Its name in the greeting.
        as_server: Whether this side is the server of the mechanism.
        done: Whether messages may be sent.
        metadata: The peer's properties, once it is done.
        refused: The reason, once one side has sent ERROR.
        refused_by_peer: Which side it was.
        username: Of the client, on the server's side of PLAIN.
    """

    mechanism: ClassVar[str]
    as_server: ClassVar[bool] = False

    def __init__(self) -> None:
        self.done = False
        self.metadata: Mapping[str, bytes] = MappingProxyType({})
        self.refused: str | None = None
        self.refused_by_peer = False
        self.username = ""

    @abstractmethod
    def begin(self, metadata: Mapping[str, bytes]) -> Sequence[Command]:
        """What this side sends when the greetings are exchanged; `metadata` are its own properties."""

    def receive(self, command: Command, offset: int) -> Sequence[Command]:
        """Takes a command of the peer and gives the answers to it.

        Args:
            command: The next one.
            offset: Position of its data in what the peer sent.

        Raises:
            ProtocolError: It is not the one that the mechanism has at this point, or cannot be read.
        """
        if command.name == "ERROR":
            self.refused, self.refused_by_peer = commands.read_error(command, offset), True
            return ()
        return self._receive(command, offset)

    @abstractmethod
    def _receive(self, command: Command, offset: int) -> Sequence[Command]: ...

    def _finish(self, command: Command, offset: int) -> None:
        self.metadata = MappingProxyType(read_metadata(command.data, offset))
        self.done = True

    def _require(self, expected: str, command: Command, offset: int) -> None:
        if command.name != expected:
            raise ProtocolError(
                offset, f"the next command of a {self.mechanism} handshake is {expected}, and it is {command.name!r}"
            )


class Null(Handshake):
    """No security: both sides only say what they are."""

    mechanism = "NULL"

    def begin(self, metadata: Mapping[str, bytes]) -> Sequence[Command]:
        return (commands.ready(metadata),)

    def _receive(self, command: Command, offset: int) -> Sequence[Command]:
        self._require("READY", command, offset)
        self._finish(command, offset)
        return ()


class PlainClient(Handshake):
    """Proves who it is with a user name and a password, both readable on the wire.

    Args:
        username: At most 255 bytes.
        password: At most 255 bytes.

    Raises:
        InvalidValue: One of them is longer.
    """

    mechanism = "PLAIN"

    def __init__(self, username: bytes, password: bytes) -> None:
        super().__init__()
        for name, value in (("user name", username), ("password", password)):
            if len(value) > _MOST_BYTES:
                raise InvalidValue(f"The {name} of PLAIN has at most 255 bytes; this one has {len(value)}.")
        self._hello = commands.hello(username, password)
        self._metadata: Mapping[str, bytes] = {}
        self._expected = "WELCOME"

    def begin(self, metadata: Mapping[str, bytes]) -> Sequence[Command]:
        self._metadata = metadata
        return (self._hello,)

    def _receive(self, command: Command, offset: int) -> Sequence[Command]:
        self._require(self._expected, command, offset)
        if command.name == "WELCOME":
            self._expected = "READY"
            return (Command("INITIATE", commands.encode_metadata(self._metadata)),)
        self._finish(command, offset)
        return ()


class PlainServer(Handshake):
    """Lets in who has the right password.

    Args:
        allows: Whether a user name and a password are right.
    """

    mechanism = "PLAIN"
    as_server = True

    def __init__(self, allows: Callable[[bytes, bytes], bool]) -> None:
        super().__init__()
        self._allows = allows
        self._metadata: Mapping[str, bytes] = {}
        self._expected = "HELLO"

    def begin(self, metadata: Mapping[str, bytes]) -> Sequence[Command]:
        self._metadata = metadata
        return ()

    def _receive(self, command: Command, offset: int) -> Sequence[Command]:
        self._require(self._expected, command, offset)
        if command.name == "HELLO":
            return (self._admit(*commands.read_hello(command, offset)),)
        self._finish(command, offset)
        return (commands.ready(self._metadata),)

    def _admit(self, username: bytes, password: bytes) -> Command:
        if not self._allows(username, password):
            self.refused = "Invalid username or password"
            return commands.error(self.refused)
        self.username = username.decode("utf-8", "backslashreplace")
        self._expected = "INITIATE"
        return Command("WELCOME")
