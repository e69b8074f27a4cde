"""A malformed frame against a good one of the same size: what a stranger can cost with a megabyte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from time import perf_counter

from result import Result

from ZmqLibrary.errors import DecodeError
from ZmqLibrary.formats import FormatTable

SIZE = 1_000_000
ROUNDS = 3
GOAL = 2.0

FRAMES: dict[str, tuple[Callable[[int], bytes], Callable[[int], bytes]]] = {
    "MSGPACK": (
        lambda size: b"\xdd" + size.to_bytes(4, "big") + b"\x90" * size,
        lambda size: b"\xdd" + size.to_bytes(4, "big") + b"\x90" * (size - 1) + b"\xc1",
    ),
    "CBOR": (
        lambda size: b"\x9a" + size.to_bytes(4, "big") + b"\x80" * size,
        lambda size: b"\x9a" + size.to_bytes(4, "big") + b"\x80" * (size - 1) + b"\xff",
    ),
    "JSON": (
        lambda size: b"[" + b"[]," * (size // 3) + b"[]]",
        lambda size: b"[" + b"[]," * (size // 3) + b"x]",
    ),
}


def measure() -> Iterator[Result]:
    table = FormatTable()
    for name, (good, bad) in FRAMES.items():
        decode = table.get(name).decode
        frames = [good(SIZE)], [bad(SIZE)]
        rounds = [[seconds(decode, frame) for frame in frames] for _ in range(ROUNDS)]
        well_formed, malformed = (min(column) for column in zip(*rounds, strict=True))
        title = f"{name}: {1000 * well_formed:.3g} ms for a good megabyte, malformed / good"
        yield Result(title, malformed / well_formed, goal=GOAL)


def seconds(decode: Callable[[list[bytes]], object], frames: list[bytes]) -> float:
    started = perf_counter()
    with suppress(DecodeError):
        decode(frames)
    return perf_counter() - started
