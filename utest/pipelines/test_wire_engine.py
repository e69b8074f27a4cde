"""The WIRE engine and peers of libzmq."""

from __future__ import annotations

import os
import socket
import time
from contextlib import ExitStack, closing, suppress

import pytest
import zmq

from utest.zap import plain_users
from utest.zmtp.conftest import CLIENT, Wiretap
from ZmqLibrary.errors import ConnectFailed
from ZmqLibrary.pipelines.messages import Batch, SameMessages
from ZmqLibrary.pipelines.settings import PumpSettings, SinkSettings
from ZmqLibrary.pipelines.states import StampPlace
from ZmqLibrary.pipelines.wire_engine import why_not_wire
from ZmqLibrary.pipelines.wire_pump import WirePump
from ZmqLibrary.pipelines.wire_sink import WireSink
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.zmtp.commands import error, ping
from ZmqLibrary.zmtp.connection import Connection
from ZmqLibrary.zmtp.events import MessageReceived, PongReceived
from ZmqLibrary.zmtp.frames import encode
from ZmqLibrary.zmtp.greeting import Greeting, Version
from ZmqLibrary.zmtp.handshake import Null
from ZmqLibrary.zmtp.peer import Peer

LONG = 60
ANYWHERE = "tcp://127.0.0.1:*"


class Taken:
    """Takes what a sink reads."""

    def __init__(self):
        self.messages = []
        self.arrived = 0

    def take(self, lane, messages, arrived):
        assert arrived > 0
        self.arrived = arrived
        self.messages += [(lane, *map(bytes, message)) for message in messages]

    def take_run(self, lane, run, arrived):
        data = bytes(run.buffer)
        assert len(data) == run.stride * run.number
        begins = range(0, len(data), run.stride)
        self.take(lane, [[data[begin + run.offset : begin + run.stride]] for begin in begins], arrived)


@pytest.fixture
def wakeup():
    one, other = socket.socketpair()
    yield one
    one.close()
    other.close()


@pytest.fixture
def pump(wakeup):
    """Opens WIRE pumps: `pump(endpoint, "PUSH", bind=True)`."""
    opened = []

    def open_pump(endpoint=ANYWHERE, type="PUSH", **values):
        engine = WirePump(PumpSettings("source", endpoint, type, **values), wakeup)
        opened.append(engine)
        engine.open()
        return engine

    yield open_pump
    for engine in opened:
        engine.close()


@pytest.fixture
def sink(wakeup):
    """Opens WIRE sinks."""
    opened = []

    def open_sink(endpoint=ANYWHERE, type="PULL", **values):
        engine = WireSink(SinkSettings("out", endpoint, type, **values), wakeup)
        opened.append(engine)
        engine.open()
        return engine

    yield open_sink
    for engine in opened:
        engine.close()


def endpoint_of(peer):
    return peer.last_endpoint.decode().rstrip("\0")


def batch(*frames, count=1, first=1):
    return Batch(SameMessages(frames, StampPlace.NONE, False), 7, first, [0] * count)


def send_all(engine, amount, *frames, lane=0):
    """Sends so many messages, as a pump does."""
    sent, deadline = 0, Deadline(LONG)
    while sent < amount and deadline.remaining():
        taken = engine.send(lane, batch(*frames, count=amount - sent))
        sent += taken
        if not taken:
            engine.wait(0.1, True)
    assert sent == amount


def receive(engine, amount, limit=1000, reading=True):
    """The next messages, as a sink gets them."""
    taken, deadline = Taken(), Deadline(LONG)
    while len(taken.messages) < amount and deadline.remaining():
        if not engine.receive(min(limit, amount - len(taken.messages)), taken):
            engine.wait(0.1, True)
    assert len(taken.messages) == amount
    return taken.messages


def until(engine, condition, *arguments):
    """Lets an engine work until a condition holds."""
    deadline = Deadline(LONG)
    while not condition():
        assert deadline.remaining()
        engine.wait(0.01, *arguments)


