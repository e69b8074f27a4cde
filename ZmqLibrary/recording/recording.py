"""Recording: messages, connections and events that were loaded from a file, and the choice of those that are meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..messages.message import Message, Receipt
from .reel import Reel

if TYPE_CHECKING:
    from ..formats import FrameFormats

NANOSECONDS = 1_000_000_000
LATEST_START = 221_845_392_000.0
"""The year 9000: each of the 2^63 nanoseconds behind a start before it has a date."""
_LISTED = 20


@dataclass(frozen=True)
class RecordedConnection:
    """A connection of a recording.

    Attributes:
        number: Counts the connections, from 1.
        client: Who connected: the alias of a socket, or `host:port`.
        server: Who accepted.
        client_type: `PUSH` …; empty where it is not known.
        server_type: The same of the other end.
        mechanism: `NULL`, `PLAIN`, `CURVE`; empty where it is not known.
        opaque: Whether its messages are encrypted, so that there are none.
        seen_by: The socket or proxy that was recorded; empty in a capture.
        addresses: `host:port` of client and server, where they are known.
        problem: What is wrong with it, as a capture that began later than the connection; empty if nothing.
    """

    number: int
    client: str
    server: str
    client_type: str = ""
    server_type: str = ""
    mechanism: str = ""
    opaque: bool = False
    seen_by: str = ""
    addresses: tuple[str, str] = ("", "")
    problem: str = ""

    def __str__(self) -> str:
        return f"{_named(self.client, self.client_type)} → {_named(self.server, self.server_type)}"

    @property
    def unread(self) -> str:
        """Why not all of its messages are in the recording, as a sentence; empty if they are."""
        head = f"Connection {self.number}, {self}"
        if self.opaque:
            return f"{head}, is opaque: {self.mechanism} encrypts its messages."
        return f"{head}: {self.problem}." if self.problem else ""

    def is_of(self, party: str | None) -> bool:
        """Whether one end may have this name, socket type or address; None stands for anybody."""
        types = self.client_type, self.server_type
        return party in (None, self.client, self.server, *self.addresses) or str(party).upper() in types or "" in types


@dataclass(frozen=True)
class RecordedEvent:
    """What happened to a connection.

    Attributes:
        time: Seconds since the recording began.
        connection: Number of the connection.
        event: As libzmq names it, such as `HANDSHAKE_SUCCEEDED`; `SUBSCRIBE` and `CANCEL` of a topic.
        sender: Who did it.
        receiver: The other end.
        detail: More about it, in words.
    """

    time: float
    connection: int
    event: str
    sender: str
    receiver: str
    detail: str = ""


class Track(NamedTuple):
    """One way on one connection.

    Attributes:
        connection: Its number.
        sender: Who sends: the alias of a socket, or `host:port`.
        receiver: Who receives.
        types: The types of their sockets; empty where they are not known.
        seen_by: The socket or proxy that was recorded; empty in a capture.
        addresses: `host:port` of both, where known.
    """

    connection: int
    sender: str
    receiver: str
    types: tuple[str, str] = ("", "")
    seen_by: str = ""
    addresses: tuple[str, str] = ("", "")

    def is_sent_by(self, party: str) -> bool:
        """Whether the sender has this name, socket type or address."""
        return party in (self.sender, self.addresses[0]) or party.upper() == self.types[0]

    def is_received_by(self, party: str) -> bool:
        """Whether the receiver has this name, socket type or address."""
        return party in (self.receiver, self.addresses[1]) or party.upper() == self.types[1]


class RecordedMessage(Message):
    """A message of a recording. Its frames are those behind the envelope.

    Attributes:
        time: Seconds since the recording began.
        track: From whom to whom.
    """

    __slots__ = ("_envelope", "time", "track")

    def __init__(
        self,
        frames: Sequence[bytes],
        receipt: Receipt,
        timestamp: float,
        time: float,
        track: Track,
        envelope: Sequence[bytes] = (),
    ) -> None:
        super().__init__(frames, receipt, timestamp)
        self.time = time
        self.track = track
        self._envelope = tuple(envelope)

    @property
    def envelope(self) -> tuple[bytes, ...]:
        """The frames before the content: a routing id, the empty frame of REQ and REP."""
        return self._envelope

    @property
    def sender(self) -> str:
        """Who sent it: the alias of a socket, or `host:port`; `host` if it was gone before its message was received.

        `process 4711` over ipc, and `peers at` an endpoint where it cannot be told which of several it was.
        """
        return self.track.sender

    @property
    def receiver(self) -> str:
        """Whom it was sent to."""
        return self.track.receiver

    @property
    def sender_type(self) -> str:
        """The type of the sender's socket; empty where it is not known."""
        return self.track.types[0]

    @property
    def receiver_type(self) -> str:
        """The type of the receiver's socket; empty where it is not known."""
        return self.track.types[1]

    @property
    def connection(self) -> int:
        """The number of its connection."""
        return self.track.connection

    def meant_as(self, formats: FrameFormats) -> RecordedMessage:
        """The same message with values in other formats."""
        receipt = self._receipt._replace(formats=formats)
        return RecordedMessage(self._frames, receipt, self._time, self.time, self.track, self._envelope)


class RecordingQuery(NamedTuple):
    """Which messages of a recording are meant.

    Attributes:
        accepts: Whether the frames are.
        sender: Name, socket type or `host:port` of who sent them; None for all.
        receiver: The same of who received them.
    """

    accepts: Callable[[Sequence[bytes]], bool] = lambda frames: True
    sender: str | None = None
    receiver: str | None = None


