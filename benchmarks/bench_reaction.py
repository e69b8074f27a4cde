"""Time from the cause to the return of a waiting keyword, against a bare pyzmq poller that waits for the same.

The cause is brought about by a thread with sockets of its own, which notes the time right before it acts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

import zmq
from result import Result

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.sockets.socket_types import SocketType

ROUNDS = 100
GOAL = 5.0
ANY_PORT = "tcp://127.0.0.1:*"


def measure() -> Iterator[Result]:
    for name, bare, waiting in (
        ("receive a message", bare_receive, keyword_receive),
        ("wait until connected", bare_connected, keyword_connected),
        ("wait for a subscriber", bare_subscriber, keyword_subscriber),
    ):
        yield Result(f"{name}: bare poller", 1000 * median(bare() for _ in range(ROUNDS)), "ms")
        yield Result(f"{name}: ZmqLibrary", 1000 * median(waiting() for _ in range(ROUNDS)), "ms", goal=GOAL)


def reaction(cause: Callable[[], object], wait: Callable[[], object]) -> float:
    """Seconds from the cause, which another thread brings about while this one waits, to the end of the wait."""
    begun: list[float] = []
    waiting = threading.Event()

    def act() -> None:
        waiting.wait()
        threading.Event().wait(0.01)
        begun.append(perf_counter())
        cause()

    thread = threading.Thread(target=act)
    thread.start()
    waiting.set()
    wait()
    ended = perf_counter()
    thread.join()
    return ended - begun[0]


def bare_pair(bound: int, other: int) -> tuple[zmq.Context, zmq.Socket, zmq.Socket, str]:
    context = zmq.Context()
    listener, peer = context.socket(bound), context.socket(other)
    listener.bind(ANY_PORT)
    return context, listener, peer, listener.getsockopt_string(zmq.LAST_ENDPOINT)


def bare_receive() -> float:
    context, sink, source, address = bare_pair(zmq.PULL, zmq.PUSH)
    source.connect(address)
    source.send(b"first")
    sink.recv()
    seconds = reaction(lambda: source.send(b"x"), lambda: (sink.poll(5000), sink.recv()))
    context.destroy(linger=0)
    return seconds


def bare_connected() -> float:
    context = zmq.Context()
    sink, source = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    monitor = sink.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    sink.bind(ANY_PORT)
    address = sink.getsockopt_string(zmq.LAST_ENDPOINT)
    seconds = reaction(lambda: source.connect(address), lambda: monitor.poll(5000))
    sink.disable_monitor()
    context.destroy(linger=0)
    return seconds


def bare_subscriber() -> float:
    context, feed, reader, address = bare_pair(zmq.XPUB, zmq.SUB)
    reader.connect(address)
    seconds = reaction(lambda: reader.subscribe("a"), lambda: (feed.poll(5000), feed.recv()))
    context.destroy(linger=0)
    return seconds


def with_library(bound: SocketType, other: int, measured: Callable[[ZmqLibrary, zmq.Socket, str], float]) -> float:
    library, context = ZmqLibrary(), zmq.Context()
    try:
        library.bind_zmq_socket(ANY_PORT, bound, "under test")
        return measured(library, context.socket(other), library.get_zmq_endpoint())
    finally:
        context.destroy(linger=0)
        library.session.end()


def keyword_receive() -> float:
    def measured(library: ZmqLibrary, source: zmq.Socket, address: str) -> float:
        source.connect(address)
        source.send(b"first")
        library.receive_message()
        return reaction(lambda: source.send(b"x"), library.receive_message)

    return with_library(SocketType.PULL, zmq.PUSH, measured)


def keyword_connected() -> float:
    def measured(library: ZmqLibrary, source: zmq.Socket, address: str) -> float:
        return reaction(lambda: source.connect(address), library.wait_until_connected)

    return with_library(SocketType.PULL, zmq.PUSH, measured)


def keyword_subscriber() -> float:
    def measured(library: ZmqLibrary, reader: zmq.Socket, address: str) -> float:
        reader.connect(address)
        library.wait_until_connected()
        return reaction(lambda: reader.subscribe("a"), library.wait_for_subscriber)

    return with_library(SocketType.PUB, zmq.SUB, measured)
