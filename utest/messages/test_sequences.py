"""Sequence checks: gaps, duplicates, late messages, wrapping, topics, and what has no counter."""

from __future__ import annotations

import random
import struct

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages import counters, sequences
from ZmqLibrary.messages.message import Message, Receipt
from ZmqLibrary.messages.sequences import SequenceCheck, SequenceSettings

TABLE = FormatTable()


def check_of(frame: int = -1, spec: str = "TEXT", **settings: object) -> SequenceCheck:
    return SequenceCheck("ticks", SequenceSettings(frame, TABLE.get(spec), **settings))


def take(check: SequenceCheck, *messages: object) -> SequenceCheck:
    for message in messages:
        frames = message if isinstance(message, list) else [b"topic", b"%d" % message]
        check(Message(frames, Receipt("sink", TABLE.get("BYTES")), 0.0))
    return check


def figures(check: SequenceCheck) -> tuple[object, object, object]:
    report = check.report()
    return report["missing"], report["duplicates"], report["reordered"]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([1, 2, 3], (0, 0, 0)),
        ([1, 4], (2, 0, 0)),
        ([1, 2, 2, 3], (0, 1, 0)),
        ([1, 3, 2, 4], (0, 0, 1)),
        ([1, 5, 3, 3, 6], (2, 1, 1)),
        ([5, 4, 6], (0, 0, 1)),
        ([1, 4, 3, 2, 2], (0, 1, 2)),
    ],
)
def test_what_went_wrong_is_counted(numbers, expected):
    assert figures(take(check_of(), *numbers)) == expected


@settings(deadline=None, max_examples=300, database=None)
@given(st.integers(1, 60), st.randoms(use_true_random=False), st.sampled_from([1, 3, -2]), st.sampled_from([None, 500]))
def test_figures_are_those_of_what_was_lost_and_repeated(count, chance, step, wrap):
    positions = list(range(count))
    lost = {p for p in positions[1:-1] if chance.random() < 0.3}
    sent = [p for p in positions if p not in lost for _ in range(1 + (chance.random() < 0.2))]
    start = 10_000 if wrap is None else 490
    check = take(
        check_of(step=step, wrap=wrap), *[(start + p * step) % wrap if wrap else start + p * step for p in sent]
    )
    assert figures(check) == (len(lost), len(sent) - len(set(sent)), 0)
    assert sum(gap["count"] for gap in check.report()["topics"]["topic"]["gaps"]) == len(lost)


@settings(deadline=None, max_examples=200, database=None)
@given(st.integers(0, 1000), st.integers(2, 40))
def test_a_shuffled_stream_misses_nothing(seed, count):
    rest = list(range(1, count))
    random.Random(seed).shuffle(rest)
    missing, duplicates, _ = figures(take(check_of(), 0, *rest))
    assert (missing, duplicates) == (0, 0)


def test_a_counter_wraps():
    numbers = [2**32 - 2, 2**32 - 1, 0, 3]
    check = take(
        check_of(spec="U32LE", wrap=2**32), *[[b"rawblock", b"data", struct.pack("<I", number)] for number in numbers]
    )
    assert check.problems() == ["Topic 'rawblock': 2 messages missing: 1 to 2 (2)."]


def test_each_topic_has_its_own_counter():
    check = take(check_of(), [b"a", b"1"], [b"b", b"9"], [b"a", b"2"], [b"b", b"10"])
    assert check.problems() == []
    assert set(check.report()["topics"]) == {"a", "b"}
    assert take(check_of(per_topic=False), [b"a", b"1"], [b"b", b"2"]).report()["complete"]


def test_a_counter_in_frame_0_has_no_topic():
    check = take(check_of(frame=0), [b"1", b"x"], [b"2", b"y"])
    assert check.report()["complete"]
    assert set(check.report()["topics"]) == {""}
    assert take(check_of(frame=-2), [b"1", b"x"], [b"2", b"y"]).report()["complete"]


