"""Connection states, events and failures, each with its real cause."""

from __future__ import annotations

import os
import socket as tcp
import threading
from contextlib import ExitStack, closing

import pytest
import zmq

from ZmqLibrary.errors import CheckFailed, ProtocolError, WaitTimeout
from ZmqLibrary.monitoring.link import link_state
from ZmqLibrary.sockets import diagnosis
from ZmqLibrary.sockets import peers as connections
from ZmqLibrary.sockets.option_table import find_option
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.zmtp.connection import Connection
from ZmqLibrary.zmtp.greeting import Version
from ZmqLibrary.zmtp.handshake import Null
from ZmqLibrary.zmtp.peer import Peer

TCP = "tcp://127.0.0.1:*"
ABSTRACT = f"ipc://@zmqlibrary-utest-{os.getpid()}-connections"
RESTARTS = 50
ROUNDS = 500


def state(socket) -> str:
    [state] = connections.states(socket).values()
    return state


@pytest.fixture
def silent_server():
    """Accepts connections by its backlog and never says a word."""
    with closing(tcp.create_server(("127.0.0.1", 0))) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def http_server():
    """Answers whatever comes as a web server does, and hangs up."""
    server = tcp.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            connection, _ = server.accept()
            with connection:
                if connection.recv(1000) == b"stop":
                    return
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
    with tcp.create_connection(server.getsockname()) as end:
        end.sendall(b"stop")
        thread.join()
    server.close()


def said(socket) -> str:
    return diagnosis.nothing_received(socket, 1.0)


def test_a_refused_connection(opened, closed_port, happens):
    socket = opened("DEALER", connect=closed_port, RECONNECT_IVL=5)
    assert happens(socket, lambda: "refused, nobody listens there (tried again" in said(socket))
    assert state(socket) == "CONNECTING"


def test_a_host_that_cannot_be_resolved(opened, happens):
    socket = opened("DEALER", connect="tcp://nosuch.invalid:5555", RECONNECT_IVL=5)
    assert happens(socket, lambda: "the host cannot be resolved or is not reachable" in said(socket))
    assert state(socket) == "CONNECTING"


def test_a_silent_server_before_the_handshake_interval(opened, silent_server, happens):
    socket = opened("DEALER", connect=silent_server, HANDSHAKE_IVL=600_000)
    assert happens(socket, lambda: state(socket) == "HANDSHAKING")
    assert "no ZeroMQ handshake: it is not a ZeroMQ peer, or it speaks ZMTP 2.0 or older" in said(socket)


def test_a_silent_server_after_the_handshake_interval(opened, silent_server):
    socket = opened("DEALER", connect=silent_server, HANDSHAKE_IVL=100, RECONNECT_IVL=-1)
    assert "NOT_ZEROMQ" in connections.wait_for_failure(socket, "NOT_ZEROMQ", Deadline(30))
    assert state(socket) == "FAILED"
    assert "does not speak ZeroMQ" in said(socket)


def test_a_web_server(opened, http_server, happens):
    socket = opened("DEALER", connect=http_server, HANDSHAKE_IVL=200, RECONNECT_IVL=50)
    assert "NOT_ZEROMQ" in connections.wait_for_failure(socket, None, Deadline(30))
    assert "NOT_ZEROMQ" in said(socket)


def test_incompatible_types_on_both_sides(opened, happens):
    rep = opened("REP", bind=TCP)
    pull = opened("PULL", connect=rep.address)
    for socket in (pull, rep):
        assert "INCOMPATIBLE_TYPE" in connections.wait_for_failure(socket, "INCOMPATIBLE_TYPE", Deadline(30))
        assert state(socket) == "FAILED"
        assert "the two socket types do not go together" in said(socket)


def test_bytes_that_libzmq_drops_without_a_word_may_be_no_zeromq(opened):
    pull = opened("PULL", bind=TCP)
    with tcp.create_connection(("127.0.0.1", int(pull.address.rpartition(":")[2]))) as peer:
        peer.sendall(bytes(range(256)))
        text = connections.wait_for_failure(pull, None, Deadline(30))
    assert text.startswith("INCOMPATIBLE_TYPE: ")
    assert "libzmq does not say why: the peer may not speak ZeroMQ, but most likely" in text


