"""What a fault proxy costs: rates and latency through it as a ratio to a direct connection in the same run.

Both ends of what is counted are programs in C on libzmq, from `peers.c`; without gcc and libzmq3-dev those rows are
left out. Runs with and without the proxy take turns, and a ratio is that of medians. A run takes a second or more:
the first 100 MB that a proxy remembers are memory that is used for the first time, at 3 µs a page in a virtual machine.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from c_peers import Program, compiled, free_endpoint, sent_to
from result import Result

from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.patterns import MatchKind
from ZmqLibrary.network.fault_proxy import FaultProxy
from ZmqLibrary.network.faults import Drop, Fault, Selection
from ZmqLibrary.sockets.endpoints import parse_endpoint
from ZmqLibrary.workers.journal import Journal

ENDS = Path(__file__).parent / "proxy" / "ends.py"
PAIRS = 5
MESSAGES = {8: 3_000_000, 1024: 600_000, 65536: 30_000}
GLOBBED = 1_000_000
ROUNDS = 2_000
DROPPED = 1000
EACH = Fault("each", Drop(), selection=Selection(every=DROPPED))


def measure() -> Iterator[Result]:
    with compiled() as c:
        if c is not None:
            yield from rates(c)
    direct, added = latency()
    yield Result("p50 of a round trip, direct", direct * 1e6, "µs")
    yield Result("one way latency that a proxy adds, p50", added * 1e6, "µs", 60)


def rates(c: str) -> Iterator[Result]:
    for size, goal in ((8, 0.6), (1024, 0.75), (65536, 0.6)):
        direct, idle = against_direct(c, size)
        yield Result(f"messages of {size} bytes in a second, direct", direct)
        yield Result(f"the same through an idle proxy, ratio of {idle:,.0f}", idle / direct, "of direct", goal, True)
    direct, dropping = against_direct(c, 8, [EACH])
    yield Result("messages of 8 bytes, dropping each 1,000th", dropping / direct, "of direct", 0.5, True)
    globbed = rate(c, 8, GLOBBED, [glob()])
    yield Result("messages in a second, a GLOB on each first frame", globbed, "", 100_000, True)


def against_direct(c: str, size: int, faults: Sequence[Fault] = ()) -> tuple[float, float]:
    """Messages in a second, without and with a proxy."""
    pairs = [(rate(c, size, MESSAGES[size], None), rate(c, size, MESSAGES[size], faults)) for _ in range(PAIRS)]
    direct, proxied_ = (median(column) for column in zip(*pairs, strict=True))
    return direct, proxied_


def glob() -> Fault:
    """A pattern that looks through each frame up to its end, and matches none."""
    proxy = FaultProxy("none", *ends_of("tcp://127.0.0.1:1"), Journal())
    pattern = proxy.pattern_source(["xx*-?"], MatchKind.GLOB, FormatTable().get("TEXT"))
    return Fault("glob", Drop(), selection=Selection(pattern))


def rate(c: str, size: int, count: int, faults: Sequence[Fault] | None) -> float:
    """Messages in a second; without a proxy if `faults` is None."""
    endpoint = free_endpoint()
    arriving = count - count // DROPPED if faults and EACH in faults else count
    with ExitStack() as stack:
        receiver = Program(c, "receive", endpoint, str(size), str(arriving))
        stack.callback(receiver.stop)
        return sent_to(receiver, c, endpoint if faults is None else proxied(stack, endpoint, faults), size, count)


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
