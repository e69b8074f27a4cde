"""The ends of a connection that `bench_proxy` measures, each in a process of its own.

Usage: ends.py ROLE ENDPOINT ARGUMENT..., with the roles

    receive                        binds a PULL on libzmq whose messages a loop in C throws away; prints where
    send ENDPOINT SIZE COUNT       sends so many messages of one frame as fast as they are taken; prints seconds
    answer                         binds a peer that answers each message with itself; prints where
    ask ENDPOINT COUNT             asks so often, one at a time; prints the p50 of a round trip in seconds
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time

import zmq

from ZmqLibrary.zmtp.connection import Connection
from ZmqLibrary.zmtp.frames import encode
from ZmqLibrary.zmtp.handshake import Null
from ZmqLibrary.zmtp.peer import Listener, Peer

BATCH_BYTES = 2**16
LONG = 120.0


def end_with_the_benchmark() -> None:
    sys.stdin.read()
    os._exit(0)


def receive() -> None:
    context = zmq.Context.instance()
    messages, nobody = context.socket(zmq.PULL), context.socket(zmq.PUB)
    messages.bind("tcp://127.0.0.1:*")
    nobody.bind("inproc://nobody")
    print(messages.last_endpoint.decode(), flush=True)
    threading.Thread(target=end_with_the_benchmark, daemon=True).start()
    zmq.proxy(messages, nobody)


def send(endpoint: str, size: str, count: str) -> None:
    with Peer.connect(endpoint, Connection("PUSH", Null()), LONG) as peer:
        peer.wait_for_handshake(LONG)
        message = encode([b"x" * int(size)])
        many = max(1, BATCH_BYTES // len(message))
        batch = message * many
        began = time.perf_counter()
        for _ in range(int(count) // many):
            peer.send_bytes(batch, LONG)
        assert peer.finish(LONG)
        print((time.perf_counter() - began) / (int(count) // many * many))


def answer() -> None:
    with Listener("tcp://127.0.0.1:*") as listener:
        print(listener.endpoint, flush=True)
        with listener.accept(Connection("ROUTER", Null()), LONG) as peer:
            peer.wait_for_handshake(LONG)
            peer.send([b"go"])  # What comes before it might be read together with the handshake.
            transport = peer.transport
            transport.setblocking(True)
            while data := transport.recv(4096):
                transport.sendall(data)


def ask(endpoint: str, count: str) -> None:
    with Peer.connect(endpoint, Connection("DEALER", Null()), LONG) as peer:
        peer.wait_for_handshake(LONG)
        peer.receive_message(LONG)
        transport, message, times = peer.transport, encode([b"ping"]), []
        transport.setblocking(True)
        for _ in range(int(count)):
            began = time.perf_counter()
            transport.sendall(message)
            transport.recv(4096)
            times.append(time.perf_counter() - began)
        transport.shutdown(socket.SHUT_WR)
        print(sorted(times)[len(times) // 2])


if __name__ == "__main__":
    {"receive": receive, "send": send, "answer": answer, "ask": ask}[sys.argv[1]](*sys.argv[2:])
