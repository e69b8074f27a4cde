"""Starts the sender and prints how fast its messages came and how much memory they take."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter

SEND = Path(__file__).with_name("send.py")


class Measurement:
    """From when the sender begins, or for messages that are queued before, until all are there.

    Args:
        endpoint: Where to send to.
        count: How many messages.
        queued: Whether all are sent before; the queues have no limit then.
    """

    def __init__(self, endpoint: str, count: int, queued: bool) -> None:
        self.count = count
        command = [sys.executable, SEND, endpoint, str(count)]
        self.sender = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.sender.stdout
        self.sender.stdout.readline()
        if queued:
            self.sender.communicate("go\n")

    def __enter__(self) -> None:
        self.before = resident()
        self.begun = perf_counter()
        if self.sender.returncode is None:
            assert self.sender.stdin
            self.sender.stdin.write("go\n")
            self.sender.stdin.flush()

    def __exit__(self, *_: object) -> None:
        seconds = perf_counter() - self.begun
        print(json.dumps({"rate": self.count / seconds, "megabytes": resident() - self.before}))
        self.sender.wait()


def resident() -> float:
    """Memory of this process in megabytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OSError("This system does not tell the memory of a process in /proc.")
