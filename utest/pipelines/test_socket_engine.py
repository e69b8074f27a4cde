"""The pump of the SOCKET engine, without the loop around it."""

from __future__ import annotations

import socket

import pytest

from ZmqLibrary.pipelines.messages import Batch, SameMessages
from ZmqLibrary.pipelines.settings import PumpSettings
from ZmqLibrary.pipelines.socket_engine import SocketPump
from ZmqLibrary.pipelines.stamp import StampPlace
from ZmqLibrary.waiting.deadline import Deadline

LONG = 20


@pytest.fixture
def pump():
    """Opens pumps that are connected: `pump(endpoint, "REQ")`."""
    opened = []
    wakeup, other = socket.socketpair()

    def open_pump(endpoint, type, **values):
        engine = SocketPump(PumpSettings("source", endpoint, type, **values), wakeup)
        opened.append(engine)
        engine.open()
        engine.wait_connected(Deadline(LONG))
        return engine

    yield open_pump
    for engine in opened:
        engine.close()
    wakeup.close()
    other.close()


def test_a_request_can_be_sent_as_soon_as_a_wait_ends_with_the_reply(raw, pump):
    service = raw("REP", bind="tcp://127.0.0.1:*")
    source = pump(service.last_endpoint.decode(), "REQ", replies=True)
    request = Batch(SameMessages([b"ping"], StampPlace.NONE, False), 7, 1, [0])
    assert source.send(0, request) == 1
    for _ in range(3):
        assert source.send(0, request) == 0
        service.send(service.recv())
        deadline = Deadline(LONG)
        source.wait(LONG, False)
        while not source.send(0, request) and deadline.remaining():
            source.wait(1, False)
    assert [reply.frames for reply in source.replies()] == [[b"ping"]] * 3
