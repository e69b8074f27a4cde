"""A ZAP handler (RFC 27) in a thread. pyzmq's own gives up if its thread has not begun within ten seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread

import zmq

ENDPOINT = "inproc://zeromq.zap.01"
LONG = 60


@contextmanager
def plain_users(context: zmq.Context[zmq.Socket[bytes]], passwords: Mapping[bytes, bytes]) -> Iterator[None]:
    """Lets these users in to the PLAIN servers of a context."""
    handler = context.socket(zmq.REP)
    handler.bind(ENDPOINT)
    thread = Thread(target=_answer, args=(handler, passwords))
    thread.start()
    try:
        yield
    finally:
        with context.socket(zmq.REQ) as last:
            last.connect(ENDPOINT)
            last.send(b"the end")
            thread.join(LONG)


def _answer(handler: zmq.Socket[bytes], passwords: Mapping[bytes, bytes]) -> None:
    with handler:
        while len(request := handler.recv_multipart()) > 1:
            version, number, *_, user, password = request
            status = b"200" if passwords.get(user) == password else b"400"
            handler.send_multipart([version, number, status, b"", user, b""])