class Recording:
    """What a file has. Nothing in it changes.

    Args:
        path: The file.
        started: When it began, in seconds since the epoch.
        reel: The messages.
        tracks: One for each direction of a connection.
        connections: All of them, also those without a message.
        events: What happened to them, in the order of time.
        notes: What users have to know of all of it, such as that its end is cut off.
        formats: Of the values of messages.
    """

    def __init__(
        self,
        path: str,
        started: float,
        reel: Reel,
        tracks: Sequence[Track],
        connections: Sequence[RecordedConnection],
        events: Sequence[RecordedEvent],
        notes: Sequence[str],
        formats: FrameFormats,
    ) -> None:
        self.path = path
        self.started = started
        self.connections = list(connections)
        self.events = list(events)
        self._notes = list(notes)
        self._reel = reel
        self._tracks = tuple(tracks)
        self._formats = formats
        self._receipts = [Receipt(track.receiver, formats) for track in self._tracks]

    def __len__(self) -> int:
        return len(self._reel)

    def __str__(self) -> str:
        return self.path

    def __deepcopy__(self, memo: object) -> Recording:
        return self

    @cached_property
    def messages(self) -> list[RecordedMessage]:
        """All messages in the order of time; one that both ends have recorded is there twice."""
        return list(self.select(RecordingQuery()))

    @property
    def notes(self) -> list[str]:
        """What users have to know of it: also of which connections not all messages could be read, and why."""
        return [*self._notes, *(connection.unread for connection in self.connections if connection.unread)]

    @property
    def opaque(self) -> list[RecordedConnection]:
        """The connections whose messages are encrypted."""
        return [connection for connection in self.connections if connection.opaque]

    def unread(self, selection: RecordingQuery) -> list[RecordedConnection]:
        """The connections that may have had messages between these parties that nobody has seen."""
        seen = {connection.seen_by for connection in self.connections if not connection.opaque}
        return [
            connection
            for connection in self.connections
            if connection.unread
            and seen.isdisjoint((connection.client, connection.server))
            and connection.is_of(selection.sender)
            and connection.is_of(selection.receiver)
        ]

    def select(self, selection: RecordingQuery) -> Iterator[RecordedMessage]:
        """The messages that are meant, in the order of time.

        Of those that both ends have recorded, only what the sender has seen if a sender is named, or else only what
        the receiver has seen if a receiver is named.
        """
        return self._on_tracks(self._wanted_tracks(selection.sender, selection.receiver), selection.accepts)

    def said(self) -> Iterator[RecordedMessage]:
        """Each message once: as its sender has seen it, if the sender was recorded."""
        return self._on_tracks([self._is_senders_view(track) for track in self._tracks])

    def of_port(self, port: int) -> Recording:
        """The part with the connections of a port."""
        ending = f":{port}"
        kept = {
            c.number: c
            for c in self.connections
            if any(name.endswith(ending) for name in (c.client, c.server, *c.addresses))
        }
        reel = Reel()
        for number in range(len(self._reel)):
            track = self._reel.track(number)
            if self._tracks[track].connection in kept:
                envelope = self._reel.envelope(number)
                frames = (*envelope, *self._reel.frames(number))
                reel.add(self._reel.time(number), track, frames, len(envelope))
        events = [event for event in self.events if event.connection in kept]
        connections = list(kept.values())
        return Recording(self.path, self.started, reel, self._tracks, connections, events, self._notes, self._formats)

    def parties(self, receiving: bool = False) -> list[str]:
        """Who has sent messages, or received some, as errors name them."""
        ends = ((track.receiver if receiving else track.sender, track.types[receiving]) for track in self._used_tracks)
        named = dict.fromkeys(_named(name, type) for name, type in ends)
        return [*list(named)[:_LISTED], *([f"and {len(named) - _LISTED} more"] if len(named) > _LISTED else [])]

    def _wanted_tracks(self, sender: str | None, receiver: str | None) -> list[bool]:
        return [
            (sender is None or track.is_sent_by(sender))
            and (receiver is None or track.is_received_by(receiver))
            and (sender is None or self._is_senders_view(track))
            and (sender is not None or receiver is None or self._is_receivers_view(track))
            for track in self._tracks
        ]

    def _is_senders_view(self, track: Track) -> bool:
        """Whether the sender has seen it itself, or nothing that it has sent."""
        return track.seen_by == track.sender or track.sender not in self._seen_by_sender

    def _is_receivers_view(self, track: Track) -> bool:
        """Whether the receiver has seen it itself, or nothing that it has received."""
        return track.seen_by == track.receiver or track.receiver not in self._seen_by_receiver

    def _on_tracks(
        self, wanted: Sequence[bool], accepts: Callable[[Sequence[bytes]], bool] = lambda frames: True
    ) -> Iterator[RecordedMessage]:
        for number in self._order:
            track = self._reel.track(number)
            if wanted[track] and accepts(frames := self._reel.frames(number)):
                yield self._message(number, frames)

    @cached_property
    def _order(self) -> Sequence[int]:
        return self._reel.in_order()

    @cached_property
    def _seen_by_sender(self) -> frozenset[str]:
        return frozenset(track.sender for track in self._tracks if track.seen_by == track.sender)

    @cached_property
    def _seen_by_receiver(self) -> frozenset[str]:
        return frozenset(track.receiver for track in self._tracks if track.seen_by == track.receiver)

    @property
    def _used_tracks(self) -> list[Track]:
        used = {self._reel.track(number) for number in range(len(self._reel))}
        return [track for number, track in enumerate(self._tracks) if number in used]

    def _message(self, number: int, frames: tuple[bytes, ...]) -> RecordedMessage:
        time = self._reel.time(number) / NANOSECONDS
        track = self._reel.track(number)
        envelope = self._reel.envelope(number)
        return RecordedMessage(frames, self._receipts[track], self.started + time, time, self._tracks[track], envelope)


def _named(name: str, type: str) -> str:
    return f"{name} ({type})" if type else name
