from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.pipelines.stamp import payload_crc, stamped
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
