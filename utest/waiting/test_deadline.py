from __future__ import annotations

import time

import pytest

from ZmqLibrary.waiting.deadline import SLICE, Deadline, Patience


def test_a_deadline_of_0_is_over_at_once():
    assert Deadline(0).remaining() == 0
    assert Deadline(0).slice() == 0


def test_a_deadline_is_waited_for_in_slices(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    deadline = Deadline(60)
    assert deadline.seconds == 60
    assert deadline.slice() == SLICE
    now += 60 - SLICE / 2
    assert deadline.slice() == pytest.approx(SLICE / 2)
    now += SLICE
    assert deadline.slice() == 0


def test_patience_counts_what_was_waited_and_not_what_held_up_the_process(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    patience = Patience(1)
    now += 0.05
    assert patience.slice() == SLICE
    assert patience.remaining() == pytest.approx(0.95)
    now += 60
    assert patience.remaining() == pytest.approx(0.95 - SLICE)
    for _ in range(9):
        now += SLICE
        patience.slice()
    assert patience.remaining() == 0
