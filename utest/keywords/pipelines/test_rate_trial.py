"""What `Find Maximum Rate` sees of messages that do not come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ZmqLibrary.errors import CheckFailed, WrongUse

STEP = timedelta(seconds=0.3)


@pytest.fixture
def pipeline(library):
    """A pump `load`, a proxy `link` and a sink `out`."""
    library.start_sink("tcp://127.0.0.1:*", "PULL", "out", bind=True)
    library.start_proxy(library.get_sink_endpoint(), alias="link")
    library.start_pump(library.get_proxy_endpoint(), "PUSH", "load", rate="10")
    return library


def test_a_rate_does_not_hold_if_nothing_comes(pipeline):
    pipeline.proxy_drops_messages()
    with pytest.raises(CheckFailed, match=r"Not even 100 .* held: sink 'out' got none of the \d+ messages that pump"):
        pipeline.find_maximum_rate(start=100, step=100, time=STEP)
    assert pipeline.set_pump_rate(20) == 10
    assert pipeline.get_pump_report().state == "RUNNING"


def test_a_sink_behind_another_pump_gets_nothing(pipeline):
    pipeline.start_sink("tcp://127.0.0.1:*", "PULL", "other", bind=True)
    with pytest.raises(CheckFailed, match="sink 'other' got none"):
        pipeline.find_maximum_rate(start=100, step=100, time=STEP)


@pytest.mark.parametrize("stamp", ["FRAME", "NONE"])
def test_a_rate_does_not_hold_if_the_last_messages_do_not_come(pipeline, stamp):
    pipeline.start_pump(pipeline.get_proxy_endpoint(), "PUSH", "load", "work", rate="10", stamp=stamp)
    pipeline.proxy_drops_messages(skip=200)
    assert pipeline.find_maximum_rate(start=20, step=2000, time=STEP) == 20
    assert pipeline.set_pump_rate(10) == 20


def test_messages_that_are_on_their_way_are_not_lost(pipeline):
    pipeline.proxy_delays_messages(timedelta(seconds=0.7), lasting=timedelta(seconds=10))
    pipeline.proxy_drops_messages(skip=200)
    assert pipeline.find_maximum_rate(start=20, step=2000, time=STEP) == 20


def test_as_many_messages_as_are_allowed_may_be_lost(pipeline):
    pipeline.proxy_drops_messages(skip=5, times=3)
    pipeline.proxy_drops_messages(skip=200)
    assert pipeline.find_maximum_rate(start=50, step=2000, time=STEP, lost=3) == 50


@pytest.mark.parametrize(("keyword", "way"), [("pause_pump", "Resume Pump"), ("pause_sink", "Resume Sink")])
def test_what_is_paused_is_refused(pipeline, keyword, way):
    getattr(pipeline, keyword)()
    with pytest.raises(WrongUse, match=f"is paused.*`{way}`"):
        pipeline.find_maximum_rate(start=50)
