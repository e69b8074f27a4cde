"""A collector against a bare pyzmq receive loop in a thread: rate and memory, for messages of two short frames.

The rate is that of messages that are all in the queue before, so that the sender does not matter. Memory is what the
process has grown by when all messages are kept. Runs of the two alternate; the quietest of each counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from result import Result

HERE = Path(__file__).parent / "collector"
MESSAGES = 300_000
MANY = 1_000_000
PAIRS = 5


def measure() -> Iterator[Result]:
    pairs = [(run("bare", MESSAGES, "queued"), run("collector", MESSAGES, "queued")) for _ in range(PAIRS)]
    bare, collector = (max(one["rate"] for one in column) for column in zip(*pairs, strict=True))
    yield Result("messages received in a second, bare loop", bare)
    yield Result("messages collected in a second", collector)
    yield Result("collector / bare loop", collector / bare, goal=0.5, at_least=True)
    bare, collector = (run(program, MANY, "sent")["megabytes"] for program in ("bare", "collector"))
    yield Result("memory of 1,000,000 messages, bare loop", bare, "MB")
    yield Result("memory of 1,000,000 messages, collector", collector, "MB")
    yield Result("collector / bare loop", collector / bare, goal=1.5)


def run(program: str, messages: int, when: str) -> dict[str, float]:
    """Runs a program of `collector/` in a process of its own, and the sender in another one."""
    command = [sys.executable, HERE / f"{program}.py", str(messages), when]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured
