"""What a recording holds, as lines of errors and of the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..messages.patterns import shown_frames
from ..report.frames import summary
from ..report.words import count_of
from .recording import RecordingQuery

if TYPE_CHECKING:
    from ..messages.field_patterns import Pattern
    from .recording import RecordedMessage, Recording

_SHOWN = 120
_LISTED = 5


def described(recording: Recording) -> str:
    """How much there is in it."""
    messages = count_of(len(recording), "message")
    incomplete = " (not all could be read)" if any(c.unread for c in recording.connections) else ""
    return f"{recording} has {messages} of {count_of(len(recording.connections), 'connection')}{incomplete}"


def lines_of(messages: Sequence[RecordedMessage], pattern: Pattern | None = None) -> list[str]:
    """The last messages, each with the first thing in which it differs from a pattern."""
    lines = [] if len(messages) <= _LISTED else [f"  … {len(messages) - _LISTED:,} earlier ones, and then"]
    for message in messages[-_LISTED:]:
        shown = summary(shown_frames(pattern, message.raw), _SHOWN)
        lines.append(f"  {message.time:.6f} s, {message.sender} → {message.receiver}: {shown}")
        if pattern is not None and (difference := pattern.difference(message.raw)):
            lines.append(f"       {difference}")
    return lines


def unreadable(recording: Recording) -> list[str]:
    """What is not in it, and why."""
    return [connection.unread for connection in recording.connections if connection.unread]


def strangers(recording: Recording, sender: str | None, receiver: str | None) -> list[str]:
    """That a sender has sent nothing, or a receiver received nothing, and who has."""
    lines = []
    for party, receiving, done in ((sender, False, "sent"), (receiver, True, "received")):
        query = RecordingQuery(receiver=party) if receiving else RecordingQuery(sender=party)
        if party is not None and not any(True for _ in recording.select(query)):
            others = ", ".join(recording.parties(receiving)) or "nobody"
            lines.append(f"'{party}' has {done} nothing in {recording}. Messages were {done} by: {others}.")
    return lines
