"""A run that is stopped by a signal while messages move still has whole messages in its teardowns, and ends soon."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = int(os.environ.get("STOPPED_RUNS", "4"))
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="signals of POSIX")

LIBRARY = """
import os, random, signal, threading, time
from robot.libraries.BuiltIn import BuiltIn

ROBOT_LIBRARY_SCOPE = "GLOBAL"
COUNT = 200
FRAMES = ["H", *(f"p{n}" for n in range(COUNT - 1))]
stopped_at = []

def stop_soon():
    def stop():
        stopped_at.append(time.monotonic())
        os.kill(os.getpid(), getattr(signal, os.environ["SIGNAL"]))
    threading.Timer(random.uniform(0.02, 0.12), stop).start()

def messages_should_be_whole():
    assert time.monotonic() - stopped_at[0] < 60, "it took long to stop"
    library = BuiltIn().get_library_instance("ZmqLibrary")
    while (message := library.try_to_receive_multipart(socket="sink")) is not None:
        assert len(message) == COUNT and message[0] == "H", f"torn: {len(message)} frames"
    library.send_multipart("BYE", "now", socket="source")
    while list(message := library.receive_multipart(socket="sink")) != ["BYE", "now"]:
        assert len(message) == COUNT and message[0] == "H", f"torn: {len(message)} frames"
    assert library.get_connection_state(socket="sink") == "CONNECTED"
"""
SUITE = """
*** Settings ***
Library           ZmqLibrary    auto_close=MANUAL    log_limit=16
Library           moving.py
Variables         moving.py
Suite Setup       Open
Suite Teardown    Messages Should Be Whole

*** Test Cases ***
Messages Move
    Stop Soon
    WHILE    True    limit=NONE
        Send Multipart       @{FRAMES}    socket=source
        Receive Multipart    socket=sink
    END

*** Keywords ***
Open
    Bind Zmq Socket       tcp://127.0.0.1:*    PULL    sink
    ${address}=           Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    source
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_teardowns_have_whole_messages_after_a_signal(name: str, tmp_path: Path) -> None:
    (tmp_path / "moving.py").write_text(LIBRARY, "utf-8")
    (tmp_path / "suite.robot").write_text(SUITE, "utf-8")
    command = [sys.executable, "-m", "robot", "--pythonpath", ".", "--output", "NONE", "suite.robot"]
    for _ in range(RUNS):
        run = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "SIGNAL": name},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert "Execution terminated by signal" in run.stdout, run.stdout + run.stderr
        assert "Suite teardown" not in run.stdout, run.stdout + run.stderr
