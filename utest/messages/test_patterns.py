from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue, PatternTooSlow
from ZmqLibrary.formats import FormatTable, Hidden
from ZmqLibrary.messages.equality import contains_subset, same_value
from ZmqLibrary.messages.layout_definition import define_layout
from ZmqLibrary.messages.patterns import MatchKind, message_pattern
from ZmqLibrary.messages.values import missing_from, unequal

TABLE = FormatTable()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=10,
)


def matches(patterns, frames, kind=MatchKind.GLOB, format="TEXT", whole=False):
    pattern = message_pattern(patterns, kind, TABLE.get(format), whole)
    assert bool(pattern.difference(frames)) != pattern.matches(frames)
    return pattern.matches(frames)


@pytest.mark.parametrize(
    ("kind", "pattern", "frame", "holds"),
    [
        (MatchKind.GLOB, "job-??", b"job-17", True),
        (MatchKind.GLOB, "job-?", b"job-17", False),
        (MatchKind.GLOB, "a*", b"a\nb", True),
        (MatchKind.GLOB, "A*", b"ab", False),
        (MatchKind.GLOB, "*", b"\xff", True),
        (MatchKind.GLOB, "?", b"\xff", False),
        (MatchKind.GLOB, "*alarm*", b"\xff alarm", True),
        (MatchKind.GLOB, "alarm", b"alarm\xff", False),
        (MatchKind.REGEXP, "[0-9]+", b"job-17", True),
        (MatchKind.REGEXP, "al.rm$", b"\xff alarm", True),
        (MatchKind.REGEXP, "[a-z0-9]", b"\xff", False),
        (MatchKind.PREFIX, "job", b"job\xff", True),
        (MatchKind.REGEXP, "^[0-9]+", b"job-17", False),
        (MatchKind.PREFIX, "job", b"job-17", True),
        (MatchKind.PREFIX, "ob", b"job-17", False),
        (MatchKind.EXACT, "job", b"job", True),
        (MatchKind.EXACT, "job", b"job-17", False),
        (MatchKind.EXACT, "*", b"anything", True),
    ],
)
def test_patterns_match_as_their_kind_says(kind, pattern, frame, holds):
    assert matches([pattern], [frame], kind) is holds


def test_json_is_compared_by_value():
    assert matches(['{"a": 1, "b": 2}'], [b'{"b":2,"a":1}'], MatchKind.EXACT, "JSON")
    assert not matches(["1"], [b"true"], MatchKind.EXACT, "JSON")


def test_fewer_patterns_match_the_leading_frames():
    assert matches(["a"], [b"a", b"b"])
    assert not matches(["a"], [b"a", b"b"], whole=True)
    assert not matches(["a", "*"], [b"a"])


def test_a_regular_expression_with_an_error_is_refused():
    with pytest.raises(InvalidValue, match=r"'\(' is not a regular expression"):
        message_pattern(["("], MatchKind.REGEXP, TABLE.get("TEXT"))


@pytest.mark.parametrize("kind", [MatchKind.EXACT, MatchKind.GLOB, MatchKind.PREFIX])
def test_a_secret_is_not_shown_and_taken_as_it_stands(kind):
    pattern = message_pattern([Hidden("hunter*")], kind, TABLE.get("TEXT"))
    difference = pattern.difference([b"hunt"])
    assert "hunter" not in str(pattern) + difference
    assert "offset" not in difference
    assert pattern.matches([b"hunter*"])
    assert not pattern.matches([b"hunter2"])


def test_a_secret_is_no_regular_expression():
    with pytest.raises(InvalidValue, match="cannot be a regular expression: match it as EXACT"):
        message_pattern([Hidden("hunter2")], MatchKind.REGEXP, TABLE.get("TEXT"))


@given(JSON)
def test_everything_equals_and_contains_itself(value):
    copy = json.loads(json.dumps(value))
    assert same_value(value, copy)
    assert contains_subset(value, copy)
    assert missing_from(value, copy) == ""


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4), st.data())
def test_an_object_contains_each_part_of_it(value, data):
    keys = data.draw(st.lists(st.sampled_from(sorted(value)), unique=True)) if value else []
    assert contains_subset(value, {key: value[key] for key in keys})
    assert not contains_subset(value, {**value, "new!": 1})
    assert missing_from(value, {**value, "new!": 1}) == "$.new! is missing"


