"""Pipelines of many messages: memory, speed over time, exact counts, rates and windows of 100 ms."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import zmq
from check import Check

from ZmqLibrary.formats import FormatTable
from ZmqLibrary.pipelines.report import SinkReport
from ZmqLibrary.pipelines.runner import PumpRun, SinkRun
from ZmqLibrary.pipelines.settings import PumpSettings, SinkSettings
from ZmqLibrary.pipelines.stamp import run_id, stamped
from ZmqLibrary.recording.loading import load_recording
from ZmqLibrary.waiting.deadline import Deadline

WORKER = Path(__file__).resolve().parents[1] / "atest/peers/worker.py"
FAULTS = {"lose": 1000, "double": 777, "swap": 501, "damage": 1499, "swallow": 99_963}
LONG = 600
MILLION = 1_000_000
MOST_MB = 100


@contextmanager
def running(kind, *arguments, **values):
    settings = PumpSettings if kind is PumpRun else SinkSettings
    stamp = "PREFIX" if kind is PumpRun else "AUTO"
    run = kind(settings(kind.kind, *arguments, **{"stamp": stamp, "engine": "WIRE", "timeout": 30.0, **values}))
    try:
        run.start()
        yield run
    finally:
        run.stop(Deadline(5))


def sink_at(endpoint="tcp://127.0.0.1:*", **values):
    return running(SinkRun, endpoint, "PULL", **{"bind": True, **values})


def memory_of(run) -> int:
    """The most memory that a process has had, in MB."""
    status = Path(f"/proc/{run._vehicle._process.pid}/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def done(pump, sink, wanted):
    pump.wait_for(lambda: pump.status.get("state") == "DONE" or pump.error, Deadline(LONG))
    sink.wait_for(lambda: sink.status.get("received", 0) >= wanted or sink.error, Deadline(60))
    sink.expect(pump.sent)
    return pump.report, sink.report


def ten_million() -> Iterator[Check]:
    """Three times: what the machine does besides slows down a part of a run, a fault of ours the end of each."""
    runs = [ten_million_messages() for _ in range(3)]
    for received, memory, _ in runs:
        whole = received.complete and received.received == 10 * MILLION
        yield Check("10,000,000 messages, each checked", whole, f"{received.received:,}, {received.rate:,.0f}/s")
        yield Check(f"memory of pump and sink at most {MOST_MB} MB", max(memory) <= MOST_MB, f"{memory} MB")
    begin, end = max((rates for _, _, rates in runs), key=lambda rates: rates[1] / rates[0])
    yield Check("no slower at the end, in one run of three", end >= 0.9 * begin, f"{begin:,.0f}/s, then {end:,.0f}/s")


def ten_million_messages() -> tuple[SinkReport, tuple[int, int], tuple[float, float]]:
    """The report, the memory of pump and sink, and messages per second of the second and the last million."""
    count = 10 * MILLION
    with sink_at() as sink, running(PumpRun, sink.endpoint, "PUSH", count=count) as pump:
        marks = []  # how many messages, and when the last of them came
        for million in range(1, 11):
            sink.wait_for(lambda wanted=million * MILLION: sink.status.get("received", 0) >= wanted, Deadline(LONG))
            status = sink.status
            marks.append((status["received"], status["last"] / 1e9))
        pumped, received = done(pump, sink, count)
        assert pumped.sent == count
        memory = memory_of(pump), memory_of(sink)
    rates = [(b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(marks)]
    return received, memory, (rates[0], rates[-1])


def a_million_gaps() -> Iterator[Check]:
    with sink_at() as sink, zmq.Context() as context, context.socket(zmq.PUSH) as source:
        source.connect(sink.endpoint)
        run, now = run_id(1, 0), time.monotonic_ns()
        for number in range(1, 2 * MILLION, 2):
            source.send(stamped(run, number, now, 0))
        sink.wait_for(lambda: sink.status.get("received", 0) >= MILLION, Deadline(LONG))
        report, memory = sink.report, memory_of(sink)
    found = f"{report.lost:,} lost, bounded={report.bounded}, {memory} MB"
    yield Check("1,000,000 gaps", report.lost == MILLION - 1 and report.bounded and memory <= MOST_MB, found)


def faults() -> Iterator[Check]:
    words = [f"{name}={value}" for name, value in FAULTS.items()]
    command = [sys.executable, "-u", str(WORKER), "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        _, source, target = worker.stdout.readline().split()
        sent = 100_000
        kept = [n for n in range(1, FAULTS["swallow"] + 1) if n % FAULTS["lose"]]
        doubled = sum(n % FAULTS["double"] == 0 for n in kept)
        with sink_at(target, bind=False) as sink, running(PumpRun, source, "PUSH", count=sent) as pump:
            _, report = done(pump, sink, len(kept) + doubled)
        worker.kill()
    wanted = (sent - len(kept), doubled, sum(n % FAULTS["swap"] == 0 for n in kept),
              sum(n % FAULTS["damage"] == 0 for n in kept))  # fmt: skip
    found = (report.lost, report.duplicates, report.reordered, report.corrupt)
    yield Check("a worker of all faults, 100,000 messages", found == wanted, f"{found}, wanted {wanted}")


def rates() -> Iterator[Check]:
    with zmq.Context() as context, context.socket(zmq.PULL) as target:
        port = target.bind_to_random_port("tcp://127.0.0.1")
        with (
            captured(port) as on_the_wire,
            running(PumpRun, f"tcp://127.0.0.1:{port}", "PUSH", rate="10000", count=100_000) as pump,
        ):
            times = arrivals(target, 100_000)
            rate = pump.report.rate
        yield Check("10,000/s within 1 % over 10 s", abs(rate - 10_000) <= 100, f"{rate:,.1f}/s")
        yield window("no 100 ms above 120 %", on_the_wire() or times)
        with captured(port) as on_the_wire, running(PumpRun, f"tcp://127.0.0.1:{port}", "PUSH", rate="10000") as pump:
            teaser = threading.Thread(target=tease, args=(pump,))
            teaser.start()
            times = arrivals(target, None, teaser)
        yield window("no 100 ms above 120 % after pauses and changes of rate", on_the_wire() or times)


def window(name: str, times: list[float]) -> Check:
    most = most_in_100_ms(times)
    return Check(name, most <= 1200, f"{most} of 1,000")


@contextmanager
def captured(port: int):
    """Gives what tells when messages went over the wire, because a receiver on a busy machine is late; empty without
    tcpdump, or where it may not capture."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rates.pcap"
        command = ["tcpdump", "-i", "lo", "-B", "131072", "--immediate-mode", "-U", "-Z", "root", "-w", str(path)]
        if not shutil.which("tcpdump"):
            yield list
            return
        times: list[float] = []
        dump = subprocess.Popen([*command, "port", str(port)], stderr=subprocess.PIPE, text=True)
        try:
            dump.stderr.readline()
            yield lambda: times
        finally:
            dump.terminate()
            dump.communicate(timeout=10)
            if path.exists():
                found = load_recording(path, port, FormatTable("UTF-8").get("TEXT")).messages
                times += sorted(message.time for message in found)


