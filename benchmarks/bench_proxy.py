"""What a fault proxy costs: rates and latency through it as a ratio to a direct connection in the same run.

A peer that speaks the protocol itself sends batches; the receiver is libzmq with a loop in C, so that neither end is
slower than what is measured. Runs with and without the proxy take turns; the quickest of each counts, because other
work on the machine only adds to a run.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from result import Result

from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.patterns import MatchKind
from ZmqLibrary.network.fault_proxy import FaultProxy
from ZmqLibrary.network.faults import Drop, Fault, Selection
from ZmqLibrary.sockets.endpoints import parse_endpoint
from ZmqLibrary.workers.journal import Journal

ENDS = Path(__file__).parent / "proxy" / "ends.py"
PAIRS = 3
MESSAGES = {8: 2_000_000, 1024: 200_000, 65536: 5_000}
ROUNDS = 2_000
EACH = Fault("each", Drop(), selection=Selection(every=1000))


def measure() -> Iterator[Result]:
    for size, goal, unit in ((8, 0.6, "of direct"), (1024, 0.75, "of direct"), (65536, 0.6, "of direct")):
        direct, idle = against_direct(size)
        yield Result(f"messages of {size} bytes in a second, direct", 1 / direct)
        yield Result(f"the same through an idle proxy, ratio of {1 / idle:,.0f}", direct / idle, unit, goal, True)
    direct, dropping = against_direct(8, [EACH])
    yield Result("messages of 8 bytes, dropping each 1,000th", direct / dropping, "of direct", 0.5, True)
    direct, added = latency()
    yield Result("p50 of a round trip, direct", direct * 1e6, "µs")
    yield Result("one way latency that a proxy adds, p50", added * 1e6, "µs", 60)
    yield Result(
        "messages in a second, a GLOB on each first frame", 1 / rate(8, [glob()], 1_000_000), "", 100_000, True
    )


def against_direct(size: int, faults: Sequence[Fault] = ()) -> tuple[float, float]:
    """Seconds for each message, without and with a proxy."""
    pairs = [(rate(size, None), rate(size, faults)) for _ in range(PAIRS)]
    direct, proxied = (min(column) for column in zip(*pairs, strict=True))
    return direct, proxied


def glob() -> Fault:
    """A pattern that looks through each frame up to its end, and matches none."""
    proxy = FaultProxy("none", *ends_of("tcp://127.0.0.1:1"), Journal())
    pattern = proxy.pattern_source(["xx*-?"], MatchKind.GLOB, FormatTable().get("TEXT"))
    return Fault("glob", Drop(), selection=Selection(pattern))


def rate(size: int, faults: Sequence[Fault] | None, count: int = 0) -> float:
    """Seconds for each message; without a proxy if `faults` is None."""
    with ExitStack() as stack:
        target = started(stack, "receive")
        endpoint = target if faults is None else proxied(stack, target, faults)
        return float(ran("send", endpoint, str(size), str(count or MESSAGES[size])))


def latency() -> tuple[float, float]:
    """Seconds of a direct round trip, and what a proxy adds in one direction."""
    pairs = [(round_trip(False), round_trip(True)) for _ in range(PAIRS)]
    direct, proxied_ = (min(column) for column in zip(*pairs, strict=True))
    return direct, (proxied_ - direct) / 2


def round_trip(with_proxy: bool) -> float:
    with ExitStack() as stack:
        target = started(stack, "answer")
        endpoint = proxied(stack, target, ()) if with_proxy else target
        return float(ran("ask", endpoint, str(ROUNDS)))


def started(stack: ExitStack, role: str) -> str:
    """Starts an end; returns where it listens."""
    process = subprocess.Popen([sys.executable, ENDS, role], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    stack.callback(process.communicate)
    return process.stdout.readline().strip()


def proxied(stack: ExitStack, target: str, faults: Sequence[Fault]) -> str:
    proxy = FaultProxy("link", *ends_of(target), Journal())
    stack.callback(proxy.stop)
    proxy.start()
    for fault in faults:
        proxy.add_fault(fault)
    return proxy.endpoint


def ends_of(target: str) -> tuple[object, object]:
    return parse_endpoint(target, "connect"), parse_endpoint("tcp://127.0.0.1:*", "bind")


def ran(*words: str) -> str:
    return subprocess.run([sys.executable, ENDS, *words], stdout=subprocess.PIPE, text=True, check=True).stdout
