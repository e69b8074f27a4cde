"""Encoding and decoding in each format against the bare library call, for messages of more than 1 kB.

The formats do more than the bare call: they refuse NaN, keys that are there twice, trailing bytes. The quietest of
several alternating rounds counts.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Iterator
from time import perf_counter

import cbor2
import msgpack
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from result import Result

from ZmqLibrary.formats import FormatTable

ROUNDS = 25
SECONDS = 0.01
GOAL = 1.5

DOCUMENT = {
    "header": {"msg_id": "0b6ac1a5-1", "date": "2024-05-01T12:00:00Z", "version": "5.3", "ok": True, "none": None},
    "points": [{"name": f"sensor-{n}", "value": n * 0.25, "count": n, "tags": ["a", "b"]} for n in range(30)],
}
TEXT = "Grüße an alle, 0123456789. " * 60
DATA = bytes(range(256)) * 8
PROTOBUF = "PROTOBUF:google.protobuf.struct_pb2.Struct"
NUMBERS = [number % 65536 for number in range(600)]
LAYOUT = f"<{len(NUMBERS)}H"
PACKED = struct.Struct(LAYOUT)

Cases = dict[str, tuple[object, Callable[[object], bytes], Callable[[bytes], object]]]


def cases() -> Cases:
    return {
        "TEXT": (TEXT, lambda value: value.encode(), lambda frame: frame.decode()),
        "BYTES": (DATA, lambda value: value, lambda frame: frame),
        "HEX": (DATA.hex(" "), bytes.fromhex, lambda frame: frame.hex(" ")),
        "BASE64": (
            base64.b64encode(DATA).decode(),
            lambda value: base64.b64decode(value, validate=True),
            lambda frame: base64.b64encode(frame).decode(),
        ),
        "JSON": (DOCUMENT, lambda value: json.dumps(value).encode(), json.loads),
        "MSGPACK": (DOCUMENT, msgpack.packb, msgpack.unpackb),
        "CBOR": (DOCUMENT, cbor2.dumps, cbor2.loads),
        PROTOBUF: (DOCUMENT, write_protobuf, read_protobuf),
        f"STRUCT:{LAYOUT}": (NUMBERS, lambda value: PACKED.pack(*value), lambda frame: list(PACKED.unpack(frame))),
    }


def write_protobuf(value: object) -> bytes:
    return json_format.ParseDict(value, Struct()).SerializeToString()


def read_protobuf(frame: bytes) -> object:
    message = Struct()
    message.ParseFromString(frame)
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def measure() -> Iterator[Result]:
    table = FormatTable()
    for spec, (value, encode, decode) in cases().items():
        formats = table.get(spec)
        frame = encode(value)
        assert formats.decode([frame]) == [decode(frame)]

        def bare(value=value, encode=encode, decode=decode) -> object:
            return decode(encode(value))

        def ours(value=value, formats=formats) -> object:
            return formats.decode(formats.encode([value]))

        rounds = [(duration(bare), duration(ours)) for _ in range(ROUNDS)]
        by_hand, library = (min(column) for column in zip(*rounds, strict=True))
        name = f"{spec.partition(':')[0]} both ways, {len(frame):,} bytes"
        # Where the bare call costs next to nothing (BYTES: a name), what counts is how little is added.
        if by_hand < 1e-6:
            yield Result(f"{name}: added", 1e6 * (library - by_hand), "µs")
        else:
            yield Result(f"{name}: {1e6 * by_hand:.3g} µs by hand, ZmqLibrary / by hand", library / by_hand, goal=GOAL)


def duration(call: Callable[[], object]) -> float:
    """Seconds of one call, of a loop that runs for a moment."""
    calls, started = 0, perf_counter()
    while (elapsed := perf_counter() - started) < SECONDS:
        for _ in range(10):
            call()
        calls += 10
    return elapsed / calls
