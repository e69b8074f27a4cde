"""Pumps and sinks against programs in C on libzmq and bare pyzmq loops, in processes of their own over loopback tcp.

Rounds alternate between the two sides of a ratio, and a ratio is that of medians. The programs in C are compiled from
`peers.c`, where there are gcc and libzmq3-dev; without them their rows are left out.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median

import zmq
from c_peers import Program, compiled, free_endpoint, sent_to
from result import Result

from ZmqLibrary.pipelines.histogram import Histogram
from ZmqLibrary.pipelines.report import SinkReport
from ZmqLibrary.pipelines.runner import PumpRun, SinkRun
from ZmqLibrary.pipelines.settings import PumpSettings, SinkSettings
from ZmqLibrary.waiting.deadline import Deadline

HERE = Path(__file__).parent / "pipeline"
BARE = [sys.executable, str(HERE / "bare.py")]
ROUNDS = 11
LONG = 120
SMALL, LARGE, USUAL, SECURE, ASKED = 4_000_000, 700_000, 1_500_000, 300_000, 20_000
HELD = 500_000

Measure = Callable[[], float]


def measure() -> Iterator[Result]:
    recorded = recording()
    with compiled() as c:
        if c is not None:
            yield from against_c(c)
            yield from requests(c)
    yield from against_pyzmq()
    yield from held()
    yield Result("recording into the histogram", 1e9 * min(recorded, recording()), "ns", goal=200)


def against_c(c: str) -> Iterator[Result]:
    for size, count, stamp, goal in ((8, SMALL, "NONE", 0.95), (1024, LARGE, "PREFIX", 0.95)):
        title = f"pump → C receiver, {size} B, {'no stamp' if stamp == 'NONE' else 'stamped'}"
        yield from ratio(title, partial(c_to_c, c, size, count), partial(pump_to_c, c, size, count, stamp), goal)
    for size, count, goal in ((8, SMALL, 0.9), (1024, LARGE, 1.0)):
        title = f"C sender → sink, {size} B"
        yield from ratio(title, partial(c_to_c, c, size, count), partial(c_to_sink, c, size, count), goal)


def against_pyzmq() -> Iterator[Result]:
    yield from ratio("pump → sink, stamped, 100 B", lambda: bare(USUAL), lambda: pipeline(USUAL, "WIRE").rate, 1.0)
    yield from ratio(
        "the same over CURVE", lambda: bare(SECURE, True), lambda: pipeline(SECURE, "SOCKET", secure=True).rate, 0.9
    )


def ratio(title: str, reference: Measure, ours: Measure, goal: float) -> Iterator[Result]:
    """Alternates both, and compares the medians."""
    rounds = [(reference(), ours()) for _ in range(ROUNDS)]
    theirs, mine = (median(column) for column in zip(*rounds, strict=True))
    yield Result(f"{title}: reference", theirs / 1e6, "M/s")
    yield Result(f"{title}: ours", mine / 1e6, "M/s")
    yield Result(f"{title}: ours / reference", mine / theirs, goal=goal, at_least=True)


def c_to_c(c: str, size: int, count: int) -> float:
    endpoint = free_endpoint()
    return sent_to(Program(c, "receive", endpoint, str(size), str(count)), c, endpoint, size, count)


def pump_to_c(c: str, size: int, count: int, stamp: str) -> float:
    endpoint = free_endpoint()
    receiver = Program(c, "receive", endpoint, str(size), str(count))
    with ExitStack() as stack:
        started(stack, PumpRun(PumpSettings("pump", endpoint, "PUSH", "WIRE", size=size, count=count, stamp=stamp)))
        return receiver.result()


def c_to_sink(c: str, size: int, count: int) -> float:
    with ExitStack() as stack:
        sink = started(stack, SinkRun(SinkSettings("sink", "tcp://127.0.0.1:*", "PULL", "WIRE", bind=True)))
        with subprocess.Popen([c, "send", sink.endpoint, str(size), str(count)]):
            return received(sink, count).rate


def pipeline(count: int, engine: str, rate: str | None = None, secure: bool = False) -> SinkReport:
    """A pump and a sink with all checks."""
    public, secret = zmq.curve_keypair()
    at_sink = (("CURVE_SERVER", 1), ("CURVE_SECRETKEY", secret)) if secure else ()
    keys = (("CURVE_SERVERKEY", public), ("CURVE_PUBLICKEY", public), ("CURVE_SECRETKEY", secret))
    with ExitStack() as stack:
        sink = SinkRun(
            SinkSettings("sink", "tcp://127.0.0.1:*", "PULL", engine, bind=True, stamp="AUTO", options=at_sink)
        )
        started(stack, sink)
        pump = PumpSettings(
            "pump",
            sink.endpoint,
            "PUSH",
            engine,
            count=count,
            size=100,
            stamp="PREFIX",
            rate=rate,
            options=keys if secure else (),
        )
        started(stack, PumpRun(pump))
        report = received(sink, count)
        assert report.complete, report
        return report


def bare(count: int, secure: bool = False) -> float:
    public, secret = (key.decode() for key in zmq.curve_keypair())
    endpoint = free_endpoint()
    receiver = Program(*BARE, "receive", endpoint, str(count), *([secret] if secure else []))
    subprocess.run([*BARE, "send", endpoint, "100", str(count), *([public] if secure else [])], check=True)
    return receiver.result()


def requests(c: str) -> Iterator[Result]:
    rounds = [(bare_request(c), pump_request(c)) for _ in range(ROUNDS)]
    theirs, ours = (median(column) for column in zip(*rounds, strict=True))
    yield Result("round trip p50, bare pyzmq REQ", 1e6 * theirs, "µs")
    yield Result("round trip p50, pump", 1e6 * ours, "µs", goal=1e6 * theirs)


def bare_request(c: str) -> float:
    endpoint = free_endpoint()
    server = Program(c, "echo", endpoint)
    done = subprocess.run([*BARE, "ask", endpoint, str(ASKED)], stdout=subprocess.PIPE, text=True, check=True)
    server.stop()
    return float(done.stdout)


def pump_request(c: str) -> float:
    endpoint = free_endpoint()
    server = Program(c, "echo", endpoint)
    with ExitStack() as stack:
        stack.callback(server.stop)
        settings = PumpSettings(
            "pump", endpoint, "REQ", "WIRE", replies=True, count=ASKED, size=100, stamp="PREFIX", timeout=10
        )
        pump = started(stack, PumpRun(settings))
        pump.wait_for(lambda: pump.status.get("state") == "DONE", Deadline(LONG))
        latency = pump.report.latency
        assert latency is not None
        return latency.p50


def held() -> Iterator[Result]:
    """Whether a rate is kept, with all checks: received in a second, over ten seconds."""
    report = pipeline(10 * HELD, "WIRE", str(HELD))
    yield Result(f"{HELD:,} messages/s of 100 B, stamped", report.rate / 1e6, "M/s", HELD * 0.99 / 1e6, at_least=True)
    yield Result("their latency p99", 1e3 * report.latency.p99 if report.latency else 0, "ms")


def recording() -> float:
    """Seconds for a value, as the sink records them: those of a read at once.

    Other work on the machine only adds, and may go on for minutes: so this is measured before the rest and after it.
    """
    values = [(n * 7919) % 1_000_000 + 10_000 for n in range(1000)]
    histogram = Histogram()
    times = []
    for _ in range(2000):
        start = time.perf_counter()
        histogram.record_all(values)
        times.append(time.perf_counter() - start)
    return min(times) / len(values)


def received(sink: SinkRun, count: int) -> SinkReport:
    sink.wait_for(lambda: sink.status.get("received", 0) >= count, Deadline(LONG))
    return sink.report


def started(stack: ExitStack, run: PumpRun | SinkRun) -> PumpRun | SinkRun:
    """Starts it, and ends it with the stack."""
    stack.callback(lambda: run.stop(Deadline(5)))
    run.start()
    return run
