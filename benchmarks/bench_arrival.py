"""How late a collector knows of a message, against a plain thread that does nothing but `recv_multipart`.

Another process sends messages with its own clock in them. The quietest of several alternating rounds counts.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import zmq
from result import Result

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.sockets.socket_types import SocketType

COUNT, RATE, ROUNDS = 4000, 4000, 3
SENDER = f"""
import sys, time, zmq
socket = zmq.Context().socket(zmq.PUSH)
socket.set_hwm(0)
socket.connect(sys.argv[1])
start = time.time() + 0.3
for number in range({COUNT}):
    while (wait := start + number / {RATE} - time.time()) > 0:
        time.sleep(wait)
    socket.send(b"%r" % time.time())
socket.close()
"""
Delays = list[float]


def measure() -> Iterator[Result]:
    ballast = [{} for _ in range(200_000)]  # what Robot keeps of a long run, for the garbage collector to look at
    for name, work in {"waits": wait, "computes": compute}.items():
        rounds = [(p99(collector(work)), p99(plain_thread(work))) for _ in range(ROUNDS)]
        ours, plain = (min(column) for column in zip(*rounds, strict=True))
        goal = 1.0 if name == "waits" else None
        yield Result(f"p99 of a message's delay while the test {name}, collector", 1000 * ours, "ms", goal=goal)
        yield Result(f"p99 while the test {name}: collector / plain thread ({1000 * plain:.3g} ms)", ours / plain)
    del ballast


def wait(done: Callable[[], bool]) -> None:
    while not done():
        threading.Event().wait(0.05)


def compute(done: Callable[[], bool]) -> None:
    while not done():
        sum(i * i for i in range(200_000))


def p99(delays: Delays) -> float:
    return sorted(delays)[len(delays) * 99 // 100]


def collector(work: Callable[[Callable[[], bool]], None]) -> Delays:
    library = ZmqLibrary()
    library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL, "sink", receive_hwm=0)
    library.start_collecting_messages(alias="collector")
    with sender(library.get_zmq_endpoint()):
        item = library.session.workers.all[0]
        work(lambda: len(item.collected) >= COUNT)
    delays = [m.timestamp - float(m.frames[0]) for m in library.get_collected_messages(format="BYTES")]
    library.session.end()
    return delays


def plain_thread(work: Callable[[Callable[[], bool]], None]) -> Delays:
    with zmq.Context() as context, context.socket(zmq.PULL) as socket:
        socket.rcvhwm = 0
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        delays: Delays = []

        def run() -> None:
            while len(delays) < COUNT:
                [frame] = socket.recv_multipart()
                delays.append(time.time() - float(frame))

        thread = threading.Thread(target=run)
        thread.start()
        with sender(f"tcp://127.0.0.1:{port}"):
            work(lambda: len(delays) >= COUNT)
        thread.join()
    return delays


def sender(endpoint: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SENDER, endpoint])
