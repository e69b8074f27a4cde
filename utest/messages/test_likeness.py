"""What is like a pattern, in text and in values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.field_patterns import field_pattern
from ZmqLibrary.messages.layout_definition import define_layout
from ZmqLibrary.messages.likeness import is_like, unlike
from ZmqLibrary.messages.patterns import MatchKind, message_pattern
from ZmqLibrary.messages.values import json_difference, json_subset

TABLE = FormatTable()
GLOB = MatchKind.GLOB
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab[]*?!^", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab[", max_size=2), inner, max_size=3),
    max_leaves=8,
)


def difference(pattern, frame, format="TEXT", kind=GLOB):
    made = message_pattern([pattern], kind, TABLE.get(format))
    assert made.matches([frame]) != bool(made.difference([frame]))
    return made.difference([frame])


@settings(deadline=None, database=None)
@given(st.text("abc[]!-*?^\\", max_size=12))
def test_a_text_is_always_like_itself(text):
    assert is_like(text, text)
    assert not difference(text, text.encode())


@settings(deadline=None, database=None)
@given(VALUES)
def test_a_value_is_always_like_itself(value):
    assert unlike(value, value) == ""
    for format in ("MSGPACK", "CBOR", "JSON"):
        frame = TABLE.format(format).encode(value if format != "JSON" else json.dumps(value))
        if isinstance(value, (dict, list)):
            assert not difference(json.dumps(value), frame, format)
        elif isinstance(value, str):
            assert not difference(value, frame, format)


@pytest.mark.parametrize(
    ("text", "glob", "like"),
    [
        ("[ERROR] disk full", "[ERROR]*", True),
        ("R", "[ERROR]", True),
        ("[DEBUG] x", "[ERROR]*", False),
        ("a", "[!b]", True),
        ("[!b]", "[!b]", True),
    ],
)
def test_brackets_are_read_in_both_ways(text, glob, like):
    assert is_like(text, glob) is like


def test_a_glob_with_brackets_that_fails_says_how_it_is_read():
    for pattern, frame, format in (("[ERROR]*", b"[DEBUG] x", "TEXT"), ('{"a": "[x]*"}', b'{"a": "y"}', "JSON")):
        assert "match=EXACT takes the text as it stands" in difference(pattern, frame, format)
    assert "EXACT" not in difference("a*", b"b")


@pytest.mark.parametrize("format", ["JSON", "MSGPACK", "CBOR"])
@pytest.mark.parametrize(
    ("pattern", "value", "found"),
    [
        ('["spawn", "*", "*"]', ["spawn", 1, {"a": 2}], ""),
        ('["sp*", {"a": 1}]', ["spawn", {"a": 1, "b": 2}], ""),
        ('["spawn", "*"]', ["stop", 1], '$[0]: expected "spawn", received "stop"'),
        ('["spawn", "*"]', ["spawn", 1, 2], "$: expected"),
        ('["spawn", {"a": 2}]', ["spawn", {"a": 1}], "$[1].a: expected 2, received 1"),
        ('["spawn"]', {"a": 1}, "$: expected"),
        ('{"tags": ["b*"]}', {"tags": ["a", "bc"]}, ""),
    ],
)
def test_lists_are_patterns_like_objects(format, pattern, value, found):
    shown = difference(pattern, TABLE.format(format).encode(value), format)
    assert found in shown
    assert bool(found) == bool(shown)


def test_numbers_and_structs_are_shown_and_matched_by_value():
    assert difference("2", b"\1\0\0\0", "U32LE") == "Frame 0: 1 is not like '2'"
    assert difference('[1, "*"]', b"\1\0\2", "STRUCT:<HB") == ""
    assert difference('[1, "*"]', b"\3\0\2", "STRUCT:<HB") == "Frame 0: [3, 2]: $[0]: expected 1, received 3"
    assert difference("tick", b"\xa4tick", "MSGPACK") == ""
    assert difference("ti", b"\xa4tick", "MSGPACK", MatchKind.PREFIX) == ""
    assert difference("^ti", b"\xa4tick", "MSGPACK", MatchKind.REGEXP) == ""


def test_an_object_never_becomes_a_glob_because_its_format_cannot_encode_it():
    TABLE.register("STRICT", lambda value: json.dumps({"all": value["all"], "n": value["n"]}), json.loads)
    assert not difference('{"all": "x*"}', b'{"all": "xyz", "n": 1}', "STRICT")
    assert difference({"all": "x*"}, b'{"all": "abc", "n": 1}', "STRICT").endswith(
        '$.all: expected "x*", received "abc"'
    )
    with pytest.raises(InvalidValue, match="cannot be compared with a frame as U8"):
        message_pattern(['{"a": 1}'], GLOB, TABLE.get("U8"))


def test_text_stays_text_where_the_format_says_so():
    frame = TABLE.format("MSGPACK:TEXT").encode('{"a": 1}')
    assert not difference('{"a": *}', frame, "MSGPACK:TEXT")
    assert not difference('{"a": 1}', frame, "MSGPACK")
    assert difference('{"a": 1}', TABLE.format("MSGPACK").encode({"a": 1, "b": 2}), "MSGPACK:TEXT")


@pytest.fixture(scope="module")
def layout():
    return define_layout(
        "job", {"ids": "BYTES...", "delimiter": "EMPTY", "header": "JSON", "n": "U8", "rest": "MSGPACK..."}, TABLE
    )


def test_fields_of_variable_number_do_not_shift_patterns(layout):
    pattern = field_pattern({"header": {"type": "sta*"}, "n": 7}, GLOB, layout)
    for ids in ([], [b"a"], [b"a", b"b", b"c"]):
        frames = [*ids, b"", b'{"type": "status", "x": 1}', b"\7"]
        assert pattern.matches(frames)
        assert pattern.matches([*frames, b"\1", b"\2"])
    frames[-2] = b'{"type": "error"}'
    assert pattern.difference(frames).startswith("Field 'header' (frame 4): '{\"type\": \"error\"}': $.type: expected")
    assert "layout 'job' is for at least 3 frames" in pattern.difference([b""])
    assert str(pattern) == """of layout 'job' with header JSON with {"type": "sta*"}, n 7"""


def test_a_repeated_field_is_matched_by_any_of_its_frames_or_one_by_one(layout):
    frames = [b"a", b"b", b"", b"{}", b"\7", b"\1"]
    assert field_pattern({"ids": "b"}, GLOB, layout).matches(frames)
    assert field_pattern({"ids": ["a", "b"], "rest": ["1"]}, GLOB, layout).matches(frames)
    assert not field_pattern({"ids": ["b"]}, GLOB, layout).matches(frames)
    assert field_pattern({"ids": "c"}, GLOB, layout).difference(frames) == (
        "Field 'ids': none of its 2 frames is like 'c'"
    )
    assert field_pattern({"rest": ["1", "2"]}, GLOB, layout).difference(frames) == (
        "Field 'rest' has 1 frame, but 2 patterns"
    )


def test_groups_are_found_in_fields(layout):
    pattern = field_pattern({"ids": "(b.)", "header": "(x)"}, MatchKind.REGEXP, layout)
    frames = [b"a", b"b1", b"", b'{"x": 1}', b"\7"]
    assert [made.search(frame)[1] for made, frame in pattern.pairs(frames)] == ["b1", "x"]


def test_a_field_that_is_not_there_is_named(layout):
    with pytest.raises(InvalidValue, match=r"has no field 'heade'. Did you mean 'header'\?.*written heade\\=…"):
        field_pattern({"heade": 1}, GLOB, layout)


SIGNED = {"ids": "BYTES...", "mark": "LITERAL:<>", "mac": "HMAC-SHA256:head..body", "head": "JSON", "body": "TEXT"}
WRONG = "Field 'mac' (frame 1) is not the HMAC-SHA256:head..body of this message with the key of layout 'signed'"


def signed_patterns(key):
    layout = define_layout("signed", SIGNED, FormatTable(), key)
    good = layout.encode_fields({"head": {"n": 1}, "body": "x"})
    return good, [
        message_pattern(["*", "*", '{"n": 1}'], GLOB, layout),
        message_pattern(["*", "*", '{"n": 1}', "x"], MatchKind.EXACT, layout, whole=True),
        field_pattern({"head": {"n": 1}}, GLOB, layout),
        message_pattern([], GLOB, layout),
    ]


def test_what_matches_a_pattern_with_a_layout_has_its_signature():
    good, patterns = signed_patterns("key")
    assert [(made.matches(good), made.difference(good)) for made in patterns] == [(True, "")] * len(patterns)
    forged = [good[0], b"00ff", *good[2:]]
    for made in patterns[:-1]:
        assert not made.matches(forged)
        assert made.difference(forged).startswith(WRONG)
        assert "n: expected 1" in made.difference([*forged[:2], b'{"n": 2}', forged[3]])
    assert patterns[-1].matches(forged)  # without a pattern, any message


def test_json_in_a_message_with_a_wrong_signature_is_not_what_was_waited_for():
    layout = define_layout("signed", SIGNED, FormatTable(), "key")
    good, subset = layout.encode_fields({"head": {"n": 1}, "body": "x"}), json_subset({"n": 1}, TABLE.get("JSON"))
    assert json_difference(good, -2, subset, layout) == ""
    assert json_difference([good[0], b"00ff", *good[2:]], -2, subset, layout).startswith(WRONG)


def test_what_does_not_have_the_fields_of_a_signed_layout_does_not_match():
    good, patterns = signed_patterns("key")
    assert not patterns[0].matches(good[:3])
    assert "layout 'signed' is for at least 4 frames" in patterns[0].difference(good[:3])


def test_without_a_key_there_is_no_signature_to_check():
    good, patterns = signed_patterns("")
    forged = [good[0], b"00ff", *good[2:]]
    assert [(made.matches(forged), made.difference(forged)) for made in patterns] == [(True, "")] * len(patterns)
