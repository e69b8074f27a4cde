from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.pipelines.stamp import SIZE, payload_crc, stamped
from ZmqLibrary.pipelines.stamped_run import StampedRun

numbers = st.one_of(st.integers(1, 10_000), st.integers(0, 2**63 - 1))
times = st.integers(0, 2**63 - 1)
runs = st.lists(st.tuples(numbers, times), min_size=1, max_size=8)


@given(st.binary(max_size=9), st.binary(max_size=40), st.integers(0, 2**32 - 1), runs, runs)
def test_it_is_what_stamping_message_by_message_gives(before, behind, run, first, second):
    payload = payload_crc([behind])
    copies = StampedRun(before, behind, run, payload)
    for stamps in (first, second, first):
        made = copies.stamped(*zip(*stamps))
        expected = [before + stamped(run, number, planned, payload) + behind for number, planned in stamps]
        assert bytes(made) == b"".join(expected)
        assert all(copies.is_like(message) for message in expected)


@given(st.binary(min_size=2, max_size=9), st.binary(max_size=40), st.integers(0, 2**32 - 1), numbers, times)
def test_a_message_with_a_stamp_can_be_the_pattern(before, behind, run, number, planned):
    message = before + stamped(run, number, planned, payload_crc([behind])) + behind
    copies = StampedRun.like(message, len(before))
    assert bytes(copies.stamped([number], [planned])) == message
    assert copies.is_like(message)
    for place in (*range(len(before) + 8), *range(len(before) + 28, len(message))):
        changed = bytearray(message)
        changed[place] ^= 1
        assert not copies.is_like(bytes(changed))


@st.composite
def long_runs(draw):
    """Numbers that follow one another, with planned times of which many are the same, or not."""
    first = draw(st.one_of(st.integers(0, 300), st.integers(65_000, 66_000), st.integers(0, 2**56 - 1000)))
    numbers = range(first, first + draw(st.integers(1, 600)))
    begin, step, same = draw(st.tuples(st.integers(0, 2**62), st.integers(0, 2**40), st.integers(1, 700)))
    return numbers, [begin + step * (place // same) for place in range(len(numbers))]


def copies_of(numbers, planned, before=b"", behind=b"work"):
    payload = payload_crc([behind])
    return [before + stamped(7, number, at, payload) + behind for number, at in zip(numbers, planned)]


def all_read(reader, data):
    """The fields of all messages, however many are read at once."""
    numbers, planned = [], []
    while (begin := len(numbers) * reader.size) < len(data):
        found = reader.read(data, begin)
        assert found is not None
        numbers += found[0]
        planned += found[1]
    return numbers, planned


@given(long_runs(), long_runs(), st.binary(max_size=9))
def test_a_long_run_is_made_and_read_as_message_by_message(first, second, before):
    maker = StampedRun(before, b"work", 7, payload_crc([b"work"]))
    reader = StampedRun.like(copies_of([1], [1], before)[0], len(before))
    for numbers, planned in (first, second, first):
        expected = b"".join(copies_of(numbers, planned, before))
        assert bytes(maker.stamped(numbers, planned)) == expected
        assert b"".join(maker.each_stamped(numbers, planned)) == expected
        assert all_read(reader, expected) == (list(numbers), planned)


def test_a_few_messages_of_another_time_leave_no_old_time_behind_them():
    maker = StampedRun(b"", b"work", 7, payload_crc([b"work"]))
    for count, time in ((500, 1), (20, 2), (500, 2), (20, 1), (300, 1)):
        numbers, planned = range(1, count + 1), [time] * count
        assert bytes(maker.stamped(numbers, planned)) == b"".join(copies_of(numbers, planned))


@given(runs)
def test_numbers_in_any_order_are_read_as_they_are(stamps):
    found = StampedRun.like(copies_of([1], [1])[0], 0).read(b"".join(copies_of(*zip(*stamps))))
    if max(number for number, _ in stamps) < 2**56:
        assert found is not None
        assert [list(values) for values in found] == [list(values) for values in zip(*stamps)]
    else:
        assert found is None


def test_messages_of_one_planned_time_are_read_before_those_of_the_next():
    data = b"".join(copies_of(range(1, 101), [5] * 60 + [6] * 40))
    reader = StampedRun.like(data[: SIZE + 4], 0)
    assert reader.read(data) == (range(1, 61), [5] * 60)
    assert reader.read(data, 60 * reader.size) == (range(61, 101), [6] * 40)


@pytest.mark.parametrize("damaged", [0, 1, 49, 99])
def test_a_run_is_not_read_beyond_a_damaged_byte(damaged):
    whole = b"".join(copies_of(range(1, 101), [5] * 100))
    reader = StampedRun.like(whole[: SIZE + 4], 0)
    for place in range(SIZE + 4):
        data = bytearray(whole)
        data[damaged * (SIZE + 4) + place] ^= 1
        found = reader.read(bytes(data))
        assert found is None or len(found[0]) <= damaged
    assert reader.read(whole) is not None
