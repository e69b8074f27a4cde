from __future__ import annotations

from collections.abc import Iterator

import pytest
from robot.api import logger
from robot.output.stdoutlogsplitter import StdoutLogSplitter

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.frontends.remote_keywords import RemoteKeywords


@pytest.fixture
def keywords() -> Iterator[RemoteKeywords]:
    keywords = RemoteKeywords()
    yield keywords
    keywords.end()


@pytest.fixture
def run(keywords):
    """Runs a keyword that has to pass; returns its value."""

    def call(name: str, *args: object, **named: object) -> object:
        result = keywords.run(name, args, named)
        assert result["status"] == "PASS", result["error"]
        return result["return"]

    return call


def messages(result) -> list[tuple[str, str, bool]]:
    return [(message.level, message.message, message.html) for message in StdoutLogSplitter(result["output"])]


def test_arguments_types_documentation_and_tags_are_told(keywords):
    about = keywords.information()["Connect Zmq Socket"]
    assert about["args"][:6] == ["endpoint", "type", "alias=None", "*", "lazy=None", "timeout=None"]
    assert about["args"][-1] == "**options"
    assert about["types"]["timeout"] == "timedelta | None"
    assert about["doc"].startswith("Opens a socket and connects it to an endpoint.")
    assert about["tags"] == ["Opening"]


def test_all_keywords_and_the_introduction_are_told(keywords):
    information = keywords.information()
    assert set(information) == {*keywords.names, "__intro__", "__init__"}
    assert "%TOC%" in information["__intro__"]["doc"] or "Endpoints" in information["__intro__"]["doc"]


def test_values_are_converted_as_robot_converts_them(run):
    run("Bind Zmq Socket", "inproc://a", "pull", "sink")
    run("Connect Zmq Socket", "inproc://a", "PUSH", "source", timeout="2s", lazy="no", send_hwm="5")
    assert run("Get Zmq Socket Option", "SNDHWM") == 5
    run("Send Multipart", "a=b", b"\x00\xff", format="TEXT,BYTES")
    assert run("Receive Multipart", format="TEXT,BYTES", socket="sink") == ["a=b", b"\x00\xff"]


def test_lines_of_the_log_have_their_levels(keywords):
    result = keywords.run("Bind Zmq Socket", ["inproc://a", "SUB"], {"conflate": "yes"})
    assert [level for level, _, _ in messages(result)] == ["WARN", "DEBUG", "INFO"]


def test_a_keyword_that_logs_nothing_has_no_output(keywords):
    assert keywords.run("Get Zmq Sockets", []) == {"status": "PASS", "return": []}


def test_a_failure_is_whole_and_leaves_its_evidence(keywords, run):
    run("Bind Zmq Socket", "tcp://127.0.0.1:*", "PULL", "sink")
    result = keywords.run("Receive Message", [], {"timeout": "10ms"})
    assert result["status"] == "FAIL"
    assert result["error"].startswith("No message from 'sink' (PULL, tcp://127.0.0.1:")
    assert "listening, no peer has connected" in result["error"]
    assert "WaitTimeout" in result["traceback"]
    assert [html for level, text, html in messages(result) if "Evidence: socket" in text] == [True]


@pytest.mark.parametrize(
    ("name", "args", "error"),
    [
        ("Open Zmq Socket", ["NOPE"], "ValueError: Argument 'type' got value 'NOPE' that cannot be converted"),
        ("Open Zmq Socket", [], "Keyword 'ZmqLibrary.Open Zmq Socket' expected 1 to 2 non-named arguments, got 0."),
        ("No Such Keyword", [], "ZmqLibrary has no keyword 'No Such Keyword'."),
    ],
)
def test_wrong_calls_fail_as_in_robot(keywords, name, args, error):
    result = keywords.run(name, args)
    assert result["status"] == "FAIL"
    assert result["error"].startswith(error)


def test_text_from_the_wire_is_no_line_of_the_log_with_a_level(keywords, run):
    run("Bind Zmq Socket", "inproc://a", "PULL", "sink")
    run("Connect Zmq Socket", "inproc://a", "PUSH")
    run("Send Message", "x\n*ERROR* forged")
    result = keywords.run("Receive Message", [], {"socket": "sink"})
    assert {level for level, _, _ in messages(result)} <= {"INFO", "DEBUG"}
    assert result["return"] == "x\n*ERROR* forged"


def test_the_logger_is_as_before_afterwards(keywords):
    before = logger.write
    keywords.run("Get Zmq Version", [])
    assert logger.write is before


def test_import_arguments_are_those_of_the_library():
    keywords = RemoteKeywords(["timeout=30ms"])
    keywords.run("Open Zmq Socket", ["PULL"])
    assert "in 30 milliseconds" in keywords.run("Receive Message", [])["error"]
    keywords.end()
    with pytest.raises(InvalidValue, match=r"Cannot import ZmqLibrary with timeout=red: .*Invalid time string 'red'"):
        RemoteKeywords(["timeout=red"])


def test_what_was_open_is_told_at_the_end(keywords):
    keywords.run("Open Zmq Socket", ["PULL", "jobs"])
    assert keywords.end() == ["jobs"]
    assert keywords.run("Get Zmq Sockets", [])["return"] == []


def test_a_keypair_can_be_used_although_its_secret_stays_here(run):
    pair = run("Generate Curve Keypair")
    assert pair["secret"].startswith("<secret ")
    assert run("Bind Zmq Socket", "tcp://127.0.0.1:*", "PULL", curve_keypair=pair)
    assert run("Bind Zmq Socket", "tcp://127.0.0.1:*", "PULL", curve_keypair=pair["secret"])
