"""What a socket has sent and received: how much, and the first and last messages as evidence for a failure."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..messages.message import Message

if TYPE_CHECKING:
    from ..messages.message import Receipt

FIRST = 100
REMEMBERED = 200
_RECENT = 20
_LARGE = 64 * 1024
_KEPT_OF_LARGE = 16 * 1024

Entry = Message | tuple[float, Sequence[bytes]]
"""A message that was received, or when and what was sent."""


class Traffic(NamedTuple):
    """A message that was sent or received, as evidence for a failure."""

    direction: Literal["sent", "received"]
    time: float
    frames: Sequence[bytes]


class ClippedBytes(bytes):
    """The beginning of a large frame, whose length is that of the whole."""

    size: int

    def __len__(self) -> int:
        return self.size


class TrafficLog:
    """Counts messages and keeps the first ones and the last ones of a test.

    Args:
        remembered: How many messages are kept; 0 where passwords are in them.

    Attributes:
        watchers: Are called with each message.
        remembers: Whether messages may be looked at.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.sent_count = 0
        self.received_count = 0
        self.remembers = remembered > 0
        self.watchers: Sequence[Callable[[Entry], object]] = ()
        self._first: list[Entry] = []
        self._last: deque[Entry] = deque(maxlen=remembered)
        self._before = 0, 0
        self._left = self._most_first = min(FIRST, remembered)

    def sent(self, frames: Sequence[bytes]) -> None:
        """Takes note of a message that libzmq has taken."""
        self.sent_count += 1
        self._note((time.time(), frames), frames)

    def sent_all(self, messages: Sequence[Sequence[bytes]]) -> None:
        """Takes note of many messages that libzmq has taken."""
        now = time.time()
        for frames in messages:
            self.sent_count += 1
            self._note((now, frames), frames)

    def received(self, message: Message) -> None:
        """Takes note of a message that was read."""
        self.received_count += 1
        self._note(message, message.raw)

    def _note(self, entry: Entry, frames: Sequence[bytes]) -> None:
        for watch in self.watchers:
            watch(entry)
        if len(frames[-1]) > _LARGE or (len(frames) > 1 and max(map(len, frames)) > _LARGE):
            entry = _clipped(entry)
        if self._left:
            self._left -= 1
            self._first.append(entry)
        self._last.append(entry)

    def begin(self) -> None:
        """A test begins: its first messages are kept from now on."""
        self._first = []
        self._left = self._most_first
        self._before = self.sent_count, self.received_count

    @property
    def counts(self) -> tuple[int, int]:
        """How many messages were sent and received in this test."""
        return self.sent_count - self._before[0], self.received_count - self._before[1]

    @property
    def kept(self) -> list[Entry]:
        """The first and the last messages of this test."""
        first, last = list(self._first), list(self._last)  # copies, because a worker may add to them
        later = min(len(last), max(0, sum(self.counts) - len(first)))
        return first + (last[-later:] if later else [])

    @property
    def first_kept(self) -> int:
        """How many of those are the first ones."""
        return len(self._first)

    @property
    def recent(self) -> list[Traffic]:
        """The last messages in both directions."""
        return [_traffic(entry) for entry in list(self._last)[-_RECENT:]]


def _clipped(entry: Entry) -> Entry:
    if isinstance(entry, Message):
        receipt: Receipt = entry.receipt
        return Message([_beginning(frame) for frame in entry.raw], receipt, entry.timestamp)
    return entry[0], [_beginning(frame) for frame in entry[1]]


def _beginning(frame: bytes) -> bytes:
    if len(frame) <= _LARGE or type(frame) is not bytes:  # secrets stay what they are
        return frame
    clipped = ClippedBytes(frame[:_KEPT_OF_LARGE])
    clipped.size = len(frame)
    return clipped


def _traffic(entry: Entry) -> Traffic:
    if isinstance(entry, tuple):
        return Traffic("sent", *entry)
    return Traffic("received", entry.timestamp, entry.raw)
