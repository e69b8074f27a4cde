"""What the log has of pumps and sinks at the end of a test, and that those which have ended are not led any more."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest

from ZmqLibrary.errors import WrongUse

SUITE = """
*** Settings ***
Library    ZmqLibrary    timeout=20s
*** Test Cases ***
A Pipeline
    Start Sink    tcp://127.0.0.1:*    PULL    out    bind=yes
    ${out}=    Get Sink Endpoint
    Start Pump    ${out}    PUSH    source    count=10
    Wait For Sink    pump=source
"""
MORE = """    Connect Zmq Socket    ${out}    PUSH    more
    Send Message    work
    Wait For Sink    count=11
    Send Message    work
    FOR    ${_}    IN RANGE    1000
        ${report}=    Get Sink Report
        IF    ${report.received} == 12    BREAK
    END
"""


def reports(output, name):
    """How many messages each report of a pump or sink in the log has."""
    return re.findall(rf"{name}\S* \(\w+\): (\d+) messages", output.read_text("utf-8"))


def test_the_end_of_a_test_repeats_no_report(robot_output):
    output = robot_output(SUITE)
    assert reports(output, "out") == ["10"]
    assert reports(output, "source") == ["10"]


def test_what_came_after_the_last_report_is_in_the_one_at_the_end(robot_output):
    assert reports(robot_output(SUITE + MORE), "out") == ["10", "11", "12"]


def test_what_has_ended_is_not_led(library):
    library.start_sink("tcp://127.0.0.1:*", "PULL", "out", bind=True)
    library.start_pump(library.get_sink_endpoint(), "PUSH", "source", count=4)
    library.wait_for_pump(timeout=timedelta(seconds=20))
    for keyword in (library.pause_pump, library.resume_pump, partial(library.set_pump_rate, 5)):
        with pytest.raises(WrongUse, match=r"Pump 'source' has ended \(DONE\), and cannot .* start it again"):
            keyword()
    library.stop_pump()
    library.stop_sink()
    with pytest.raises(WrongUse, match=r"Pump 'source' was stopped, and cannot be paused"):
        library.pause_pump()
    with pytest.raises(WrongUse, match="Pump 'source' has ended: Find Maximum Rate"):
        library.find_maximum_rate()
    for keyword in (library.pause_sink, library.resume_sink, partial(library.set_sink_rate, 5)):
        with pytest.raises(WrongUse, match=r"Sink 'out' was stopped, and cannot"):
            keyword()
