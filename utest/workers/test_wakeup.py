"""What wakes a worker: a bell that any thread may ring, and timers."""

from __future__ import annotations

import threading
import time

import pytest
import zmq

from ZmqLibrary.waiting.timers import Retry, Timers
from ZmqLibrary.workers.wakeup import Wakeup


@pytest.fixture
def bell():
    with zmq.Context() as context:
        bell = Wakeup(context)
        bell.open()
        assert bell.ear.poll(30_000)
        bell.heard()
        yield bell
        bell.close()


def test_it_is_heard_once_however_often_it_rang(bell):
    threads = [threading.Thread(target=bell.ring) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bell.ear.poll(30_000)
    bell.heard()
    assert not bell.ear.poll(0)


def test_what_rang_before_it_was_open_is_heard():
    with zmq.Context() as context:
        bell = Wakeup(context)
        bell.ring()
        bell.open()
        assert bell.ear.poll(30_000)
        bell.close()


def test_a_closed_bell_can_be_rung_and_closed(bell):
    bell.close()
    bell.ring()
    bell.close()


def test_timers_run_what_is_due_in_its_order(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    timers, ran = Timers(), []
    timers.add(0, lambda: ran.append("first"))
    timers.add(0, lambda: ran.append("second"))
    timers.add(60, lambda: ran.append("much later"))
    timers.run()
    assert ran == ["first", "second"]
    assert timers.pause(longest=90) == 60
    assert timers.pause(longest=5) == 5


def test_what_a_timer_adds_comes_next_time():
    timers, ran = Timers(), []
    timers.add(0, lambda: (ran.append(1), timers.add(0, lambda: ran.append(2))))
    timers.run()
    assert ran == [1]
    timers.run()
    assert ran == [1, 2]
    assert timers.pause(longest=7) == 7


def test_a_retry_runs_once_however_often_it_is_asked_for():
    timers, ran = Timers(), []
    retry = Retry(lambda seconds, action: timers.add(0, action), lambda: ran.append("again"))
    retry.soon()
    retry.soon()
    timers.run()
    assert ran == ["again"]
    retry.soon()
    timers.run()
    assert ran == ["again", "again"]


def test_timers_have_a_rest_when_it_is_enough():
    timers, ran = Timers(), []
    for number in range(3):
        timers.add(0, lambda n=number: ran.append(n))
    timers.run(enough=lambda: True)
    assert ran == [0]
    timers.run(enough=lambda: False)
    assert ran == [0, 1, 2]
