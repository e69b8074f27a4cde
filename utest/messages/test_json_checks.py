"""JSON comparisons, schemas and paths."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from datetime import datetime, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import CheckFailed, InvalidValue, MissingPackage
from ZmqLibrary.messages import json_checks, json_path
from ZmqLibrary.messages.equality import same_value

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=8
)


@pytest.mark.parametrize(
    ("last", "unique"), [({"a": -1}, True), ({"a": 1}, False), ({"a": 1.0}, False), ({"a": True}, True), ("x", True)]
)
def test_items_of_a_long_list_are_unique_or_not_within_a_bounded_time(last, unique):
    lines = json_checks.violations([*({"a": number} for number in range(5_000)), last], {"uniqueItems": True})
    assert ["non-unique" in line for line in lines] == ([] if unique else [True])


@settings(deadline=None, max_examples=200, database=None)
@given(DOCUMENTS)
def test_a_document_equals_itself(document):
    copy = json.loads(json.dumps(document))
    assert json_checks.differences(document, copy) == []
    assert json_checks.differences(document, copy, ignore_order=True) == []


@settings(deadline=None, max_examples=200, database=None)
@given(DOCUMENTS, DOCUMENTS)
@example([True, 1], [1, True])
def test_differences_are_found_exactly_where_values_are_not_the_same(left, right):
    assert (json_checks.differences(left, right) == []) == same_value(left, right)


@pytest.mark.parametrize(
    ("expected", "received", "lines"),
    [
        (1, True, ["$: expected 1, received true"]),
        (1, 1.0, []),
        (2**60, 2**60 + 1, [f"$: expected {2**60}, received {2**60 + 1}"]),
        ({"a": 1}, {}, ["$.a: expected 1, but it is missing"]),
        ({}, {"a b": 1}, ["$['a b']: not expected, received 1"]),
        ([{"x": [1]}], [{"x": [2]}], ["$[0].x[0]: expected 1, received 2"]),
        ({"a": None}, {"a": 0}, ["$.a: expected null, received 0"]),
        ("x", ["x"], ['$: expected "x", received ["x"]']),
    ],
)
def test_differences_are_told_by_path(expected, received, lines):
    assert json_checks.differences(expected, received) == lines


@pytest.mark.parametrize("ignored", [[], ["$.z"]])
@pytest.mark.parametrize("ignore_order", [False, True])
@pytest.mark.parametrize(
    ("expected", "received", "lines"),
    [
        ({"__v": 1}, {"__v": 2}, ["$.__v: expected 1, received 2"]),
        ([{"__v": [1]}], [{}], ["$[0].__v: expected [1], but it is missing"]),
        ({1: "a"}, {True: "a"}, ['$[1]: expected "a", but it is missing', '$[True]: not expected, received "a"']),
        ({b"k": 1}, {"k": 1}, ["$.k: not expected, received 1", "$[b'k']: expected 1, but it is missing"]),
        ({b"\xff": 1}, {b"\xff": 2}, ["$[b'\\xff']: expected 1, received 2"]),
        ({(b"k", 1): True}, {(b"k", 1): 1}, ["$[(b'k', 1)]: expected true, received 1"]),
        ({"a": b"x"}, {"a": "b'x'"}, ["""$.a: expected "b'x'", received "b'x'\""""]),
        ({"a": {"b": b"x"}}, {"a": [True]}, ["""$.a: expected {"b": "b'x'"}, received [true]"""]),
        ([bytearray(b"\xff"), math.nan, 1], [b"\xff", -math.nan, 1.0], []),
        (
            {"t": datetime(2020, 1, 1)},
            {"t": datetime(2020, 1, 1, tzinfo=timezone.utc)},
            ['$.t: expected "2020-01-01 00:00:00", received "2020-01-01 00:00:00+00:00"'],
        ),
    ],
)
def test_what_deepdiff_takes_for_the_same_or_cannot_compare_differs_with_its_path(
    expected, received, lines, ignore_order, ignored
):
    assert json_checks.differences(expected, received, ignore=ignored, ignore_order=ignore_order) == lines


def test_values_differ_although_deepdiff_sees_no_difference(monkeypatch):
    monkeypatch.setattr(json_checks, "_compared", lambda *_: {})
    assert json_checks.differences({"a": [1]}, {"a": [2]}) == ["The values differ."]
    assert not json_checks.differences({"a": [1, math.nan]}, {"a": [1.0, math.nan]})


