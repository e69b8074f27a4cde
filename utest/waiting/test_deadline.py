from __future__ import annotations

from ZmqLibrary.waiting.deadline import SLICE, Deadline


def test_a_deadline_of_0_is_over_at_once():
    assert Deadline(0).remaining() == 0
    assert Deadline(0).slice() == 0


def test_a_deadline_is_waited_for_in_slices():
    assert Deadline(60).slice() == SLICE
    assert 0 < Deadline(SLICE / 2).slice() <= SLICE / 2
    assert Deadline(60).seconds == 60
