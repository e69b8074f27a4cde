"""When things are closed: real suites, run by Robot in this process."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from robot import result, running
from robot.api import ExecutionResult

from ZmqLibrary.session.lifetimes import AutoClose, Lifetimes

OPEN_IN_SUITE = """
*** Settings ***
Library           ZmqLibrary    auto_close={auto_close}
Suite Setup       Bind Zmq Socket    inproc://suite    PULL    suite
Test Setup        Open Zmq Socket    PUSH    setup
Test Teardown     Zmq Socket Is Open    test

*** Keywords ***
Zmq Socket Is Open
    [Arguments]    ${{name}}
    ${{names}}=    Get Zmq Sockets
    Should Contain    ${{names}}    ${{name}}

*** Test Cases ***
First
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    test
    ${{address}}=    Get Zmq Endpoint
    VAR    ${{ADDRESS}}    ${{address}}    scope=SUITE

Second
    @{{names}}=    Get Zmq Sockets
    Log    open: ${{names}}
    Bind Zmq Socket    {address}    PULL    test
"""


@pytest.fixture
def run(tmp_path: Path):
    """Runs suites, given as path → text, and tells the result."""

    def run_suites(files: dict[str, str]):
        for name, text in files.items():
            path = tmp_path / "suites" / f"{name}.robot"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        output = tmp_path / "output.xml"
        running.TestSuite.from_file_system(tmp_path / "suites").run(output=output, stdout=StringIO(), stderr=StringIO())
        return ExecutionResult(output)

    return run_suites


def logged(item, text: str) -> list[str]:
    """Messages with this text of all keywords below."""
    found = []
    for entry in getattr(item, "body", ()):
        if entry.type == "MESSAGE":
            found += [entry.message] if text in entry.message else []
        else:
            found += logged(entry, text)
    return found


def passed(result) -> bool:
    problems = [f"{test.full_name}: {test.message}" for test in result.suite.all_tests if not test.passed]
    assert not problems, problems
    return True


@pytest.mark.parametrize(
    ("auto_close", "address", "left"),
    [
        ("TEST", "${ADDRESS}", "open: ['suite', 'setup']"),
        ("SUITE", "tcp://127.0.0.1:*", "open: ['suite', 'test', 'setup']"),
        ("MANUAL", "tcp://127.0.0.1:*", "open: ['suite', 'test', 'setup']"),
    ],
)
def test_sockets_live_as_long_as_auto_close_says(run, auto_close, address, left):
    result = run({"suite": OPEN_IN_SUITE.format(auto_close=auto_close, address=address)})
    assert passed(result)
    [second] = [test for test in result.suite.all_tests if test.name == "Second"]
    assert logged(second, "open: [") == [left]


SHOW = """
*** Settings ***
Library    ZmqLibrary    auto_close={auto_close}

*** Test Cases ***
Show
    @{{names}}=    Get Zmq Sockets
    Log    open: ${{names}}
"""
OPENS = """
*** Settings ***
Library         ZmqLibrary    auto_close={auto_close}
Suite Setup     Open Zmq Socket    PULL    in-setup

*** Test Cases ***
Open
    Open Zmq Socket    PULL    in-test