@pytest.mark.parametrize(
    ("format", "one", "other"),
    [
        ("MSGPACK", {1: "x"}, {True: "x"}),
        ("MSGPACK", {"k": {0: 1}}, {"k": {False: 1}}),
        ("CBOR", {1: "x", "n": 2}, {True: "x", "n": 2}),
        ("CBOR", {(1, 2): 3}, {(True, 2): 3}),
    ],
)
def test_keys_are_told_apart_as_values_are(format, one, other):
    kind = TABLE.get(format).of(1)[0]
    for received, wanted in ((one, other), (other, one)):
        frame = kind.encode(received)
        assert not same_value(received, wanted)
        assert not contains_subset(received, wanted)
        assert contains_subset(received, received)
        assert missing_from(received, wanted)
        assert unequal(wanted, received).startswith("$")
        for match in (MatchKind.EXACT, MatchKind.GLOB):
            pattern = message_pattern([wanted], match, TABLE.get(format))
            assert not pattern.matches([frame])
            assert pattern.difference([frame])
            assert message_pattern([received], match, TABLE.get(format)).matches([frame])


def test_whole_items_of_a_long_list_are_found_in_any_order_and_parts_in_the_same():
    value = [{"a": [number, "b"], "c": 0} for number in range(5_000)]
    assert contains_subset(value, value[::-1])
    assert not contains_subset(value, [*value[::-1], {"a": [-1]}])
    assert contains_subset(value, [{"a": [number]} for number in range(0, 5_000, 2)])
    assert contains_subset([3, 1, 2], [2, 3, 2])


def test_parts_that_would_take_long_to_be_found_are_given_up():
    pattern = message_pattern([{"list": [{"a": number} for number in range(5_000)]}], MatchKind.GLOB, TABLE.get("JSON"))
    frame = json.dumps({"list": [{"a": number, "b": 0} for number in reversed(range(5_000))]}).encode()
    for ask in (pattern.matches, pattern.difference):
        with pytest.raises(
            PatternTooSlow, match=r"^5,000 parts of a list were neither found .* 5,000 items in 500 mil"
        ):
            ask([frame])


def test_of_a_huge_value_no_more_is_written_than_is_shown():
    written = []

    class Item:
        def __str__(self) -> str:
            written.append(self)
            return "item"

    assert missing_from({"list": [Item() for _ in range(1000)]}, {"list": 1}).endswith('"item", "item",…')
    assert len(written) < 50


@given(JSON, JSON)
def test_what_is_missing_is_named_exactly_if_something_is(value, subset):
    assert bool(missing_from(value, subset)) != contains_subset(value, subset)


@pytest.mark.parametrize("format", ["JSON", "MSGPACK", "CBOR"])
@pytest.mark.parametrize("pattern", [{"a": "l*", "in": {"n": 1}, "all": ["x*"]}, '{"a": "l*", "in": {"n": 1}}'])
def test_an_object_matches_what_contains_it(format, pattern):
    encode = TABLE.format(format).encode
    assert matches([pattern], [encode({"a": "list", "in": {"n": 1, "m": 2}, "all": ["y", "xy"]})], format=format)
    assert not matches([pattern], [encode({"a": "list", "in": {"n": True}, "all": ["x"]})], format=format)
    assert not matches([pattern], [encode([1])], format=format)
    assert not matches([pattern], [b"\xc1"], format=format)
    assert not matches([{"a": 1}], [encode({"a": 1, "b": 2})], MatchKind.EXACT, format)


def test_text_that_is_no_object_is_a_glob_for_text():
    assert matches(['{"a": *}'], [b'{"a": 1}'], format="JSON")
    assert matches(['{"a": 1}'], [b'{"a": 1}'])
    assert not matches(['{"a": 1}'], [b'{"a": 1, "b": 2}'])


def test_an_object_that_the_format_cannot_have_is_refused():
    for format, pattern in (
        ("JSON", {"a": object()}),
        ("U8", {"a": 1}),
        ("U8", '{"a": 1}'),
        ("U8", [1]),
        ("STRUCT:<I", {"a": 1}),
    ):
        with pytest.raises(InvalidValue, match="cannot be compared"):
            message_pattern([pattern], MatchKind.GLOB, TABLE.get(format))
    assert matches([{1: (2,)}], [b'{"1": [2, 3]}'], format="JSON")


