"""Replay: what is sent again, and when; and which replies belong to which request."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InvalidValue
from ..messages.layouts import MessageLayout
from ..sockets.socket_types import SocketType
from .equality import json_of
from .overview import strangers
from .recording import RecordedMessage, Recording, RecordingQuery
from .secrets import SECRET, UNKNOWN

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..messages.patterns import FramePattern


class ReplayStep(NamedTuple):
    """A message that is sent again.

    Attributes:
        due: Seconds after the first one.
        message: As it was recorded.
    """

    due: float
    message: RecordedMessage


def steps_of(recording: Recording, sender: str | None, speed: float | None, count: int | None) -> list[ReplayStep]:
    """What one side has sent, in order.

    Args:
        recording: From where.
        sender: Its name, socket type or `host:port`; None for the side that sent first.
        speed: How many times as fast as it was recorded; None for as fast as it goes.
        count: How many messages at most, from the first on.

    Raises:
        InvalidValue: It has sent nothing; or there is no message at all.
    """
    if sender is None:
        messages = _first_side(recording)
    elif not (messages := list(recording.select(RecordingQuery(sender=sender)))):
        raise InvalidValue("\n".join(strangers(recording, sender, None)))
    start = messages[0].time
    return [ReplayStep(0.0 if speed is None else max(0.0, m.time - start) / speed, m) for m in messages[:count]]


def _first_side(recording: Recording) -> list[RecordedMessage]:
    """What was sent by whoever sent first, and by others of its socket type to the same receiver."""
    said = list(recording.said())
    if not said:
        reason = f" {recording.opaque[0].mechanism} encrypts them." if recording.opaque else ""
        raise InvalidValue(f"{recording} has no messages that could be sent again.{reason}")
    first = said[0]
    same_side = (first.sender_type, first.receiver)
    return [m for m in said if m.sender == first.sender or (m.sender_type, m.receiver) == same_side]


def without_secrets(messages: Iterable[RecordedMessage]) -> int:
    """How many of these messages have a mark in place of a secret, which is not in the recording."""
    return sum(SECRET in message.raw or UNKNOWN in message.raw for message in messages)


class Replay:
    """Messages as a socket sends them again.

    Args:
        type: Of the socket.
        layout: Of the messages; its signature is made anew.

    Raises:
        InvalidValue: The layout has no signature.
    """

    def __init__(self, type: SocketType, layout: FrameFormats | None = None) -> None:
        if layout is not None and not (isinstance(layout, MessageLayout) and layout.signature):
            raise InvalidValue(f"Layout '{layout}' has no signature that could be made anew. Replay without a layout.")
        self._type = type
        self._layout = layout
        self._peers: dict[int, int] = {}

    def frames(self, message: RecordedMessage) -> list[bytes]:
        """What the socket is given, so that what goes over the wire is what was recorded. A ROUTER adds to whom.

        Raises:
            InvalidValue: The message does not fit the layout.
        """
        content = list(message.raw)
        if isinstance(self._layout, MessageLayout):
            content = self._layout.signed(content)
        # libzmq itself puts the empty frame before what these send.
        envelope = () if self._type in (SocketType.REQ, SocketType.REP) else message.envelope
        return [*envelope, *content]

    def place_of(self, message: RecordedMessage) -> int:
        """Which of the peers of a ROUTER is meant: the first connection of the recording is the first peer."""
        return self._peers.setdefault(message.connection, len(self._peers))


Key = tuple[object, ...]


def key_of(frames: Sequence[bytes]) -> Key:
    """What equal requests have in common: their frames; of JSON the value, however it is spelled."""
    return tuple(map(_frame_key, frames))


def _frame_key(frame: bytes) -> object:
    value = json_of(frame)
    return frame if value is None else json.dumps(value, sort_keys=True)


class RecordedReplies:
    """The recorded replies to each request: the next ones each time it comes, and the last ones from then on.

    Args:
        recording: The first message of each connection is a request; its receiver replies.
        content: The frames of a message that count.

    Raises:
        InvalidValue: Nothing was replied in it.
    """

    def __init__(self, recording: Recording, content: Callable[[RecordedMessage], Sequence[bytes]]) -> None:
        self._replies: dict[Key, list[list[RecordedMessage]]] = defaultdict(list)
        exchanges = chain.from_iterable(map(_exchanges, _conversations(recording)))
        for request, replies in sorted(exchanges, key=lambda exchange: exchange[0].time):
            if replies:
                self._replies[key_of(content(request))].append(replies)
        if not self._replies:
            raise InvalidValue(f"Nothing was replied in {recording}: it has no request with a reply.")
        self._used: dict[Key, int] = defaultdict(int)

    @property
    def messages(self) -> list[RecordedMessage]:
        """All replies."""
        return [reply for recorded in self._replies.values() for replies in recorded for reply in replies]

    @property
    def count(self) -> int:
        """How many requests have a reply."""
        return sum(map(len, self._replies.values()))

    def matches(self, frames: Sequence[bytes]) -> bool:
        """Whether a request was recorded."""
        return key_of(frames) in self._replies

    def difference(self, frames: Sequence[bytes]) -> str:
        """Whether a request was not recorded, in words; empty if it was."""
        return "" if self.matches(frames) else "no such request was recorded"

    def pairs(self, frames: Sequence[bytes]) -> Sequence[tuple[FramePattern, bytes]]:
        """Nothing: requests are compared as a whole."""
        return ()

    def take(self, frames: Sequence[bytes]) -> list[RecordedMessage]:
        """The replies to a request that was recorded."""
        key = key_of(frames)
        recorded = self._replies[key]
        number = min(self._used[key], len(recorded) - 1)
        self._used[key] += 1
        return recorded[number]


def _conversations(recording: Recording) -> Iterator[list[RecordedMessage]]:
    """The messages of each connection; of one that both ends have recorded, as the client has."""
    observers = {connection.seen_by for connection in recording.connections if connection.seen_by}
    doubled = {c.number for c in recording.connections if c.seen_by not in ("", c.client) and c.client in observers}
    by_connection: dict[int, list[RecordedMessage]] = defaultdict(list)
    for message in recording.messages:
        if message.connection not in doubled:
            by_connection[message.connection].append(message)
    yield from by_connection.values()


def _exchanges(messages: Sequence[RecordedMessage]) -> list[tuple[RecordedMessage, list[RecordedMessage]]]:
    """Requests with their replies: in order; a reply when none is due belongs to the request answered last."""
    client = messages[0].sender
    exchanges: list[tuple[RecordedMessage, list[RecordedMessage]]] = []
    due: deque[list[RecordedMessage]] = deque()
    latest: list[RecordedMessage] = []
    for message in messages:
        if message.sender == client:
            exchanges.append((message, []))
            due.append(exchanges[-1][1])
            continue
        latest = due.popleft() if due else latest
        latest.append(message)
    return exchanges