def test_a_sink_without_descriptors_waits_and_lets_peers_in_later(sink, raw):
    resource = pytest.importorskip("resource")
    engine, before = sink(bind=True), resource.getrlimit(resource.RLIMIT_NOFILE)
    waiting = socket.create_connection(("127.0.0.1", int(engine.endpoint.rpartition(":")[2])))
    lowest_free = os.dup(waiting.fileno())
    os.close(lowest_free)
    with waiting:
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, before[1]))
        try:
            engine.wait(0.1, True)
            begin = time.monotonic()
            engine.wait(0.1, True)
            assert time.monotonic() - begin > 0.09
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
    raw("PUSH", connect=engine.endpoint).send(b"later")
    assert receive(engine, 1) == [(0, b"later")]


@pytest.mark.parametrize(
    ("type", "endpoint", "values", "reason"),
    [
        ("PUSH", "tcp://127.0.0.1:5555", {}, ""),
        ("PUSH", "tcp://broker.example:5555", {"options": (("SNDBUF", 1), ("PLAIN_USERNAME", b"u"))}, ""),
        ("PUB", "tcp://*:*", {"bind": True, "options": (("SNDHWM", 10),)}, ""),
        ("PULL", "ipc:///tmp/feed", {"bind": True}, ""),
        ("PULL", "tcp://[::1]:5555", {"bind": True}, ""),
        ("PAIR", "tcp://127.0.0.1:5555", {}, "PAIR"),
        ("PUSH", "inproc://x", {}, "inproc://x"),
        ("PUSH", "ipc://*", {"bind": True}, r"ipc://\*"),
        ("PULL", "tcp://eth0:5555", {"bind": True}, "eth0"),
        ("PUSH", "tcp://127.0.0.1:1;127.0.0.1:2", {}, ";"),
        ("PUSH", "tcp://127.0.0.1:5555", {"options": (("SNDHWM", 10),)}, "SNDHWM"),
        ("PUSH", "tcp://127.0.0.1:5555", {"options": (("CURVE_SERVERKEY", b""), ("SNDBUF", 1))}, "CURVE_SERVERKEY of"),
    ],
)
def test_what_it_cannot_do_is_told(type, endpoint, values, reason):
    found = why_not_wire(PumpSettings("source", endpoint, type, **values))
    assert reason in found.replace("*", r"\*")
    assert bool(found) == bool(reason)


@pytest.mark.parametrize("bind", [True, False])
@pytest.mark.parametrize("frames", [[b"job"], [b"topic", b"x" * 300], [b"", b"", b"y" * 70_000]])
def test_what_is_pushed_arrives(raw, pump, bind, frames):
    pull = raw("PULL", **({} if bind else {"bind": ANYWHERE}))
    source = pump(bind=True) if bind else pump(endpoint_of(pull))
    if bind:
        pull.connect(source.endpoint)
    else:
        source.wait_connected(Deadline(LONG))
    send_all(source, 500, *frames)
    found = []

    def all_came():
        while pull.poll(1):
            found.append(pull.recv_multipart())
        return len(found) == 500

    until(source, all_came, False)
    assert all(message == frames for message in found)
    assert (source.sent, source.payload_bytes) == (500, 500 * sum(map(len, frames)))
    until(source, source.finish, False)
    assert source.acknowledged == 500


@pytest.mark.parametrize("bind", [True, False])
def test_what_is_sent_is_read_in_order_and_whole(raw, sink, bind):
    push = raw("PUSH", **({} if bind else {"bind": ANYWHERE}))
    push.sndtimeo = LONG * 1000
    out = sink(bind=True) if bind else sink(endpoint_of(push))
    if bind:
        push.connect(out.endpoint)
    else:
        out.wait_connected(Deadline(LONG))
    sent = [[b"%d" % n * (n % 30), b"x" * (n % 3 * 200)][: 1 + n % 2] for n in range(500)]
    sent[100] = [b"z" * 3_000_000]
    found = []
    for message in sent[:200]:
        push.send_multipart(message)
    found += receive(out, 200, limit=7)
    for message in sent[200:]:
        push.send_multipart(message)
    found += receive(out, 300)
    assert [list(message) for _, *message in found] == sent


def test_over_ipc_it_is_the_same(raw, pump, sink, tmp_path):
    out = sink(f"ipc://{tmp_path}/feed", bind=True)
    assert out.endpoint == f"ipc://{tmp_path}/feed"
    source = pump(out.endpoint)
    until(out, lambda: source.wait(0, False) or source.has_peer, True)
    send_all(source, 10, b"job")
    assert receive(out, 10) == [(0, b"job")] * 10
    until(source, source.finish, False)


