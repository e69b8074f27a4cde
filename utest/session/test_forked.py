"""A child of the process has nothing open: what it does and how it ends does not touch what its parent has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")

LIBRARY = '''
import os, signal, sys

def fork_and(how):
    """The child ends in time by itself: SIGALRM would kill it, which shows in its status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(120)
    if how == "end the run":
        sys.exit(0)
    if how == "fail":
        raise AssertionError("in the child")
    from robot.libraries.BuiltIn import BuiltIn
    from ZmqLibrary.sockets.socket_types import SocketType
    library = BuiltIn().get_library_instance("ZmqLibrary")
    assert library.get_zmq_sockets() == []
    library.bind_zmq_socket("inproc://own", SocketType.PULL, "own")
    library.connect_zmq_socket("inproc://own", SocketType.PUSH, "work")
    library.send_message("hello")
    assert library.receive_message(socket="own") == "hello"
    library.close_all_zmq_sockets()
    library.stop_all_workers()
    os._exit(0)
'''
SUITE = """
*** Settings ***
Library           ZmqLibrary    timeout=60s
Library           forking.py
Library           OperatingSystem

*** Test Cases ***
Parent Goes On
    Start Mock Server     ipc://${CURDIR}/mock    REP    mock
    Mock Replies By Default    pong
    Bind Zmq Socket       ipc://${CURDIR}/sink    PULL    sink
    Start Collecting Messages    sink
    ${status}=            Fork And    %s
    Should Be Equal       ${status}    ${%s}
    Connect Zmq Socket    ipc://${CURDIR}/mock    REQ    client
    Send Request          ping
    Connect Zmq Socket    ipc://${CURDIR}/sink    PUSH    work
    Send Message          hello
    Wait For Collected Message    hello
    Should Exist          ${CURDIR}/sink
"""


@pytest.mark.parametrize(("how", "status"), [("end the run", 253 << 8), ("fail", 1 << 8), ("use the library", 0)])
def test_a_child_ends_soon_and_its_parent_goes_on(how: str, status: int, tmp_path: Path) -> None:
    (tmp_path / "forking.py").write_text(LIBRARY, "utf-8")
    (tmp_path / "suite.robot").write_text(SUITE % (how, status), "utf-8")
    command = [
        sys.executable,
        "-m",
        "robot",
        "--pythonpath",
        ".",
        "--output",
        "NONE",
        "--log",
        "NONE",
        "--report",
        "NONE",
    ]
    run = subprocess.run(
        [*command, "suite.robot"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stdout + run.stderr
