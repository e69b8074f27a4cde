"""Whose silence `Wait For Sink` takes for the end: that of a sink which reads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ZmqLibrary.errors import CheckFailed, WaitTimeout


def seconds(number):
    return timedelta(seconds=number)


@pytest.fixture(params=["WIRE", "SOCKET"])
def pipeline(request, library):
    """Starts a sink `out`, which is paused at first, and a pump `source` that has sent four messages."""

    def start(**options):
        library.start_sink("tcp://127.0.0.1:*", "PULL", "out", bind=True, engine=request.param, **options)
        library.pause_sink()
        library.start_pump(library.get_sink_endpoint(), "PUSH", "source", count=4)
        library.wait_for_pump(timeout=seconds(20))
        return library

    return start


def test_a_sink_that_is_paused_is_not_idle(pipeline):
    library = pipeline()
    with pytest.raises(WaitTimeout, match=r"0 messages came.*is DONE\.\nThe sink is paused\. Use `Resume Sink`"):
        library.wait_for_sink(pump="source", idle=seconds(0.1), timeout=seconds(0.5))
    with pytest.raises(CheckFailed, match=r"4 lost.*\nThe sink is paused\. Use `Resume Sink`"):
        library.sink_should_be_complete(pump="source")
    library.resume_sink()
    assert library.wait_for_sink(pump="source", timeout=seconds(20)).complete


def test_a_sink_that_waits_for_its_rate_is_not_idle(pipeline):
    library = pipeline(rate="4")
    library.resume_sink()
    assert library.wait_for_sink(pump="source", idle=seconds(0.1), timeout=seconds(20)).complete


def test_a_sink_that_reads_and_gets_nothing_is_idle(pipeline):
    library = pipeline(rate="20")
    library.resume_sink()
    assert library.wait_for_sink(idle=seconds(0.3), timeout=seconds(20)).received == 4
    library.stop_sink()
    assert library.wait_for_sink(idle=seconds(0.3), timeout=seconds(20)).received == 4
