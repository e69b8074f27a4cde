"""Keys in CBOR that would make reading it slow: very many in one map that have the same hash.

cbor2 puts keys into dictionaries, which compare a key with all of the same hash. A peer can choose the hash of lists
and of tagged values, such as fractions and integers of more than 64 bits; not that of text, and hardly that of others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from .base import FrameProblem

_BYTES, _TEXT, _LIST, _MAP, _TAG, _SIMPLE = range(2, 8)
_SET = 258
_UNKNOWN = -1
_PLAIN = bytes([*range(_LIST << 5), *range(_SIMPLE << 5, 256)])
_SHORT = 8_000  # what is shorter is read in a tenth of a second, whatever it is
_MOST_ALIKE = 100
_MOST_DEEP = 1_000
_MOST_TIMES = 20


def may_be_slow(frame: bytes) -> bool:
    """Whether a frame has room for so many lists and tagged values that they could be too many keys."""
    return len(frame) > _SHORT and len(frame.translate(None, _PLAIN)) > _MOST_ALIKE


def refuse_slow_keys(frame: bytes, hash_of: Callable[[bytes], int]) -> None:
    """Goes through the keys of a frame; what else is wrong with it the decoder says.

    Args:
        frame: One value.
        hash_of: The hash of a key.

    Raises:
        FrameProblem: Too many keys have the same hash.
    """
    with suppress(_Unreadable):
        _Walk(frame, hash_of).run()


class _Unreadable(Exception):
    """It is not CBOR."""


@dataclass
class _Level:
    """A list, map or text of pieces that has begun.

    Attributes:
        start: Where it did, with its tags.
        left: How many values are still to come; below 0 where that is not known.
        step: Of how many values one is a key: each in a set, every second one in a map, none if 0.
        seen: How many values there were.
    """

    start: int
    left: int
    step: int = 0
    seen: int = 0

    @property
    def is_at_late_key(self) -> bool:
        """Whether the next value is a key behind as many others as may be alike."""
        return self.step > 0 and self.seen % self.step == 0 and self.seen > self.step * _MOST_ALIKE


class _Walk:
    def __init__(self, frame: bytes, hash_of: Callable[[bytes], int]) -> None:
        self._frame = frame
        self._hash_of = hash_of
        self._levels = [_Level(0, 1)]
        self._alike: defaultdict[int, set[bytes]] = defaultdict(set)
        self._room = _MOST_TIMES * len(frame)
        self._position = 0

    def run(self) -> None:
        while self._levels and len(self._levels) < _MOST_DEEP:
            self._take_head()

    def _take_head(self) -> None:
        start, tag = self._position, _UNKNOWN
        major, size = self._head()
        while major == _TAG:
            tag = size
            major, size = self._head()
        if major == _SIMPLE and size == _UNKNOWN:  # the end of what has no size
            self._end(self._levels.pop().start)
        elif major in (_LIST, _MAP) and size:
            step = 2 if major == _MAP else int(tag == _SET)
            self._levels.append(_Level(start, size * (2 if major == _MAP else 1), step))
        elif major in (_BYTES, _TEXT) and size == _UNKNOWN:
            self._levels.append(_Level(start, size))
        else:
            self._position += size if major in (_BYTES, _TEXT) else 0
            self._end(start)

    def _head(self) -> tuple[int, int]:
        """The major type of what comes next, and its number: a length, a count or a tag."""
        first = self._frame[self._position : self._position + 1]
        if not first:
            raise _Unreadable
        major, number = divmod(first[0], 32)
        self._position += 1
        if number < 24:
            return major, number
        if number == 31:
            return major, _UNKNOWN
        end = self._position + (1 << (number - 24))
        if number > 27 or end > len(self._frame):
            raise _Unreadable
        number = int.from_bytes(self._frame[self._position : end], "big")
        self._position = end
        return major, number

    def _end(self, start: int) -> None:
        """A value has ended that began there, and with it those of which it is the last part."""
        while self._levels:
            level = self._levels[-1]
            if level.is_at_late_key and _LIST <= self._frame[start] >> 5 <= _TAG:
                self._look_at(self._frame[start : self._position])
            level.seen += 1
            level.left -= 1
            if level.left:
                return
            start = self._levels.pop().start

    def _look_at(self, key: bytes) -> None:
        self._room -= len(key)
        try:
            alike = self._alike[self._hash_of(key)]
        except Exception:
            raise _Unreadable from None
        alike.add(key)
        if len(alike) > _MOST_ALIKE or self._room < 0:
            raise FrameProblem(f"more than {_MOST_ALIKE} keys have the same hash, which would make reading it slow")
