"""What a proxy remembers of the messages that came in: the last ones, as they came, and which faults acted on each.

Messages are kept as the bytes in which they came and are told apart when somebody asks, because an idle proxy passes
millions of them in a second.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..zmtp.runs import Extent, runs
from .fault_options import FaultDirection
from .units import LARGEST, Chunk, Head

_MOST_MESSAGES = 10_000
_MOST_BYTES = 64 * 2**20
HEAD_BYTES = 2**20
"""Bytes kept of a message that is larger than the proxy reads at once; of each frame at least `SHORT_HEAD` are."""

SHORT_HEAD = 4096
_MOST_HEAD_FRAMES = 64
_COPIED_BYTES = 32 * 2**20
"""In each second so many bytes of messages above `SHORT_HEAD` are kept whole; of others only the beginning is."""


class SeenMessage(NamedTuple):
    """A message that came in.

    Attributes:
        number: Counts the messages of the proxy, from 1.
        time: Seconds since the epoch.
        connection: Number of the connection.
        to_target: Which way it went.
        frames: Behind the envelope of REQ and REP.
        faults: Names of the faults that acted on it.
        size: Bytes of all frames, with the envelope; `frames` may have less, see `whole`.
        whole: Whether all of it is kept.
        sizes: Of a message that is not whole, the bytes of each of `frames` when it came.
        has_more: Whether it has more frames than these.
    """

    number: int
    time: float
    connection: int
    to_target: bool
    frames: Sequence[bytes]
    faults: tuple[str, ...]
    size: int
    whole: bool = True
    sizes: Sequence[int] = ()
    has_more: bool = False


class SeenMessages:
    """The last messages that came in; bounded in number and bytes.

    Attributes:
        count: How many came in.
    """

    def __init__(self) -> None:
        self._chunks: deque[Chunk] = deque()
        self._kept = 0
        self._bytes = 0
        self.count = 0
        self._counts = {True: 0, False: 0}

    def add(self, chunk: Chunk) -> None:
        """Notes messages; the oldest go."""
        chunk.number = self.count + 1
        self.count += chunk.count
        self._counts[chunk.to_target] += chunk.count
        self._kept += chunk.count
        self._bytes += chunk.kept_bytes
        self._chunks.append(chunk)
        while len(self._chunks) > 1 and (
            self._kept - self._chunks[0].count >= _MOST_MESSAGES or self._bytes > _MOST_BYTES
        ):
            oldest = self._chunks.popleft()
            self._kept -= oldest.count
            self._bytes -= oldest.kept_bytes

    def since(self, number: int) -> Iterator[SeenMessage]:
        """The kept messages from that number on, in the order in which they came in."""
        for chunk in list(self._chunks):
            if chunk.number + chunk.count > number:
                yield from _messages(chunk, number)

    def last(self, count: int, since: int = 1) -> list[SeenMessage]:
        """The last messages, of those from that number on."""
        return list(self.since(max(since, self.count - count + 1)))

    def count_of(self, direction: FaultDirection) -> int:
        """How many came in that go one way, or both."""
        return sum(count for to_target, count in self._counts.items() if direction.includes(to_target))

    @property
    def kept(self) -> list[SeenMessage]:
        """The last ones, as many as are kept for certain."""
        return self.last(_MOST_MESSAGES)


class CopyBudget:
    """How much of a flood of larger messages is kept: copying all of it would slow the proxy down."""

    def __init__(self) -> None:
        self._left = float(_COPIED_BYTES)
        self._looked = time.monotonic()

    def allows(self, size: int, messages: int) -> bool:
        """Whether so many bytes are to be kept."""
        if size <= messages * SHORT_HEAD:
            return True
        now = time.monotonic()
        self._left = min(_COPIED_BYTES, self._left + (now - self._looked) * _COPIED_BYTES)
        self._looked = now
        if self._left < size:
            return False
        self._left -= size
        return True


def heads_of(data: bytearray, start: int, extent: Extent) -> list[Head]:
    """The beginnings of messages in a buffer that will be used again."""
    heads = []
    with memoryview(data) as view:
        for run in runs(data, start, extent.end, largest=LARGEST):
            if not run.is_command:
                size = sum(frame.end - frame.body for frame in run.frames)
                for at in range(0, run.size * run.messages, run.size):
                    frames = [
                        bytes(view[at + frame.body : at + min(frame.end, frame.body + SHORT_HEAD)])
                        for frame in run.frames[:_MOST_HEAD_FRAMES]
                    ]
                    sizes = [frame.end - frame.body for frame in run.frames[:_MOST_HEAD_FRAMES]]
                    has_more = len(run.frames) > _MOST_HEAD_FRAMES
                    heads.append(Head(frames, size, False, sizes, has_more))
    return heads


def _messages(chunk: Chunk, since: int) -> Iterator[SeenMessage]:
    for index, head in enumerate(chunk.messages()):
        number = chunk.number + index
        if number >= since:
            yield SeenMessage(
                number,
                chunk.time,
                chunk.connection,
                chunk.to_target,
                head.frames,
                chunk.faults(index),
                head.size,
                head.whole,
                head.sizes,
                head.has_more,
            )
