"""Load and keywords on another host, each against the plain way.

A ZmqUser against a loop with `zmq.green`; what a PumpUser moves; and a keyword through the remote server against one of
the same kind through robotremoteserver. Laps of two alternate; the quickest of each counts.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from result import Result
from robot.libraries.Remote import Remote

HERE = Path(__file__).parent / "load"
LAPS = 8
CALLS = 300
PUMP_SECONDS = 8


def measure() -> Iterator[Result]:
    with running(HERE / "echo.py") as endpoint:
        done = subprocess.run(
            [sys.executable, HERE / "asking.py", endpoint], stdout=subprocess.PIPE, text=True, check=True
        )
    rates = json.loads(done.stdout)
    yield Result("requests in a second, zmq.green", rates["plain"])
    yield Result("requests in a second, ZmqUser", rates["user"])
    yield Result("ZmqUser / zmq.green", rates["user"] / rates["plain"], goal=0.8, at_least=True)
    with running(HERE / "drain.py") as endpoint:
        yield Result("messages in a second, PumpUser, 100 B", pumped(endpoint), goal=200_000, at_least=True)
    yield from remote()


def pumped(endpoint: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "locust", "-f", HERE / "pumping.py", "--headless", "-u", "1"]
        command += ["--host", endpoint, "--zmq-report", report, "--csv", Path(folder, "load")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(PUMP_SECONDS)
        process.send_signal(signal.SIGTERM)
        process.wait()
        history = Path(folder, "load_stats_history.csv").read_text("utf-8").splitlines()
    column = history[0].split(",").index("Requests/s")
    return max(float(line.split(",")[column]) for line in history[1:])


def remote() -> Iterator[Result]:
    here = [sys.executable, "-u", "-m", "ZmqLibrary", "remote", "--port", "0"]
    with running(*here) as ours, running(HERE / "remote_echo.py") as theirs:
        first, second = Remote(ours), Remote(theirs)
        first.run_keyword("Open Zmq Socket", ["PULL"], {})
        pairs = [(lap(first, "Get Zmq Socket Option"), lap(second, "get_zmq_socket_option")) for _ in range(LAPS)]
    ours_best, theirs_best = (min(column) * 1e6 for column in zip(*pairs, strict=True))
    yield Result("keyword through robotremoteserver", theirs_best, "µs")
    yield Result("keyword through our server", ours_best, "µs")
    yield Result("ours / robotremoteserver", ours_best / theirs_best, goal=1.1)


def lap(remote: Remote, name: str) -> float:
    begun = time.perf_counter()
    for _ in range(CALLS):
        remote.run_keyword(name, ["RCVHWM"], {})
    return (time.perf_counter() - begun) / CALLS


@contextmanager
def running(*command: str | Path) -> Iterator[str]:
    """A program; gives the last word of the first line that it prints."""
    words = command if len(command) > 1 else (sys.executable, *command)
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
