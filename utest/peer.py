"""A peer in a process of its own: plain pyzmq, told by its arguments what to do. It prints `ready` first."""

from __future__ import annotations

import os
import sys
import threading
from itertools import count

import zmq

FRAMES = 20


def say(*words: object) -> None:
    print(*words, flush=True)


def pull(context: zmq.Context[zmq.Socket[bytes]], endpoint: str) -> None:
    """Binds a PULL and prints what comes."""
    socket = context.socket(zmq.PULL)
    socket.bind(endpoint)
    say("ready")
    while True:
        say(*(frame.decode() for frame in socket.recv_multipart()))


def flood(context: zmq.Context[zmq.Socket[bytes]], endpoint: str) -> None:
    """Connects a PUSH and sends messages of 20 frames, all frames with the message's number, without a pause."""
    socket = context.socket(zmq.PUSH)
    socket.connect(endpoint)
    say("ready")
    for number in count():
        socket.send_multipart([b"%d" % number] * FRAMES)


def pour(context: zmq.Context[zmq.Socket[bytes]], endpoint: str, type: str, number: str, text: str) -> None:
    """Connects a socket and sends that many small messages without a pause, and then `end`."""
    socket = context.socket(getattr(zmq, type))
    socket.sndhwm = 0  # an XSUB drops what is beyond it
    socket.connect(endpoint)
    say("ready")
    for _ in range(int(number)):
        socket.send(text.encode())
    socket.send(b"end")
    threading.Event().wait()


def spread(context: zmq.Context[zmq.Socket[bytes]], number: str, *endpoints: str) -> None:
    """Sends that many messages of two frames to each endpoint, in turn, and lives until it is killed."""
    sockets = []
    for endpoint in endpoints:
        socket = context.socket(zmq.PUSH)
        socket.sndhwm = 0
        socket.connect(endpoint)
        sockets.append(socket)
    say("ready")
    for _ in range(int(number)):
        for socket in sockets:
            socket.send_multipart([b"job 1", b"x" * 10])
    threading.Event().wait()


def request(context: zmq.Context[zmq.Socket[bytes]], endpoint: str, size: str) -> None:
    """Connects a DEALER and sends requests of so many bytes without a pause, as a REQ does; reads no reply."""
    socket = context.socket(zmq.DEALER)
    socket.connect(endpoint)
    say("ready")
    while True:
        socket.send_multipart([b"", b"x" * int(size)])


def knock(context: zmq.Context[zmq.Socket[bytes]], endpoint: str, server_key: str) -> None:
    """Knocks at a CURVE server that refuses it, again and again."""
    from zmq.utils.monitor import recv_monitor_message  # which imports asyncio: half of the time that a peer takes

    public, secret = zmq.curve_keypair()
    refused = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_DISCONNECTED
    say("ready")
    for number in count():
        socket = context.socket(zmq.DEALER)
        socket.linger = 0
        socket.curve_serverkey, socket.curve_publickey, socket.curve_secretkey = server_key.encode(), public, secret
        socket.monitor(f"inproc://knock-{number}", refused | zmq.EVENT_MONITOR_STOPPED)
        with context.socket(zmq.PAIR) as monitor:
            monitor.connect(f"inproc://knock-{number}")
            socket.connect(endpoint)
            monitor.poll(1000)
            socket.close()
            # libzmq ends sockets in the background, and has no more than a thousand at a time.
            while recv_monitor_message(monitor)["event"] != zmq.EVENT_MONITOR_STOPPED:
                pass


def collect(context: zmq.Context[zmq.Socket[bytes]], endpoint: str) -> None:
    """Binds a PULL and prints the number of each message, or that it is torn, until one says `end`."""
    socket = context.socket(zmq.PULL)
    socket.rcvhwm = 5
    socket.bind(endpoint)
    say("ready")
    while (frames := socket.recv_multipart()) != [b"end"]:
        say("torn" if len(frames) != FRAMES or len(set(frames)) != 1 else frames[0].decode().strip("."))
    say("end")


def subscribe(context: zmq.Context[zmq.Socket[bytes]], endpoint: str, *topics: str) -> None:
    """Subscribes and lives until it is killed."""
    socket = context.socket(zmq.SUB)
    for topic in topics:
        socket.subscribe(topic)
    socket.connect(endpoint)
    say("ready")
    socket.recv()


def rounds(context: zmq.Context[zmq.Socket[bytes]], number: str) -> None:
    """For each endpoint on stdin subscribes with that many sockets and prints what each receives."""
    say("ready")
    for line in sys.stdin:
        sockets = [context.socket(zmq.SUB) for _ in range(int(number))]
        for socket in sockets:
            socket.linger = 0
            socket.rcvtimeo = 30_000
            socket.subscribe("")
            socket.connect(line.strip())
        say(*(socket.recv().decode() for socket in sockets))
        for socket in sockets:
            socket.close()


def end_with_the_test() -> None:
    """A test run that is killed closes stdin."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[1] != "rounds":
        threading.Thread(target=end_with_the_test, daemon=True).start()
    globals()[sys.argv[1]](zmq.Context(), *sys.argv[2:])
