"""A capture of 100 MB is written, or read: seconds and memory.

Arguments: `write` PATH SIZE, with messages of SIZE bytes in segments of 1,400; or `read` PATH.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
import time
from pathlib import Path

from ZmqLibrary.formats import FormatTable
from ZmqLibrary.recording.loading import load_recording
from ZmqLibrary.zmtp.commands import ready
from ZmqLibrary.zmtp.frames import encode
from ZmqLibrary.zmtp.greeting import Greeting, Version

TOTAL = 100_000_000
SEGMENT = 1400
ADDRESSES = bytes((10, 0, 0, 1, 10, 0, 0, 2))
ACK = 16


def packet(ports: tuple[int, int], addresses: bytes, sequence: int, data: bytes) -> bytes:
    tcp = struct.pack("!HHIIBBHHH", *ports, sequence % 2**32, 0, 5 << 4, ACK, 65535, 0, 0) + data
    raw = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + addresses + tcp
    return struct.pack("<IIII", 0, 0, len(raw), len(raw)) + raw


def write(path: str, size: int) -> None:
    greeting = Greeting(Version.ZMTP_3_1, "NULL").encode()
    stream = greeting + ready({"Socket-Type": b"PUSH"}).encode() + encode([b"x" * size]) * (TOTAL // (size + 9))
    with Path(path).open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
        back = greeting + ready({"Socket-Type": b"PULL"}).encode()
        file.write(packet((5555, 40000), ADDRESSES[4:] + ADDRESSES[:4], 1, back))
        for start in range(0, len(stream), SEGMENT):
            file.write(packet((40000, 5555), ADDRESSES, 1 + start, stream[start : start + SEGMENT]))
    print(json.dumps({}))


def read(path: str) -> None:
    begun = time.perf_counter()
    recording = load_recording(Path(path), None, FormatTable("UTF-8").get("TEXT"))
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"messages": len(recording), "seconds": seconds, "megabytes": peak}))


if __name__ == "__main__":
    write(sys.argv[2], int(sys.argv[3])) if sys.argv[1] == "write" else read(sys.argv[2])
