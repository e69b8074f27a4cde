"""What the log has of pumps and sinks at the end of a test."""

from __future__ import annotations

import re

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