@pytest.mark.parametrize(
    ("expected", "received"), [([True, 1], [1, True]), ([b"\xff", 1], [b"\xfe", 1]), ([1, 2], [True, 2])]
)
def test_items_of_lists_differ_with_their_places(expected, received):
    places = [f"$[{place}]" for place, pair in enumerate(zip(expected, received)) if not same_value(*pair)]
    assert [line.split(":")[0] for line in json_checks.differences(expected, received, ignore=["$.z"])] == places
    assert bool(json_checks.differences(expected, received, ignore_order=True)) == (set(places) == {"$[0]"})


@pytest.mark.parametrize("path", ["$.a.t", "a.t", "root['a']['t']", "$..t", "$.*.t", "$['a']['t']", '$["a"].t', "$.a"])
def test_what_is_at_an_ignored_path_does_not_matter(path):
    assert json_checks.differences({"a": {"t": 1}}, {"a": {"t": [2]}}, ignore=[path]) == []
    assert json_checks.differences({"a": {"t": 1}}, {"a": {"t": [2]}}, ignore=[path], ignore_order=True) == []


def test_a_name_in_brackets_is_no_wildcard():
    for name in ("..", "*"):
        path = f"$['{name}']"
        assert json_checks.differences({name: 1, "a": 1}, {name: 2, "a": 2}, ignore=[path]) == [
            "$.a: expected 1, received 2"
        ]
        assert json_path.getter(path)({name: 1}) == 1


def test_an_ignored_path_is_no_prefix_of_a_name():
    assert json_checks.differences({"time": 1}, {"time": 2}, ignore=["$.t"])
    assert json_checks.differences({"t": 1, "u": 1}, {"t": 2, "u": 2}, ignore=["$.t"]) == [
        "$.u: expected 1, received 2"
    ]
    assert json_checks.differences([{"id": 1}], [{"id": 2}], ignore=["$[*].id"]) == []
    assert json_checks.differences({"it's": 1}, {"it's": 2}, ignore=['$["it\'s"]']) == []


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        (["$.a"], {"b": [{"a": 2, "c": 3}, 4]}),
        (["$.b[0].a"], {"a": 1, "b": [{"c": 3}, 4]}),
        (["$.b[*].a"], {"a": 1, "b": [{"c": 3}, 4]}),
        (["$..a"], {"b": [{"c": 3}, 4]}),
        (["$.b[-1]"], {"a": 1, "b": [{"a": 2, "c": 3}, None]}),
        (["$.x.y", "$.b.z"], {"a": 1, "b": [{"a": 2, "c": 3}, 4]}),
        (["$.b"], {"a": 1}),
    ],
)
def test_what_is_ignored_is_taken_out(paths, left):
    value = {"a": 1, "b": [{"a": 2, "c": 3}, 4]}
    assert json_path.without(value, paths) == left
    assert value == json.loads(json.dumps(value))


@pytest.mark.parametrize("path", ["$.items[-1].t", "$.items[-1]", "$..items[-1].t"])
def test_an_index_that_counts_from_the_end_is_ignored(path):
    expected, received = {"items": [{"t": 1}, {"t": 2}]}, {"items": [{"t": 1}, {"t": 3}]}
    assert json_checks.differences(expected, received, ignore=[path]) == []


@pytest.mark.parametrize(
    ("expected", "received", "equal"),
    [([1, 2], [2, 1], True), ([1, 1, 2], [1, 2, 2], False), ([1], [True], False), ([[1, 2]], [[2, 1]], True)],
)
def test_the_order_of_lists_can_be_ignored(expected, received, equal):
    assert (json_checks.differences(expected, received, ignore_order=True) == []) == equal


def items(count: int, changed: int) -> tuple[list[object], list[object]]:
    """Objects, and the same in another order, of which some have changed."""
    expected = [{"id": number, "v": [number]} for number in range(count)]
    received = [{"v": [number + (number < changed) / 2], "id": number} for number in range(count)]
    return expected, received[::-1]


def test_of_two_long_lists_in_another_order_what_has_changed_is_named():
    expected, received = items(2_000, 2)
    assert "$[1].v[0]: expected 1, received 1.5" in json_checks.differences(expected, received, ignore_order=True)


