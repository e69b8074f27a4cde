"""Stamps: written, read, and damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.pipelines.stamp import (
    MAGIC,
    MOST_LANES,
    SIZE,
    begins_with_stamp,
    damaged_byte,
    difference,
    machine,
    machine_of,
    number_is_damaged,
    payload_crc,
    pump_of,
    read_stamp,
    run_id,
    run_ids,
    stamped,
    stamps,
)

NUMBERS = st.integers(0, 2**64 - 1)
RUNS = st.integers(0, 2**32 - 1)


@given(RUNS, NUMBERS, NUMBERS, st.binary())
def test_a_stamp_says_what_was_put_into_it(run, sequence, planned, payload):
    crc = payload_crc([payload])
    stamp = stamped(run, sequence, planned, crc)
    assert len(stamp) == SIZE
    assert stamp[:4] == MAGIC
    assert read_stamp(stamp)[:3] == (run, sequence, planned)
    assert difference(stamp, crc) == 0


@given(RUNS, st.integers(0, 2**60), st.lists(st.integers(0, 2**63), max_size=20), st.binary())
def test_many_stamps_are_as_single_ones(run, first, planned, payload):
    crc = payload_crc([payload])
    assert stamps(run, first, planned, crc) == [stamped(run, first + i, at, crc) for i, at in enumerate(planned)]


@given(st.integers(0, SIZE - 1), st.integers(1, 255), NUMBERS, st.binary())
def test_a_damaged_byte_of_the_stamp_is_found(place, change, sequence, payload):
    crc = payload_crc([payload])
    stamp = bytearray(stamped(7, sequence, 9, crc))
    stamp[place] ^= change
    assert damaged_byte(difference(stamp, crc)) == place


@given(st.binary(min_size=1, max_size=200), st.data())
def test_a_damaged_byte_of_the_payload_is_told_from_one_of_the_stamp(payload, data):
    stamp = stamped(7, 1499, 9, payload_crc([payload]))
    damaged = bytearray(payload)
    damaged[data.draw(st.integers(0, len(payload) - 1))] ^= data.draw(st.integers(1, 255))
    wrong = difference(stamp, payload_crc([damaged]))
    assert wrong
    assert damaged_byte(wrong) is None
    assert not number_is_damaged(stamp, payload_crc([damaged]), range(1400, 1600))


@given(st.integers(1, 2**40), NUMBERS, st.binary())
def test_a_number_that_was_overwritten_is_found_by_the_one_that_should_be_there(sequence, other, payload):
    crc = payload_crc([payload])
    stamp = stamped(7, sequence, 9, crc)
    damaged = stamp[:8] + other.to_bytes(8, "big") + stamp[16:]
    assert number_is_damaged(damaged, crc, [sequence - 1, sequence])


def test_a_run_id_tells_machine_and_pump():
    runs = [run_id(4711, lane, MOST_LANES) for lane in (0, 1, 4095)]
    assert {pump_of(run) for run in runs} == {runs[0]}
    assert {machine_of(run) for run in runs} == {machine()}
    assert pump_of(run_id(4712, 0, MOST_LANES)) != pump_of(runs[0])


@given(st.integers(0, 2**24), st.integers(1, MOST_LANES), st.integers(1, MOST_LANES))
def test_lanes_are_of_one_pump_and_of_no_pump_with_another_number_of_bits_for_lanes(pump, lanes, others):
    runs = [run_id(pump, lane, lanes) for lane in range(lanes)]
    assert (len(set(runs)), {pump_of(run) for run in runs}) == (lanes, {runs[0]})
    assert all(run >> 32 == 0 for run in runs)
    if runs[0] >> 24 != run_id(pump, 0, others) >> 24:
        assert pump_of(run_id(pump, 0, others)) != runs[0]


def test_few_pumps_have_the_same_run_id():
    assert len({tuple(run_ids(1)) for _ in range(1000)}) > 990


@pytest.mark.parametrize("frame", [b"", MAGIC, MAGIC + bytes(SIZE - 5), bytes(SIZE), b"x" + stamped(7, 1, 2, 3)])
def test_what_has_no_stamp_at_its_beginning_does_not_begin_with_one(frame):
    assert not begins_with_stamp(frame)
    assert begins_with_stamp(stamped(7, 1, 2, 3))
    assert begins_with_stamp(stamped(7, 1, 2, 3) + frame)
