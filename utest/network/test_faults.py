"""Which messages a fault chooses, against a model in a few lines; and what is refused."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.network.corruption import corrupted
from ZmqLibrary.network.fault_options import Corruption, FaultDirection
from ZmqLibrary.network.faults import (
    Bandwidth,
    Choice,
    CloseAfter,
    Corrupt,
    Delay,
    Drop,
    Duplicate,
    Fault,
    Latency,
    Reorder,
    Selection,
    Slices,
    reordered,
)

SELECTIONS = st.builds(
    Selection,
    times=st.none() | st.integers(1, 10),
    skip=st.integers(0, 20),
    every=st.integers(1, 7),
    probability=st.sampled_from([0.0, 0.3, 1.0]),
    seed=st.integers(0, 100),
)


def model(selection: Selection, count: int) -> list[int]:
    """The messages that are chosen, counted from 1."""
    drawn = random.Random(selection.seed)
    turns = [n for n in range(selection.skip + 1, count + 1) if not (n - selection.skip) % selection.every]
    if 0 < selection.probability < 1:
        turns = [n for n in turns if drawn.random() < selection.probability]
    return turns[: selection.times] if selection.probability else []


def chosen(selection: Selection, portions: list[int]) -> list[int]:
    """The same by a `Choice` that gets the messages in portions."""
    choice, found, at = Choice(selection), [], 0
    for portion in portions:
        left = portion
        while (before := choice.next(left)) is not None:
            found.append(at + portion - left + before + 1)
            left -= before + 1
            if not left:
                break
        at += portion
    return found


@given(SELECTIONS, st.lists(st.integers(1, 30), max_size=10))
def test_the_choice_does_not_depend_on_how_many_messages_come_together(selection, portions):
    assert chosen(selection, portions) == model(selection, sum(portions))


def test_skip_every_and_times_count_as_documented():
    assert chosen(Selection(skip=10, every=5, times=3), [100]) == [15, 20, 25]


@pytest.mark.parametrize(
    "values",
    [{"times": 0}, {"times": -1}, {"skip": -1}, {"every": 0}, {"probability": 2}, {"probability": -0.1}],
    ids=str,
)
def test_a_selection_that_means_nothing_is_refused(values):
    (name,) = values
    with pytest.raises(InvalidValue, match=f"^{name}="):
        Selection(**values)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Latency(-1), "latency"),
        (lambda: Latency(1, 2), "jitter"),
        (lambda: Bandwidth(0), "bytes_per_second"),
        (lambda: Slices(0), "size"),
        (lambda: Slices(1, -1), "pause"),
        (lambda: CloseAfter(-1), "bytes"),
        (lambda: Delay(-1), "delay"),
        (lambda: Duplicate(0), "copies"),
        (lambda: Reorder(1), "window"),
        (lambda: Fault("f", Drop(), lasting=0), "lasting"),
    ],
)
def test_an_effect_that_means_nothing_is_refused(make, name):
    with pytest.raises(InvalidValue, match=f"^{name}="):
        make()


@given(st.integers(2, 20), st.integers())
def test_another_order_has_all_and_is_another_one(count, seed):
    order = reordered(count, random.Random(seed))
    assert sorted(order) == list(range(count)) != order


@given(
    st.lists(st.binary(min_size=1, max_size=20), min_size=2, max_size=5),
    st.sampled_from(list(Corruption)),
    st.integers(0, 100),
    st.data(),
)
def test_a_corrupted_message_differs_as_its_kind_says_and_nowhere_else(frames, how, seed, data):
    index = data.draw(st.integers(-len(frames), len(frames) - 1))
    damaged = corrupted(frames, Corrupt(how, index), random.Random(seed))
    at = index % len(frames)
    if how is Corruption.DROP_FRAME:
        assert damaged == frames[:at] + frames[at + 1 :]
        return
    assert damaged[:at] + damaged[at + 1 :] == frames[:at] + frames[at + 1 :]
    before, after = frames[at], damaged[at]
    if how is Corruption.CUT_FRAME:
        assert len(after) < len(before)
        assert before.startswith(after)
    else:
        changes = [a ^ b for a, b in zip(before, after, strict=True) if a != b]
        assert len(changes) == 1
        assert how is Corruption.CHANGE_BYTE or changes[0].bit_count() == 1


@pytest.mark.parametrize("frames", [[b""], [b"a", b""]])
def test_what_cannot_be_damaged_says_so(frames):
    with pytest.raises(ValueError, match="empty"):
        corrupted(frames, Corrupt(), random.Random(0))


def test_a_fault_by_source_knows_address_and_routing_id():
    fault = Fault("f", Drop(), client="worker-*")
    assert fault.is_for("127.0.0.1:5", b"worker-1")
    assert not fault.is_for("127.0.0.1:5", b"other")
    assert Fault("f", Drop(), client="127.*").is_for("127.0.0.1:5", b"")
    assert Fault("f", Drop()).is_for("", b"")
    assert Fault("f", Drop(), client="[::1]:5").is_for("[::1]:5", b""), "brackets of an address are no glob"


def test_directions_include_what_they_say():
    assert [way.includes(True) for way in FaultDirection] == [True, False, True]
    assert [way.includes(False) for way in FaultDirection] == [False, True, True]
