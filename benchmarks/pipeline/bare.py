"""Bare pyzmq loops, without any checks: what pumps and sinks are measured against.

bare.py send ENDPOINT SIZE COUNT [SERVER_KEY]     connects a PUSH and sends
bare.py receive ENDPOINT COUNT [SECRET_KEY]       binds a PULL and prints messages per second from first to last
bare.py ask ENDPOINT COUNT                        connects a REQ and prints the median round trip in seconds
"""

from __future__ import annotations

import sys
import time

import zmq


def send(context: zmq.Context[zmq.Socket[bytes]], endpoint: str, size: str, count: str, key: str = "") -> None:
    with context.socket(zmq.PUSH) as socket:
        if key:
            socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
            socket.curve_serverkey = key.encode()
        socket.connect(endpoint)
        body = bytes(int(size))
        for _ in range(int(count)):
            socket.send(body)


def receive(context: zmq.Context[zmq.Socket[bytes]], endpoint: str, count: str, key: str = "") -> None:
    with context.socket(zmq.PULL) as socket:
        if key:
            socket.curve_server, socket.curve_secretkey = True, key.encode()
        socket.bind(endpoint)
        print("ready", flush=True)
        socket.recv()
        start = time.perf_counter()
        for _ in range(int(count) - 1):
            socket.recv()
        print((int(count) - 1) / (time.perf_counter() - start))


def ask(context: zmq.Context[zmq.Socket[bytes]], endpoint: str, count: str) -> None:
    with context.socket(zmq.REQ) as socket:
        socket.connect(endpoint)
        taken = []
        for _ in range(int(count)):
            start = time.perf_counter()
            socket.send(b"x" * 100)
            socket.recv()
            taken.append(time.perf_counter() - start)
        print(sorted(taken)[len(taken) // 2])


if __name__ == "__main__":
    with zmq.Context() as context:
        globals()[sys.argv[1]](context, *sys.argv[2:])