@pytest.mark.parametrize("nested", [False, True])
def test_where_very_much_has_changed_items_are_not_compared_with_all_others(nested):
    expected, received = items(400, 200)
    pair = ([[expected, 1]], [[received, 1]]) if nested else (expected, received)
    lines = json_checks.differences(*pair, ignore_order=True)
    assert lines
    assert all("missing" in line or "not expected" in line for line in lines[:-1])
    assert json_checks.differences(expected, expected[::-1], ignore_order=True) == []


def test_one_item_more_in_a_long_list_is_found():
    numbers = list(range(20_000))
    assert json_checks.differences(numbers, [*numbers[:5], -1, *numbers[5:]]) == ["$[5]: not expected, received -1"]


def test_lists_that_are_hard_to_align_are_compared_place_by_place():
    lines = json_checks.differences([0, 1] * 1_000, [1, 0] * 1_000)
    assert lines[:2] == ["$[0]: expected 0, received 1", "$[1000]: expected 0, received 1"]
    assert len(lines) == 51
    assert json_checks.differences([0] * 2_000, [0] * 1_999) == ["$[1999]: expected 0, but it is missing"]
    assert json_checks.differences({"a": [0] * 2_000}, {"a": [0] * 2_000}) == []


def test_a_secret_is_not_shown():
    assert json_checks.differences({"a": "x"}, {"a": "y"}, secret=True) == ["$.a: expected <secret>, received <secret>"]


@pytest.mark.parametrize("name", ["k" * 1_000_000, "- " * 1_000_000, "\x1b" * 1_000_000])
def test_a_place_is_named_in_a_short_line_however_long_the_names_are(name):
    (line,) = json_checks.differences({}, {name: 1})
    (violation,) = json_checks.violations({name: 1}, {"additionalProperties": {"type": "null"}})
    assert max(len(line), len(violation)) < 700
    assert line.isprintable()
    assert len(json_path.shown([name] * 1_000)) < 25_000
    assert json_path.shown([*range(99), "a"]).startswith("$…[50][51]")


def test_many_differences_are_cut():
    lines = json_checks.differences(list(range(100)), [-1 - n for n in range(100)])
    assert lines[-1] == "… and 50 more differences."


@pytest.mark.parametrize("path", ["$.", "a b", "$[", "$[x]", "$..", "$.a[1:2]", "$.a[?(@.b)]"])
def test_paths_that_are_none_are_refused(path):
    with pytest.raises(InvalidValue, match="is not a JSON path"):
        json_path.steps_of(path)


def test_a_getter_takes_one_place():
    document = {"a": [{"b c": 5}]}
    assert json_path.getter("$.a[0]['b c']")(document) == 5
    assert json_path.getter("a[-1]")(document) == {"b c": 5}
    for path in ("$.b", "$.a.b", "$.a[0][0]", "$.a[5]"):
        with pytest.raises(LookupError):
            json_path.getter(path)(document)
    with pytest.raises(InvalidValue, match="more than one place"):
        json_path.getter("$.a[*]")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", {"a": [{"n": 1}, {"n": 2}]}),
        ("$.a[0].n", 1),
        ("$.a[-1].n", 2),
        ("$.a[*].n", [1, 2]),
        ("$..n", [1, 2]),
        ("$.a[?(@.n > 1)].n", [2]),
        ("$.a[0:1]", [{"n": 1}]),
        ("$.a.`len`", 2),
        ("$.b[*]", []),
    ],
)
def test_a_jsonpath_to_one_place_gives_a_value_and_others_a_list(path, value):
    assert json_checks.find({"a": [{"n": 1}, {"n": 2}]}, path) == value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.größe", 1),
        ("$.日本.ü1", ".ü"),
        ("$..ü1", [".ü"]),
        ("$.liste[?(@.größe > 1)].größe", [2]),
        ("$.liste[?(@.name == '.ü')].name", [".ü"]),
        ("$.liste[0].name.`sub(/.ü/, x)`", ["x"]),
        ("$['größe']", 1),
    ],
)
def test_a_name_in_a_jsonpath_need_not_be_ascii(path, value):
    listed = [{"größe": 2, "name": ".ü"}, {"größe": 1, "name": "x"}]
    assert json_checks.find({"größe": 1, "日本": {"ü1": ".ü"}, "liste": listed}, path) == value


def test_nothing_at_one_place_fails():
    with pytest.raises(CheckFailed, match=r"There is nothing at \$\.b in"):
        json_checks.find({"a": 1}, "$.b")
    with pytest.raises(InvalidValue, match="is not a JSONPath"):
        json_checks.find({}, "$.[")


def test_violations_of_a_schema_are_told_by_path():
    schema = {"properties": {"a": {"items": {"type": "integer"}}}, "required": ["b"]}
    assert json_checks.violations({"a": [1, "x"]}, schema) == [
        "$.a[1]: 'x' is not of type 'integer'",
        "$: 'b' is a required property",
    ]
    assert json_checks.violations({"a": [], "b": 1}, schema) == []
    assert json_checks.violations(1, True) == []


def test_a_schema_may_refer_to_files_beside_it_but_not_to_the_network(tmp_path):
    schema = tmp_path / "a schema.json"
    schema.write_text('{"$ref": "part.json#/$defs/x"}')
    (tmp_path / "part.json").write_text('{"$defs": {"x": {"type": "string"}}}')
    assert json_checks.violations(1, json_checks.schema_in(schema), schema) == ["$: 1 is not of type 'string'"]
    with pytest.raises(InvalidValue, match=r"cannot be read"):
        json_checks.violations(1, {"$ref": "http://127.0.0.1:1/schema.json"})
    with pytest.raises(InvalidValue, match="is not a JSON schema"):
        json_checks.violations(1, {"type": "strin"})


@pytest.mark.parametrize("schema", [None, 5, "x", [], 1.5])
@pytest.mark.parametrize("secret", [False, True])
def test_a_schema_is_an_object_or_a_boolean(tmp_path, schema, secret):
    with pytest.raises(InvalidValue, match=r"^The schema is not a JSON schema: it is .*, not an object, true or false"):
        json_checks.violations({"a": 1}, schema, secret=secret)
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(schema))
    with pytest.raises(InvalidValue, match="The schema is not a JSON schema: it is"):
        json_checks.violations({"a": 1}, json_checks.schema_in(file), file, secret)
    with pytest.raises(InvalidValue):
        json_checks.violations({"a": 1}, {"$ref": file.as_uri()}, secret=secret)
    with pytest.raises(InvalidValue):
        json_checks.violations({"a": 1}, {"$schema": [schema]}, secret=secret)


@pytest.mark.parametrize(
    ("module", "use"),
    [
        ("deepdiff", lambda: json_checks.differences(1, 2)),
        ("jsonschema", lambda: json_checks.violations(1, {})),
        ("jsonpath_ng.ext", lambda: json_checks.find(1, "$")),
    ],
)
def test_a_package_that_is_not_installed_is_named_with_the_pip_command(monkeypatch, module, use):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPackage, match=r"pip install 'robotframework-zmqlibrary\[json\]'"):
        use()


def test_the_packages_are_imported_only_when_they_are_used():
    optional = ["deepdiff", "jsonpath_ng", "jsonschema", "msgpack", "cbor2", "google.protobuf"]
    code = f"import sys, ZmqLibrary; print(*set({optional}) & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_objects_with_few_keys_in_common_differ_key_by_key():
    received = {"id": 2, "x": 1, "y": 1, "z": 1}
    lines = json_checks.differences({"a": {"id": 1, "p": 1, "q": 1, "r": 1}}, {"a": received})
    assert "$.a.id: expected 1, received 2" in lines
    assert "$.a.x: not expected, received 1" in lines
    assert len(lines) == 7


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("$.a", ["$.a"]),
        ("$.a, n,$['x, y'][0]", ["$.a", "n", "$['x, y'][0]"]),
        ("$['a'], $['b']", ["$['a']", "$['b']"]),
        ("['$.a', 'n']", ["$.a", "n"]),
        ('["$.a"]', ["$.a"]),
        ("['a name']", ["['a name']"]),
        ("[0]", ["[0]"]),
        ("[0].id, [1].id", ["[0].id", "[1].id"]),
    ],
)
def test_paths_are_read_from_one_text(text, paths):
    assert json_path.paths_in(text) == paths
    assert all(json_path.steps_of(path) for path in paths)