def a_slow_worker() -> Iterator[Check]:
    command = [sys.executable, "-u", str(WORKER), "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", "delay=0.02"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        _, source, target = worker.stdout.readline().split()
        with sink_at(target, bind=False) as sink, running(PumpRun, source, "PUSH", count=2000, rate="500") as pump:
            _, report = done(pump, sink, 2000)
        worker.kill()
    p50 = report.latency.p50
    yield Check("a worker that adds 20 ms: p50 20 ± 2 ms", 0.018 <= p50 <= 0.022, f"{1000 * p50:.2f} ms")


def tease(pump) -> None:
    chance = random.Random(7)
    for _ in range(6):
        pump.wait_for(lambda: pump.error, Deadline(0.7))
        pump.ask("pause")
        pump.wait_for(lambda: pump.error, Deadline(chance.random() / 2))
        pump.ask("resume")
        pump.wait_for(lambda: pump.error, Deadline(chance.random() / 2))
        pump.ask("rate", rate="10000")
    pump.ask("pause")


def arrivals(target, count, until=None) -> list[float]:
    """When messages came, as seen by a plain socket."""
    times: list[float] = []
    while (until.is_alive() or target.poll(300)) if until else len(times) < count:
        if not target.poll(1000 if until is None else 50):
            if until is None:
                break
            continue
        now = time.monotonic()
        try:
            while True:
                target.recv(zmq.NOBLOCK)
                times.append(now)
        except zmq.Again:
            pass
    return times


def most_in_100_ms(times: list[float]) -> int:
    most = first = 0
    for last, moment in enumerate(times):
        while times[first] <= moment - 0.1:
            first += 1
        most = max(most, last - first + 1)
    return most


def checks() -> Iterator[Check]:
    for part in (faults, a_slow_worker, a_million_gaps, rates, ten_million):
        yield from part()
