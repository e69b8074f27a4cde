"""What a proxy writes to the log: what passed, what faults did to it, what happened to connections."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from .reports import ConnectionEvent
from .seen import SeenMessage, SeenMessages

_MOST_NOTES = 1_000
_MOST_EVENTS = 10_000
_MOST_LINES = 200
_SHOWN_FRAMES = 20


class LogNote(NamedTuple):
    """A line for the log.

    Attributes:
        time: Seconds since the epoch.
        text: What happened.
        frames: The message that it happened to.
        warning: Whether users should look at it.
    """

    time: float
    text: str
    frames: Sequence[bytes] = ()
    warning: bool = False


class ProxyLog:
    """Keeps lines until they are asked for; bounded.

    Args:
        seen: The messages that came in.
    """

    def __init__(self, seen: SeenMessages) -> None:
        self._seen = seen
        self._notes: deque[LogNote] = deque(maxlen=_MOST_NOTES)
        self._left_out = 0
        self._logged = 0
        self._past: dict[str, str] = {}
        self._events: deque[ConnectionEvent] = deque(maxlen=_MOST_EVENTS)
        self._count = 0

    def say(self, text: str, frames: Sequence[bytes] = (), *, warning: bool = False) -> None:
        """Something that happened."""
        self._left_out += len(self._notes) == _MOST_NOTES
        self._notes.append(LogNote(time.time(), text, frames, warning))

    def happened(self, connection: int, kind: str, text: str) -> None:
        """Something happened to a connection."""
        self._count += 1
        self._events.append(ConnectionEvent(self._count, time.time(), connection, kind))
        self.say(text)

    def events_since(self, number: int) -> tuple[int, list[ConnectionEvent]]:
        """The events from a number on, and the number of the next one."""
        return self._count + 1, [event for event in self._events if event.number >= number]

    def name_effect(self, name: str, past: str) -> None:
        """What the fault of that name has done to messages on which it acted."""
        self._past[name] = past

    def take(self, limit: int) -> tuple[list[LogNote], int]:
        """Lines since the last call in the order of their time, and how many are left out.

        Args:
            limit: How many bytes of a frame are needed.
        """
        fresh = self._seen.last(_MOST_LINES, self._logged + 1)
        left_out = self._left_out + self._seen.count - self._logged - len(fresh)
        self._logged = self._seen.count
        self._left_out = 0
        notes = [*self._notes, *(self._note_of(message, limit) for message in fresh)]
        self._notes.clear()
        return sorted(notes, key=lambda note: note.time), left_out

    def _note_of(self, message: SeenMessage, limit: int) -> LogNote:
        way = "to target" if message.to_target else "to client"
        is_cut = not message.whole or any(len(frame) > limit for frame in message.frames)
        size = f", {message.size:,} bytes that begin" if is_cut else ""
        done = "".join(f", '{name}' {self._past.get(name, 'acted on')} it" for name in message.faults)
        frames = [bytes(frame[:limit]) for frame in message.frames[: _SHOWN_FRAMES + 1]]
        return LogNote(message.time, f"{way}, connection {message.connection}{done}{size}:", frames)
