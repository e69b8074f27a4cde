"""`Receive Messages` of 100,000 messages of two frames against a loop of pyzmq's `recv_multipart`.

All messages wait in the receiver's queue before the clock starts. The quietest of several alternating rounds counts.
"""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from time import perf_counter

import zmq
from result import Result

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.sockets.socket_types import SocketType

COUNT = 100_000
ROUNDS = 5
ADDRESS = "tcp://127.0.0.1:*"


def measure() -> Iterator[Result]:
    rounds = [(seconds(bare), seconds(keyword("BYTES")), seconds(keyword("TEXT"))) for _ in range(ROUNDS)]
    by_hand, as_bytes, as_text = (min(column) for column in zip(*rounds, strict=True))
    yield Result("100,000 messages, loop of recv_multipart", 1000 * by_hand, "ms")
    yield Result("Receive Messages / loop, format=BYTES", as_bytes / by_hand, goal=1.3)
    yield Result("Receive Messages / loop, format=TEXT", as_text / by_hand, goal=1.3)
    by_hand, as_bytes, as_text = (memory(receive) for receive in (bare, keyword("BYTES"), keyword("TEXT")))
    yield Result("100,000 messages in a list by hand", by_hand / 1e6, "MB")
    yield Result("memory of Receive Messages / list, format=BYTES", as_bytes / by_hand, goal=1.3)
    yield Result("memory of Receive Messages / list, format=TEXT", as_text / by_hand, goal=1.3)
    yield Result("sequence check", microseconds_of_a_check(), "µs a message", goal=2)


def bare(prepare: Callable[[str], None], start: Callable[[], None]) -> Sequence[object]:
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        socket.set(zmq.RCVHWM, 0)
        socket.bind(ADDRESS)
        prepare(socket.get_string(zmq.LAST_ENDPOINT))
        socket.poll()
        start()
        return [socket.recv_multipart() for _ in range(COUNT)]


def keyword(format: str) -> Callable[..., Sequence[object]]:
    def receive(prepare: Callable[[str], None], start: Callable[[], None]) -> Sequence[object]:
        library = ZmqLibrary()
        library.bind_zmq_socket(ADDRESS, SocketType.PULL, "bulk", receive_hwm=0)
        try:
            prepare(library.get_zmq_endpoint())
            start()
            return library.receive_messages(COUNT, format=format)
        finally:
            library.close_all_zmq_sockets()
            library.session.end()

    return receive


def fill(endpoint: str) -> None:
    """Sends all messages; they are in the receiver's queue, or on the way, when this returns."""
    context = zmq.Context()
    with context.socket(zmq.PUSH) as socket:
        socket.set(zmq.SNDHWM, 0)
        socket.connect(endpoint)
        for number in range(COUNT):
            socket.send_multipart([b"topic-%d" % (number % 10), b"value %d of the payload" % number])
    context.term()


def seconds(receive: Callable[..., Sequence[object]]) -> float:
    started = 0.0

    def start() -> None:
        nonlocal started
        started = perf_counter()

    messages = receive(fill, start)
    duration = perf_counter() - started
    assert len(messages) == COUNT
    return duration


def memory(receive: Callable[..., Sequence[object]]) -> int:
    """Bytes that the list holds, without what the library holds besides."""
    messages = receive(fill, tracemalloc.start)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(messages) == COUNT
    return held


def microseconds_of_a_check() -> float:
    """What a sequence check adds to each message of a bulk receive."""
    from ZmqLibrary.messages.message import Message
    from ZmqLibrary.messages.sequences import SequenceCheck, SequenceSettings

    formats = ZmqLibrary().session.formats
    receipt = ZmqLibrary().session.formats.get("TEXT")
    messages = [Message([b"topic", b"body", struct.pack("<I", number)], receipt, 0.0) for number in range(COUNT)]
    durations = []
    for _ in range(ROUNDS):
        check = SequenceCheck("bulk", SequenceSettings(-1, formats.get("U32LE")))
        started = perf_counter()
        for message in messages:
            check(message)
        durations.append(perf_counter() - started)
        assert check.report()["complete"]
    return 1e6 * median(durations) / COUNT
