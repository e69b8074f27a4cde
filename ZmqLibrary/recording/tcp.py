"""TCP: segments put together into the two streams of a connection (RFC 9293).

Segments may come out of order, again, overlapping, or not at all. What is missing is given up when much has come behind
it, or at the end: then the stream goes on behind a gap, and what has waited keeps its time. Positions count the bytes
of a stream; sequence numbers begin again at 2^32.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

from .packets import FIN, SYN, Segment

_MOST_WAITING_BYTES = 4_000_000
_MOST_WAITING = 2_000
_HALF = 1 << 31
_ALL = 1 << 32


class Piece(NamedTuple):
    """What comes next in a stream.

    Attributes:
        time: When it was captured, or what comes before it if that was later.
        data: Bytes that follow those before.
        missing: In place of bytes: how many are missing.
    """

    time: int
    data: bytes
    missing: int = 0


class TcpStream:
    """One direction of a connection.

    Attributes:
        whole: Whether its beginning was seen.
        ended: Whether its end was seen, with nothing left that waits for what is missing.
    """

    def __init__(self) -> None:
        self.whole = False
        self._next = -1
        self._end: int | None = None
        self._time = 0
        self._waiting: list[tuple[int, int, int, bytes, int]] = []
        self._waiting_bytes = 0
        self._number = 0

    @property
    def ended(self) -> bool:
        return self._end is not None and self._next >= self._end

    def take(self, time: int, segment: Segment) -> list[Piece]:
        """Takes a segment that was captured at a time.

        Returns:
            What can be read of the stream now.
        """
        position = self._position(segment)
        if segment.flags & FIN:
            self._end = position + segment.size
        if not segment.size or position + segment.size <= self._next:
            return []
        if position == self._next and not self._waiting and len(segment.data) == segment.size:
            self._next += segment.size
            return [self._piece(time, segment.data)]
        self._number += 1
        heappush(self._waiting, (position, self._number, time, segment.data, segment.size))
        self._waiting_bytes += len(segment.data)
        pieces = self._in_order()
        while self._waiting_bytes > _MOST_WAITING_BYTES or len(self._waiting) > _MOST_WAITING:
            pieces += self._behind_gap()
        return pieces

    def finish(self) -> list[Piece]:
        """What is there at the end of the capture, with gaps."""
        pieces = []
        while self._waiting:
            pieces += self._behind_gap()
        return pieces

    def _position(self, segment: Segment) -> int:
        start = segment.sequence + bool(segment.flags & SYN)
        if self._next < 0:
            self._next = start % _ALL
            self.whole = bool(segment.flags & SYN)
        distance = (start - self._next) % _ALL
        return self._next + (distance - _ALL if distance >= _HALF else distance)

    def _in_order(self) -> list[Piece]:
        pieces = []
        while self._waiting and self._waiting[0][0] <= self._next:
            position, _, time, data, size = heappop(self._waiting)
            self._waiting_bytes -= len(data)
            known, new = self._next - position, position + size - self._next
            if new <= 0:
                continue
            self._next += new
            if known < len(data):
                pieces.append(self._piece(time, data[known:]))
            if (lost := min(new, size - len(data))) > 0:
                pieces.append(self._piece(time, b"", lost))
        return pieces

    def _piece(self, time: int, data: bytes, missing: int = 0) -> Piece:
        self._time = max(self._time, time)
        return Piece(self._time, data, missing)

    def _behind_gap(self) -> list[Piece]:
        position, _, time, _, _ = self._waiting[0]
        missing = position - self._next
        if missing > 0:
            self._next += missing
        return [*([self._piece(time, b"", missing)] if missing > 0 else []), *self._in_order()]
