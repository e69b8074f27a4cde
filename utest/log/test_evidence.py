"""What a failed keyword leaves in the log."""

from __future__ import annotations

import html
import logging
import re
from datetime import timedelta

import pytest
from robot.api import ExecutionResult
from robot.api.types import Secret

from ZmqLibrary.errors import WaitTimeout, ZmqLibraryError
from ZmqLibrary.sockets.socket_types import SocketType

TCP = "tcp://127.0.0.1:*"
NOW = timedelta(0)
PULL, PUSH = SocketType.PULL, SocketType.PUSH
SUITE = """\
*** Settings ***
Library    ZmqLibrary    log_limit=16

*** Test Cases ***
Failing
    Bind Zmq Socket       ${TCP}    PULL    sink
    ${address}=           Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    source
    Send Multipart        <script>alert(1)</script>    ${{b"x" * 10_000}}
    Receive Multipart     socket=sink
    Receive Message       socket=sink    timeout=0
"""


@pytest.fixture
def run(library, caplog):
    """Calls a keyword as Robot does; tells what it has logged as HTML, and its error."""
    caplog.set_level(logging.DEBUG, "RobotFramework")

    def run_keyword(name: str, *arguments: object, **named: object) -> tuple[list[str], Exception | None]:
        caplog.clear()
        error = None
        try:
            getattr(library, name)(*arguments, **named)
        except ZmqLibraryError as caught:
            error = caught
        return [text for text in caplog.messages if text.startswith("<details>")], error

    return run_keyword


@pytest.fixture
def jobs(library):
    """A PULL `jobs` and a PUSH `work` that sends to it."""
    library.bind_zmq_socket(TCP, PULL, "jobs")
    library.connect_zmq_socket(library.get_zmq_endpoint(), PUSH, "work")
    library.wait_until_connected(socket="jobs")


def receive(run):
    return run("receive_message", socket="jobs", timeout=NOW)


def test_a_keyword_that_passes_leaves_no_evidence(run, jobs):
    assert run("send_message", "x") == ([], None)
    assert run("wait_for_message", socket="jobs")[0] == []


def test_a_failure_leaves_the_messages_and_the_events_of_its_socket(run, jobs):
    run("send_multipart", "topic", b"\x00\xff")
    run("receive_multipart", socket="jobs", format="BYTES")
    [shown], error = receive(run)
    assert isinstance(error, WaitTimeout)
    assert "<summary>Evidence: socket &#x27;jobs&#x27; (PULL), tcp://127.0.0.1:" in shown
    assert shown.count("<td>received</td>") == 2
    assert "000000  74 6f 70 69 63" in shown
    assert "000000  00 ff " in shown
    events = re.findall(r"<td>([A-Z_]+)</td><td>tcp://", shown)
    assert events == ["LISTENING", "ACCEPTED", "HANDSHAKE_SUCCEEDED"]


def test_sent_messages_are_evidence_too(run, jobs):
    run("send_message", "x")
    [shown], _ = run("receive_message", socket="work")
    assert "<td>sent</td><td>0</td>" in shown


def test_what_comes_from_the_wire_is_escaped(run, jobs):
    evil = "</pre><script>alert('1')</script>"
    run("send_message", evil)
    run("receive_message", socket="jobs")
    [shown], _ = receive(run)
    text = re.sub(r"\s", "", shown)
    assert "<script" not in shown
    assert "&lt;/pre&gt;&lt;scri" in text
    assert set(re.findall(r"</?([a-z]+)", shown)) <= {"details", "summary", "p", "table", "tr", "th", "td", "pre"}
    assert len(re.findall("<pre>", shown)) == len(re.findall("</pre>", shown))


def test_a_connect_that_failed_has_left_no_socket_and_says_so(run, closed_port):
    [shown], error = run("connect_zmq_socket", closed_port, PUSH, "work", timeout=timedelta(seconds=2))
    assert error
    assert "(PUSH), closed by now" in shown
    assert closed_port in shown, "its events tell where it was to connect to"


