"""What the pumps of both engines have in common."""

from __future__ import annotations

import socket
from threading import Thread

import pytest

from ZmqLibrary.pipelines import socket_engine, wire_pump
from ZmqLibrary.pipelines.messages import Batch, SameMessages
from ZmqLibrary.pipelines.settings import PumpSettings
from ZmqLibrary.pipelines.socket_engine import SocketPump
from ZmqLibrary.pipelines.states import StampPlace
from ZmqLibrary.pipelines.wire_pump import WirePump
from ZmqLibrary.waiting.deadline import Deadline

LONG = 60


@pytest.fixture(params=[SocketPump, WirePump])
def open_pump(request):
    """Opens pumps: `open_pump(endpoint, "PUB")`. Each test runs with both engines."""
    opened = []
    wakeup, other = socket.socketpair()

    def start(endpoint, type, **values):
        engine = request.param(PumpSettings("source", endpoint, type, **values), wakeup)
        opened.append(engine)
        engine.open()
        return engine

    yield start
    for engine in opened:
        engine.close()
    wakeup.close()
    other.close()


def test_what_a_publisher_keeps_for_a_subscriber_arrives_although_it_is_closed(raw, open_pump, monkeypatch):
    """With a longer time than users have: else the test would fail on a machine that stands still for a second."""
    for engine in (socket_engine, wire_pump):
        monkeypatch.setattr(engine, "LINGER_SECONDS", LONG)
    sub = raw("SUB", bind="tcp://127.0.0.1:*", SUBSCRIBE=b"", RCVHWM=1, RCVBUF=4096)
    source = open_pump(sub.last_endpoint.decode(), "PUB", options=(("SNDBUF", 8192),))
    source.wait_connected(deadline := Deadline(LONG))
    while not source.has_peer:
        assert deadline.remaining()
        sub.poll(1)  # libzmq sends the subscription in this thread
        source.wait(0.01, False)
    messages = SameMessages([bytes(2_000)], StampPlace.NONE, False)
    assert source.send(0, Batch(messages, 7, 1, [0] * 900)) == 900
    closing = Thread(target=source.close)
    closing.start()
    assert [len(sub.recv()) for _ in range(900)] == [2_000] * 900
    closing.join(LONG)
    assert not closing.is_alive()
    assert (source.sent, source.dropped) == (900, 0)
