"""The keywords that judge what pumps and sinks have found, where Robot suites cannot hold up a process."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from threading import Timer

import pytest

from ZmqLibrary.errors import CheckFailed
from ZmqLibrary.pipelines.runner import PumpRun

STEP = timedelta(seconds=0.5)


@pytest.fixture
def at():
    """Calls a function after some seconds."""
    timers = []

    def call(seconds, function, *arguments):
        timers.append(Timer(seconds, function, arguments))
        timers[-1].start()

    yield call
    for timer in timers:
        timer.join()


def test_a_rate_holds_although_the_pump_was_held_up_for_a_moment(library, at):
    library.start_sink("tcp://127.0.0.1:*", "PULL", "service", bind=True, rate="1500", receive_hwm=10)
    library.start_pump(library.get_sink_endpoint(), "PUSH", "load", rate="500", size=1000, send_hwm=10)
    pid = library.session.worker(PumpRun, "load")._vehicle._process.pid

    def found() -> float:
        at(0.4, os.kill, pid, signal.SIGSTOP)
        at(0.55, os.kill, pid, signal.SIGCONT)
        try:
            return library.find_maximum_rate(pump="load", start=500, step=100_000, time=STEP)
        except CheckFailed:
            return 0

    # A busy machine may hold it up for many more moments than this one, but not each time.
    assert 500 in (found() for _ in range(10))


def test_a_rate_does_not_hold_if_the_peer_does_not_take_it(library):
    library.start_sink("tcp://127.0.0.1:*", "PULL", "service", bind=True, rate="100", receive_hwm=1)
    library.start_pump(library.get_sink_endpoint(), "PUSH", "load", rate="100", size=100_000, send_hwm=1)
    with pytest.raises(CheckFailed, match=r"Not even 900 messages a second held: \d+ of \d,?\d+ messages sent\."):
        library.find_maximum_rate(pump="load", start=900, time=STEP)
