"""Ctrl-C and SIGTERM at any moment of a command: it ends with its exit code, and without a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading

import pytest
import zmq

from utest.frontends.test_command_line import LONG, listening
from ZmqLibrary.frontends import interrupts
from ZmqLibrary.frontends.interrupts import Interruptible

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="as POSIX has signals")

# Runs a command that gets a signal when a module is imported: in the import, or where Python ignores exceptions.
INTERRUPTED_IMPORT = """
import os, sys

number, wanted, how = int(sys.argv[1]), sys.argv[2], sys.argv[3]

class Signal:
    def __del__(self):
        os.kill(os.getpid(), number)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            if how == "IMPORT":
                os.kill(os.getpid(), number)
            else:
                Signal()

sys.meta_path.insert(0, Finder())
sys.argv[:] = ["zmqlibrary", *sys.argv[4:]]
"""
AS_MODULE = "import runpy; runpy.run_module('ZmqLibrary', run_name='__main__', alter_sys=True)"
AS_SCRIPT = "from ZmqLibrary.__main__ import main; sys.exit(main())"
KEYS = ("keys", "--json")


@pytest.fixture(autouse=True)
def handlers_of_python():
    """As where a command begins: once tests have used the library, its gate stands before the handlers."""
    defaults = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in defaults.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupted(number, module, how, words, start=AS_MODULE):
    command = [sys.executable, "-c", INTERRUPTED_IMPORT + start, str(int(number)), module, how, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("how", ["IMPORT", "FINALIZER"])
@pytest.mark.parametrize(
    "module",
    ["argparse", "ZmqLibrary.frontends.commands.keys", "ZmqLibrary.library", "robot", "ZmqLibrary.session.session"],
)
def test_a_signal_ends_a_command_that_still_imports(module, how, number, code):
    done = interrupted(number, module, how, KEYS)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_so_it_does_where_a_script_of_pip_runs_it():
    done = interrupted(signal.SIGINT, "zmq", "FINALIZER", KEYS, AS_SCRIPT)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("module", ["ZmqLibrary.frontends", "ZmqLibrary.frontends.interrupts"])
def test_so_it_does_before_it_is_ready_for_signals(module):
    done = interrupted(signal.SIGINT, module, "IMPORT", KEYS)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_signal_at_the_end_of_the_process_is_silent():
    # Python 3.10 handles a signal in the code that follows, so there has to be some.
    at_exit = "import atexit, os; atexit.register(lambda: (os.kill(os.getpid(), number), [0 for _ in '...'])); "
    done = interrupted(signal.SIGINT, "", "", KEYS, at_exit + AS_MODULE)
    assert (done.returncode, done.stderr) == (130, "")
    assert json.loads(done.stdout)


def test_a_signal_that_the_shell_has_ignored_stays_ignored():
    ignoring = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    done = interrupted(signal.SIGINT, "ZmqLibrary.library", "IMPORT", KEYS, ignoring + AS_MODULE)
    assert (done.returncode, done.stderr) == (0, "")


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


def test_handlers_are_as_before_afterwards():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Interruptible() as interruptible:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)  # a second one changes nothing
    assert interruptible.terminated
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def swallow_and_wait(number):
    class Signal:
        def __del__(self):
            signal.raise_signal(number)

    def wait():
        Signal()
        threading.Event().wait(LONG)

    with Interruptible() as interruptible, pytest.raises(KeyboardInterrupt):
        wait()
    assert interruptible.terminated == (number == signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_a_destructor_swallows_is_raised_after_it_and_nothing_is_printed(number, capfd):
    swallow_and_wait(number)
    assert capfd.readouterr().err == ""


def test_a_signal_that_did_not_end_the_wait_is_sent_again(monkeypatch):
    send, sent = interrupts._send_to_main_thread, []

    def lose_the_first_one(number):
        sent.append(number)
        if len(sent) > 1:
            send(number)

    monkeypatch.setattr(interrupts, "_send_to_main_thread", lose_the_first_one)
    swallow_and_wait(signal.SIGINT)
    assert len(sent) > 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_a_swallowed_one_is_dealt_with_is_not_lost(number, monkeypatch):
    class Thread(threading.Thread):
        def start(self):
            super().start()
            signal.raise_signal(number)

    monkeypatch.setattr(threading, "Thread", Thread)
    swallow_and_wait(number)


def test_a_handler_of_somebody_else_stays():
    own = lambda *_: None  # noqa: E731
    before = signal.signal(signal.SIGTERM, own)
    try:
        with Interruptible():
            assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)
