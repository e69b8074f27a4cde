"""`Send Messages` against a bare loop of pyzmq's `send_multipart` over the same 100,000 messages of two frames.

The library also makes the frames: of texts, which it encodes, and of bytes, which it looks at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import zmq
from result import Result

from ZmqLibrary import ZmqLibrary

MESSAGES = 100_000
ROUNDS = 5
BYTES = [[b"tick", b"%d" % number] for number in range(MESSAGES)]
TEXTS = [["tick", str(number)] for number in range(MESSAGES)]


def measure() -> Iterator[Result]:
    rounds = [(bare(), library(TEXTS, "TEXT"), library(BYTES, "BYTES")) for _ in range(ROUNDS)]
    yield Result("a loop of send_multipart", MESSAGES / median(times[0] for times in rounds), "messages/s")
    for number, name in enumerate(("texts", "bytes"), 1):
        ratio = median(times[0] / times[number] for times in rounds)
        yield Result(f"Send Messages, {name} / the loop", ratio, goal=0.5, at_least=True)


def bare() -> float:
    with zmq.Context() as context, context.socket(zmq.PULL) as sink, context.socket(zmq.PUSH) as source:
        sink.rcvhwm = source.sndhwm = 0
        sink.bind("inproc://bare")
        source.connect("inproc://bare")
        sink.linger = source.linger = 0

        def send() -> None:
            for frames in BYTES:
                source.send_multipart(frames)

        return timed(send)


def library(messages: Sequence[Sequence[object]], format: str) -> float:
    library = ZmqLibrary(linger=0)
    library.bind_zmq_socket("inproc://library", "PULL", receive_hwm=0)
    library.connect_zmq_socket("inproc://library", "PUSH", send_hwm=0)
    try:
        return timed(lambda: library.send_messages(messages, format=format))
    finally:
        library.session.end()


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