@pytest.mark.parametrize(
    ("settings", "message", "reason"),
    [
        ({}, [b"a", b"x"], "'x' is not a whole number"),
        ({"frame": 2}, [b"a"], "there is no frame 2"),
        ({"spec": "U32LE"}, [b"a", b"x"], "it has 1 byte, but U32LE has exactly 4"),
        ({"spec": "JSON", "path": "$.seq"}, [b"a", b'{"sec": 1}'], r"there is nothing at \$.seq"),
        ({"spec": "JSON"}, [b"a", b"true"], "True is not a whole number"),
        ({"wrap": 10}, [b"a", b"11"], "11 is not a counter that wraps at 10"),
        ({"spec": "TEXT,TEXT,U8"}, [b"a"], "1 frame, but format=TEXT,TEXT,U8 is for 3 frames"),
    ],
)
def test_a_message_without_a_counter_is_told(settings, message, reason):
    check = take(check_of(**settings), message)
    assert check.report()["unreadable"] == 1
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(check.problems())


def test_a_value_between_the_steps_is_no_counter():
    check = take(check_of(step=10), 10, 20, 25)
    assert check.problems() == [
        (
            "1 message without a counter, the first in a message of 2 frames: 25 is not 30 plus or minus a multiple of "
            "the step 10."
        )
    ]


def test_numbers_that_came_late_or_twice_are_named():
    check = take(check_of(), 1, 5, 3, 3, 6, 6, 7, 7, 10, 9, 8)
    assert check.problems() == [
        "Topic 'topic': 2 messages missing: 2, 4; 3 duplicates: 3, 6 to 7 (2); 3 messages out of order: 3, 8 to 9 (2)."
    ]
    report = check.report()["topics"]["topic"]
    assert (report["twice"], report["late"]) == ([3, 6, 7], [3, 9, 8])


def test_many_numbers_are_counted_and_the_first_ones_named(monkeypatch):
    monkeypatch.setattr(counters, "MAX_NUMBERS", 50)
    check = take(check_of(), *(number for number in range(0, 200, 2) for _ in range(2)))
    assert "100 duplicates: 0, 2, 4, 6, 8, and 45 more ranges" in check.problems()[0]
    assert len(check.report()["topics"]["topic"]["twice"]) == 50


def test_a_check_without_messages_is_not_complete():
    assert check_of().problems() == ["No message has come since the check was started."]


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(counters, "MAX_GAPS", 3)
    monkeypatch.setattr(sequences, "MAX_TOPICS", 2)
    check = take(check_of(), *range(0, 20, 2))
    assert figures(check) == (9, 0, 0)
    assert len(check.report()["topics"]["topic"]["gaps"]) == 3
    assert "9 messages missing (6 of them in gaps that were not kept): 1, 3, 5" in check.problems()[0]
    take(check, [b"b", b"1"], [b"c", b"1"], [b"d", b"1"])
    assert "2 messages of topics beyond 2 were not watched." in check.problems()


def test_a_gap_that_is_filled_here_and_there_stays_bounded(monkeypatch):
    monkeypatch.setattr(counters, "MAX_GAPS", 3)
    check = take(check_of(), 0, 100, *range(10, 100, 10))
    assert figures(check) == (90, 0, 9)
    assert len(check.report()["topics"]["topic"]["gaps"]) == 3
    assert "of them in gaps that were not kept): 1 to 9 (9), 11 to 19 (9), 91 to 99 (9)" in check.problems()[0]


@pytest.mark.parametrize("settings", [{"step": 0}, {"wrap": 1}, {"path": "$.a[*]"}])
def test_settings_that_cannot_work_are_refused(settings):
    with pytest.raises(InvalidValue):
        check_of(**settings)


@pytest.mark.parametrize("settings", [{}, {"wrap": 2**32}, {"step": 7}, {"path": "$.n"}])
@pytest.mark.parametrize("number", [10**6000, -(10**6000), 2**1024], ids=["long", "below zero", "short"])
def test_a_number_that_python_does_not_write_is_no_counter(number, settings):
    values = [{"n": value} if "path" in settings else value for value in (1, number, [number], 8)]
    check = take(check_of(spec="CBOR", **settings), *([b"t", cbor2.dumps(value)] for value in values))
    assert check.unreadable == 2
    assert check.messages == 4
    assert "is larger than counters are: 1024 bits" in check.problem
    assert len("\n".join(check.report_lines())) < 500


def test_whatever_a_format_of_a_suite_raises_is_noted():
    def refuse(frame: bytes) -> object:
        raise ArithmeticError("too much")

    table = FormatTable()
    table.register("BAD", lambda value: b"", refuse)
    check = take(SequenceCheck("ticks", SequenceSettings(-1, table.get("BAD"))), 1)
    assert check.unreadable == 1
    assert "too much" in check.problem
