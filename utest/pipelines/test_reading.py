"""The numbers that services write themselves."""

from __future__ import annotations

import json

import cbor2
import msgpack
import pytest

from ZmqLibrary.pipelines.reading import OwnFields
from ZmqLibrary.pipelines.settings import SinkSettings


@pytest.mark.parametrize("format", ["MSGPACK", "CBOR", "JSON", "TEXT,MSGPACK", "TEXT,...,CBOR", "TEXT", "BYTES", "HEX"])
def test_a_path_is_looked_up_in_what_the_format_makes_of_the_last_frame(format):
    settings = SinkSettings("out", "tcp://127.0.0.1:*", "PULL", sequence="$.id[1]", sent_at="$.at", format=format)
    fields, document = OwnFields(settings), {"id": [0, 7], "at": 1.5}
    encode = {"MSGPACK": msgpack.packb, "CBOR": cbor2.dumps}.get(format.rpartition(",")[2])
    frame = encode(document) if encode else json.dumps(document).encode()
    assert fields.number([b"topic", frame]) == 7
    assert fields.sent_at([b"topic", frame]) == 1_500_000_000
    assert fields.number([b"topic", b"\xc1"]) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), (7.0, 7), ("7", 7), (1.5, None), ("1.5", None), (True, None), (None, None), ([7], None), (2**64, None)],
)
def test_only_whole_numbers_are_numbers_of_messages(value, number):
    fields = OwnFields(SinkSettings("out", "tcp://127.0.0.1:*", "PULL", sequence="$.id"))
    assert fields.number([json.dumps({"id": value}).encode()]) == number
