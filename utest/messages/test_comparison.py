from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import EncodeError
from ZmqLibrary.formats import FormatTable, Hidden
from ZmqLibrary.messages.comparison import compare_frame, compare_frames, contains, shown_value

FORMATS = FormatTable()
get = FORMATS.get


def compare(expected, received, format="TEXT") -> str:
    return "\n".join(compare_frames(expected, received, get(format)))


@settings(deadline=None, database=None)
@given(st.lists(st.text(), min_size=1))
def test_the_same_frames_are_equal(texts):
    assert compare(texts, [text.encode() for text in texts]) == ""


@settings(deadline=None, database=None)
@given(st.binary(min_size=1), st.binary(min_size=1))
def test_bytes_are_equal_only_to_the_same_bytes(left, right):
    assert (compare([left], [right], "BYTES") == "") == (left == right)


@settings(deadline=None, database=None)
@given(st.dictionaries(st.text(), st.integers(-9, 9) | st.booleans() | st.none() | st.lists(st.text())))
def test_key_order_and_white_space_of_json_do_not_matter(value):
    backwards = json.dumps(dict(reversed(value.items())), indent=3).encode()
    assert compare([value], [backwards], "JSON") == ""
    assert compare([json.dumps(value)], [backwards], "JSON") == ""


def test_json_compares_values_as_json_has_them():
    assert compare(["1"], [b"1.0"], "JSON") == ""
    assert "the values differ" in compare(["1"], [b"true"], "JSON")
    assert "the received frame is not JSON" in compare(["1"], [b"{"], "JSON")


def test_hex_and_base64_compare_bytes_however_they_are_written():
    assert compare(["00 FF"], [b"\x00\xff"], "HEX") == ""
    assert compare(["AP8="], [b"\x00\xff"], "BASE64") == ""


def test_the_first_difference_is_marked_with_its_offset_in_its_frame():
    lines = compare(["topic", "hallo", "same"], [b"topic", b"hello", b"same"]).splitlines()
    assert lines == [
        "Frame 0   expected: 'topic'",
        "          received: 'topic'",
        "Frame 1 ≠ expected: 'hallo'",
        "          received: 'hello'",
        "          first difference at offset 1: 'a' ≠ 'e'",
        "Frame 2   expected: 'same'",
        "          received: 'same'",
    ]


@pytest.mark.parametrize(
    ("expected", "received", "words"),
    [
        ("abc", b"ab", "first difference at offset 2: 'c' ≠ end of frame"),
        ("ab", b"abc", "first difference at offset 2: end of frame ≠ 'c'"),
        ("", b"\x00", r"first difference at offset 0: end of frame ≠ '\x00'"),
        ("a b", b"a\tb", r"first difference at offset 1: ' ' ≠ '\t'"),
        ("é", b"\xc3\xa8", "first difference at offset 1: 'é' ≠ 'è'"),
        ("aé", b"a\xc3\xff", r"first difference at offset 2: 'é' ≠ '\xff'"),
        ("日", b"\xe6\x97", "first difference at offset 2: '日' ≠ end of frame"),
        ("😀", "😁x".encode(), "first difference at offset 3: '😀' ≠ '😁'"),
        ("日本", b"id", "first difference at offset 0: '日' ≠ 'i'"),
        (b"\x80\x80\x80\x80\x80", b"\x80\x80\x80\x80\x81", r"first difference at offset 4: '\x80' ≠ '\x81'"),
    ],
)
def test_what_is_not_printable_or_missing_is_told(expected, received, words):
    assert words in compare([expected], [received])


def test_frames_that_are_missing_or_too_many_are_told():
    fewer, more = compare(["a", "b", "c"], [b"a"]), compare(["a"], [b"a", b"x\n"])
    assert fewer.startswith("Expected 3 frames, received 1 frame.")
    assert "Frame 1 ≠ expected: 'b', but the message ends" in fewer
    assert "Frame 2 ≠ expected: 'c', but the message ends" in fewer
    assert more.startswith("Expected 1 frame, received 2 frames.")
    assert r"Frame 1 ≠ not expected: 'x\n'" in more


