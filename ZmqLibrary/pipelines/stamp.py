"""Stamp: 28 bytes by which a sink knows a pump's messages, their order, their age, and whether they are whole.

    4 magic · 4 run id · 8 sequence number, from 1 · 8 planned time, monotonic ns · 4 CRC        (network byte order)

It is the last frame (FRAME), or the first bytes of the last frame (PREFIX). The run id has 6 bits for the machine,
whose clock the time is of, 2 that say how many of the other 24 are for the lane: 0, 4, 8 or 12. The rest is a random
number for the pump, because process ids are the same in several containers: two pumps with one lane have the same one
once in 16 million times. Numbers are the pump's, order is a lane's. The CRC is that of all other bytes of the message,
frame after frame, and then of the 24 bytes before it: so it can be made from the CRC of a payload that stays the same,
and what a damaged byte of the stamp does to it is the same for all payloads.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple
from zlib import crc32

Frames = Sequence[bytes]
MAGIC = b"\xdfZP\x01"
SIZE = 28
MOST_LANES = 1 << 12
_LANE_BITS = (0, 4, 8, 12)  # by the 2 bits of the run id
_HEAD = struct.Struct(">4sIQQ")
_WHOLE = struct.Struct(">4sIQQI")
_CRC = struct.Struct(">I")


class Stamp(NamedTuple):
    """What a stamp says."""

    run: int
    sequence: int
    planned: int
    crc: int


def run_id(pump: int, lane: int, lanes: int = 1) -> int:
    """The run id of one of a pump's lanes on this machine; `pump` is a number of which the lowest bits are taken."""
    size = next(size for size, bits in enumerate(_LANE_BITS) if lanes <= 1 << bits)
    return machine() << 26 | size << 24 | pump << _LANE_BITS[size] & 0xFFFFFF | lane


def run_ids(lanes: int) -> list[int]:
    """The run ids of a new pump's lanes."""
    pump = int.from_bytes(os.urandom(3), "big")
    return [run_id(pump, lane, lanes) for lane in range(lanes)]


def pump_of(run: int) -> int:
    """What the run ids of a pump's lanes have in common: the one of its first lane."""
    bits = _LANE_BITS[run >> 24 & 3]
    return run >> bits << bits


def machine_of(run: int) -> int:
    """The machine whose clock the planned times are of, in 6 bits."""
    return run >> 26


@cache
def machine() -> int:
    """This machine since its start, in 6 bits."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            text = file.read().strip()
    except OSError:
        text = socket.gethostname()
    return crc32(text.encode()) & 0x3F


def payload_crc(frames: Iterable[bytes | memoryview]) -> int:
    """The CRC of all bytes of a message but the stamp."""
    crc = 0
    for frame in frames:
        crc = crc32(frame, crc)
    return crc


def stamped(run: int, sequence: int, planned: int, payload: int) -> bytes:
    """One stamp; `payload` is the payload's CRC."""
    head = _HEAD.pack(MAGIC, run, sequence, planned)
    return head + _CRC.pack(crc32(head, payload))


def stamps(run: int, first: int, planned: Sequence[int], payload: int) -> list[bytes]:
    """Stamps of messages with the same payload, whose numbers follow one another."""
    pack, crc_of = _WHOLE.pack, crc32
    magic_and_run = _HEAD.pack(MAGIC, run, 0, 0)[:8]
    numbers = range(first, first + len(planned))
    heads = struct.pack(f">{len(planned) * 2}Q", *(value for pair in zip(numbers, planned) for value in pair))
    start = crc32(magic_and_run, payload)
    return [
        pack(MAGIC, run, number, time, crc_of(heads[at : at + 16], start))
        for number, time, at in zip(numbers, planned, range(0, len(heads), 16))
    ]


def read_stamp(data: bytes | memoryview) -> Stamp:
    """The stamp in the first bytes of a frame, whatever its magic says."""
    _, run, sequence, planned, crc = _WHOLE.unpack_from(data)
    return Stamp(run, sequence, planned, crc)


def begins_with_stamp(frame: bytes) -> bool:
    """Whether the first bytes of a frame look like a stamp."""
    return len(frame) >= SIZE and frame.startswith(MAGIC)


def difference(data: bytes | memoryview, payload: int) -> int:
    """0 for a message as the pump made it; else by which bits the CRC is wrong."""
    return crc32(data[:24], payload) ^ int.from_bytes(data[24:28], "big")


NUMBER_BYTES = range(16)
"""Where a damaged byte takes the number away: magic, run id and sequence number."""


@cache
def _syndromes() -> dict[int, int]:
    """By which bits the CRC is wrong if a single byte of the stamp was damaged → which one."""
    nothing = crc32(bytes(24))
    found = {}
    for place in range(24):
        data = bytearray(24)
        for change in range(1, 256):
            data[place] = change
            found[crc32(data) ^ nothing] = place
    for place in range(24, 28):
        for change in range(1, 256):
            found[change << 8 * (27 - place)] = place
    return found


def damaged_byte(difference: int) -> int | None:
    """Which byte of the stamp was damaged if it was a single one; None if that explains nothing."""
    return _syndromes().get(difference)


def number_is_damaged(data: bytes | memoryview, payload: int, candidates: Iterable[int]) -> bool:
    """Whether the CRC is wrong because the sequence number is: with one of the candidates it would be right."""
    expected = int.from_bytes(data[24:28], "big")
    start, planned = crc32(data[:8], payload), data[16:24]
    return any(crc32(planned, crc32(number.to_bytes(8, "big"), start)) == expected for number in candidates)
