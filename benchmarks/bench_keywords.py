"""2,000 loops of `Send Multipart` and `Receive Multipart` against the same loop on a hand-written library.

A second hand-written one has what Robot takes time for in every library that is made for others.

A run's time is the median of its loops. What else the machine does only adds to it, by half in a bad moment: so the
quietest run of each library counts, of runs that alternate.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from result import Result

HERE = Path(__file__).parent / "keywords"
SUITES = ("hand_written", "documented", "zmq_library")
ROUNDS = 7


def measure() -> Iterator[Result]:
    rounds = [[loop_time(suite) for suite in SUITES] for _ in range(ROUNDS)]
    hand_written, documented, library = (min(column) for column in zip(*rounds, strict=True))
    yield Result("one send and receive, hand-written library", hand_written, "ms")
    yield Result("the same with docs, tags, types, log and listener", documented, "ms")
    yield Result("one send and receive, ZmqLibrary", library, "ms")
    yield Result("hand-written with docs … / hand-written", documented / hand_written)
    yield Result("ZmqLibrary / hand-written", library / hand_written, goal=1.15)


def loop_time(suite: str) -> float:
    """Median time of one loop, in milliseconds, in a Robot run of its own."""
    with TemporaryDirectory() as directory:
        laps = Path(directory, "laps.json")
        command = [sys.executable, "-m", "robot", "--outputdir", directory, "--console", "none", "--pythonpath", HERE]
        subprocess.run([*command, "--listener", f"Laps;{laps}", HERE / f"{suite}.robot"], check=True)
        return 1000 * median(json.loads(laps.read_text()))
