"""The ends of a connection that `bench_proxy` measures, each in a process of its own.

Usage: ends.py ROLE ENDPOINT ARGUMENT..., with the roles

    answer                 binds a peer that answers each message with itself; prints where
    ask ENDPOINT COUNT     asks so often, one at a time; prints the p50 of a round trip in seconds
"""

from __future__ import annotations

import socket
import sys
import time

from ZmqLibrary.zmtp.connection import Connection
from ZmqLibrary.zmtp.frames import encode
from ZmqLibrary.zmtp.handshake import Null
from ZmqLibrary.zmtp.peer import Listener, Peer

LONG = 120.0


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
    {"answer": answer, "ask": ask}[sys.argv[1]](*sys.argv[2:])