def test_different_mechanisms(opened):
    server = opened("REP", bind="inproc://dummy")
    server.raw.socket.set(zmq.PLAIN_SERVER, 1)
    server.bind(TCP)
    client = opened("REQ", connect=server.address)
    for socket in (client, server):
        assert "MECHANISM_MISMATCH" in connections.wait_for_failure(socket, None, Deadline(30))


def test_a_failure_is_found_by_its_reason_and_on_the_bound_side_once(opened, happens):
    rep = opened("REP", bind=TCP)
    pull = opened("PULL", connect=rep.address)
    assert happens(pull, lambda: "INCOMPATIBLE_TYPE" in {failure.reason for failure in pull.monitor.failures})
    assert connections.wait_for_failure(pull, "AUTH*", Deadline(0.1)) is None
    assert "It failed before: INCOMPATIBLE_TYPE" in diagnosis.no_failure(pull, "AUTH*", 0.1)
    # A reset may have come before the greeting in a first attempt.
    attempts = pull.monitor.counts["CONNECTED"]
    assert happens(rep, lambda: rep.monitor.counts["DISCONNECTED"] == attempts)
    for _ in range(attempts):
        assert connections.wait_for_failure(rep, None, Deadline(0))
    assert connections.wait_for_failure(rep, None, Deadline(0.05)) is None
    for _ in range(2):  # libzmq does not connect again, so there will be no new failure
        assert connections.wait_for_failure(pull, "INCOMPATIBLE_TYPE", Deadline(30))


@pytest.fixture
def stranger():
    """Connects a peer that is not of libzmq, with or without its handshake."""
    with ExitStack() as stack:

        def connect(endpoint: str, type: str, version: Version = Version.ZMTP_3_1, shakes: bool = True) -> Peer:
            peer = stack.enter_context(Peer.connect(endpoint, Connection(type, Null(), version=version)))
            if shakes:
                peer.wait_for_handshake(30)
            return peer

        yield connect


def test_an_old_peer_that_has_sent_messages_is_a_peer_and_its_end_no_failed_handshake(opened, stranger, happens):
    pull = opened("PULL", bind=TCP)
    for number in (1, 2):
        peer = stranger(pull.address, "PUSH", Version.ZMTP_2)
        assert happens(pull, lambda: state(pull) == "HANDSHAKING")
        peer.send([b"x"])
        pull.receive(Deadline(30))
        assert (state(pull), connections.count_peers(pull)) == ("CONNECTED", 1)
        peer.close()
        assert happens(pull, lambda: connections.take_losses(pull, 1))
        assert state(pull) == "DISCONNECTED"
        assert pull.monitor.counts["HANDSHAKE_FAILED_NO_DETAIL"] == number
        assert connections.wait_for_failure(pull, None, Deadline(0)) is None


def test_an_old_peer_that_went_before_its_message_was_read_was_a_peer(opened, stranger, happens):
    pull = opened("PULL", bind=TCP)
    peer = stranger(pull.address, "PUSH", Version.ZMTP_2)
    peer.send([b"x"])
    peer.close()
    assert happens(pull, lambda: pull.monitor.counts["DISCONNECTED"])
    assert state(pull) == "FAILED"
    pull.receive(Deadline(30))
    assert state(pull) == "DISCONNECTED"
    assert connections.take_losses(pull, 1)
    assert connections.wait_for_failure(pull, None, Deadline(0)) is None


def test_what_came_over_inproc_makes_nobody_a_peer(opened, stranger, happens):
    pull = opened("PULL", bind=TCP)
    pull.bind("inproc://beside")
    stranger(pull.places.endpoints[0], "PUSH", Version.ZMTP_2)
    assert happens(pull, lambda: "HANDSHAKING" in connections.states(pull).values())
    opened("PUSH", connect="inproc://beside").send([b"x"], Deadline(30))
    pull.receive(Deadline(30))
    assert "HANDSHAKING" in connections.states(pull).values()


@pytest.mark.parametrize("early", [True, False], ids=["before", "after"])
def test_a_peer_of_the_wrong_type_does_not_hide_one_that_sends(opened, stranger, happens, early):
    pull = opened("PULL", bind=TCP)
    wrong = stranger(pull.address, "REP", shakes=False)
    good = stranger(pull.address, "PUSH")
    assert happens(pull, lambda: state(pull) == "CONNECTED")

    def sends() -> None:
        good.send([b"x"])
        pull.receive(Deadline(30))

    if early:
        sends()
    with pytest.raises((ProtocolError, WaitTimeout, OSError)):
        wrong.wait_for_handshake(30)
    assert happens(pull, lambda: pull.monitor.counts["DISCONNECTED"])
    if not early:
        sends()
    assert (state(pull), connections.count_peers(pull)) == ("CONNECTED", 1)
    assert not connections.take_losses(pull, 1)


