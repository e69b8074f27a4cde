"""Where Robot shows what workers did after the last keyword, and that a run with workers ends. Each is a Robot run."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ZmqLibrary.log.worker_log import METADATA

ROOT = Path(__file__).resolve().parents[2]
FROM_OUTSIDE = """\
import threading
import zmq

CONTEXT = zmq.Context()


def send_from_outside(address, text):
    '''No keyword of the library, so that what is sent here is not logged by one.'''
    with CONTEXT.socket(zmq.PUSH) as source:
        source.connect(address)
        source.send_string(text)


def wait_until_collected(count):
    from robot.libraries.BuiltIn import BuiltIn

    from ZmqLibrary.errors import WorkerFailed
    from ZmqLibrary.waiting.deadline import Deadline

    collector = BuiltIn().get_library_instance("ZmqLibrary").session.workers.all[0]
    try:
        collector.wait_for(lambda: collector.count >= int(count), Deadline(60))
    except WorkerFailed:
        collector.reported = False


def fail_at_the_next_message():
    from robot.libraries.BuiltIn import BuiltIn

    def refuse(message):
        raise RuntimeError("gap")

    library = BuiltIn().get_library_instance("ZmqLibrary")
    library.session.sockets.get().inbox.observers.append(refuse)


def say_ready():
    print("ready", file=__import__("sys").__stdout__, flush=True)


def hang():
    from robot.libraries.BuiltIn import BuiltIn

    library = BuiltIn().get_library_instance("ZmqLibrary")
    library.session.workers.all[0].post(threading.Event().wait)
"""
SUITE = """\
*** Settings ***
Library    ZmqLibrary
Library    outside.py
Suite Setup    Collect

*** Test Cases ***
Test
    {body}

*** Keywords ***
Send Late
    Send From Outside    ${{ADDRESS}}    late
    Wait Until Collected    1

Collect
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink
    ${{address}}=    Get Zmq Endpoint
    VAR    ${{ADDRESS}}    ${{address}}    scope=SUITE
    Start Collecting Messages    alias=feed
"""


@pytest.fixture
def robot(tmp_path):
    def start(*body: str, teardown: str = "") -> subprocess.Popen[str]:
        text = SUITE.format(body="\n    ".join(body))
        if teardown:
            text = text.replace("Suite Setup ", f"Suite Teardown    {teardown}\nSuite Setup ")
        (tmp_path / "suite.robot").write_text(text)
        (tmp_path / "outside.py").write_text(FROM_OUTSIDE)
        options = ["--outputdir", tmp_path, "--log", "NONE", "--report", "NONE", "--pythonpath", ROOT]
        command = [sys.executable, "-m", "robot", *options, tmp_path / "suite.robot"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    return start


@pytest.fixture
def output(tmp_path):
    """Runs a test and returns the output as XML."""

    def read(process: subprocess.Popen[str]) -> ET.Element:
        printed, _ = process.communicate(timeout=300)
        assert (tmp_path / "output.xml").exists(), printed
        return ET.parse(tmp_path / "output.xml").getroot()

    return read


def test_what_comes_after_the_last_keyword_of_a_test_is_shown_at_its_end(robot, output):
    run = output(robot("Send From Outside    ${ADDRESS}    late", "Wait Until Collected    1"))
    [message] = run.findall("suite/test/msg")
    assert message.get("level") == "INFO"
    assert "feed: received 'late'" in message.text


def test_what_comes_after_the_last_test_is_in_the_metadata_of_the_suite(robot, output):
    run = output(robot("Log    nothing", teardown="Send Late"))
    assert run.findall("suite/test/msg") == []
    [metadata] = run.findall("suite/meta")
    assert metadata.get("name") == METADATA
    assert metadata.text.startswith("| ")
    assert metadata.text.endswith("feed: received 'late'")


def test_a_worker_that_failed_without_a_keyword_noticing_is_an_error_of_the_run(robot, output):
    body = ["Fail At The Next Message", "Send From Outside    ${ADDRESS}    x", "Wait Until Collected    1"]
    run = output(robot(*body))
    assert run.find("suite/test/status").get("status") == "PASS"
    warnings = [message.text for message in run.findall("errors/msg")]
    assert any(text.endswith("feed: failed: RuntimeError: gap") for text in warnings)
    assert "Collector 'feed' has failed and no keyword has used it since: RuntimeError: gap" in warnings


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for other processes")
@pytest.mark.parametrize("before", ["Log    a collector that can stop", "Hang"])
def test_ctrl_c_ends_the_run(robot, output, before):
    process = robot(before, "Say Ready", "Wait For Collected Message    never    timeout=10 minutes")
    for line in process.stdout:
        if "ready" in line:
            break
    process.send_signal(signal.SIGINT)
    run = output(process)
    assert process.returncode in (1, 253)
    assert run.find("suite/test/status").get("status") == "FAIL"


def test_a_run_ends_although_a_worker_hangs(robot, output):
    process = robot("Hang")
    run = output(process)
    warnings = " ".join(message.text for message in run.findall("errors/msg"))
    assert "Collector 'feed' did not stop in time; its thread is left behind with its socket until it ends." in warnings
    assert process.returncode == 0