def test_several_peers_get_messages_in_turn(raw, pump):
    source = pump(bind=True)
    pulls = [raw("PULL", connect=source.endpoint) for _ in range(3)]
    until(source, lambda: len(source._links.ready) == 3, False)
    for number in range(9):
        send_all(source, 1, b"%d" % number)
    found = [[pull.recv() for _ in range(3)] for pull in pulls]
    assert sorted(found) == [[b"0", b"3", b"6"], [b"1", b"4", b"7"], [b"2", b"5", b"8"]]
    send_all(source, 30, b"more")
    assert [[pull.recv() for _ in range(10)] for pull in pulls] == [[b"more"] * 10] * 3


def test_each_lane_has_its_connection(raw, pump):
    pull = raw("PULL", bind=ANYWHERE)
    monitor = pull.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    source = pump(endpoint_of(pull), connections=3)
    source.wait_connected(Deadline(LONG))
    for lane in range(3):
        send_all(source, 5, b"%d" % lane, lane=lane)
    assert sorted(pull.recv() for _ in range(15)) == [b"0"] * 5 + [b"1"] * 5 + [b"2"] * 5
    assert sum(1 for _ in range(3) if monitor.poll(5000) and monitor.recv_multipart()) == 3
    pull.disable_monitor()
    monitor.close()


class TestPublishing:
    def test_subscribers_get_what_they_have_asked_for(self, raw, pump):
        source = pump(type="PUB", bind=True)
        eur, every = raw("SUB", connect=source.endpoint, SUBSCRIBE=b"EUR"), raw("SUB", connect=source.endpoint)
        every.subscribe(b"")
        until(source, lambda: sum(bool(link.subscriptions) for link in source._links.ready) == 2, False)
        for topic in (b"EURUSD", b"USD", b"EUR"):
            assert source.send(0, batch(topic, b"1.08")) == 1
        assert [eur.recv_multipart()[0] for _ in range(2)] == [b"EURUSD", b"EUR"]
        assert [every.recv_multipart()[0] for _ in range(3)] == [b"EURUSD", b"USD", b"EUR"]
        assert (source.sent, source.dropped) == (3, 0)

    @pytest.mark.parametrize("version", [Version.ZMTP_3_1, Version.ZMTP_3, Version.ZMTP_2], ids=lambda v: v.value)
    def test_subscriptions_of_every_version_are_taken(self, pump, version):
        source = pump(type="PUB", bind=True)
        with Peer.connect(source.endpoint, Connection("SUB", Null(), version=version)) as peer:
            peer.send_bytes(peer.connection.bytes_to_send())
            until(source, lambda: peer_goes_on(peer) and peer.connection.is_done, False)
            assert not source.has_peer
            peer.send_bytes(peer.connection.subscribe(b"a") + peer.connection.subscribe(b"a"))
            until(source, lambda: source.has_peer, False)
            peer.send_bytes(peer.connection.cancel(b"a"))
            until(source, lambda: source._links.ready[0].subscriptions == {b"a": 1}, False)
            source.send(0, batch(b"abc"))
            assert peer.receive_message(LONG) == (b"abc",)
            peer.send_bytes(peer.connection.cancel(b"a"))
            until(source, lambda: not source.has_peer, False)

    def test_each_lane_publishes_to_its_own_subscribers(self, raw, pump):
        every = raw("SUB", bind=ANYWHERE, SUBSCRIBE=b"")
        source = pump(endpoint_of(every), "PUB", connections=2)
        source.wait_connected(Deadline(LONG))
        until(
            source, lambda: every.poll(1) or sum(bool(link.subscriptions) for link in source._links.ready) == 2, False
        )
        for lane in range(2):
            source.send(lane, batch(b"%d" % lane))
        assert sorted(every.recv() for _ in range(2)) == [b"0", b"1"]
        assert not every.poll(50)

    def test_what_a_queue_has_no_room_for_is_dropped_and_counted(self, raw, pump):
        source = pump(type="PUB", bind=True, options=(("SNDHWM", 10),))
        slow = raw("SUB", connect=source.endpoint, SUBSCRIBE=b"", RCVHWM=1)
        until(source, lambda: source.has_peer, False)
        for _ in range(100):
            assert source.send(0, batch(bytes(100_000), count=10)) == 10
        assert source.sent == 1000
        assert 0 < source.dropped < 1000
        assert source.finish()
        received = 0
        while received < 1000 - source.dropped:
            source.wait(0, False)
            if slow.poll(10):
                slow.recv()
                received += 1
        assert not slow.poll(50)

    def test_it_takes_what_it_has_subscribed_to(self, raw, sink):
        publisher = raw("XPUB", bind=ANYWHERE)
        out = sink(endpoint_of(publisher), "SUB", subscribe=(b"EUR", b"USD"))
        out.wait_connected(Deadline(LONG))
        assert {publisher.recv(), publisher.recv()} == {b"\1EUR", b"\1USD"}
        for topic in (b"EUR", b"JPY", b"USD"):
            publisher.send_multipart([topic, b"1"])
        assert receive(out, 2) == [(0, b"EUR", b"1"), (0, b"USD", b"1")]


