"""Messages: what was received, as frames and as values.

A `Message` keeps the frames as they came; values are decoded from them on demand, so a message can be read again in
any format. Instances are small (bulk receives keep 100,000 of them) and never change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

from ..errors import DecodeError, InvalidValue
from ..plain_text import more_than
from ..report.values import whole_text
from ..report.words import count_of
from .equality import same_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..formats import FrameFormats

_MOST_CHARACTERS = 10_000
_MOST_SHOWN = 20
SHADOWED = ("count", "index")
"""Methods of sequences whose names fields may have."""


class PeerProperties(NamedTuple):
    """Who sent a message, as far as libzmq knows (`zmq_msg_gets`).

    Attributes:
        address: IP address, or `localhost:uid:gid:pid` over ipc; None over inproc.
        user_id: The user id that a ZAP handler gave the peer; None without one.
        metadata: All other properties of the connection by name, such as `Socket-Type`.
        endpoint: Address and port, `127.0.0.1:40001`; None over other transports than tcp.
    """

    address: str | None = None
    user_id: str | None = None
    metadata: Mapping[str, str] = MappingProxyType({})
    endpoint: str | None = None


class Receipt(NamedTuple):
    """What messages of one connection share: socket, formats of the values, peer, file descriptor."""

    socket: str
    formats: FrameFormats
    peer: PeerProperties = PeerProperties()
    descriptor: int | None = None


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
        """What a ROUTER puts before its reply: the frames to the first empty one, or else the routing id.

        An empty frame at the end is no such one, since nothing comes behind it.

        With a layout that begins with routing ids it is these, and the empty field that may follow them; not where the
        message does not have its fields.
        """
        if self._receipt.formats.field_names:
            with suppress(InvalidValue):
                kinds = [format_.name for format_ in self._receipt.formats.fitting(self._frames)]
                ids = next((number for number, kind in enumerate(kinds) if kind != "ROUTING_ID"), len(kinds))
                if ids:
                    return self._frames[: ids + (kinds[ids : ids + 1] == ["EMPTY"])]
        return self._frames[: envelope_size(self._frames)]

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
    def peer(self) -> PeerProperties:
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
        return self._frames[self.index_of(index)]

    def index_of(self, place: int | str) -> int:
        """The number of a frame that is given by a number, which may be negative or text, or by the name of its field.

        Raises:
            InvalidValue: The message has no such frame.
        """
        if isinstance(place, str) and not place.removeprefix("-").isdecimal():
            found = self._place_of(place)
            if isinstance(found, slice):
                raise InvalidValue(f"Field '{place}' stands for any number of frames. Give the number of one.")
            return found
        index = int(place)
        if not -len(self._frames) <= index < len(self._frames):
            raise InvalidValue(
                f"The message received by '{self.socket}' has {count_of(len(self._frames), 'frame')}, numbered from 0: "
                f"there is no frame {index}."
            )
        return index % len(self._frames)

    def read_frame(self, place: int | str, formats: FrameFormats) -> object:
        """The value of one frame in other formats; the other frames do not matter.

        Raises:
            InvalidValue: The message has no such frame.
            DecodeError: The frame does not have its format.
        """
        return formats.decode_frame(self._frames, self.index_of(place))

    def read_as(self, formats: FrameFormats) -> Message:
        """The same message with values in other formats.

        Raises:
            DecodeError: A frame does not have its format.
        """
        formats.check(self._frames)
        return self.meant_as(formats)

    def meant_as(self, formats: FrameFormats) -> Message:
        """As `read_as`, but unchecked: a wrong format shows only when the values are read."""
        if formats is self._receipt.formats:
            return self
        return Message(self._frames, self._receipt._replace(formats=formats), self._time)

    @overload
    def __getitem__(self, index: int) -> object: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[object]: ...

    @overload
    def __getitem__(self, index: str) -> object: ...

    def __getitem__(self, index: int | slice | str) -> object:
        return self._named(index) if isinstance(index, str) else self.values[index]

    def _named(self, name: str) -> object:
        return self.values[self._place_of(name)]

    def __getattr__(self, name: str) -> object:
        """The value of a field of the layout; attributes of messages come first."""
        # Names with an underscore: what copy and pickle ask for before there are frames.
        if not name.startswith("_"):
            place = self._receipt.formats.place_of(name, self._frames)
            if place is not None:
                return self.values[place]
        fields = "" if name.startswith("_") else self._fields_text()
        raise AttributeError(f"A message has no attribute '{name}'{fields}")

    @property
    def count(self) -> Any:
        """The field of this name if the layout has one, else the method of sequences."""
        return self._field_or_method("count")

    @property
    def index(self) -> Any:
        """The field of this name if the layout has one, else the method of sequences."""
        return self._field_or_method("index")

    def _field_or_method(self, name: str) -> object:
        place = self._receipt.formats.place_of(name, self._frames)
        return partial(getattr(Sequence, name), self) if place is None else self.values[place]

    def _place_of(self, name: str) -> int | slice:
        place = self._receipt.formats.place_of(name, self._frames)
        if place is None:
            raise InvalidValue(f"The message has no field '{name}'{self._fields_text()}")
        return place

    def _fields_text(self) -> str:
        names = self._receipt.formats.field_names
        return f". Its fields are: {', '.join(names)}." if names else ", because it was not received with a layout."

    def __copy__(self) -> Message:
        return self

    def __deepcopy__(self, memo: object) -> Message:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        # Imported here, because few messages go to other processes, and a dataclass takes long to make.
        from .carried import carried

        formats, values = carried(self._receipt.formats, self._frames, self._values)
        slots = {slot for kind in type(self).__mro__ for slot in getattr(kind, "__slots__", ())}
        own = {slot: getattr(self, slot) for slot in slots.difference(Message.__slots__)}
        state = {"_frames": self._frames, "_time": self._time, "_values": values, **own}
        peer = self._receipt.peer
        return _restored, (type(self), state, self.socket, formats, (*peer[:2], dict(peer.metadata), peer.endpoint))

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[object]:
        return iter(self.values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Message):
            return same_value(list(self.values), list(other.values))
        if isinstance(other, (list, tuple)):
            return same_value(list(self.values), list(other))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have no hash either

    def __str__(self) -> str:
        """The values as Python writes them; the bytes of all frames if one does not have its format."""
        try:
            values = self.values
        except DecodeError:
            values = self._frames
        return whole_text(list(values))

    def __repr__(self) -> str:
        """The values as Python writes them, up to a limit: a log may write all of it."""
        text = str(self)
        return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}… ({len(text):,} characters)"


_Kind = TypeVar("_Kind", bound=Message)


class MessageList(list[_Kind]):
    """Messages in a list whose ``repr`` has an end: a log may write all of it."""

    def __repr__(self) -> str:
        """The first messages, and how many more there are."""
        shown = [*map(repr, self[:_MOST_SHOWN]), *more_than(len(self), _MOST_SHOWN)]
        return f"[{', '.join(shown)}]"


def _restored(
    kind: type[Message],
    state: Mapping[str, object],
    socket: str,
    formats: FrameFormats,
    peer: tuple[str | None, str | None, dict[str, str], str | None],
) -> Message:
    """A message from another process."""
    message = kind.__new__(kind)
    for slot, value in state.items():
        setattr(message, slot, value)
    address, user_id, metadata, endpoint = peer
    message._receipt = Receipt(socket, formats, PeerProperties(address, user_id, MappingProxyType(metadata), endpoint))
    return message


class UnreadableMessage(DecodeError):
    """One of many messages cannot be decoded.

    Args:
        place: Which one, from 0.
        count: How many there are.
        problem: What is wrong with it.

    Attributes:
        place: As given.
    """

    def __init__(self, place: int, count: int, problem: DecodeError) -> None:
        which = f" It is message {place + 1:,} of {count:,} (index {place})." if count > 1 else ""
        super().__init__(f"{problem}{which}", problem.hint)
        self.place = place


def read_all(messages: Sequence[Message], formats: FrameFormats) -> list[Message]:
    """Messages as `Message.read_as` gives each of them; those of one receipt have one receipt again.

    Raises:
        UnreadableMessage: A frame does not have its format.
    """
    if not formats.takes_anything:
        unchecked = iter(messages)
        try:
            for message in unchecked:
                formats.check(message._frames)
        except DecodeError as error:
            place = len(messages) - 1 - sum(1 for _ in unchecked)
            raise UnreadableMessage(place, len(messages), error) from error.__cause__
    receipts: dict[int, Receipt] = {}  # by the old ones, which the messages keep
    return [
        message if message._receipt.formats is formats else _with_receipt(message, formats, receipts)
        for message in messages
    ]


def _with_receipt(message: Message, formats: FrameFormats, receipts: dict[int, Receipt]) -> Message:
    old = message._receipt
    if id(old) not in receipts:
        receipts[id(old)] = old._replace(formats=formats)
    return Message(message._frames, receipts[id(old)], message._time)


def envelope_size(frames: Sequence[bytes]) -> int:
    """How many frames of a message to or from a ROUTER come before its content, as far as one sees.

    All up to and with the first empty one that has frames behind it, or else the routing id alone.
    """
    return frames.index(b"") + 1 if b"" in frames[:-1] else 1
