"""The line on the console while a keyword waits for a pump or sink: in a terminal, where Robot shows tests."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty")

SUITE = """\
*** Settings ***
Library    ZmqLibrary

*** Test Cases ***
Long
    Start Sink     tcp://127.0.0.1:*    PULL    bind=yes
    ${address}=    Get Sink Endpoint
    Start Pump     ${address}    PUSH    source    rate=100    count=400
    Wait For Pump    timeout=60s
"""


def shown(tmp_path, console):
    """What Robot writes to a terminal."""
    suite = tmp_path / "long.robot"
    suite.write_text(SUITE, "utf-8")
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "robot",
        "--console",
        console,
        "--output",
        "NONE",
        "--log",
        "NONE",
        "--report",
        "NONE",
    ]
    with subprocess.Popen([*command, str(suite)], stdout=theirs, stderr=theirs) as robot:
        os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            text += piece
    os.close(ours)
    assert robot.returncode == 0, text
    return text.decode("utf-8", "replace")


def test_it_tells_how_far_a_pump_is_and_is_gone_at_the_end(tmp_path):
    text = shown(tmp_path, "verbose")
    assert " of 400 messages (" in text
    last = text.rindex("messages (")
    assert "\r\033[K\0338" in text[last:]


@pytest.mark.parametrize("console", ["dotted", "quiet", "none"])
def test_other_consoles_stay_as_they_are(tmp_path, console):
    assert "messages" not in shown(tmp_path, console)
