"""2,000 loops of `Send Multipart` and `Receive Multipart` against the same loop on a hand-written library.

A second hand-written one has what Robot takes time for in every library that is made for others.

A run's time is the median of its loops. What else the machine does only adds to it, by half in a bad moment: so the
quietest run of each library counts, of runs that alternate. The first hundred loops are shown besides, because their
messages have lines in the log, each of which takes Robot longer than the rest of a keyword takes ZmqLibrary.
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

from ZmqLibrary.message_log import FIRST

HERE = Path(__file__).parent / "keywords"
SUITES = ("hand_written", "documented", "zmq_library")
ROUNDS = 7
LOGGED = FIRST // 2


def measure() -> Iterator[Result]:
    rounds = [[loop_times(suite) for suite in SUITES] for _ in range(ROUNDS)]
    hand_written, documented, library = (
        [min(times) for times in zip(*column, strict=True)] for column in zip(*rounds, strict=True)
    )
    yield Result("one send and receive, hand-written library", hand_written[0], "ms")
    yield Result("the same with docs, tags, types, log and listener", documented[0], "ms")
    yield Result("one send and receive, ZmqLibrary", library[0], "ms")
    yield Result("hand-written with docs … / hand-written", documented[0] / hand_written[0])
    yield Result(f"ZmqLibrary / hand-written, first {LOGGED} loops", library[1] / hand_written[1])
    yield Result("ZmqLibrary / hand-written", library[0] / hand_written[0], goal=1.15)


def loop_times(suite: str) -> tuple[float, float]:
    """Median time of one loop in a Robot run of its own, and that of the first loops, in milliseconds."""
    with TemporaryDirectory() as directory:
        laps = Path(directory, "laps.json")
        command = [sys.executable, "-m", "robot", "--outputdir", directory, "--console", "none", "--pythonpath", HERE]
        subprocess.run([*command, "--listener", f"Laps;{laps}", HERE / f"{suite}.robot"], check=True)
        times = json.loads(laps.read_text())
        return 1000 * median(times), 1000 * median(times[:LOGGED])
