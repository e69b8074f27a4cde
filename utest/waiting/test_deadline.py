from __future__ import annotations

import signal
import threading
import time

import pytest

from ZmqLibrary.waiting.deadline import SLICE, Deadline
from ZmqLibrary.waiting.uninterrupted import Uninterrupted


class Timeout(BaseException):
    pass


@pytest.fixture
def alarm_raises():
    def interrupt(number, frame):
        raise Timeout

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 60)
    yield interrupt
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_a_deadline_of_0_is_over_at_once():
    assert Deadline(0).remaining() == 0
    assert Deadline(0).slice() == 0


def test_a_deadline_is_waited_for_in_slices():
    assert Deadline(60).slice() == SLICE
    assert 0 < Deadline(SLICE / 2).slice() <= SLICE / 2
    assert Deadline(60).seconds == 60


def test_a_timeout_is_raised_at_the_end_of_what_may_not_be_interrupted(alarm_raises):
    steps = []
    with pytest.raises(Timeout), Uninterrupted():  # noqa: PT012
        signal.raise_signal(signal.SIGALRM)
        steps.append("after the signal")
    assert steps == ["after the signal"]
    assert signal.getsignal(signal.SIGALRM) is alarm_raises


def test_blocks_may_be_nested_and_the_outermost_raises(alarm_raises):
    steps = []
    with pytest.raises(Timeout), Uninterrupted():  # noqa: PT012
        with Uninterrupted():
            signal.raise_signal(signal.SIGALRM)
        steps.append("between the ends")
    assert steps == ["between the ends"]


def test_an_exception_in_the_block_gets_out_and_the_handler_is_back(alarm_raises):
    with pytest.raises(ValueError, match="inside"), Uninterrupted():
        raise ValueError("inside")
    assert signal.getsignal(signal.SIGALRM) is alarm_raises


def test_without_a_handler_nothing_is_held_back():
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
    with Uninterrupted():
        assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL


def test_in_another_thread_signals_are_left_alone(alarm_raises):
    problems = []

    def run():
        try:
            with Uninterrupted():
                assert signal.getsignal(signal.SIGALRM) is alarm_raises
        except BaseException as error:
            problems.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert not problems


def test_holding_a_timeout_back_takes_microseconds(alarm_raises):
    start = time.perf_counter()
    for _ in range(1000):
        with Uninterrupted():
            pass
    assert time.perf_counter() - start < 0.1
