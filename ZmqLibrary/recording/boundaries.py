"""Where messages begin in a stream whose beginning is missing.

Any byte could be the flags of a frame. But a chain of frames that begins at a wrong byte soon meets flags or a size
that no frame has, or falls in with the true chain. So a frame begins for certain where a chain holds to the end of what
is there, no other such chain passes over that place, and as many bytes lie before it as the longest frame has: a wrong
chain inside a frame has met the true one by then. A message begins behind the next frame that is the last of its own.
Zeros behind each other are no chain of empty frames, but what many frames are full of.

Where bytes are missing inside of a frame whose header is there, its size says where the next one begins.
"""

from __future__ import annotations

import re
from array import array
from itertools import pairwise
from typing import NamedTuple

from ..errors import ProtocolError
from ..zmtp.frames import COMMAND, LARGEST, LONG, MORE, bounds_of, scan

_FRAMES = 3
_HIGHEST_FLAGS = 6
_EMPTY_FRAME = 2
_ZEROS = rb"\0{4,}"


class BegunFrame(NamedTuple):
    """A frame of a message that is not whole.

    Attributes:
        more: Whether further frames of the message follow.
        to_come: How many of its bytes are not there.
    """

    more: bool
    to_come: int


def begun_frame(data: bytes | bytearray, start: int) -> BegunFrame | None:
    """The frame at the end of the data; None if there is none, or not its whole header.

    Args:
        data: Bytes of a stream behind each other.
        start: Where a frame begins.
    """
    try:
        while found := scan(data, start):
            start = found[-1].end
    except ProtocolError:
        return None
    if start == len(data) or data[start] & COMMAND:
        return None
    body, end = bounds_of(data, start, len(data))
    return BegunFrame(bool(data[start] & MORE), end - len(data)) if body <= len(data) else None


def rest_of_message(data: bytes | bytearray) -> tuple[int, bool]:
    """Where the frames end that are left of a message, and whether more of them are to come."""
    position = 0
    while found := scan(data, position):
        for frame in found:
            position = frame.end
            if not frame.flags & (MORE | COMMAND):
                return position, False
    return position, True


def first_boundary(data: bytes | bytearray, complete: bool) -> int | None:
    """The first position at which a message begins for certain.

    Args:
        data: Bytes of a stream behind each other.
        complete: Whether the stream ends with them, so that the last message does, too.

    Returns:
        The position, which may be the end; None if none is certain.
    """
    follow = _chains(data, complete)
    first = next((position for position, step in enumerate(follow) if step), None)
    if first is None:
        return None
    chain = _chain(follow, first)
    longest = max(after - before for before, after in pairwise(chain))
    whole = [position for position in chain if position <= len(data)]
    if longest <= _EMPTY_FRAME or len(whole) <= _FRAMES:
        return None
    certain = _first_cut(follow, min(longest, whole[-_FRAMES - 1]))
    return None if certain is None else _behind_message(data, follow, certain)


def _chains(data: bytes | bytearray, complete: bool) -> array[int]:
    """For each position where the frame behind the one there begins; 0 where no chain of frames begins."""
    size = len(data)
    beyond = 0 if complete else size + 1
    follow = array("Q", bytes(8 * size))
    hollow = _hollow(data)
    for position in range(size - 1, -1, -1):
        flags = data[position]
        if flags > _HIGHEST_FLAGS or flags == 5 or hollow[position]:
            continue
        if position + (9 if flags & LONG else 2) > size:
            follow[position] = beyond
            continue
        following = position + 2 + data[position + 1]
        if flags & LONG:
            length = int.from_bytes(data[position + 1 : position + 9], "big")
            if length > LARGEST:
                continue
            following = position + 9 + length
        if following == size or (following < size and follow[following]):
            follow[position] = following
        elif following > size:
            follow[position] = beyond
    return follow


def _hollow(data: bytes | bytearray) -> bytearray:
    """For each position whether an empty frame would begin there among several zeros."""
    found = bytearray(len(data))
    for zeros in re.finditer(_ZEROS, data):
        found[zeros.start() : zeros.end() - 1] = b"\1" * (len(zeros[0]) - 1)
    return found


def _chain(follow: array[int], position: int) -> list[int]:
    chain = [position]
    while position < len(follow):
        position = follow[position]
        chain.append(position)
    return chain


def _first_cut(follow: array[int], least: int) -> int | None:
    """The first position from `least` on that begins a chain and that no chain passes over."""
    reach = 0
    for position, step in enumerate(follow):
        if step and position >= max(reach, least):
            return position
        reach = max(reach, step)
    return None


def _behind_message(data: bytes | bytearray, follow: array[int], position: int) -> int | None:
    while position < len(data):
        flags, position = data[position], follow[position]
        if position <= len(data) and not flags & MORE:
            return position
    return None
