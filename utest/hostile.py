"""What strangers send: bytes at random, and good frames with something changed in them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from ZmqLibrary.zmtp.greeting import Greeting, Version
from ZmqLibrary.zmtp.transport import endpoint_of, listening


def broken_frames(spec: str, count: int) -> list[bytes]:
    """Short random frames, and good ones with a byte changed, lost or added: these get further in."""
    chance = random.Random(spec)
    samples = {
        "JSON": [
            b'{"a": [1, -2.5e3, "\\u00e4\\ud83d\\ude00", null, true], "b": {"c": "d"}}',
            b'[[], {}, "x", NaN, 1e9]',
            b"[1e999, 12345678901234567890]",
        ],
        "MSGPACK": [
            b"\x84\xa1a\x93\x01\xc4\x01\xff\xcb" + bytes(8) + b"\xa1b\xd6\xff\0\0\0\1\1\xc0\2\x90",
            b"\x83\xc4\x01k\x01\x93\x01\x02\x03\x02\xa1a\x81\xa1b\x03",  # bytes and a list as keys
        ],
        "CBOR": [
            bytes.fromhex(
                "a56161830141fffb00000000000000006162c11a514b67b00182c482211904d2d81e8201030281f603d9010282010204"
            ),
            bytes.fromhex("a34162018001a1010203c5822003d823612e"),  # bytes, a list and a map as keys, a big float
            b"\xa1\x61n\xc2\x59\x08\x00" + b"\xff" * 2048,  # a number of more than 4,300 digits
        ],
        "PROTOBUF:google.protobuf.struct_pb2.Struct": [b"\x0a\x0e\x0a\x01a\x12\x09\x11" + bytes(8)],
        "STRUCT:<IhxQ3sd?": [bytes(27)],
        "LITERAL:<IDS|MSG>": [b"<IDS|MSG>"],
    }.get(spec, [b"some text"])
    frames = []
    for number in range(count):
        if number % 2:
            frames.append(chance.randbytes(chance.choice((0, 1, 2, 4, 8, 8, 16, 40))))
            continue
        frame = bytearray(chance.choice(samples))
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(frame))
            frame[place : place + chance.randint(0, 1)] = chance.randbytes(chance.randint(0, 2))
            frame = frame or bytearray(b"?")
        frames.append(bytes(frame))
    return frames


@contextmanager
def talker(beginning: bytes, repeated: bytes) -> Iterator[str]:
    """Who listens, greets the first client, and then says the same again and again until that is gone."""
    with listening("tcp://127.0.0.1:*") as listener:

        def talk() -> None:
            with listener.accept()[0] as client, suppress(OSError):
                client.sendall(Greeting(Version.ZMTP_3_1, "NULL").encode() + beginning)
                while True:
                    client.sendall(repeated)

        thread = Thread(target=talk)
        thread.start()
        yield endpoint_of(listener)
        thread.join()
