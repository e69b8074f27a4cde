"""Copies of one message that differ in their stamps only, stamped all at once.

The bytes of all stamps that lie at one place are a column, which is written in one step. The CRCs come from tables:
a CRC is affine, so that the change of some bits of the data changes the same bits of the CRC, whatever the other bits
are. So the columns of the CRC are those of the fields, translated byte by byte and added without carry. What a pump
sends is made so, and what a sink gets is compared with it: twenty times as fast as message by message.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from typing import NamedTuple
from zlib import crc32

from .stamp import MAGIC, SIZE, payload_crc

_NUMBER = 8  # where it is in a stamp; planned time and CRC follow
_FIELDS = struct.Struct(">QQ")
_FIELD_BYTES = 16
_WORTH_GUESSING = 16
_SEVERAL = -1, 0  # no byte


class StampedRun:
    """Makes copies of a message with stamps.

    Args:
        before: The bytes before the stamp, with the framing of ZMTP.
        behind: The bytes behind it.
        run: The run id.
        payload: The CRC of the payload.

    Attributes:
        run: The run id.
        size: Of each message, with its framing.
    """

    def __init__(self, before: bytes, behind: bytes, run: int, payload: int) -> None:
        self.run = run
        self.size = len(before) + SIZE + len(behind)
        self._message = before + MAGIC + run.to_bytes(4, "big") + bytes(SIZE - 8) + behind
        self._at = len(before)
        self._head_crc = crc32(MAGIC + run.to_bytes(4, "big"), payload)
        self._crc = crc32(bytes(_FIELD_BYTES), self._head_crc)
        self._copies = bytearray()
        self._each: list[memoryview] = []
        self._same: list[tuple[int, int]] = []  # the byte at each place of stamps, and in how many it is there

    @classmethod
    def like(cls, message: bytes, at: int) -> StampedRun:
        """Copies of a message of one frame that has a stamp at that place."""
        behind = message[at + SIZE :]
        return cls(message[:at], behind, int.from_bytes(message[at + 4 : at + 8], "big"), payload_crc((behind,)))

    def is_like(self, message: bytes) -> bool:
        """Whether a message differs from the copies at most in number, planned time and CRC of the stamp."""
        at = self._at
        return (
            len(message) == self.size
            and message[: at + _NUMBER] == self._message[: at + _NUMBER]
            and message[at + SIZE :] == self._message[at + SIZE :]
        )

    def stamped(self, numbers: Sequence[int], planned: Sequence[int]) -> memoryview:
        """The messages with these numbers and planned times behind each other, until the next call."""
        at, count = planned[0], len(numbers)
        if isinstance(numbers, range) and planned[-1] == at and planned.count(at) == count:
            return self._of_one_time(numbers, at)
        return self._of_fields([*_columns_of(numbers), *_columns_of(planned)])

    def each_stamped(self, numbers: Sequence[int], planned: Sequence[int]) -> Iterable[memoryview]:
        """The messages with these numbers and planned times one by one, until the next call."""
        self.stamped(numbers, planned)
        if not self._each:
            whole = memoryview(self._copies)
            self._each = [whole[at : at + self.size] for at in range(0, len(whole), self.size)]
        return islice(self._each, len(numbers))

    def read(self, data: bytes, begin: int = 0) -> tuple[Sequence[int], Sequence[int]] | None:
        """Numbers and planned times of messages behind each other, if these are copies and whole; else None.

        Of the first ones that were planned at one time, if they are many; else of all.
        None also for numbers from 2**56 on, to which no pump has counted.

        Args:
            data: The messages, up to the end.
            begin: Where the first one begins.
        """
        guessed = self._guessed(data, begin)
        if guessed:
            return guessed
        places = range(begin + self._at + _NUMBER, begin + self._at + _NUMBER + _FIELD_BYTES)
        columns = [data[place :: self.size] for place in places]
        self._of_fields(columns)
        if columns[0].strip(b"\0") or not self._copies.startswith(memoryview(data)[begin:]):
            return None
        return _values_of(columns[:8]), _values_of(columns[8:])

    def _guessed(self, data: bytes, begin: int) -> tuple[Sequence[int], Sequence[int]] | None:
        """The fields of the first messages, if they follow one another and were planned at one time."""
        place = begin + self._at + _NUMBER
        times = data[place + _FIELD_BYTES - 1 :: self.size]
        count = len(times) - len(times.lstrip(times[:1]))
        first, planned = _FIELDS.unpack_from(data, place)
        last = _FIELDS.unpack_from(data, place + (count - 1) * self.size)
        if count < _WORTH_GUESSING or last != (first + count - 1, planned) or first >> 56:
            return None
        numbers = range(first, first + count)
        self._of_one_time(numbers, planned)
        alike = self._copies.startswith(memoryview(data)[begin : begin + count * self.size])
        return (numbers, [planned] * count) if alike else None

    def _written(self, first: bytes, columns: dict[int, bytes], count: int) -> memoryview:
        """The messages with these fields and CRCs: those of the first one, and the columns that are not all the same.

        What they have in common is written when it changes, and for messages that are more than before.
        """
        if len(self._copies) < self.size * count:
            self._copies = bytearray(self._message * count)
            self._each = []
            self._same = [(0, count)] * (_FIELD_BYTES + 4)
        at, copies, size, end = self._at + _NUMBER, self._copies, self.size, self.size * count
        for place, (byte, (old, rows)) in enumerate(zip(first, self._same)):
            if place in columns:
                copies[at + place : end : size] = columns[place]
                self._same[place] = _SEVERAL
            elif byte != old or rows < count:
                begin = rows if byte == old else 0
                copies[at + place + size * begin : end : size] = first[place : place + 1] * (count - begin)
                self._same[place] = byte, count
        return memoryview(copies)[:end]

    def _of_fields(self, fields: Sequence[bytes]) -> memoryview:
        """The messages with these columns of numbers and planned times."""
        count = len(fields[0])
        columns = dict(enumerate([*fields, *self._crc_columns(fields)]))
        first = bytes([column[0] for column in columns.values()])
        several = {place: column for place, column in columns.items() if column != column[:1] * count}
        return self._written(first, several, count)

    def _crc_columns(self, fields: Sequence[bytes]) -> list[bytes]:
        """The CRCs of stamps with these columns of numbers and planned times."""
        count, same, changing = len(fields[0]), self._crc, [0, 0, 0, 0]
        for column, effect in zip(fields, _effects()):
            if column == column[:1] * count:
                same ^= effect.changes[column[0]]
            else:
                for place, table in enumerate(effect.tables):
                    changing[place] ^= int.from_bytes(column.translate(table), "little")
        alike = [int.from_bytes(bytes((byte,)) * count, "little") for byte in same.to_bytes(4, "big")]
        return [(one ^ other).to_bytes(count, "little") for one, other in zip(alike, changing)]

    def _of_one_time(self, numbers: range, planned: int) -> memoryview:
        """The messages with numbers that follow one another, all planned at one time."""
        first, count = numbers[0], len(numbers)
        low = first & 0xFFFF
        if low + count > len(_LOWEST):  # not only the two lowest bytes change
            return self._of_fields([*_columns_of(numbers), *_same(planned, 8, count)])
        some = slice(low, low + count)
        same, added = crc32(_FIELDS.pack(first - low, planned), self._head_crc).to_bytes(4, "big"), _added()
        columns = {6: _LOWER[some], 7: _LOWEST[some]}
        for place, changes, byte in zip(range(_FIELD_BYTES, _FIELD_BYTES + 4), _low_effects(), same):
            columns[place] = changes[some].translate(added[byte])
        return self._written(_FIELDS.pack(first, planned) + same, columns, count)


def _columns_of(values: Sequence[int]) -> list[bytes]:
    """The bytes of numbers, most significant first: the first ones of all, then the second ones …"""
    first, count = values[0], len(values)
    if isinstance(values, range):
        low = first & 0xFFFF
        if low + count <= len(_LOWEST):
            return [*_same(first >> 16, 6, count), _LOWER[low : low + count], _LOWEST[low : low + count]]
    elif values.count(first) == count:
        return _same(first, 8, count)
    numbers = array("Q", values)
    if sys.byteorder == "little":
        numbers.byteswap()
    data = numbers.tobytes()
    return [data[byte::8] for byte in range(8)]


def _values_of(columns: Sequence[bytes]) -> Sequence[int]:
    """The numbers that have these bytes."""
    first, count = int.from_bytes([column[0] for column in columns], "big"), len(columns[0])
    for guess in (range(first, first + count), [first] * count):
        if columns == _columns_of(guess):
            return guess
    data = bytearray(8 * count)
    for byte, column in enumerate(columns):
        data[byte::8] = column
    return struct.unpack(f">{count}Q", data)


# The two lowest bytes of the numbers that follow one another from 0 on.
_LOWER = b"".join([bytes((byte,)) * 256 for byte in range(256)])
_LOWEST = bytes(range(256)) * 256


def _same(value: int, size: int, count: int) -> list[bytes]:
    """The columns of one value, `count` times."""
    return [bytes((byte,)) * count for byte in value.to_bytes(size, "big")]


class _Effect(NamedTuple):
    """What a byte of number or planned time does to the CRC, by its value.

    Attributes:
        changes: The bits of the CRC that are others than with 0.
        tables: For each byte of the CRC the bits of it, for `bytes.translate`.
    """

    changes: list[int]
    tables: list[bytes]


@cache
def _effects() -> list[_Effect]:
    """Of the bytes of number and planned time."""
    return [_effect(place) for place in range(_FIELD_BYTES)]


def _effect(place: int) -> _Effect:
    before, behind = bytes(place), bytes(_FIELD_BYTES - 1 - place)
    nothing = crc32(bytes(_FIELD_BYTES))
    changes = [0]
    for bit in range(8):
        change = crc32(before + bytes((1 << bit,)) + behind) ^ nothing
        changes += [other ^ change for other in changes]
    data = struct.pack(">256I", *changes)
    return _Effect(changes, [data[byte::4] for byte in range(4)])


@cache
def _low_effects() -> list[bytes]:
    """What the two lowest bytes of the number do to each byte of the CRC, by their value."""
    upper, lower = _effects()[6:8]
    return [b"".join([low.translate(_added()[byte]) for byte in high]) for high, low in zip(upper.tables, lower.tables)]


@cache
def _added() -> list[bytes]:
    """For each byte the table that adds it without carry, for `bytes.translate`."""
    each, ones = (int.from_bytes(data, "big") for data in (bytes(range(256)), b"\1" * 256))
    return [(each ^ ones * byte).to_bytes(256, "big") for byte in range(256)]
