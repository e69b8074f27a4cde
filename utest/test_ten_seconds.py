"""What the library costs in ten seconds. All is measured at the same time, each in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WAITS = ("receiving", "collecting", "subscribers")
MEGABYTE = 2**20

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def measured():
    """What each prints, by its name."""
    command = [sys.executable, "-m", "utest.ten_seconds"]
    with ExitStack() as stack:
        nobody = stack.enter_context(socket.socket())
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        endpoint = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        processes = {}
        for name in ("alone", "refused", *WAITS):
            process = subprocess.Popen([*command, name, endpoint], cwd=ROOT, stdout=subprocess.PIPE, text=True)
            processes[name] = stack.enter_context(process)
            stack.callback(process.kill)
        return {name: json.loads(process.communicate(timeout=300)[0]) for name, process in processes.items()}


def test_a_refused_port_neither_slows_others_nor_grows(measured):
    refused = measured["refused"]
    assert refused["retries"] > 2  # Where there are too many to read, they are no longer counted.
    assert refused["events"] <= 200
    assert refused["rate"] > measured["alone"]["rate"] / 10
    # What 7 seconds of its events would take if they were kept is many times as much.
    assert refused["grown"] < MEGABYTE


@pytest.mark.parametrize("wait", WAITS)
def test_waiting_uses_less_than_2_percent_of_a_core(measured, wait):
    assert measured[wait]["seconds"] >= 10
    assert measured[wait]["cpu"] / measured[wait]["seconds"] < 0.02