def peer_goes_on(peer):
    """Lets the peer hear what is there, and tells what it means."""
    peer.transport.settimeout(0.02)
    try:
        events = peer.connection.receive(peer.transport.recv(1 << 20))
    except TimeoutError:
        return []
    peer.send_bytes(peer.connection.bytes_to_send())
    return events


class TestRequests:
    @pytest.mark.parametrize("server", ["REP", "ROUTER"])
    def test_a_request_waits_for_its_reply(self, raw, pump, server):
        rep = raw(server, bind=ANYWHERE)
        source = pump(endpoint_of(rep), "REQ", replies=True)
        source.wait_connected(Deadline(LONG))
        for number in range(3):
            assert source.send(0, batch(b"ask", b"%d" % number, count=100)) == 1
            assert source.send(0, batch(b"too early")) == 0
            rep.send_multipart(rep.recv_multipart())
            replies = []
            until(source, lambda: replies.extend(source.replies()) or replies, False)  # noqa: B023
            assert [(reply.lane, reply.frames) for reply in replies] == [(0, (b"ask", b"%d" % number))]

    def test_a_renewed_lane_can_ask_again(self, raw, pump):
        router = raw("ROUTER", bind=ANYWHERE)
        source = pump(endpoint_of(router), "REQ", replies=True)
        source.wait_connected(Deadline(LONG))
        send_all(source, 1, b"first")
        router.recv_multipart()
        source.renew(0)
        send_all(source, 1, b"second")
        router.send_multipart(router.recv_multipart())
        replies = []
        until(source, lambda: replies.extend(source.replies()) or replies, False)
        assert [reply.frames for reply in replies] == [(b"second",)]

    def test_of_several_workers_the_one_that_was_asked_answers_or_is_given_up(self, raw, pump):
        source = pump(type="REQ", bind=True, replies=True, options=(("ROUTING_ID", b"till"),))
        workers = [raw("ROUTER", connect=source.endpoint, RCVTIMEO=1000 * LONG) for _ in range(2)]
        until(source, lambda: len(source._links.ready) == 2, False)
        send_all(source, 1, b"first")
        until(source, lambda: any(worker.poll(10) for worker in workers), False)
        late, other = sorted(workers, key=lambda worker: not worker.poll(0))

        def received():
            return sum(link.buffer.offset + link.buffer.end for link in source._links.ready)

        before = received()
        other.send_multipart([b"till", b"", b"not asked"])
        until(source, lambda: received() > before, False)
        assert not source.replies()
        source.renew(0)
        assert len(source._links.ready) == 1
        send_all(source, 1, b"second")
        late.send_multipart(late.recv_multipart())
        other.send_multipart(other.recv_multipart())
        replies = []
        until(source, lambda: replies.extend(source.replies()) or replies, False)
        assert [reply.frames for reply in replies] == [(b"second",)]

    def test_a_dealer_gets_replies_as_they_come(self, raw, pump):
        router = raw("ROUTER", bind=ANYWHERE)
        source = pump(endpoint_of(router), "DEALER", replies=True, options=(("ROUTING_ID", b"till"),))
        source.wait_connected(Deadline(LONG))
        send_all(source, 3, b"", b"ask")
        for _ in range(3):
            request = router.recv_multipart()
            assert request == [b"till", b"", b"ask"]
            router.send_multipart(request)
        replies = []
        until(source, lambda: replies.extend(source.replies()) or len(replies) == 3, False)
        assert [reply.frames for reply in replies] == [(b"", b"ask")] * 3

    @pytest.mark.parametrize(
        ("server", "client"), [("REP", "REQ"), ("REP", "DEALER"), ("ROUTER", "REQ"), ("ROUTER", "DEALER")]
    )
    def test_requests_are_answered_with_themselves(self, raw, sink, server, client):
        out = sink(type=server, bind=True, replies=True)
        asking = raw(client, connect=out.endpoint, ROUTING_ID=b"till")
        envelope = [b""] if client == "DEALER" else []
        for number in range(3):
            asking.send_multipart([*envelope, b"%d" % number, b"x"])
            ((_, *frames),) = receive(out, 1)
            body = [b"%d" % number, b"x"]
            assert frames == (body if server == "REP" else [b"till", b"", *body])
            assert asking.recv_multipart() == [*envelope, *body]

    def test_a_request_without_an_envelope_is_no_request(self, raw, sink):
        out = sink(type="REP", bind=True, replies=True)
        asking = raw("DEALER", connect=out.endpoint)
        for frames in ([b"no delimiter"], [b"no", b"delimiter"], [b""]):
            asking.send_multipart(frames)
        asking.send_multipart([b"", b"good"])
        assert receive(out, 1) == [(0, b"good")]
        assert asking.recv_multipart() == [b"", b"good"]

    def test_peers_without_a_routing_id_get_one(self, raw, sink):
        out = sink(type="ROUTER", bind=True)
        for _ in range(2):
            raw("DEALER", connect=out.endpoint).send(b"x")
        ids = {message[1] for message in receive(out, 2)}
        assert len(ids) == 2
        assert all(len(id) == 5 and id[0] == 0 for id in ids)