"""
DIRECTORY = """
*** Settings ***
Library           ZmqLibrary    auto_close={auto_close}
Suite Setup       Open Zmq Socket    PULL    in-directory
Suite Teardown    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    in-teardown
"""


@pytest.mark.parametrize(
    ("auto_close", "inside", "after"),
    [
        ("TEST", ["in-directory"], []),
        ("SUITE", ["in-directory"], []),
        ("MANUAL", ["in-directory", "in-setup", "in-test"], ["in-directory", "in-setup", "in-test", "in-teardown"]),
    ],
)
def test_what_a_suite_opens_lives_until_that_suite_ends(run, auto_close, inside, after):
    suites = {"a/__init__": DIRECTORY, "a/1": OPENS, "a/2": SHOW, "b": SHOW}
    result = run({name: text.format(auto_close=auto_close) for name, text in suites.items()})
    assert passed(result)
    shown = [text for test in result.suite.all_tests for text in logged(test, "open: [")]
    assert shown == [f"open: {inside}", f"open: {after}"]


def test_the_same_test_name_in_two_suites_is_not_confused(run):
    text = SHOW.format(auto_close="TEST").replace("Show", "Same") + "    Open Zmq Socket    PULL\n"
    result = run({"a": text, "b": text})
    assert passed(result)
    assert [text for test in result.suite.all_tests for text in logged(test, "open: [")] == ["open: []"] * 2


def test_what_a_test_opened_is_closed_although_it_fails(run):
    failing = (
        "*** Settings ***\nLibrary    ZmqLibrary\n*** Test Cases ***\nFailing\n    Open Zmq Socket    PULL\n    Fail\n"
    )
    result = run({"a": failing, "b": SHOW.format(auto_close="TEST")})
    assert [text for test in result.suite.all_tests for text in logged(test, "open: [")] == ["open: []"]


KEEPS_NOTHING = """
*** Settings ***
Library    ZmqLibrary    auto_close=SUITE
*** Test Cases ***
What Is Closed Before Its Time
    Open Zmq Socket    PULL
    Close Zmq Socket
    Start Mock Server    inproc://mock
    Stop Mock Server
    ${library}=    Get Library Instance    ZmqLibrary
    Should Be Empty    ${library.session.lifetimes._owned}
"""


def test_what_is_closed_before_its_time_is_kept_no_longer(run):
    assert passed(run({"a": KEEPS_NOTHING}))


def test_outside_of_robot_nothing_is_owned_and_the_end_closes():
    closed = []
    lifetimes = Lifetimes(AutoClose.TEST)
    lifetimes.own(lambda: closed.append("never"))
    lifetimes.at_end.append(lambda: closed.append("end"))
    lifetimes.close()
    assert closed == ["end"]


def test_the_end_goes_on_after_a_failure(caplog):
    closed = []
    lifetimes = Lifetimes(AutoClose.TEST)
    lifetimes.at_end += [lambda: {}["x"], lambda: closed.append("second")]
    lifetimes.close()
    assert closed == ["second"]
    assert "Closing failed: 'x'" in caplog.text


def test_the_end_of_a_test_goes_on_after_a_failure():
    told = []
    lifetimes = Lifetimes(AutoClose.TEST)
    lifetimes.at_test_end += [lambda: {}["x"], lambda: told.append("second")]
    lifetimes.end_test(running.TestCase(), result.TestCase(status="PASS"))
    assert told == ["second"]


def test_the_end_of_a_suite_goes_on_after_a_failure(caplog):
    told = []
    lifetimes = Lifetimes(AutoClose.TEST)
    lifetimes.at_suite_end += [lambda suite: {}["x"], told.append]
    suite = result.TestSuite()
    lifetimes.end_suite(running.TestSuite(), suite)
    assert told == [suite]
    assert "At the end of a suite: 'x'" in caplog.text


class Renaming:
    """Puts an id before the names of tests and suites in the results, as reporters to test management do."""

    ROBOT_LISTENER_API_VERSION = 3

    def start_suite(self, data, result):
        result.name = f"S-1 {result.name}"

    def start_test(self, data, result):
        result.name = f"TC-17 {result.name}"


def test_what_is_open_belongs_to_the_test_whatever_its_name_is(tmp_path):
    (tmp_path / "suite.robot").write_text(
        """
*** Settings ***
Library           ZmqLibrary
Suite Setup       Bind Zmq Socket    inproc://suite    PULL    of suite

*** Test Cases ***
Renamed By A Listener
    Bind Zmq Socket    inproc://here    PULL    of test

Renamed By A Variable
    Only Of Suite Is Open
    Set Test Variable    ${TEST NAME}    something else
    Bind Zmq Socket    inproc://here    PULL    of test
    Set Suite Variable    ${SUITE NAME}    something else

All Are Closed
    Only Of Suite Is Open

*** Keywords ***
Only Of Suite Is Open
    ${open}=    Get Zmq Sockets
    Should Be Equal    ${open}    ${{['of suite']}}
""",
        "utf-8",
    )
    output = tmp_path / "output.xml"
    suite = running.TestSuite.from_file_system(tmp_path / "suite.robot")
    suite.run(output=output, listener=Renaming(), stdout=StringIO(), stderr=StringIO())
    assert passed(ExecutionResult(output))