def test_huge_frames_are_shown_in_part():
    text = compare(["a" * 100_000], [b"a" * 99_999 + b"b"])
    assert "(100000 bytes)" in text
    assert "first difference at offset 99999: 'a' ≠ 'b'" in text
    assert len(text) < 1000


def test_a_secret_is_compared_and_not_shown():
    assert compare([Hidden("hunter2")], [b"hunter2"]) == ""
    for received in (b"x", b"hunter3", b"hunter22"):
        text = compare([Hidden("hunter2")], [received])
        assert "<secret>" in text
        assert "the values differ" in text
        assert "hunter2'" not in text
        assert "offset" not in text
    assert "hunter2" not in compare([{"password": Hidden("hunter2")}], [b'{"password": "x"}'], "JSON")


def test_an_expected_value_that_does_not_fit_its_format_is_refused():
    with pytest.raises(EncodeError, match="Frame 1"):
        compare(["a", None], [b"a", b"b"])
    with pytest.raises(EncodeError, match="Frame 0"):
        compare(["xyz"], [b"a"], "HEX")


def test_one_frame_is_compared_alone():
    assert compare_frame(b'{"a": 1}', b'{"a":1}', get("JSON").of(1)[0]).equal
    assert not compare_frame(b'{"a": 1}', b'{"a":1}', get("TEXT").of(1)[0]).equal


@pytest.mark.parametrize(
    ("frames", "value", "format", "found"),
    [
        ([b"a", b"hello"], "ell", "TEXT", True),
        ([b"a", b"hello"], "Ell", "TEXT", False),
        ([b"ab", b"cd"], "bc", "TEXT", False),
        ([b"x", b"\x00\xff\x01"], "ff 01", "HEX", True),
        ([b'{"n": 1, "m": [1, {"k": 2}]}'], {"m": [{"k": 2}]}, "JSON", True),
        ([b'{"n": 1, "m": 2}'], '{"n": 1}', "JSON", True),
        ([b'{"n": 1}'], {"n": True}, "JSON", False),
        ([b"[1, 2, 3]"], "2", "JSON", True),
        ([b"[1, 2, 3]"], "4", "JSON", False),
        ([b'"hello"'], '"ell"', "JSON", True),
        ([b"not json"], "2", "JSON", False),
    ],
)
def test_a_message_contains_a_value_in_any_of_its_frames(frames, value, format, found):
    assert contains(frames, value, get(format)) is found


def test_an_expected_value_is_shown_as_it_would_be_sent():
    assert shown_value({"a": 1}, [b"1"], get("JSON")) == """'{"a":1}'"""
    assert shown_value("00FF", [b"1"], get("HEX")) == "'00 ff'"
    assert shown_value(Hidden("hunter2"), [b"1"], get("TEXT")) == "<secret>"


def test_a_received_frame_that_is_the_hidden_one_is_not_shown():
    text = compare([Hidden("sesame"), "x"], [b"sesame", b"y"])
    assert "sesame" not in text
    assert text.startswith("Frame 0   expected: <secret>\n          received: <secret>")
    text = compare([Hidden({"p": "sesame"}), 1], [b'{ "p": "sesame" }', b"2"], "JSON")
    assert "sesame" not in text


def test_of_very_many_frames_those_around_the_first_difference_are_shown():
    expected = [str(number) for number in range(10_000)]
    received = [frame.encode() for frame in expected]
    received[5_000:] = [b"?"] * 6_000
    lines = compare(expected, received).splitlines()
    assert lines[:2] == ["Expected 10,000 frames, received 11,000 frames.", "… 4,980 frames before"]
    assert "Frame 5000 ≠ expected: '5000'" in lines
    assert lines[-1] == "… 5,980 frames more"
    assert len(lines) < 150


def test_a_value_is_looked_for_in_the_frames_whose_format_it_fits():
    frames, formats = [b"topic", b'{"a": 1, "b": 2}', b"\x07"], get("TEXT,JSON,U8")
    for value in ({"a": 1}, "opi", "7"):
        assert contains(frames, value, formats)
    assert not contains(frames, {"a": 2}, formats)
    assert shown_value({"a": 2}, frames, formats) == """'{"a":2}'"""
    with pytest.raises(EncodeError):
        contains(frames[:1], {"a": 1}, get("TEXT"))