class TestLostConnections:
    def test_it_connects_again_when_the_peer_is_back(self, raw, pump):
        first = raw("PULL", bind=ANYWHERE)
        endpoint = endpoint_of(first)
        source = pump(endpoint, options=(("RECONNECT_IVL", 20),))
        source.wait_connected(Deadline(LONG))
        send_all(source, 1, b"one")
        assert first.recv() == b"one"
        first.close()
        until(source, lambda: not source.has_peer, False)
        assert source.send(0, batch(b"nobody")) == 0
        second = bind_again(raw, "PULL", endpoint)
        until(source, lambda: source.has_peer, False)
        send_all(source, 1, b"two")
        assert second.recv() == b"two"

    def test_it_does_not_connect_again_if_that_is_not_wanted(self, pump):
        with closing(socket.create_server(("127.0.0.1", 0))) as listener:
            source = pump(f"tcp://127.0.0.1:{listener.getsockname()[1]}", options=(("RECONNECT_IVL", -1),))
            accepted(listener, source).close()
            until(source, lambda: not source.has_peer, False)
            source.wait(0.05, False)
            listener.settimeout(0.1)
            with pytest.raises(TimeoutError):
                listener.accept()

    def test_a_message_that_was_cut_is_sent_again_whole(self, raw, pump):
        with closing(socket.create_server(("127.0.0.1", 0))) as listener:
            source = pump(f"tcp://127.0.0.1:{listener.getsockname()[1]}", options=(("RECONNECT_IVL", 20),))
            for whole in (False, True):
                peer = accepted(listener, source)
                if not whole:
                    assert source.send(0, batch(b"x" * 20_000_000, count=2)) == 1
                    peer.close()
                    until(source, lambda: not source.has_peer, False)
                    assert not source.finish()
            received = []
            until(source, lambda: received.extend(peer_goes_on(peer)) or received, False)
            peer.close()
        assert [len(event.frames[0]) for event in received] == [20_000_000]
        assert source.sent == 1

    def test_what_was_on_its_way_is_not_acknowledged(self, pump):
        with closing(socket.create_server(("127.0.0.1", 0))) as listener:
            source = pump(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
            peer = accepted(listener, source)
            while source.send(0, batch(bytes(10_000), count=100)):
                pass
            peer.close()
            until(source, lambda: not source.has_peer, False)
            source.finish()
            assert 0 < source.acknowledged < source.sent

    @pytest.mark.parametrize("frames", [[bytes(51)], [b"", bytes(51)], [bytes(51), b""]])
    def test_a_message_above_the_largest_size_ends_its_connection(self, sink, pinging, frames):
        out = sink(bind=True, options=(("MAXMSGSIZE", 50),))
        peer, _ = pinging(out)
        peer.send([bytes(50)])
        assert receive(out, 1) == [(0, bytes(50))]
        peer.send(frames)
        until(out, lambda: out.receive(1, Taken()) or not out.has_peer, True)
        assert "at most 50 bytes" in out.connections

    def test_hostile_bytes_end_one_connection_only(self, raw, sink):
        out = sink(bind=True)
        push = raw("PUSH", connect=out.endpoint)
        push.send(b"before")
        assert receive(out, 1) == [(0, b"before")]
        with Peer.connect(out.endpoint, Connection("PUSH", Null())) as peer:
            peer.send_bytes(peer.connection.bytes_to_send())
            until(out, lambda: peer_goes_on(peer) and peer.connection.is_done, True)
            peer.send([b"good"])
            peer.send_bytes(b"\xff" * 100)
            assert receive(out, 1) == [(0, b"good")]
            until(out, lambda: len(out._links.ready) == 1 or not out.receive(1, Taken()), True)
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" * 30):
            with closing(socket.create_connection(("127.0.0.1", int(out.endpoint.rpartition(":")[2])))) as odd:
                odd.sendall(garbage)
                out.wait(0.05, True)
        push.send(b"after")
        assert receive(out, 1) == [(0, b"after")]

    def test_pings_are_answered(self, raw, pump):
        pull = raw("PULL", bind=ANYWHERE, HEARTBEAT_IVL=50, HEARTBEAT_TIMEOUT=LONG * 1000)
        tap = Wiretap(int(endpoint_of(pull).rpartition(":")[2]))
        source = pump(f"tcp://127.0.0.1:{tap.port}")

        def answers():
            return b"".join(data for side, data in list(tap.heard) if side == CLIENT).count(b"\x04PONG")

        with closing(tap):
            until(source, lambda: answers() >= 5, False)


def accepted(listener, source):
    """A PULL that a pump has connected to, and the handshake is done."""
    accepting = []
    listener.settimeout(0.02)

    def accept():
        with suppress(TimeoutError):
            accepting.append(listener.accept()[0])
        return accepting

    until(source, accept, False)
    peer = Peer(accepting[0], Connection("PULL", Null()))
    peer.send_bytes(peer.connection.bytes_to_send())
    until(source, lambda: (peer.connection.is_done or peer_goes_on(peer)) and source.has_peer, False)
    return peer


def bind_again(raw, type, endpoint):
    """Binds where another socket was a moment ago."""
    deadline = Deadline(LONG)
    while deadline.remaining():
        try:
            return raw(type, bind=endpoint)
        except zmq.ZMQError:
            continue
    return None


@pytest.mark.parametrize("bind", [True, False])
def test_a_plain_user_is_let_in(raw, pump, bind):
    pull = raw("PULL", PLAIN_SERVER=1)
    options = (("PLAIN_USERNAME", b"admin"), ("PLAIN_PASSWORD", b"secret"))
    with plain_users(pull.context, {b"admin": b"secret"}):
        if bind:
            source = pump(bind=True, options=options)
            pull.connect(source.endpoint)
        else:
            pull.bind(ANYWHERE)
            source = pump(endpoint_of(pull), options=options)
            source.wait_connected(Deadline(LONG))
        send_all(source, 3, b"job")
        assert [pull.recv() for _ in range(3)] == [b"job"] * 3


@pytest.mark.parametrize("seconds", [0.2, 1.0])
@pytest.mark.parametrize(("silent", "reason"), [(False, "nobody listens there"), (True, "no ZeroMQ handshake")])
def test_a_timeout_is_kept_with_the_explanation(pump, closed_port, seconds, silent, reason):
    with ExitStack() as stack:
        endpoint = closed_port
        if silent:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            endpoint = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        source = pump(endpoint)
        begin = time.monotonic()
        with pytest.raises(ConnectFailed, match=rf"(?s) in (200 milli|1 )second.*{reason}"):
            source.wait_connected(Deadline(seconds))
        assert time.monotonic() - begin < 20


def test_a_timeout_may_be_longer_than_the_system_can_wait_at_once(raw, pump):
    source = pump(endpoint_of(raw("PULL", bind=ANYWHERE)))
    source.wait_connected(Deadline(1e14))
    assert source.has_peer


def test_what_the_peer_has_said_in_its_error_is_the_reason(pump):
    """libzmq, which is asked about other failures, takes it for socket types that do not go together."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        source = pump(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
        with closing(listener.accept()[0]) as peer:
            peer.sendall(Greeting(Version.ZMTP_3_1, "NULL").encode() + error("No access\nhere").encode())
            with pytest.raises(ConnectFailed, match=r"'source' \(PUSH\) .* refused: No access\\nhere\."):
                source.wait_connected(Deadline(2))


@pytest.fixture
def pinging():
    """Connects a PUSH on bare TCP to a sink, with what gives the contexts of the PONGs that it has got."""
    with ExitStack() as stack:

        def connect(out):
            host, port = out.endpoint.removeprefix("tcp://").split(":")
            transport = stack.enter_context(socket.create_connection((host, int(port))))
            peer = Peer(transport, Connection("PUSH", Null()))
            peer.send_bytes(peer.connection.bytes_to_send())
            until(out, lambda: (peer.connection.is_done or peer_goes_on(peer)) and out.has_peer, False)
            found = []

            def pongs():
                found.extend(event.context for event in peer_goes_on(peer) if isinstance(event, PongReceived))
                return found

            return peer, pongs

        yield connect


def test_a_limit_and_a_pause_are_kept(sink, pinging):
    out = sink(bind=True)
    peer, _ = pinging(out)
    peer.send_bytes(b"".join(encode([b"%d" % number]) for number in range(10)))
    taken = Taken()
    until(out, lambda: out.receive(3, taken), True)
    assert len(taken.messages) == 3
    out.wait(0.05, False)
    before = time.monotonic_ns()
    assert out.receive(2, taken) == 2
    assert taken.arrived >= before  # not when the kernel had it: this is when a slow consumer has taken it
    assert [message for _, message in taken.messages] == [b"%d" % number for number in range(5)]
    assert [message for _, message in receive(out, 5, limit=2)] == [b"%d" % number for number in range(5, 10)]


def test_a_paused_sink_answers_pings_and_reads_nothing(sink, pinging):
    out = sink(bind=True)
    peer, pongs = pinging(out)
    peer.send_bytes(encode([b"job"]) * 1000 + ping(1, b"first").encode() + encode([b"job"]))
    until(out, lambda: pongs() == [b"first"], False)
    peer.send_bytes(encode([b"late"])[:3])
    peer.send_bytes(encode([b"late"])[3:] + ping(1, b"second").encode())
    until(out, lambda: pongs() == [b"first", b"second"], False)
    assert [message for _, message in receive(out, 1002)] == [b"job"] * 1001 + [b"late"]
    peer.send_bytes(ping(1, b"third").encode())
    until(out, lambda: out.receive(1, Taken()) or pongs() == [b"first", b"second", b"third"], True)


def test_a_slow_sink_answers_pings_behind_what_it_has_read_but_not_handed_on(sink, pinging):
    out = sink(bind=True)
    peer, pongs = pinging(out)
    peer.send_bytes(encode([b"job"]) * 10 + ping(1, b"behind").encode())
    assert len(receive(out, 1, limit=1)) == 1
    until(out, lambda: pongs() == [b"behind"], False)
    assert len(receive(out, 9)) == 9
    assert pongs() == [b"behind"]


@pytest.mark.parametrize(("type", "replies"), [("PULL", False), ("ROUTER", True)])
def test_what_a_peer_has_sent_that_is_gone_is_read_by_a_slow_sink_all_the_same(sink, type, replies):
    out = sink(type=type, bind=True, replies=replies)
    taken = Taken()
    with Peer.connect(out.endpoint, Connection("PUSH" if type == "PULL" else "DEALER", Null())) as peer:
        peer.send_bytes(peer.connection.bytes_to_send())
        until(out, lambda: (peer.connection.is_done or peer_goes_on(peer)) and out.has_peer, False)
        peer.send_bytes(encode([b"job"]) * 10 + b"\xff" * 100)
        until(out, lambda: out.receive(1, taken), True)
    for _ in range(3):
        out._answered = 0
        out.wait(0.0, False)
    until(out, lambda: not out.receive(1, taken), False)
    assert len(taken.messages) == 10
    assert not out.has_peer


def test_pings_between_the_frames_of_a_message_are_answered_once_and_before_it_is_whole(sink, pinging):
    out = sink(bind=True)
    peer, pongs = pinging(out)
    peer.send_bytes(encode([b"job"]) + b"\1\1a" + ping(1, b"first").encode() + b"\1")
    assert receive(out, 1) == [(0, b"job")]
    until(out, lambda: pongs() == [b"first"] or out.receive(1, Taken()), True)
    peer.send_bytes(b"\1b" + ping(1, b"paused").encode())
    until(out, lambda: pongs() == [b"first", b"paused"], False)
    peer.send_bytes(ping(1, b"whole").encode() + b"\0\1c" + encode([b"a", b"b", b"c"]))
    assert receive(out, 2) == [(0, b"a", b"b", b"c")] * 2
    until(out, lambda: len(pongs()) == 3 or out.receive(1, Taken()), True)
    assert pongs() == [b"first", b"paused", b"whole"]


def test_a_paused_sink_answers_pings_between_the_frames_of_what_it_has_not_read(sink, pinging):
    out = sink(bind=True)
    peer, pongs = pinging(out)
    half = b"\1\1a" + ping(1, b"inside").encode()
    peer.send_bytes(encode([b"job"]) * 3 + half.replace(b"inside", b"before") + b"\0\1b" + half)
    until(out, lambda: pongs() == [b"before", b"inside"], False)
    peer.send_bytes(b"\0\1b")
    assert receive(out, 5)[3:] == [(0, b"a", b"b")] * 2
    until(out, lambda: out.receive(1, Taken()) or pongs() == [b"before", b"inside"], True)


def test_multipart_messages_of_a_peer_with_heartbeats_come_whole(raw, sink):
    out = sink(bind=True)
    push = raw("PUSH", HEARTBEAT_IVL=1, HEARTBEAT_TIMEOUT=LONG * 1000, SNDHWM=0, connect=out.endpoint)
    frames = [bytes(2000)] * 200
    for number in range(200):
        push.send_multipart([b"%d" % number, *frames])
    assert receive(out, 200, limit=7) == [(0, b"%d" % number, *frames) for number in range(200)]


def test_a_reply_is_without_the_pings_of_its_request(sink):
    out = sink(type="ROUTER", bind=True, replies=True)
    with Peer.connect(out.endpoint, Connection("DEALER", Null())) as peer:
        peer.send_bytes(peer.connection.bytes_to_send())
        until(out, lambda: peer_goes_on(peer) and peer.connection.is_done, True)
        peer.send_bytes(b"\1\1a" + ping(1, b"ctx").encode() + b"\0\1b")
        assert [message[2:] for message in receive(out, 1)] == [(b"a", b"b")]
        assert peer.receive(LONG) == PongReceived(b"ctx")
        assert peer.receive(LONG) == MessageReceived((b"a", b"b"))


def test_a_peer_with_heartbeats_stays_with_a_paused_sink_whose_buffers_are_full(raw, sink):
    out = sink(bind=True, options=(("RCVBUF", 4096),))
    push = raw("PUSH", HEARTBEAT_IVL=300, HEARTBEAT_TIMEOUT=4000, SNDBUF=4096, SNDTIMEO=0, connect=out.endpoint)
    monitor = push.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    until(out, lambda: out.has_peer and out._links.ready[0].is_pinged, False)
    with suppress(zmq.Again):
        while True:
            push.send(bytes(1000))
    deadline = Deadline(6)
    while deadline.remaining():
        out.wait(0.05, False)
    assert not monitor.poll(0)
    push.disable_monitor()
    monitor.close()


def test_readable_wakeup_ends_a_wait(sink):
    one, other = socket.socketpair()
    with closing(one), closing(other):
        engine = WireSink(SinkSettings("out", ANYWHERE, "PULL", bind=True), one)
        engine.open()
        other.send(b"!")
        deadline = Deadline(LONG)
        engine.wait(LONG, True)
        assert deadline.remaining() > 1
        engine.close()
        engine.close()
