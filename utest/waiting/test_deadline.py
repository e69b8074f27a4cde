from __future__ import annotations

import time

import pytest

from ZmqLibrary.waiting.deadline import SLICE, Deadline


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
