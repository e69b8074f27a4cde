"""Messages: what was received, as frames and as values.

A `Message` keeps the frames as they came; values are decoded from them on demand, so a message can be read again in
any format. Instances are small (bulk receives keep 100,000 of them) and never change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, overload

from .errors import InvalidValue
from .formats import combined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .formats import FrameFormats


@dataclass(frozen=True)
class Peer:
    """Who sent a message, as far as libzmq knows (`zmq_msg_gets`).

    Attributes:
        address: IP address, or `localhost:uid:gid:pid` over ipc; None over inproc.
        user_id: The user id that a ZAP handler gave the peer; None without one.
        metadata: All other properties of the connection by name, such as `Socket-Type`.
    """

    address: str | None = None
    user_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Receipt:
    """What the messages of one receive have in common: the socket, the formats of the values, the peer."""

    socket: str
    formats: FrameFormats
    peer: Peer = Peer()
    descriptor: int | None = None


@dataclass(frozen=True)
class Traffic:
    """A message that was sent or received, as evidence for a failure."""

    direction: Literal["sent", "received"]
    time: float
    frames: Sequence[bytes]


class Message(Sequence[object]):
    """A received message: read-only, indexes and unpacks to its values, equals a plain list of the same values.

    Args:
        frames: The frames as they came.
        receipt: Socket, peer and formats.
        time: When the message was taken from the socket, in seconds since the epoch.
    """

    __slots__ = ("_frames", "_receipt", "_time", "_values")

    def __init__(self, frames: Sequence[bytes], receipt: Receipt, time: float) -> None:
        self._frames = tuple(frames)
        self._receipt = receipt
        self._time = time
        self._values: Sequence[object] | None = None

    @property
    def frames(self) -> list[bytes]:
        """The frames as bytes."""
        return list(self._frames)

    @property
    def raw(self) -> tuple[bytes, ...]:
        """The frames, without a copy of the list."""
        return self._frames

    @property
    def receipt(self) -> Receipt:
        """What this message has in common with others of the same connection."""
        return self._receipt

    @property
    def envelope(self) -> tuple[bytes, ...]:
        """What a ROUTER puts before its reply: the frames to the first empty one, or else the routing id."""
        end = self._frames.index(b"") + 1 if b"" in self._frames else 1
        return self._frames[:end]

    @property
    def values(self) -> Sequence[object]:
        """The decoded values, one for each frame.

        Raises:
            DecodeError: A frame does not have its format.
        """
        if self._values is None:
            self._values = self._receipt.formats.decode(self._frames)
        return self._values

    @property
    def received_at(self) -> datetime:
        """Local time at which the message was taken from the socket."""
        return datetime.fromtimestamp(self._time)

    @property
    def timestamp(self) -> float:
        """The same in seconds since the epoch."""
        return self._time

    @property
    def socket(self) -> str:
        """Name of the socket that received the message."""
        return self._receipt.socket

    @property
    def peer(self) -> Peer:
        """Who sent the message, as far as libzmq knows."""
        return self._receipt.peer

    @property
    def peer_address(self) -> str | None:
        """Address of the peer; None over inproc."""
        return self._receipt.peer.address

    @property
    def user_id(self) -> str | None:
        """The user id that the authenticator gave the peer; None without one."""
        return self._receipt.peer.user_id

    def frame(self, index: int) -> bytes:
        """One frame.

        Raises:
            InvalidValue: The message has no such frame.
        """
        if not -len(self._frames) <= index < len(self._frames):
            raise InvalidValue(
                f"The message has no frame {index}: it has {len(self._frames)} frames, numbered from 0 to "
                f"{len(self._frames) - 1}."
            )
        return self._frames[index]

    def read_frame(self, index: int, formats: FrameFormats) -> object:
        """The value of one frame in other formats; the other frames do not matter.

        Raises:
            InvalidValue: The message has no such frame.
            DecodeError: The frame does not have its format.
        """
        frame = self.frame(index)
        return combined(formats.spec, [formats.of(len(self._frames))[index]]).decode([frame])[0]

    def read_as(self, formats: FrameFormats) -> Message:
        """The same message with values in other formats.

        Raises:
            DecodeError: A frame does not have its format.
        """
        formats.check(self._frames)
        if formats is self._receipt.formats:
            return self
        return Message(self._frames, replace(self._receipt, formats=formats), self._time)

    @overload
    def __getitem__(self, index: int) -> object: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[object]: ...

    def __getitem__(self, index: int | slice) -> object:
        return self.values[index]

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[object]:
        return iter(self.values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Message):
            return list(self.values) == list(other.values)
        if isinstance(other, (list, tuple)):
            return list(self.values) == list(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have no hash either

    def __repr__(self) -> str:
        return repr(list(self.values))


def messages_as(messages: Sequence[Message], formats: FrameFormats) -> list[Message]:
    """Many messages with values in other formats; as `Message.read_as`, but they share what they have in common.

    Raises:
        DecodeError: A frame does not have its format.
    """
    receipts: dict[int, Receipt] = {}
    converted = []
    for message in messages:
        formats.check(message.raw)
        receipt = receipts.get(id(message.receipt))
        if receipt is None:
            receipt = receipts[id(message.receipt)] = replace(message.receipt, formats=formats)
        converted.append(Message(message.raw, receipt, message.timestamp))
    return converted
