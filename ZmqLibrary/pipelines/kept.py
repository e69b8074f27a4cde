"""Kept: the last messages of a sink, bounded in number and in bytes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .engine import BufferedRun
    from .stamp import Frames

MOST_BYTES = 32_000_000


class Kept(NamedTuple):
    """One of the last messages: its frames and when it came, in seconds since the epoch."""

    frames: Sequence[bytes]
    time: float


class LastMessages:
    """Keeps the last messages, of which all but the last one have at most `MOST_BYTES` with it.

    It looks at their sizes only when so many bytes have come again, and so holds up to twice as many meanwhile.

    Args:
        most: How many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._messages: deque[Kept] = deque(maxlen=most)
        self._bytes = 0  # at most so many are in the messages
        self._tail: tuple[BufferedRun, float] | None = None  # those after all messages, and when they came

    def take(self, messages: Sequence[Frames], size: int) -> None:
        """Takes messages as they came, with so many bytes in all."""
        if self._most:
            self._unpack_tail()
            self._extend(messages[-self._most :], size, time.time())

    def take_run(self, run: BufferedRun) -> None:
        """Takes the last messages of a run in one piece: most are replaced before anybody asks for them."""
        if self._most:
            number = min(run.number, self._most)
            if self._tail and number < self._most:
                self._unpack_tail()
            data = bytes(run.buffer[(run.number - number) * run.stride :])
            self._tail = run._replace(buffer=data, number=number), time.time()

    @property
    def messages(self) -> Sequence[Kept]:
        """The last messages, the oldest first."""
        self._unpack_tail()
        self._shorten()
        return self._messages

    def _unpack_tail(self) -> None:
        if self._tail:
            (run, arrived), self._tail = self._tail, None
            self._extend(frames_of(run), len(run.buffer), arrived)

    def _extend(self, messages: Sequence[Frames], size: int, arrived: float) -> None:
        self._messages.extend([Kept(frames, arrived) for frames in messages])
        self._bytes += size
        if self._bytes > 2 * MOST_BYTES:
            self._shorten()

    def _shorten(self) -> None:
        """Gives up the oldest messages that are too many bytes together with those after them."""
        number = total = 0
        for kept in reversed(self._messages):
            size = sum(map(len, kept.frames))
            if number and total + size > MOST_BYTES:
                break
            number, total = number + 1, total + size
        while len(self._messages) > number:
            self._messages.popleft()
        self._bytes = total


def frames_of(run: BufferedRun) -> list[Frames]:
    """The messages in a buffer, each as its one frame."""
    starts = range(0, run.number * run.stride, run.stride)
    return [(bytes(run.buffer[at + run.offset : at + run.stride]),) for at in starts]
