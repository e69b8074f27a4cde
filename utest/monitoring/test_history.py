from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.monitoring.history import HISTORY, ByKind


class Thing(NamedTuple):
    number: int
    name: str
    text: str


def kept(things: list[Thing]) -> ByKind[Thing]:
    by_kind: ByKind[Thing] = ByKind()
    for thing in things:
        by_kind.add(thing.name, thing.text, thing)
    return by_kind


def flood(start: int, count: int = 5 * HISTORY) -> list[Thing]:
    return [Thing(number, "RETRIED", "") for number in range(start, start + count)]


def test_what_happens_often_does_not_push_out_what_happened_once():
    once = Thing(0, "SUCCEEDED", "")
    by_kind = kept([once, *flood(1)])
    assert by_kind.all(lambda name, _: name == "SUCCEEDED") == [once]
    assert by_kind.first(0) == once


def test_the_same_name_with_another_text_is_another_kind():
    once = Thing(0, "RETRIED", "for the first time")
    by_kind = kept([once, *flood(1)])
    assert by_kind.first(0, lambda _, text: "first" in text) == once


def test_each_kind_is_bounded():
    by_kind = kept(flood(0))
    assert [thing.number for thing in by_kind.all()] == list(range(4 * HISTORY, 5 * HISTORY))


def test_what_does_not_suit_is_passed_over():
    by_kind = kept(flood(0, 10))
    assert by_kind.first(3, suits=lambda thing: thing.number % 5 == 0) == Thing(5, "RETRIED", "")
    assert by_kind.first(10) is None


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xy")), max_size=HISTORY), st.integers(0, HISTORY))
def test_things_are_found_as_in_one_list_in_order(kinds, number):
    things = [Thing(n, *kind) for n, kind in enumerate(kinds)]
    by_kind = kept(things)
    assert by_kind.all() == things
    assert by_kind.all(lambda name, _: name == "A") == [thing for thing in things if thing.name == "A"]
    later = [thing for thing in things if thing.number >= number and thing.text == "y"]
    assert by_kind.first(number, lambda _, text: text == "y") == (later[0] if later else None)


def test_a_thing_that_was_removed_is_not_kept_and_one_that_is_not_kept_changes_nothing():
    first, second = Thing(0, "FAILED", "a"), Thing(1, "FAILED", "a")
    by_kind = kept([first, second])
    for thing in (first, first, Thing(2, "OTHER", "")):
        by_kind.remove(thing.name, thing.text, thing)
    assert by_kind.all() == [second]