@pytest.mark.parametrize("type", ["PUB", "XPUB"])
def test_the_cancellation_of_a_subscriber_that_is_gone_makes_nobody_a_peer(opened, raw, happens, type):
    publisher = opened(type, bind=TCP)
    with tcp.create_connection(("127.0.0.1", int(publisher.address.rpartition(":")[2]))):
        assert happens(publisher, lambda: publisher.monitor.counts["ACCEPTED"])
    assert happens(publisher, lambda: publisher.monitor.failures)
    reader = raw("SUB", connect=publisher.address)
    reader.subscribe("a")
    assert subscribers(publisher, 1)
    reader.close()
    seen = publisher.subscribers.history
    assert publisher.wait_for(lambda: not publisher.count_subscribers() and len(seen) == 2, Deadline(30), zmq.POLLIN)
    assert len(publisher.monitor.failures) == 1


def test_an_old_subscriber_is_a_peer(opened, stranger, happens):
    pub = opened("PUB", bind=TCP)
    peer = stranger(pub.address, "SUB", Version.ZMTP_2)
    peer.send_bytes(b"\x00\x05\x01news")
    assert happens(pub, lambda: pub.count_subscribers(b"news"))
    assert state(pub) == "CONNECTED"


@pytest.fixture(params=["STREAM", "ROUTER"])
def plain(request, session):
    """A socket for plain TCP that listens, and a connection that it has."""
    socket = session.open(SocketType[request.param], None)
    if request.param == "ROUTER":
        socket.set_option(find_option("ROUTER_RAW"), 1)
    port = int(socket.bind(TCP).rpartition(":")[2])
    with tcp.create_connection(("127.0.0.1", port)) as end:
        end.sendall(b"x")
        assert socket.wait_for(lambda: state(socket) == "CONNECTED", Deadline(30))
        yield socket, end


def test_the_end_of_a_plain_connection_is_no_failed_handshake(plain, happens):
    socket, end = plain
    end.close()
    assert happens(socket, lambda: connections.take_losses(socket, 1))
    assert socket.monitor.counts["HANDSHAKE_FAILED_NO_DETAIL"]
    assert state(socket) == "DISCONNECTED"
    assert connections.wait_for_failure(socket, None, Deadline(0)) is None


def test_a_plain_connection_that_this_side_closes_is_gone(plain, happens):
    socket, end = plain
    [routing_id, *_] = socket.receive(Deadline(30)).frames
    socket.send([routing_id, b""], Deadline(30))
    assert happens(socket, lambda: connections.count_connections(socket) == 0)
    assert state(socket) == "DISCONNECTED"
    assert connections.take_losses(socket, 1)
    assert end.recv(1) == b""
    assert not socket.monitor.counts["DISCONNECTED"]


def test_a_raw_router_connects_without_a_handshake(session, silent_server):
    router = session.open(SocketType.ROUTER, None)
    router.set_option(find_option("ROUTER_RAW"), 1)
    router.wait_connected(router.connect(silent_server), Deadline(30))


def test_a_listening_and_a_connected_socket(opened, happens):
    pull = opened("PULL", bind=TCP)
    assert state(pull) == "LISTENING"
    push = opened("PUSH", connect=pull.address)
    assert happens(push, lambda: connections.count_peers(push) == 1)
    assert happens(pull, lambda: state(pull) == "CONNECTED")
    assert connections.count_peers(pull, pull.address) == 1
    assert connections.count_peers(pull, "tcp://127.0.0.1:1") == 0


def test_the_endpoint_that_is_named_is_meant_before_others_of_the_same_address(opened, closed_port, happens):
    named = closed_port.replace("127.0.0.1", "localhost")
    push = opened("PUSH", connect=named)
    push.connect(closed_port)
    pull = opened("PULL", bind=closed_port.replace("127.0.0.1", "127.0.0.2"))
    push.connect(pull.address)
    assert happens(push, lambda: connections.count_peers(push, pull.address) == 1)
    assert connections.count_peers(push, closed_port) == 0
    assert connections.state_of(push, {named: "FAILED", closed_port: "CONNECTED"}, closed_port) == "CONNECTED"
    push.disconnect(closed_port)
    assert push.places.connected == [named, pull.address]


