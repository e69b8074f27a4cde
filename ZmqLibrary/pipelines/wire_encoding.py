"""Batches of messages as they go over the wire."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from ..zmtp.frames import MORE, encode, header
from .messages import Batch, Shape
from .stamp import SIZE, stamped
from .stamped_run import StampedRun

_DELIMITER = header(0, MORE)
_WORTH_COLUMNS = 16


class Encoded(NamedTuple):
    """Messages behind each other.

    Attributes:
        data: All their bytes, with the framing.
        ends: Where each message ends in `data`.
        payload_ends: The same for the bytes of their frames, without the framing.
    """

    data: memoryview
    ends: Sequence[int]
    payload_ends: Sequence[int]

    def begun(self, size: int) -> int:
        """How many messages the first `size` bytes have a part of."""
        return bisect_left(self.ends, size) + 1 if size else 0

    def begin(self, number: int) -> int:
        """Where the message of that number begins, from 0."""
        return self.ends[number - 1] if number else 0

    def payload(self, count: int) -> int:
        """Bytes of the frames of the first `count` messages."""
        return self.payload_ends[count - 1] if count else 0

    def part(self, start: int, stop: int) -> Encoded:
        """The messages from `start` on, up to and without `stop`."""
        base, payload = self.begin(start), self.payload(start)
        return Encoded(
            self.data[base : self.begin(stop)],
            _moved(self.ends[start:stop], base),
            _moved(self.payload_ends[start:stop], payload),
        )


def whole_before(ends: Sequence[int], size: int) -> int:
    """How many messages end within the first `size` bytes."""
    return bisect_right(ends, size)


def evenly(size: int, count: int) -> Sequence[int]:
    """Where `count` messages of that size end."""
    return range(size, size * count + 1, size) if size else (0,) * count


def _moved(ends: Sequence[int], base: int) -> Sequence[int]:
    if isinstance(ends, range) and ends:
        return range(ends[0] - base, ends[-1] - base + 1, ends.step)
    return [end - base for end in ends]


class WireEncoder:
    """Makes bytes of batches.

    Args:
        delimited: Whether an empty frame comes before each message, as a REQ sends it.
    """

    def __init__(self, delimited: bool = False) -> None:
        self._prefix = _DELIMITER if delimited else b""
        self._shape: Shape | None = None
        self._head = b""
        self._size = self._payload = 0  # of one message, with the framing and without
        self._ends_of_one: tuple[Sequence[int], Sequence[int]] = ((), ())
        self._repeated = b""
        self._copies: dict[int, StampedRun] = {}  # of each lane

    def encode(self, batch: Batch) -> Encoded:
        """The bytes of a batch, until the next call."""
        shape = batch.shape
        if shape is None:
            return self._encode_each(batch)
        if shape is not self._shape:
            self._take_shape(shape)
        count, size, payload = len(batch), self._size, self._payload
        if shape.stamped and count == 1:  # a request: each µs belongs to its round trip
            stamp = stamped(batch.run, batch.first, batch.planned[0], batch.shape_crc)
            return Encoded(memoryview(self._head + stamp + shape.rest), *self._ends_of_one)
        if shape.stamped and count < _WORTH_COLUMNS:
            data = memoryview(b"".join(self._stamped_each(batch, shape)))
        elif shape.stamped:
            numbers = range(batch.first, batch.first + count)
            data = self._copies_of(batch).stamped(numbers, batch.planned)
        else:
            data = memoryview(self._repetition(size * count, self._head + shape.rest))[: size * count]
        return Encoded(data, evenly(size, count), evenly(payload, count))

    def _stamped_each(self, batch: Batch, shape: Shape) -> list[bytes]:
        head, rest, run, crc = self._head, shape.rest, batch.run, batch.shape_crc
        return [head + stamped(run, batch.first + n, time, crc) + rest for n, time in enumerate(batch.planned)]

    def _copies_of(self, batch: Batch) -> StampedRun:
        copies = self._copies.get(batch.run)
        if copies is None and batch.shape:
            copies = StampedRun(self._head, batch.shape.rest, batch.run, batch.shape_crc)
            self._copies[batch.run] = copies
        assert copies
        return copies

    def _take_shape(self, shape: Shape) -> None:
        before = b"".join(header(len(frame), MORE) + frame for frame in shape.before)
        last = len(shape.rest) + (SIZE if shape.stamped else 0)
        self._shape = shape
        self._head = self._prefix + before + header(last)
        self._payload = last + sum(map(len, shape.before))
        self._size = len(self._head) + last
        self._ends_of_one = evenly(self._size, 1), evenly(self._payload, 1)
        self._repeated = b""
        self._copies = {}

    def _repetition(self, size: int, message: bytes) -> bytes:
        if len(self._repeated) < size:
            self._repeated = message * (size // len(message))
        return self._repeated

    def _encode_each(self, batch: Batch) -> Encoded:
        messages = batch.messages()
        parts = [self._prefix + encode(frames) for frames in messages]
        payloads = [sum(map(len, frames)) for frames in messages]
        return Encoded(memoryview(b"".join(parts)), list(accumulate(map(len, parts))), list(accumulate(payloads)))
