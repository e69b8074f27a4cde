"""Copies of one message that differ in their stamps only, stamped all at once.

The bytes of all stamps that lie at one place are a column, which is written in one step. The CRCs come from tables:
a CRC is affine, so that the change of some bits of the data changes the same bits of the CRC, whatever the other bits
are. What a pump sends is made so, and what a sink gets is compared with it: ten times as fast as message by message.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from functools import cache
from zlib import crc32

from .stamp import MAGIC, SIZE, payload_crc

_NUMBER, _PLANNED, _CRC = 8, 16, 24  # where they are in a stamp
_LOW_BITS = 12
_LOW = (1 << _LOW_BITS) - 1


class StampedRun:
    """Makes copies of a message with stamps.

    Args:
        before: The bytes before the stamp, with the framing of ZMTP.
        behind: The bytes behind it.
        run: The run id.
        payload: The CRC of the payload.
    """

    def __init__(self, before: bytes, behind: bytes, run: int, payload: int) -> None:
        self.size = len(before) + SIZE + len(behind)
        self._message = before + MAGIC + run.to_bytes(4, "big") + bytes(SIZE - 8) + behind
        self._at = len(before)
        self._start = crc32(MAGIC + run.to_bytes(4, "big"), payload)
        self._copies = bytearray()
        self._columns: dict[int, bytes] = {}

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

    def matches(self, data: memoryview, numbers: Sequence[int], planned: Sequence[int]) -> bool:
        """Whether these bytes are the messages with these numbers and planned times behind each other."""
        self.stamped(numbers, planned)
        return self._copies.startswith(data)

    def stamped(self, numbers: Sequence[int], planned: Sequence[int]) -> memoryview:
        """The messages with these numbers and planned times behind each other, until the next call."""
        count = len(numbers)
        if len(self._copies) < self.size * count:
            self._copies = bytearray(self._message * count)
            self._columns = {}
        self._write(_NUMBER, _big_endian("Q", numbers), 8)
        self._write(_PLANNED, _big_endian("Q", planned), 8)
        self._write(_CRC, _big_endian("I", self._crcs(numbers, planned)), 4)
        return memoryview(self._copies)[: self.size * count]

    def _crcs(self, numbers: Sequence[int], planned: Sequence[int]) -> list[int]:
        times = set(planned)
        if len(times) == 1:
            return self._crcs_by_number(numbers, _change_by_time(planned[0]))
        crcs = self._crcs_by_number(numbers, 0)
        if len(times) < len(planned) // 4:
            changes = {time: _change_by_time(time) for time in times}
            return [crc ^ changes[time] for crc, time in zip(crcs, planned)]
        data = _big_endian("Q", planned)
        changed = [crc32(data[at : at + 8], _AFTER_NO_NUMBER) for at in range(0, len(data), 8)]
        return [crc ^ change for crc, change in zip(crcs, changed)]

    def _crcs_by_number(self, numbers: Sequence[int], change: int) -> list[int]:
        """The CRCs of stamps without a planned time, all with a further change."""
        low, first, end = _changes_by_low_bits(), numbers[0], numbers[0] + len(numbers)
        crc_of = self._crc_of
        if not follow_one_another(numbers):
            high = {part: crc_of(part << _LOW_BITS) ^ change for part in {number >> _LOW_BITS for number in numbers}}
            return [high[number >> _LOW_BITS] ^ low[number & _LOW] for number in numbers]
        crcs: list[int] = []
        while first < end:
            begin = first & ~_LOW
            crc = crc_of(begin) ^ change
            crcs += [crc ^ change_by_low for change_by_low in low[first - begin : end - begin]]
            first = begin + _LOW + 1
        return crcs

    def _crc_of(self, number: int) -> int:
        """The CRC of a stamp with that number and the planned time 0, but for the change by a planned time."""
        return crc32(bytes(8), crc32(number.to_bytes(8, "big"), self._start)) ^ _NOTHING

    def _write(self, place: int, data: bytes, width: int) -> None:
        end = len(data) // width * self.size
        for byte in range(width):
            column = data[byte::width]
            first = self._at + place + byte
            if self._columns.get(first) != column:
                self._copies[first : end : self.size] = column
                self._columns[first] = column


def follow_one_another(numbers: Sequence[int]) -> bool:
    """Whether each number is one more than the one before."""
    first = numbers[0]
    if isinstance(numbers, range):
        return numbers.step == 1
    return numbers[-1] == first + len(numbers) - 1 and list(range(first, first + len(numbers))) == numbers


def _big_endian(code: str, values: Sequence[int]) -> bytes:
    numbers = array(code, values)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tobytes()


def _change_by_time(time: int) -> int:
    """By which bits a planned time changes the CRC of a stamp without one."""
    return crc32(time.to_bytes(8, "big"), _AFTER_NO_NUMBER)


_AFTER_NO_NUMBER = crc32(bytes(8))
_NOTHING = crc32(bytes(16))


@cache
def _changes_by_low_bits() -> list[int]:
    """By which bits the CRC changes when the low bits of the number do, which were 0."""
    return [crc32(bytes(8), crc32(number.to_bytes(8, "big"))) ^ _NOTHING for number in range(_LOW + 1)]