def test_inproc_is_connected_at_once(opened):
    pull = opened("PULL", bind="inproc://connections")
    push = opened("PUSH", connect="inproc://connections")
    assert state(push) == "CONNECTED"
    assert state(pull) == "LISTENING"
    assert connections.count_peers(push) == 1


def test_an_unknown_endpoint_has_no_state(opened):
    socket = opened("PULL", "x", bind=TCP)
    with pytest.raises(CheckFailed, match=r"has no endpoint tcp://127.0.0.1:1. It has: tcp://127.0.0.1:"):
        connections.state_of(socket, connections.states(socket), "tcp://127.0.0.1:1")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_host_name_is_still_known_after_a_reconnect(opened, raw, happens, host):
    pull = raw("PULL", bind=TCP)
    port = pull.last_endpoint.decode().rpartition(":")[2]
    push = opened("PUSH", connect=f"tcp://{host}:{port}", RECONNECT_IVL=5)
    [link] = push.monitor.links.values()
    for _ in range(3):
        assert happens(push, lambda: link.peers == 1)
        pull.close()
        assert happens(push, lambda: link.peers == 0)
        assert state(push) == "DISCONNECTED"
        pull = raw("PULL")
        assert happens(push, lambda pull=pull: binds(pull, f"tcp://127.0.0.1:{port}"))
    assert {event.endpoint for event in push.monitor.history} == {link.endpoint}


@pytest.mark.parametrize("other", ["127.0.0.2", "127.0.0.1"])
def test_a_host_name_is_known_after_a_reconnect_beside_an_address_with_its_port(
    opened, raw, happens, closed_port, other
):
    """The other one never gets a connection of its own, or it gets one as well."""
    named, numeric = closed_port.replace("127.0.0.1", "localhost"), closed_port.replace("127.0.0.1", other)
    push = opened("PUSH", RECONNECT_IVL=5)
    for endpoint in (numeric, named):
        push.connect(endpoint)
    wanted = {numeric: "CONNECTED" if other == "127.0.0.1" else "CONNECTING", named: "CONNECTED"}
    for _ in range(3):
        pull = raw("PULL")
        assert happens(push, lambda pull=pull: binds(pull, closed_port))
        assert happens(push, lambda: connections.states(push) == wanted)
        pull.close()
        assert happens(push, lambda: connections.count_connections(push) == 0)
        assert connections.states(push)[named] == "DISCONNECTED"


def binds(socket, endpoint: str) -> bool:
    try:
        socket.bind(endpoint)
    except zmq.ZMQError:
        return False
    return True


def test_a_peer_that_is_killed_and_restarted_on_its_port(opened, peer, happens, closed_port):
    push = opened("PUSH", connect=closed_port, RECONNECT_IVL=5)
    for number in range(RESTARTS):
        process = peer("pull", closed_port)
        assert happens(push, lambda: connections.count_peers(push) == 1)
        push.send([b"%d" % number], Deadline(30))
        assert process.line() == str(number)
        process.kill()
        assert happens(push, lambda: connections.count_peers(push) == 0)
    assert f"the peer disconnected {RESTARTS} times, last at" in link_state(push.monitor.links[closed_port])


def test_events_are_returned_once_and_in_order(opened, happens):
    pull = opened("PULL", bind=TCP)
    opened("PUSH", connect=pull.address)
    event = pull.wait_for(lambda: pull.monitor.take_event(["HANDSHAKE_SUCCEEDED"]), Deadline(30))
    assert (event.name, event.endpoint) == ("HANDSHAKE_SUCCEEDED", pull.address)
    assert pull.monitor.take_event(["LISTENING"]) is None
    assert [e.name for e in pull.monitor.history][:3] == ["LISTENING", "ACCEPTED", "HANDSHAKE_SUCCEEDED"]


# Subscribers


