"""A ROUTER that delays each 100th reply by 20 ms and leaves requests unanswered: plain pyzmq.

    python router.py ENDPOINT [N]    # each Nth of them; default 2000

It prints where it listens, and after a line on standard input how many requests came and how many it left.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque

import zmq

DELAY = 0.02


def main(endpoint: str, unanswered: str = "2000") -> None:
    context = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.sndhwm = router.rcvhwm = 0
    router.bind(endpoint)
    print(router.last_endpoint.decode(), flush=True)
    asked = context.socket(zmq.PAIR)
    asked.bind("inproc://asked")
    threading.Thread(target=ask, args=(context,), daemon=True).start()
    late: deque[tuple[float, list[bytes]]] = deque()
    count = left = 0
    leaves = int(unanswered)
    poller = zmq.Poller()
    poller.register(router, zmq.POLLIN)
    poller.register(asked, zmq.POLLIN)
    while True:
        wait = max(0, int((late[0][0] - time.monotonic()) * 1000)) if late else None
        ready = dict(poller.poll(wait))
        if asked in ready:
            asked.recv()
            print(count, left, flush=True)
        if router in ready:
            message = router.recv_multipart()
            count += 1
            if count % leaves == 0:
                left += 1
            elif count % 100 == 0:
                late.append((time.monotonic() + DELAY, message))
            else:
                router.send_multipart(message)
        while late and late[0][0] <= time.monotonic():
            router.send_multipart(late.popleft()[1])


def ask(context: zmq.Context) -> None:
    pair = context.socket(zmq.PAIR)
    pair.connect("inproc://asked")
    for _ in sys.stdin:
        pair.send(b"")


main(*sys.argv[1:])
