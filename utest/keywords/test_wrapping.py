"""Robot gets the first sentence and the tags of keywords while tests run, and Libdoc gets all there is to know."""

from __future__ import annotations

import subprocess
import sys
from inspect import getdoc
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from robot.api.deco import keyword
from robot.libdoc import LibraryDocumentation

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import NotOpen, ZmqLibraryError
from ZmqLibrary.sockets.socket_types import SocketType

SUITE = """\
*** Settings ***
Library    ZmqLibrary

*** Test Cases ***
What Robot Works Through At Each Call Is Short
    ${library}=    Get Library Instance    ZmqLibrary
    VAR    ${keyword}    ${library.robot_connect_zmq_socket}
    Should Start With    ${keyword.__doc__}    Opens a socket
    Should Not Contain    ${keyword.__doc__}    \\n\\n
    Should Be Equal    ${keyword.robot_types}[timeout]    ${{datetime.timedelta}}
    Should Be Equal    ${keyword.robot_types}[endpoint]    ${{str}}
    Should Not Contain    ${library.robot_send_message.robot_types}    payload
    Should Not Contain    ${{sys.modules}}    ZmqLibrary.keywords.argument_docs

None Stays A Value Of An Argument Without A Default
    ${library}=    Get Library Instance    ZmqLibrary
    VAR    ${type}    ${library.robot_received_message_should_come_from_user.robot_types}[user_id]
    Should Be Equal    ${type}    ${{typing.Optional[str]}}

Converters Are There When Arguments Are Logged
    ${library}=    Get Library Instance    ZmqLibrary
    Should Be Empty    ${library.ROBOT_LIBRARY_CONVERTERS}
    Set Log Level    TRACE
    Should Not Be Empty    ${library.ROBOT_LIBRARY_CONVERTERS}
    [Teardown]    Reset Log Level

None Is Taken Where It Is The Default
    ${name}=    Open Zmq Socket    PULL    ${None}
    Should Be Equal    ${name}    PULL-1
    ${message}=    Try To Receive Message    format=${None}    socket=${None}
    Should Be Equal    ${message}    ${None}
    Run Keyword And Expect Error    *No message*in 10 milliseconds*    Receive Message    timeout=10ms
    Run Keyword And Expect Error    *Argument 'timeout' got value 'soon' that cannot be converted to timedelta*
    ...    Receive Message    timeout=soon
"""


def test_keywords_are_as_they_should_be_while_tests_run(tmp_path: Path):
    (tmp_path / "suite.robot").write_text(SUITE, "utf-8")
    command = [sys.executable, "-m", "robot", "--output", "NONE", "--log", "NONE", "--report", "NONE", "suite.robot"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stdout


def test_the_log_has_the_first_paragraph_and_the_tags_of_each_keyword(tmp_path: Path):
    (tmp_path / "suite.robot").write_text(SUITE, "utf-8")
    command = [sys.executable, "-m", "robot", "--output", "o.xml", "--log", "NONE", "--report", "NONE", "suite.robot"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=300)
    found = {kw.get("name"): kw for kw in ET.parse(tmp_path / "o.xml").iter("kw") if kw.get("owner") == "ZmqLibrary"}
    assert set(found) == {"Open Zmq Socket", "Try To Receive Message", "Receive Message"}
    docs = {keyword.name: keyword for keyword in LibraryDocumentation("ZmqLibrary").keywords}
    for name, element in found.items():
        assert element.findtext("doc", "").replace("\n", " ") == docs[name].short_doc
        assert [tag.text for tag in element.findall("tag")] == list(docs[name].tags)


def test_outside_of_a_run_they_are_whole(library):
    assert library.connect_zmq_socket.__doc__ == ZmqLibrary.connect_zmq_socket.__doc__
    assert "Raises:" in getdoc(library.connect_zmq_socket)
    assert library.ROBOT_LIBRARY_CONVERTERS


def test_what_libdoc_shows_is_made_when_it_is_asked_for(library):
    assert "robot_get_mock_endpoint" not in vars(library)
    keyword = library.robot_get_mock_endpoint
    assert "mock: Alias of the mock server" in keyword.__doc__
    assert keyword.robot_types == {"mock": str | None, "socket": str | None, "return": str}
    assert library.robot_get_mock_endpoint is keyword


class Renamed(ZmqLibrary):
    """A library that extends this one."""

    open = ZmqLibrary.open_zmq_socket

    @keyword
    def open_zmq_socket(self, type: SocketType = SocketType.PAIR) -> str:
        return super().open_zmq_socket(type, alias="ours")


def test_keywords_for_python_are_made_once_when_they_are_called(library):
    assert "open_zmq_socket" not in vars(library)
    assert library.open_zmq_socket is library.open_zmq_socket
    assert ZmqLibrary.open_zmq_socket.__name__ == "open_zmq_socket"


def test_a_keyword_may_be_extended_and_have_a_second_name():
    library = Renamed()
    try:
        for _ in range(2):
            assert library.open_zmq_socket("PULL") == "ours"
            library.close_zmq_socket("ours")
        assert library.open("PUSH", alias="second") == "second"
    finally:
        library.session.end()


def test_a_keyword_can_be_called_from_python(library):
    assert library.open_zmq_socket(SocketType.PULL, "results") == "results"
    library.close_zmq_socket("results")
    assert library.get_zmq_sockets() == []


def test_what_goes_wrong_with_the_evidence_does_not_take_the_place_of_the_error(library, monkeypatch, caplog):
    monkeypatch.setattr(library.session, "tick", {}.popitem)
    with pytest.raises(NotOpen, match="No socket is open"):
        library.receive_message()
    assert "The evidence of a failure could not be logged: KeyError" in caplog.text


def in_a_circle(value: object) -> bytes:
    try:
        raise ValueError("first\x1b")
    except ValueError as first:
        try:
            raise KeyError("second") from first
        except KeyError as second:
            raise first from second


def test_causes_that_go_round_in_a_circle_end(library):
    library.register_zmq_format("CIRCLE", in_a_circle, bytes)
    library.open_zmq_socket(SocketType.PUSH)
    with pytest.raises(ZmqLibraryError, match="CIRCLE"):
        library.send_message("a", format="CIRCLE")