@pytest.mark.parametrize(
    ("place", "sockets", "rounds"),
    [(TCP, 1, ROUNDS), (TCP, 2, 50), (ABSTRACT, 1, 50), (ABSTRACT, 2, 50)],
    ids=["tcp", "tcp-2", "ipc", "ipc-2"],
)
def test_no_first_message_is_lost_after_waiting_for_the_subscribers(session, opened, peer, place, sockets, rounds):
    process = peer("rounds", str(sockets))
    for number in range(rounds):
        publisher = opened("PUB", "publisher", bind=place)
        process.tell(publisher.address)
        assert connections.wait_for_subscribers(publisher, b"", sockets, Deadline(30))
        publisher.send([b"%d" % number], Deadline(30))
        assert process.line() == " ".join([str(number)] * sockets)
        session.close("publisher")


def test_no_first_message_is_lost_over_inproc(session, opened):
    for number in range(50):
        publisher = opened("PUB", "publisher", bind="inproc://first")
        reader = opened("SUB", "reader", connect="inproc://first")
        reader.subscribe(b"")
        assert connections.wait_for_subscribers(publisher, b"", 1, Deadline(30))
        publisher.send([b"%d" % number], Deadline(30))
        assert reader.receive(Deadline(30)).frames == [b"%d" % number]
        session.close_all()


def subscribers(publisher, count: int, topic: bytes | None = None) -> bool:
    def same() -> bool:
        return publisher.count_subscribers(topic) == count

    return bool(publisher.wait_for(same, Deadline(30), zmq.POLLIN))


@pytest.mark.parametrize("type", ["PUB", "XPUB"])
def test_a_peer_that_subscribes_twice_counts_once(opened, raw, type):
    publisher = opened(type, bind=TCP)
    reader, marker = raw("SUB", connect=publisher.address), raw("SUB", connect=publisher.address)
    for _ in range(2):
        reader.subscribe("a")
    reader.subscribe("b")
    assert subscribers(publisher, 1, b"b")
    assert publisher.count_subscribers(b"a") == 1
    marker.subscribe("a")
    assert subscribers(publisher, 2, b"a")
    assert publisher.count_subscribers() == 2
    assert publisher.subscribers.topics() == {b"a": 2, b"b": 1}


@pytest.mark.parametrize("place", [TCP, f"ipc://@zmqlibrary-utest-{os.getpid()}-killed"], ids=["tcp", "ipc"])
def test_a_killed_subscriber_no_longer_counts_and_its_successor_does(opened, peer, place):
    publisher = opened("PUB", bind=place)
    peer("subscribe", publisher.address, "a", "ab")
    assert subscribers(publisher, 1, b"abc")
    for _ in range(5):
        process = peer("subscribe", publisher.address, "a", "c")
        assert subscribers(publisher, 2, b"a")
        process.kill()
        peer_of_same_descriptor = peer("subscribe", publisher.address, "a", "c")
        assert subscribers(publisher, 2, b"a")
        assert subscribers(publisher, 1, b"c")
        peer_of_same_descriptor.kill()
        assert subscribers(publisher, 1, b"a")
        assert subscribers(publisher, 0, b"c")


def test_subscribers_of_two_endpoints_are_added_up(opened, raw):
    publisher = opened("PUB", bind=TCP)
    raw("SUB", connect=publisher.address).subscribe("a")
    publisher.bind(f"ipc://@zmqlibrary-utest-{os.getpid()}-two")
    raw("SUB", connect=f"ipc://@zmqlibrary-utest-{os.getpid()}-two").subscribe("a")
    assert subscribers(publisher, 2, b"a")
    publisher.unbind(f"ipc://@zmqlibrary-utest-{os.getpid()}-two")
    assert subscribers(publisher, 1, b"a")


def test_a_publisher_that_connects_counts_too(opened):
    publisher = opened("PUB")
    readers = [opened("SUB", bind=TCP) for _ in range(2)]
    for reader in readers:
        reader.subscribe(b"a")
        publisher.connect(reader.address)

    def count(number: int) -> bool:
        for reader in readers:
            reader.try_receive()  # libzmq passes subscriptions on only while the reader is used
        return publisher.count_subscribers(b"a") == number

    assert publisher.wait_for(lambda: count(2), Deadline(30))
    publisher.disconnect(readers[0].address)
    assert publisher.wait_for(lambda: count(1), Deadline(30))


def test_an_xpub_reports_what_one_without_verbosity_would(opened, raw):
    publisher = opened("XPUB", bind=TCP)
    for _ in range(2):
        raw("SUB", connect=publisher.address).subscribe("a")
    assert subscribers(publisher, 2, b"a")
    assert publisher.receive(Deadline(30)).frames == [b"\x01a"]
    assert publisher.try_receive() is None