def test_a_socket_name_is_escaped(run):
    run("open_zmq_socket", PULL, "<b>bold</b>")
    [shown], _ = run("receive_message", timeout=NOW)
    assert "<b>" not in shown
    assert html.escape("<b>bold</b>") in shown
    assert "no endpoint" in shown
    assert "Recent messages: none" in shown
    assert "Connection events: none" in shown


def test_secrets_are_shown_as_secret(run, jobs, caplog):
    run("send_multipart", "login", Secret("hunter2"))
    assert "'login' | <secret>" in caplog.text
    [shown], _ = run("receive_message", socket="work")
    assert "&lt;secret&gt;" in shown
    assert "hunter2" not in shown
    assert b"hunter2".hex(" ") not in shown


def test_evidence_is_bounded_by_the_log_limit_and_by_the_number_of_messages(run, library, jobs):
    assert library.session.settings.log_limit == 512
    for _ in range(30):
        run("send_multipart", *[b"y" * 100_000] * 25)
        run("receive_multipart", socket="jobs", format="BYTES")
    [shown], _ = receive(run)
    assert shown.count("<td>received</td>") == 20 * 20
    assert "&" not in shown.replace("&#x27;", "")
    assert shown.count("… 99488 more bytes") == 20 * 20
    assert len(shown) < 20 * 20 * 512 * 6


def test_events_are_evidence_up_to_the_last_200(run, library, jobs):
    socket = library.session.socket("jobs")
    for _ in range(150):
        socket.raw.socket.bind(TCP)
        socket.raw.socket.unbind(socket.raw.socket.last_endpoint)
    assert socket.wait_for(lambda: socket.monitor.counts["CLOSED"] > 100, library._deadline(None))
    [shown], _ = receive(run)
    assert shown.count("<td>LISTENING</td>") + shown.count("<td>CLOSED</td>") == 200


def test_a_failure_without_a_socket_leaves_none(run):
    shown, error = run("get_zmq_endpoint", socket="nosuch")
    assert "There is no socket 'nosuch'" in str(error)
    assert shown == []


def test_the_evidence_of_a_worker_is_its_own_sockets(run, library, jobs):
    library.start_collecting_messages("jobs", alias="all")
    library.send_message("x", socket="work")
    library.wait_for_collected_message("x", collector="all")
    [shown], error = run("wait_for_collected_message", "y", collector="all", timeout=NOW)
    assert error
    assert "socket &#x27;jobs&#x27; (PULL)" in shown
    assert "000000  78 " in shown


def test_other_sockets_are_looked_after_although_a_keyword_fails(library, closed_port):
    other = library.open_zmq_socket(PULL)
    refused = library.session.open(PUSH, None)
    refused.connect(closed_port)
    assert refused.monitor.source.wait(30)
    assert not refused.monitor.next_number
    library.session._next_tick = 0
    with pytest.raises(WaitTimeout):
        library.receive_message(socket=other, timeout=NOW)
    assert refused.monitor.next_number


def test_a_log_holds_the_evidence_folded_as_html(robot_output):
    [test] = ExecutionResult(robot_output(SUITE.replace("${TCP}", TCP))).suite.tests
    assert test.message.startswith("No message from 'sink' (PULL, tcp://127.0.0.1:")
    *_, passing, failing = [item for item in test.body if item.type == "KEYWORD"]
    messages = [item for item in failing.body if item.type == "MESSAGE"]
    [evidence] = [message for message in messages if message.html]
    assert evidence.level == "INFO"
    assert evidence.message.startswith("<details><summary>Evidence: socket &#x27;sink&#x27; (PULL)")
    assert "<script>" not in evidence.message
    assert "… 9984 more bytes" in evidence.message
    assert not passing.body.filter(messages=True)[0].html


def test_the_evidence_of_a_mock_server_has_the_values_of_its_format(library, run):
    library.start_mock_server("inproc://mock", SocketType.REP, format="MSGPACK")
    library.connect_zmq_socket("inproc://mock", SocketType.REQ)
    library.send_message({"n": 1}, format="MSGPACK")
    library.mock_should_have_received({"n": 1})
    [shown], _ = run("mock_should_have_no_unexpected_requests")
    assert "{&#x27;n&#x27;: 1}" in shown