def test_a_secret_in_an_object_is_compared_and_not_shown():
    pattern = message_pattern([{"key": Hidden("hunter2")}], MatchKind.GLOB, TABLE.get("JSON"))
    assert pattern.matches([b'{"key": "hunter2", "n": 1}'])
    assert not pattern.matches([b'{"key": "x"}'])
    assert "hunter2" not in str(pattern) + pattern.difference([b'{"key": "x"}'])


@pytest.mark.parametrize("format", ["JSON", "MSGPACK", "CBOR"])
def test_exact_values_name_the_path_of_the_first_difference(format):
    formats = TABLE.get(format)
    pattern = message_pattern([{"a": [1, 2]}], MatchKind.EXACT, formats)
    assert pattern.difference(formats.encode([{"a": [1, 3]}])).endswith(": $.a[1]: expected 2, received 3")
    assert " is not " in pattern.difference(formats.encode([7]))
    assert f": not {format}: " in pattern.difference([b"\xff\xff"])
    secret = message_pattern([Hidden({"a": "hunter2"})], MatchKind.EXACT, formats)
    assert "hunter2" not in secret.difference(formats.encode([{"a": 1}]))


def test_a_place_behind_any_number_of_frames_comes_with_what_to_do():
    fields = {"kind": "TEXT", "ids": "BYTES...", "delimiter": "EMPTY", "header": "JSON", "rest": "BYTES..."}
    layout = define_layout("job", fields, TABLE)
    told = r"\(in layout 'job' any number of frames of 'ids' move those after them; .* by field, such as header=\)"
    received = [b"job", b"id", b"", b"{}"]
    pattern = message_pattern(["job", "*", "head"], MatchKind.GLOB, layout)
    assert re.search(told, pattern.difference(received))
    assert "move" not in pattern.difference([b"other", *received[1:]])
    with pytest.raises(InvalidValue, match=f"cannot be compared with a frame as EMPTY.*{told}"):
        message_pattern(["job", {"n": 1}], MatchKind.GLOB, layout)


def test_a_place_before_the_last_field_needs_no_advice():
    layout = define_layout("job", {"kind": "TEXT", "rest": "TEXT..."}, TABLE)
    assert "by field" not in message_pattern(["job", "a"], MatchKind.GLOB, layout).difference([b"job", b"b"])


@pytest.mark.parametrize("format", ["F32LE", "F64LE"])
def test_what_is_not_a_number_matches_its_own_bytes(format):
    formats = TABLE.get(format)
    pattern = message_pattern(["nan"], MatchKind.EXACT, formats)
    assert pattern.matches(formats.encode(["nan"]))
    assert not pattern.matches(formats.encode([1]))


@pytest.mark.parametrize(("glob", "text"), [("Caf\u00e9", "Cafe\u0301"), ("Cafe\u0301*", "Caf\u00e9 X")])
def test_a_text_that_looks_like_the_pattern_is_told_to_differ_in_normalisation(glob, text):
    pattern = message_pattern([glob], MatchKind.GLOB, TABLE.get("TEXT"))
    assert not pattern.matches([text.encode()])
    assert f"not like '{glob}': they differ in Unicode normalisation (NFC/NFD)" in pattern.difference([text.encode()])
    assert "normalisation" not in pattern.difference([b"Cafe"])


@pytest.mark.parametrize("kind", [MatchKind.EXACT, MatchKind.GLOB])
def test_a_hidden_value_inside_of_a_pattern_is_compared_and_not_shown(kind):
    pattern = message_pattern([{"user": "me", "password": Hidden("sesame")}], kind, TABLE.get("JSON"))
    assert pattern.matches([b'{"password": "sesame", "user": "me"}'])
    assert not pattern.matches([b'{"password": "open", "user": "me"}'])
    assert "sesame" not in f"{pattern} {pattern.difference([b'{}'])}"
    with pytest.raises(InvalidValue, match="its value, which is not shown, does not have the format"):
        message_pattern([[Hidden(object())]], MatchKind.EXACT, TABLE.get("JSON"))
