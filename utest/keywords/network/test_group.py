"""Faults in a run of Robot: they end with their test, warn if they never acted, and the log tells what they did."""

from __future__ import annotations

import re

import pytest
from robot import running
from robot.api import ExecutionResult

from ZmqLibrary.errors import InvalidValue

SUITE = """\
*** Settings ***
Library        ZmqLibrary    timeout=60s
Suite Setup    Start

*** Test Cases ***
One Acts And One Does Not
    Proxy Drops Messages    lost    name=acts
    Proxy Drops Messages    never    name=idle    seed=7
    Send Message    lost    socket=client
    Send Message    found    socket=client
    ${text}=    Receive Message    socket=service
    Should Be Equal    ${text}    found

The Next Test
    @{faults}=    Get Proxy Faults
    Should Be Empty    ${faults}
    Proxy Goes Silent    name=removed
    Reset Proxy

Stopped Before
    Start Proxy    tcp://127.0.0.1:5555    alias=other
    Proxy Goes Silent    name=stopped
    Stop Proxy

*** Keywords ***
Start
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    service
    ${target}=    Get Zmq Endpoint
    Start Proxy    ${target}    alias=link
    ${address}=    Get Proxy Endpoint
    Connect Zmq Socket    ${address}    PUSH    client
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    output = tmp_path_factory.mktemp("run") / "output.xml"
    done = running.TestSuite.from_string(SUITE).run(output=output, stdout=None, console="NONE")
    assert done.return_code == 0
    return ExecutionResult(output)


def warnings_of(result):
    return [message.message for message in result.errors.messages]


def test_faults_that_never_acted_are_warnings(result):
    names = [re.search(r"Fault '(\w+)' of proxy '(\w+)' never acted", text) for text in warnings_of(result)]
    assert [found.groups() for found in names] == [("idle", "link"), ("removed", "link"), ("stopped", "other")]
    assert "seed=7" in warnings_of(result)[0]


def messages_of(item):
    for child in item.body:
        if child.type == child.MESSAGE:
            yield child
        else:
            yield from messages_of(child)


def test_the_log_tells_in_the_order_of_time_what_passed_and_which_fault_did_what(result):
    text = "\n".join(message.message for message in messages_of(result.suite.tests[0]))
    lost = text.index("'acts' dropped it: 'lost'")
    assert lost < text.index("to target, connection 1: 'found'")
    times = re.findall(r"(?m)^(\d\d:\d\d:\d\d\.\d+)  link:", text)
    assert times == sorted(times)


@pytest.mark.parametrize("argument", ["client", "name"])
def test_what_may_be_a_field_or_an_argument_is_refused(library, argument):
    library.define_message_layout("job", **{argument: "TEXT", "task": "TEXT"})
    library.start_proxy("tcp://127.0.0.1:5555")
    with pytest.raises(InvalidValue, match=rf"{argument}=a\* is an argument .*field of the layout.*places"):
        library.proxy_drops_messages(layout="job", **{argument: "a*"})
    assert not library.get_proxy_faults()
    library.proxy_drops_messages("*", layout="job", **{argument: "a*"})
    library.proxy_drops_messages(layout="job", task="t*")
    assert len(library.get_proxy_faults()) == 2
