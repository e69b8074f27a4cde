"""The standard streams and signals of a command, whatever a shell has done to them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
import zmq

from utest.frontends.test_command_line import LONG, listening
from ZmqLibrary.frontends.streams import terminated_as_interrupted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="as POSIX shells do it")


def in_a_shell(line, **environment):
    command = f'exec "{sys.executable}" -m ZmqLibrary {line}'
    return subprocess.run(
        command, shell=True, capture_output=True, timeout=LONG, check=False, env={**os.environ, **environment}
    )


@pytest.fixture
def echo(started):
    server = started("reply", "tcp://127.0.0.1:*", "--timeout", "60s")
    return listening(server)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_is_no_trouble(echo, closed):
    done = in_a_shell(f"request {echo} ping {closed}")
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_is_for_a_closed_standard_error_does_not_get_among_the_data():
    done = in_a_shell("send 2>&-")
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("words", ["request {echo} ping", "--help"])
def test_a_full_disk_is_told_without_a_traceback(echo, words):
    done = in_a_shell(f"{words.format(echo=echo)} >/dev/full")
    assert (done.returncode, done.stderr) == (2, b"zmqlibrary: No space left on device.\n")


def test_characters_that_the_encoding_has_not_are_escapes(echo):
    done = in_a_shell(f"request {echo} 'é 世'", PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stdout) == (0, "é \\u4e16\n".encode("latin-1"))
    done = in_a_shell(f"request {echo} 'é 世' --json", PYTHONIOENCODING="latin-1")
    assert json.loads(done.stdout) == {"frames": ["é 世"]}


@pytest.mark.parametrize("words", [("sink", "--json"), ("receive", "--count", "0"), ("reply",)])
def test_sigterm_to_all_of_the_group_ends_it_as_ctrl_c_does(started, words):
    bind = ("--bind",) if words[0] != "reply" else ()
    process = started(words[0], "tcp://127.0.0.1:*", *bind, *words[1:], "--timeout", "60s", start_new_session=True)
    with zmq.Context() as context, context.socket(zmq.REQ if words[0] == "reply" else zmq.PUSH) as source:
        source.linger = 0
        source.connect(listening(process))
        source.send(b"one")
        if words[0] == "receive":
            assert process.stdout.readline() == "one\n"
        os.killpg(process.pid, signal.SIGTERM)
        _, errors = process.communicate(timeout=LONG)
    assert process.returncode == 143
    assert "Traceback" not in errors
    assert "failed" not in errors


def test_a_pump_that_is_killed_reports_what_it_has_sent(started):
    pump = started(
        "pump", "tcp://127.0.0.1:*", "--bind", "--rate", 100, "--timeout", "60s", "--json", start_new_session=True
    )
    with pump, zmq.Context() as context, context.socket(zmq.PULL) as target:
        target.connect(listening(pump))
        target.recv()
        os.killpg(pump.pid, signal.SIGTERM)
        output, _ = pump.communicate(timeout=LONG)
    assert (pump.returncode, json.loads(output)["state"]) == (143, "STOPPED")


def test_the_signal_is_as_before_afterwards():
    with terminated_as_interrupted() as signals:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)  # a second one changes nothing
    assert signals == [signal.SIGTERM] * 2
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_handler_of_somebody_else_stays():
    own = lambda *_: None  # noqa: E731
    before = signal.signal(signal.SIGTERM, own)
    try:
        with terminated_as_interrupted():
            assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)
