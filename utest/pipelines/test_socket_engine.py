"""The pump of the SOCKET engine, without the loop around it."""

from __future__ import annotations

import socket
import threading

import pytest
import zmq

from ZmqLibrary.pipelines.messages import Batch, SameMessages
from ZmqLibrary.pipelines.settings import PumpSettings, SinkSettings
from ZmqLibrary.pipelines.socket_engine import SocketPump
from ZmqLibrary.pipelines.socket_sink import SocketSink
from ZmqLibrary.pipelines.states import StampPlace
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.zmtp.connection import Connection
from ZmqLibrary.zmtp.greeting import Version
from ZmqLibrary.zmtp.handshake import Null
from ZmqLibrary.zmtp.peer import Peer

LONG = 60


@pytest.fixture
def pump():
    """Opens pumps that are connected: `pump(endpoint, "REQ")`."""
    opened = []
    wakeup, other = socket.socketpair()

    def open_pump(endpoint, type, context=None, **values):
        engine = SocketPump(PumpSettings("source", endpoint, type, **values), wakeup, context)
        opened.append(engine)
        engine.open()
        if not values.get("bind"):
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


def test_replies_are_there_although_the_peer_has_gone_and_without_one_nothing_is_sent(raw, pump):
    """With IMMEDIATE libzmq throws away what was received of a peer that has gone."""
    service = raw("ROUTER", bind="tcp://127.0.0.1:*", RCVTIMEO=1000 * LONG)
    endpoint = service.last_endpoint.decode()
    source = pump(endpoint, "DEALER", replies=True)
    messages = SameMessages([b"ping"], StampPlace.NONE, False)
    assert source.send(0, Batch(messages, 7, 1, [0] * 20)) == 20
    for _ in range(20):
        service.send_multipart(service.recv_multipart())
    service.close(1000 * LONG)
    deadline = Deadline(LONG)
    while source.has_peer:
        assert deadline.remaining()
    assert [reply.frames for reply in source.replies()] == [[b"ping"]] * 20
    assert source.send(0, Batch(messages, 7, 21, [0])) == 0
    service = raw("ROUTER", bind=endpoint, RCVTIMEO=1000 * LONG)
    while not source.send(0, Batch(messages, 7, 21, [0])):
        assert deadline.remaining()
        source.wait(LONG, True)
    assert service.recv_multipart()[1:] == [b"ping"]
    assert source.sent == 21


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:*", "inproc://jobs"])
def test_a_pump_that_listens_stays_there_after_an_overdue_reply_and_does_not_take_it_for_the_next(raw, pump, endpoint):
    context = raw("PAIR").context
    source = pump(endpoint, "REQ", context, bind=True, replies=True)
    address = source.endpoint
    worker = raw("REP", connect=address, RCVTIMEO=1000 * LONG)
    deadline = Deadline(LONG)

    def ask(number: int) -> None:
        request = Batch(SameMessages([b"%d" % number], StampPlace.NONE, False), 7, number, [0])
        while not source.send(0, request):
            assert deadline.remaining()
            source.wait(0.1, True)

    def answered() -> list[bytes]:
        found = []
        while not found:
            assert deadline.remaining()
            source.wait(0.1, False)
            found = [reply.frames for reply in source.replies()]
        return found

    ask(1)
    late = worker.recv()
    source.renew(0)
    ask(2)
    worker.send(b"to " + late)
    worker.send(b"to " + worker.recv())
    assert answered() == [[b"to 2"]]
    ask(3)
    worker.send(b"to " + worker.recv())
    assert answered() == [[b"to 3"]]
    assert source.endpoint == address
    assert source.sent == 3


@pytest.mark.parametrize("room", [1, 10, 1000])
def test_what_libzmq_refuses_goes_on_as_soon_as_there_is_room(raw, pump, room):
    target = raw("PULL", bind="tcp://127.0.0.1:*", RCVHWM=room, RCVTIMEO=1000 * LONG)
    source = pump(target.last_endpoint.decode(), "PUSH", options=(("SNDHWM", room), ("SNDBUF", 4096)))
    messages, bodies, sent, received = SameMessages([bytes(1000)], StampPlace.PREFIX, False), [], 0, 0
    while sent < 5000:
        taken = source.send(0, Batch(messages, 7, sent + 1, [sent] * min(1500, 5000 - sent)))
        bodies += messages.made(Batch(messages, 7, sent + 1, [sent] * taken)) if taken else []
        sent += taken
        if not taken:
            assert target.recv() == bodies[received][0]
            received += 1
            source.wait(0, True)
    assert [target.recv() for _ in range(5000 - received)] == [body for (body,) in bodies[received:]]
    assert source.sent == 5000


@pytest.mark.parametrize("version", [Version.ZMTP_3_1, Version.ZMTP_2], ids=lambda v: v.value)
def test_a_peer_has_come_whatever_version_it_speaks(pump, version):
    source = pump("tcp://127.0.0.1:*", "PUSH", bind=True)
    assert not source.has_peer
    with Peer.connect(source.endpoint, Connection("PULL", Null(), version=version)) as peer:
        peer.wait_for_handshake(LONG)
        deadline = Deadline(LONG)
        while not source.has_peer:
            assert deadline.remaining()
            source.wait(0.01, True)
        assert source.send(0, Batch(SameMessages([b"ping"], StampPlace.NONE, False), 7, 1, [0])) == 1
        assert peer.receive_message(LONG) == (b"ping",)


def test_while_a_thread_closes_the_sockets_nobody_else_looks_at_them(raw, pump, monkeypatch):
    """It may be anywhere between its steps, and a pump that looked at a socket then failed, after it had sent all."""
    target = raw("PULL", bind="tcp://127.0.0.1:*")
    source = pump(target.last_endpoint.decode(), "PUSH")
    monitor, between, goes_on = source._sockets[0].monitor, threading.Event(), threading.Event()
    close = monitor.close

    def close_and_stay() -> None:
        close()
        between.set()
        goes_on.wait(LONG)

    monkeypatch.setattr(monitor, "close", close_and_stay)
    assert not source.finish()
    assert between.wait(LONG)
    source.wait(0, False)
    assert source.has_peer
    assert "1 peer" in source.connections
    goes_on.set()
    deadline = Deadline(LONG)
    while not source.finish():
        assert deadline.remaining()
        source.wait(0.01, False)


@pytest.mark.parametrize("round", range(10))
def test_in_the_context_of_the_library_nothing_is_left_open(round, raw):
    """An open socket, such as the reading end of a monitor, would keep the context from ending: the run would hang."""
    wakeup, other = socket.socketpair()
    context = zmq.Context()
    with wakeup, other:
        sink = SocketSink(SinkSettings("out", "tcp://127.0.0.1:*", "PULL", bind=True), wakeup, context)
        sink.open()
        for _ in range(20):
            raw("PUSH", connect=sink.endpoint).send(bytes(100_000))
        sink.close()
    ending = threading.Thread(target=context.term, daemon=True)
    ending.start()
    ending.join(LONG)
    assert not ending.is_alive()
