"""What the log tells of messages when there are many. Each is a Robot run."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.log.message_log import LAST
from ZmqLibrary.session.settings import LibrarySettings

Logged = tuple[list[tuple[str, str]], list[str]]
FIRST = LibrarySettings().log_messages
SUITE = """\
*** Settings ***
Library    ZmqLibrary    {arguments}

*** Test Cases ***
Many
    Move Messages    {count}
    {end}

Few
    Move Messages    1

*** Keywords ***
Move Messages
    [Arguments]    ${{count}}
    Bind Zmq Socket       inproc://a    PULL    sink
    Connect Zmq Socket    inproc://a    PUSH    source
    FOR    ${{n}}    IN RANGE    ${{count}}
        Send Message    <b>${{n}}
        Receive Message    socket=sink
    END
"""
ROUNDS = FIRST // 2 + 50


@pytest.fixture
def logged(robot_output):
    """Runs the suite and gives, for each test, the messages of its keywords and those of the test itself."""

    def run(end: str = "No Operation", arguments: str = "", **options: str) -> dict[str, Logged]:
        output = robot_output(SUITE.format(count=ROUNDS, end=end, arguments=arguments), **options)
        tests = {test.get("name"): test for test in ET.parse(output).iter("test")}
        return {name: (_of_messages(test), [m.text for m in test.findall("msg")]) for name, test in tests.items()}

    return run


def _of_messages(test: ET.Element) -> list[tuple[str, str]]:
    found = [(m.get("level"), m.text or "") for m in test.iter("msg")]
    return [(level, text) for level, text in found if text.startswith(("Sent from", "Received by"))]


def test_the_first_messages_of_a_test_have_lines_and_the_last_ones_at_its_end(logged):
    lines, at_end = logged()["Many"]
    assert len(lines) == FIRST
    assert {level for level, _ in lines} == {"INFO"}
    title, *last = at_end[-1].splitlines()
    assert title.startswith(f"After the first {FIRST} came 100 messages, of which the last were")
    assert len(last) == LAST
    assert last[-2:] == [
        f"Sent from 'source' (PUSH): '<b>{ROUNDS - 1}'",
        f"Received by 'sink' (PULL): '<b>{ROUNDS - 1}'",
    ]


def test_the_next_test_begins_to_count_anew(logged):
    lines, at_end = logged()["Few"]
    assert len(lines) == 2
    assert at_end == []


def test_the_log_says_where_lines_end_and_how_to_see_them_all(logged, tmp_path):
    logged()
    hints = [m.text for m in ET.parse(tmp_path / "output.xml").iter("msg") if "--loglevel DEBUG" in (m.text or "")]
    assert hints[0].startswith(f"This is message {FIRST} of the test.")
    assert len(hints) == 2


def test_at_level_debug_all_have_lines(logged):
    lines, at_end = logged(loglevel="DEBUG")["Many"]
    assert [level for level, _ in lines] == ["INFO"] * FIRST + ["DEBUG"] * 100
    assert at_end == []


def test_a_level_that_is_set_in_the_middle_counts(logged):
    lines, at_end = logged("Set Log Level    DEBUG\n    Move Messages    2")["Many"]
    assert [level for level, _ in lines[FIRST:]] == ["DEBUG"] * 4
    assert at_end[-1].startswith(f"After the first {FIRST} came 104 messages")


def test_a_secret_is_not_among_the_last_messages(logged):
    secret = "VAR    ${s: Secret}    %{HOME}\n    Send Message    ${s}\n    Receive Message    socket=sink"
    _, at_end = logged(secret)["Many"]
    assert "Sent from 'source' (PUSH): <secret>" in at_end[-1]


def test_another_number_of_messages_can_have_lines(logged):
    lines, at_end = logged(arguments="log_messages=3")["Many"]
    assert len(lines) == 3
    assert at_end[-1].startswith(f"After the first 3 came {2 * ROUNDS - 3} messages")


def test_all_messages_can_have_lines(logged):
    lines, at_end = logged(arguments="log_messages=all")["Many"]
    assert [level for level, _ in lines] == ["INFO"] * 2 * ROUNDS
    assert at_end == []


def test_messages_can_have_no_lines(logged):
    assert logged(arguments="log_messages=0")["Many"] == ([], [])


def test_at_level_debug_messages_have_lines_whatever_their_number(logged):
    lines, at_end = logged(loglevel="DEBUG", arguments="log_messages=0")["Many"]
    assert [level for level, _ in lines] == ["DEBUG"] * 2 * ROUNDS
    assert at_end == []


def test_a_negative_number_of_lines_is_refused():
    with pytest.raises(InvalidValue, match="log_messages cannot be negative"):
        ZmqLibrary(log_messages=-1)
