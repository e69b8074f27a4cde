"""What a socket has sent and received: how much, and the last messages as evidence for a failure."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from ..messages.message import Message

REMEMBERED = 20


class Traffic(NamedTuple):
    """A message that was sent or received, as evidence for a failure."""

    direction: Literal["sent", "received"]
    time: float
    frames: Sequence[bytes]


class TrafficLog:
    """Counts messages and keeps the last ones.

    Args:
        remembered: How many messages are kept; 0 where passwords are in them.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.sent_count = 0
        self.received_count = 0
        self._recent: deque[Message | tuple[float, Sequence[bytes]]] = deque(maxlen=remembered)

    def sent(self, frames: Sequence[bytes]) -> None:
        """Takes note of a message that libzmq has taken."""
        self.sent_count += 1
        self._recent.append((time.time(), frames))

    def received(self, message: Message) -> None:
        """Takes note of a message that was read."""
        self.received_count += 1
        self._recent.append(message)

    @property
    def recent(self) -> list[Traffic]:
        """The last messages in both directions."""
        return [_traffic(entry) for entry in list(self._recent)]  # a copy, because a worker may add to it


def _traffic(entry: Message | tuple[float, Sequence[bytes]]) -> Traffic:
    if isinstance(entry, tuple):
        return Traffic("sent", *entry)
    return Traffic("received", entry.timestamp, entry.raw)
