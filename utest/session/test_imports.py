"""Two imports of the library share nothing, and know enough of each other to say so."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from robot import running
from robot.api import ExecutionResult

from ZmqLibrary.errors import NotOpen
from ZmqLibrary.sockets.socket_types import SocketType

PARENT = """
*** Settings ***
Library           ZmqLibrary    timeout=30s
Suite Setup       Open

*** Keywords ***
Open
    Bind Zmq Socket      inproc://api    PULL    api
    Start Mock Server    ipc://{path}/mock    REP    mock
    Start Proxy          tcp://127.0.0.1:5555    alias=link
    Bind Zmq Socket      tcp://127.0.0.1:*    PULL    port
    ${{address}}=        Get Zmq Endpoint
    Set Suite Variable   ${{ADDRESS}}    ${{address}}    children=yes
"""
CHILD = """
*** Settings ***
Library           ZmqLibrary    timeout=20s

*** Test Cases ***
Socket
    [Documentation]    FAIL *socket 'api' belongs to the import of ZmqLibrary with timeout=30.0 in suite 'Suites', *
    Get Zmq Endpoint    socket=api
Proxy
    [Documentation]    FAIL *proxy 'link' belongs to the import of ZmqLibrary with timeout=30.0 *
    Get Proxy Faults    proxy=link
Mock
    [Documentation]    FAIL *mock server 'mock' belongs to the import of ZmqLibrary with timeout=30.0 *
    Get Mock Endpoint    mock
Another Kind
    [Documentation]    FAIL *: proxy 'link' belongs to the import of ZmqLibrary with timeout=30.0 *
    Get Zmq Endpoint    socket=link
Port
    [Documentation]    FAIL *in use by socket 'port', which the import of ZmqLibrary with timeout=30.0 *
    Bind Zmq Socket    ${{ADDRESS}}    PULL
Path
    [Documentation]    FAIL *socket 'mock', which the import of ZmqLibrary with timeout=30.0 * is bound to that path*
    Bind Zmq Socket    ipc://{path}/mock    PULL
Unknown
    [Documentation]    FAIL There is no socket 'nobody'. No socket is open.
    Get Zmq Endpoint    socket=nobody
Inproc
    Connect Zmq Socket    inproc://api    PUSH    own
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    path: Path = tmp_path_factory.mktemp("imports") / "suites"
    path.mkdir()
    (path / "__init__.robot").write_text(PARENT.format(path=path), "utf-8")
    (path / "child.robot").write_text(CHILD.format(path=path), "utf-8")
    output = path / "output.xml"
    running.TestSuite.from_file_system(path).run(output=output, stdout=StringIO(), stderr=StringIO())
    return ExecutionResult(output)


def test_errors_tell_which_import_has_it(result):
    from fnmatch import fnmatchcase

    for test in result.suite.all_tests:
        expected = test.doc.removeprefix("FAIL ")
        assert fnmatchcase(test.message, expected), f"{test.name}: {test.message}"


def test_a_name_of_another_kind_is_told(library):
    library.start_mock_server("inproc://mock", SocketType.REP, "server")
    library.open_zmq_socket(SocketType.PULL, "client")
    with pytest.raises(
        NotOpen, match=r"^There is no sink 'server'\. No sink is open\. Mock server 'server' is no sink\.$"
    ):
        library.get_sink_report("server")
    with pytest.raises(NotOpen, match=r"^There is no pump 'client'\. No pump is open\. Socket 'client' is no pump\.$"):
        library.stop_pump("client")
    with pytest.raises(NotOpen, match=r"^There is no pump 'x'\. No pump is open\.$"):
        library.stop_pump("x")


def test_an_inproc_endpoint_of_another_import_is_warned_of(result):
    [warning] = [message.message for message in result.errors.messages]
    assert warning.startswith("inproc://api is bound by socket 'api' of the import of ZmqLibrary with timeout=30.0")
