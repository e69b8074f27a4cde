"""2,000 loops of `Send Multipart` and `Receive Multipart` against the same loop on a hand-written library.

That one has what Robot takes time for in every library that is made for others: docs, tags, types, lines in the log
and a listener. The first hundred loops count separately, because their messages have lines in the log, each of which
takes Robot longer than the rest of a keyword takes ZmqLibrary. A bare hand-written library is shown besides.

The last run is without the guards of ZmqLibrary: holding back signals, keeping what is taken until it has arrived,
escaping text from outside.

Each library has a Robot run of its own, and a run's time is the median of its loops. What else the machine does would
show more than any difference, so the runs take turns: each goes on for a moment while the others are stopped. One
processor of a shared machine may take twice as long as another for seconds: the runs of a round have their loops on the
same one, and the next round has the next one.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from result import Result

from ZmqLibrary.session.settings import LibrarySettings

HERE = Path(__file__).parent / "keywords"
SUITES = (("hand_written",), ("documented",), ("zmq_library",), ("zmq_library", "Unguarded"))
ROUNDS = 21
TURN_SECONDS = 0.03
LOGGED = LibrarySettings().log_messages // 2


def measure() -> Iterator[Result]:
    processors = sorted(os.sched_getaffinity(0))
    rounds = [laps_of_runs(processors[number % len(processors)]) for number in range(ROUNDS)]
    hand_written, documented, library, unguarded = ([median(laps[n]) for laps in rounds] for n in range(len(SUITES)))
    yield Result("one send and receive, bare hand-written library", median(hand_written), "ms")
    yield Result("the same with docs, tags, types, log and listener", median(documented), "ms")
    yield Result("one send and receive, ZmqLibrary", median(library), "ms")
    yield Result("ZmqLibrary / bare hand-written", ratio(library, hand_written))
    first = ([median(laps[n][:LOGGED]) for laps in rounds] for n in (2, 1))
    yield Result(f"ZmqLibrary / hand-written with docs …, first {LOGGED} loops", ratio(*first), goal=1.15)
    yield Result("ZmqLibrary / hand-written with docs …", ratio(library, documented), goal=1.0)
    yield Result("ZmqLibrary / the same without its guards", ratio(library, unguarded), goal=1.02)


def ratio(times: list[float], others: list[float]) -> float:
    """The middle one of the ratios of all rounds."""
    return median(time / other for time, other in zip(times, others, strict=True))


def laps_of_runs(processor: int) -> list[list[float]]:
    """The times of the loops of each suite on this processor, in milliseconds."""
    with TemporaryDirectory() as directory:
        places = [Path(directory, "-".join(names)) for names in SUITES]
        runs = [start(place, processor, *names) for place, names in zip(places, SUITES, strict=True)]
        take_turns(runs)
        if any(run.returncode for run in runs):
            raise RuntimeError("A suite has failed.")
        laps = [json.loads(Path(place, "laps.json").read_text()) for place in places]
    return [[1000 * lap for lap in times] for times in laps]


def start(directory: Path, processor: int, suite: str, *listeners: str) -> subprocess.Popen[bytes]:
    directory.mkdir()
    command = [sys.executable, "-m", "robot", "--outputdir", directory, "--console", "none", "--pythonpath", HERE]
    for listener in (f"Laps;{directory / 'laps.json'};{processor}", *listeners):
        command += ["--listener", listener]
    return subprocess.Popen([*command, HERE / f"{suite}.robot"])


def take_turns(runs: list[subprocess.Popen[bytes]]) -> None:
    """Lets one run go on at a time, until all have ended."""
    for run in runs:
        run.send_signal(signal.SIGSTOP)
    for run in cycle(runs):
        run.send_signal(signal.SIGCONT)
        with suppress(subprocess.TimeoutExpired):
            run.wait(TURN_SECONDS)
        run.send_signal(signal.SIGSTOP)
        if all(run.poll() is not None for run in runs):
            return
