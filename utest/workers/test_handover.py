"""Who gives up what a worker had: the one who stops it, or its thread; never both, and never neither."""

from __future__ import annotations

import threading
import time

import pytest

from ZmqLibrary.workers.handover import Handover


@pytest.fixture
def ending() -> Handover:
    return Handover()


def test_a_thread_that_ends_in_time_leaves_everything_to_who_stops_it(ending):
    assert not ending.begin()
    assert not ending.leave_behind()
    assert not ending.inherit()
    assert not ending.over
    ending.finish()
    assert ending.over


def test_a_thread_that_was_left_behind_does_it_itself(ending):
    assert ending.leave_behind()
    assert ending.inherit()
    assert ending.begin()
    assert ending.leave_behind()
    assert ending.inherits


def test_a_thread_that_is_on_its_way_out_takes_nothing_more(ending):
    assert ending.leave_behind()
    assert ending.begin()
    assert not ending.inherit()


def test_a_thread_that_runs_inherits_nothing(ending):
    assert not ending.inherit()


def test_it_is_urgent_a_moment_after_it_was_asked(ending, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert not ending.urgent
    ending.ask()
    assert not ending.urgent
    now += 0.25
    ending.ask()
    assert ending.urgent


def test_exactly_one_does_it_however_close_they_are():
    for _ in range(200):
        ending, does = Handover(), []
        thread = threading.Thread(target=lambda e=ending, d=does: d.append(e.begin()))
        thread.start()
        left = ending.leave_behind()
        thread.join()
        assert does == [left]
