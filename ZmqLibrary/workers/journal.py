"""Journal: what workers report, until the log asks for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from ..plain_text import printable
from ..report.values import value_summary
from ..report.words import clock
from ..waiting.uninterrupted import Uninterrupted

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..messages.message import Message

JOURNAL_SIZE = 1_000
MOST_LINES = 200


class JournalEntry(NamedTuple):
    """Something that a worker has done.

    Attributes:
        time: When, in seconds since the epoch.
        worker: Its name.
        text: What, in words; or what was done with `frames`.
        frames: A message that was sent or received.
        warning: Whether users should look at it.
        formats: Of the frames, where they are known.
        envelope: How many frames come before these.
    """

    time: float
    worker: str
    text: str
    frames: Sequence[bytes] = ()
    warning: bool = False
    formats: FrameFormats | None = None
    envelope: int = 0

    def line(self, limit: int) -> str:
        """The entry as one line; frames are shown up to `limit` bytes."""
        parts = (self.frames[: self.envelope], None), (self.frames[self.envelope :], self.formats)
        shown = " | ".join(value_summary(frames, formats, limit) for frames, formats in parts if frames)
        frames = f" {shown}" if shown else ""
        return f"{clock(self.time)}  {printable(f'{self.worker}: {self.text}')}{frames}"


class Journal:
    """Collects entries from all workers; bounded, and counts what it had to drop: the oldest, warnings last.

    Args:
        size: How many entries it keeps, and how many warnings.

    Attributes:
        added: How many entries were added since the last `take`.
    """

    def __init__(self, size: int = JOURNAL_SIZE) -> None:
        self._entries: deque[JournalEntry | tuple[str, Message, FrameFormats | None]] = deque(maxlen=size)
        self._warnings: deque[JournalEntry] = deque(maxlen=size)
        self.added = 0
        self._lock = threading.Lock()

    def add(self, entry: JournalEntry) -> None:
        """Adds an entry; without room for it the oldest goes."""
        with Uninterrupted(), self._lock:
            self.added += 1
            if entry.warning:
                self._warnings.append(entry)
            else:
                self._entries.append(entry)

    def add_received(self, worker: str, messages: Sequence[Message], formats: FrameFormats | None = None) -> None:
        """Adds received messages; entries are made of them only when the log asks, because there can be many."""
        with Uninterrupted(), self._lock:
            self.added += len(messages)
            self._entries.extend(zip(repeat(worker), messages, repeat(formats)))

    def take(self) -> tuple[list[JournalEntry], int]:
        """All entries in the order of their time, and how many were dropped since the last call."""
        with Uninterrupted(), self._lock:
            entries = [*map(_entry, self._entries), *self._warnings]
            dropped = self.added - len(entries)
            self._entries.clear()
            self._warnings.clear()
            self.added = 0
        return sorted(entries, key=lambda entry: entry.time), dropped


def _entry(item: JournalEntry | tuple[str, Message, FrameFormats | None]) -> JournalEntry:
    if isinstance(item, JournalEntry):
        return item
    worker, message, formats = item
    return JournalEntry(message.timestamp, worker, "received", message.raw, formats=formats)


def journal_lines(entries: Iterable[JournalEntry], dropped: int, limit: int, most: int = MOST_LINES) -> list[str]:
    """The last entries as lines for the log, after a line that counts what is left out."""
    known = list(entries)
    shown = known[-most:]
    left_out = dropped + len(known) - len(shown)
    lines = [entry.line(limit) for entry in shown]
    return [f"… {left_out:,} earlier left out", *lines] if left_out else lines
