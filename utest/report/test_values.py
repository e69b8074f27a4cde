"""Frames as the values that they stand for: readable, bounded, and never a failure of their own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.formats import FormatTable, HiddenBytes
from ZmqLibrary.plain_text import printable
from ZmqLibrary.report.values import bounded_text, value_preview, value_summary, whole_text

TABLE = FormatTable("latin-1")
TABLE.register("BROKEN", str, lambda frame: 1 / 0)


@pytest.mark.parametrize(
    ("format", "value", "shown"),
    [
        ("MSGPACK", {"seq": 5, "in": [1.5, None, True, b"\xff"]}, "{'seq': 5, 'in': [1.5, None, True, b'\\xff']}"),
        ("MSGPACK", "it's\n", r"'it's\n'"),
        ("CBOR", [1, {"a": "b"}], "[1, {'a': 'b'}]"),
        ("PROTOBUF:google.protobuf.struct_pb2.Struct", {"a": 1}, "{'a': 1.0}"),
        ("STRUCT:<IH", [1, 2], "[1, 2]"),
        ("U32LE", 7, "7"),
        ("F64BE", 0.5, "0.5"),
        ("JSON", {"a": [1]}, """'{"a":[1]}'"""),
        ("HEX", "00ff", "'00 ff'"),
        ("BASE64", "AP8=", "'AP8='"),
        ("TEXT", "é", "'é'"),
        ("BYTES", b"\xff", r"'\xff'"),
    ],
)
def test_a_frame_is_shown_as_its_value(format, value, shown):
    kind = TABLE.format(format)
    assert value_preview(kind.encode(value), kind, 100) == shown


def test_a_frame_without_its_format_is_shown_as_bytes():
    assert value_preview(b"\x01", TABLE.format("U32LE"), 100) == r"'\x01'"
    assert value_preview(b"a", TABLE.format("BROKEN"), 100) == "'a'"
    assert value_summary([b"\x01", b"b"], TABLE.get("U8,U8,U8"), 100) == r"'\x01' | 'b'"
    assert value_summary([b"\x01", b"b"], None, 100) == r"'\x01' | 'b'"


def test_secrets_are_not_shown():
    assert value_preview(HiddenBytes(b"\x01"), TABLE.format("U8"), 100) == "<secret>"


@pytest.mark.parametrize("format", ["MSGPACK", "CBOR"])
def test_a_huge_value_is_cut(format):
    kind = TABLE.format(format)
    for value in (list(range(100_000)), {str(n): n for n in range(10_000)}, "x" * 100_000, [b"x" * 100_000]):
        assert len(value_preview(kind.encode(value), kind, 60)) < 90


def test_a_long_message_is_cut():
    shown = value_summary([b"\x07"] * 30, TABLE.get("U8"), 100)
    assert shown == " | ".join(["7"] * 20) + " | … 10 more frames"


def test_a_value_is_written_whole_unless_python_refuses():
    assert whole_text([10**4000]) == repr([10**4000])
    assert whole_text({"n": [1, 10**5000]}) == "{'n': [1, <int of 16,610 bits>]}"
    assert len(whole_text([10**5000] * 10_000)) < 11_000


def test_values_without_a_text_have_one():
    class Bad:
        def __repr__(self) -> str:
            raise RuntimeError

    assert (
        bounded_text(
            [
                Bad(),
                10**5000,
                {
                    1,
                },
                (2,),
            ],
            100,
        )
        == "[<Bad>, <int of 16,610 bits>, {1}, (2)]"
    )
    nested: list[object] = []
    nested.append(nested)
    assert bounded_text(nested, 1000).count("[") == 20


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None, database=None)
@given(VALUES, st.integers(1, 80))
def test_a_text_is_bounded_and_is_python_where_there_is_room(value, limit):
    text = bounded_text(value, limit)
    assert len(text) - 3 * text.count("\\x3a") <= limit + 1  # the colon of what would be a link is an escape
    assert bounded_text(value, 1_000_000) == printable(repr(value))


@settings(deadline=None, database=None)
@given(st.binary(), st.sampled_from(["MSGPACK", "CBOR", "JSON", "HEX", "TEXT", "U8", "STRUCT:<I", "EMPTY"]))
def test_whatever_comes_is_shown_in_one_printable_line(frame, format):
    assert value_preview(frame, TABLE.format(format), 50).isprintable()


FRAME = st.one_of(st.text().map(str.encode), st.binary(max_size=40), st.sampled_from([b"script://x", b"s" * 60]))


@given(st.lists(st.one_of(FRAME, FRAME.map(HiddenBytes)), max_size=25), st.sampled_from(["utf-8", "latin-1"]))
def test_a_message_of_text_is_shown_as_its_frames_are(frames, encoding):
    formats = FormatTable(encoding).get("TEXT")
    shown = [value_preview(frame, formats.repeated, 50) for frame in frames[:20]]
    more = [f"… {len(frames) - 20} more frames"] if len(frames) > 20 else []
    assert value_summary(frames, formats, 50) == " | ".join([*shown, *more])
