"""Load and keywords on another host, each against the plain way.

A ZmqUser against a loop with `zmq.green`; what a PumpUser moves; what latencies a master and two workers report of a
service that delays each 100th reply by 20 ms and leaves each 1,000th request unanswered; and a keyword through the
remote server against one of the same kind through robotremoteserver. Laps of two alternate; of requests the median of
the ratios counts, of keywords the best lap of each.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from result import Result
from robot.libraries.Remote import Remote

from ZmqLibrary.sockets.reservations import ReservableTransport, reserve

HERE = Path(__file__).parent / "load"
TESTED = Path(__file__).parents[1] / "utest" / "frontends"
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
    yield Result("ZmqUser / zmq.green", rates["ratio"], goal=0.8, at_least=True)
    with running(HERE / "drain.py") as endpoint:
        yield Result("messages in a second, PumpUser, 100 B", pumped(endpoint), goal=200_000, at_least=True)
    yield from latencies()
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


def latencies() -> Iterator[Result]:
    with running(sys.executable, TESTED / "router.py", "tcp://127.0.0.1:*", "1000") as endpoint:
        (requests,) = asked(endpoint)["requests"]
    latency = {name: seconds * 1000 for name, seconds in requests["latency"].items()}
    yield Result("p50, master and two workers", latency["p50"], "ms", goal=2)
    yield Result("p99.9, master and two workers", latency["p99_9"], "ms", goal=20, at_least=True)
    yield Result("p99.9, master and two workers", latency["p99_9"], "ms", goal=22)
    yield Result("failures miscounted", abs(requests["failures"] - requests["count"] // 1000), goal=0)


def asked(endpoint: str) -> dict[str, Any]:
    """The report of the master when each of four users has had its requests."""
    with tempfile.TemporaryDirectory() as folder, reserved_port() as port:
        report = Path(folder, "report.json")
        common = [sys.executable, "-m", "locust", "--headless", "-f", TESTED / "asking.py", "--host", endpoint]
        bound = ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "2"]
        master = subprocess.Popen(
            [*common, "--master", *bound, "-u", "4", "-r", "4", "--zmq-report", report],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        worker = [*common, "--worker", "--master-host", "127.0.0.1", "--master-port", port]
        workers = [subprocess.Popen(worker, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
        assert master.stdout
        for line in master.stdout:
            if re.search(r"DEALER +ask +6000 ", line):
                break
        master.terminate()
        master.communicate()
        for process in workers:
            process.wait()
        return dict(json.loads(report.read_text("utf-8")))


@contextmanager
def reserved_port() -> Iterator[str]:
    reservation = reserve(ReservableTransport.TCP, "127.0.0.1")
    yield reservation.endpoint.rpartition(":")[2]
    reservation.release()


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
