"""What a recording costs the messages that it records, and how long and how much memory a large capture takes.

100,000 messages a second go through a socket of the library, sent by another process; the rate that is reached counts,
with a recording and without. Runs of the two alternate; the quietest of each counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from result import Result

HERE = Path(__file__).parent / "recording"
PAIRS = 5


def measure() -> Iterator[Result]:
    pairs = [(run("paced", "bare"), run("paced", "recorded")) for _ in range(PAIRS)]
    bare, recorded = (max(one["rate"] for one in column) for column in zip(*pairs, strict=True))
    yield Result("messages received in a second, of 100,000 sent", bare)
    yield Result("messages received and recorded in a second", recorded)
    yield Result("recorded / not recorded", recorded / bare, goal=0.8, at_least=True)
    with tempfile.TemporaryDirectory() as directory:
        path = str(Path(directory) / "big.pcap")
        for size in (16, 100, 1000):
            run("capture", "write", path, str(size))
            read = run("capture", "read", path)
            yield Result(f"100 MB of capture, messages of {size} bytes", read["seconds"], "s", goal=30)
            yield Result(f"memory for it, messages of {size} bytes", read["megabytes"], "MB", goal=500)


def run(program: str, *arguments: str) -> dict[str, float]:
    """Runs a program of `recording/` in a process of its own."""
    command = [sys.executable, HERE / f"{program}.py", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured
