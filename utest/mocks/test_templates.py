"""What is filled into the messages of mock servers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.mocks.templates import NoSuchName, counting, fill, is_template, names_in, quoted_names

VALUES = {"id": 7, "name": "Ann", "on": True, "list": [1, 2], "1": "one", "a.b": 1.5, "nothing": None}


def lookup(name):
    return VALUES[name]


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("$id", 7),
        ("no. $id", "no. 7"),
        ("$name$id", "Ann7"),
        ("${name}s", "Anns"),
        ("${a.b}", 1.5),
        ("$1!", "one!"),
        ("$on and $nothing", "true and null"),
        ("in $list", "in [1, 2]"),
        ("$$id", "$id"),
        ("$$", "$"),
        ("$ 5, US$, ${", "$ 5, US$, ${"),
        ({"$name": ["$id", {"deep": "$on"}]}, {"Ann": [7, {"deep": True}]}),
        (b"$id", b"$id"),
        (5, 5),
    ],
)
def test_names_are_filled_in(template, filled):
    assert fill(template, lookup) == filled


@given(st.text())
def test_a_doubled_dollar_sign_keeps_any_text(text):
    assert fill(text.replace("$", "$$"), lookup) == text


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.integers() | st.text(alphabet="abc {}[]"), lambda v: st.lists(v) | st.dictionaries(st.text("ab"), v)
    )
)
def test_what_has_no_names_stays_as_it_is(value):
    assert not is_template(value)
    assert names_in(value) == set()
    assert fill(value, lookup) == value


def test_names_outside_of_quotes_become_json():
    text = quoted_names('{"a": $id, "b": "costs $id", "c": [$1, "\\"$name"]}')
    assert json.loads(text) == {"a": "$id", "b": "costs $id", "c": ["$1", '"$name']}


def test_publishers_know_the_number_and_the_time():
    assert fill("$n", counting(3)) == 3
    assert "T" in str(fill("$time", counting(3)))
    with pytest.raises(NoSuchName, match="only \\$n and \\$time"):
        fill("$other", counting(1))
