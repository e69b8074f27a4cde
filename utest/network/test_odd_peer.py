"""Odd peers against sockets on libzmq: what the monitor tells is what the docs of each behaviour say."""

from __future__ import annotations

import socket as tcp
from contextlib import ExitStack

import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from utest.hostile import talker
from ZmqLibrary.errors import ConnectFailed, ProtocolError, WaitTimeout, WorkerFailed
from ZmqLibrary.network.behaviours import Behaviour
from ZmqLibrary.network.odd_peer import OddPeer
from ZmqLibrary.network.performances import PERFORMANCES
from ZmqLibrary.zmtp.commands import ping
from ZmqLibrary.zmtp.frames import COMMAND, LONG
from ZmqLibrary.zmtp.transport import connected, endpoint_of, listening

TRANSPORTS = pytest.mark.parametrize("transport", ["tcp", "ipc"])
HANDSHAKE = [
    Behaviour.SILENT_AFTER_READY,
    Behaviour.CLOSES_AFTER_READY,
    Behaviour.UNKNOWN_COMMAND,
    Behaviour.OVERSIZE,
    Behaviour.HALF_MESSAGE,
    Behaviour.NEVER_READS,
    Behaviour.NO_PONG,
    Behaviour.SLOW,
    Behaviour.COALESCED,
]
NO_HANDSHAKE = [Behaviour.HTTP, Behaviour.TLS, Behaviour.GARBAGE, Behaviour.ZMTP1]


class Service:
    """A socket on libzmq and what its monitor tells."""

    def __init__(self, socket: zmq.Socket[bytes], monitor: zmq.Socket[bytes]) -> None:
        self.socket = socket
        self.monitor = monitor
        self.endpoint = socket.last_endpoint.decode()
        self.events: list[str] = []

    def happens(self, *names: str) -> None:
        """Waits for events, in this order."""
        for name in names:
            while name not in self.events:
                assert self.monitor.poll(60_000), f"{name} did not come, but {self.events}"
                self.events.append(recv_monitor_message(self.monitor)["event"].name)
            self.events = self.events[self.events.index(name) + 1 :]

    def does_not_happen(self, name: str) -> None:
        while self.monitor.poll(100):
            self.events.append(recv_monitor_message(self.monitor)["event"].name)
        assert name not in self.events


@pytest.fixture
def service(raw, new_endpoint):
    with ExitStack() as stack:

        def start(type="ROUTER", transport="tcp", **options):
            socket = raw(type, **options)
            monitor = socket.get_monitor_socket()
            stack.callback(lambda: (socket.disable_monitor(), monitor.close()))
            socket.bind(new_endpoint(transport))
            return Service(socket, monitor)

        yield start


@pytest.fixture
def late_service(service, new_endpoint):
    """Starts a service at a place where somebody has connected already: `late_service(transport, first, …)`."""

    def start(transport, first, **options):
        listener = listening(new_endpoint(transport))
        first(endpoint_of(listener))
        return service(transport=transport, USE_FD=listener.detach(), **options)

    return start


@pytest.fixture
def odd_peer():
    with ExitStack() as stack:

        def start(endpoint, behaviour, type="", bind=False, timeout=60.0):
            peer = OddPeer("odd", endpoint, behaviour, type, bind, timeout)
            stack.callback(peer.stop)
            peer.start()
            return peer

        yield start


def serves(service, raw):
    """Another client is served as if nothing was."""
    client = raw("DEALER", connect=service.endpoint)
    client.send(b"hello")
    service.socket.rcvtimeo = 60_000
    routing_id, text = service.socket.recv_multipart()
    assert text == b"hello"
    service.socket.send_multipart([routing_id, b"served"])
    assert client.recv() == b"served"


def send_until_it_blocks(socket):
    for _ in range(10_000):
        socket.send(bytes(100_000))


def test_each_behaviour_is_performed():
    assert set(PERFORMANCES) == set(Behaviour)


@TRANSPORTS
@pytest.mark.parametrize("behaviour", HANDSHAKE)
def test_after_the_handshake_they_go_wrong(service, odd_peer, raw, behaviour, transport):
    there = service(transport=transport)
    odd_peer(there.endpoint, behaviour)
    there.happens("HANDSHAKE_SUCCEEDED")
    if behaviour in (Behaviour.CLOSES_AFTER_READY, Behaviour.OVERSIZE, Behaviour.HALF_MESSAGE):
        there.happens("DISCONNECTED")
    else:
        there.does_not_happen("DISCONNECTED")
    serves(there, raw)


@TRANSPORTS
@pytest.mark.parametrize("behaviour", NO_HANDSHAKE)
def test_what_is_no_zeromq_gets_no_further(late_service, odd_peer, raw, behaviour, transport):
    there = late_service(transport, lambda endpoint: odd_peer(endpoint, behaviour), HANDSHAKE_IVL=50)
    there.happens("ACCEPTED")
    there.does_not_happen("HANDSHAKE_SUCCEEDED")
    assert not there.events
    serves(there, raw)


@TRANSPORTS
def test_who_says_nothing_is_disconnected_after_handshake_ivl(service, odd_peer, transport):
    there = service(transport=transport, HANDSHAKE_IVL=100)
    odd_peer(there.endpoint, Behaviour.SILENT)
    there.happens("ACCEPTED", "DISCONNECTED")


def test_a_peer_of_zmtp_2_gets_no_handshake_event(service, odd_peer, raw):
    there = service()
    odd_peer(there.endpoint, Behaviour.ZMTP2)
    there.happens("ACCEPTED")
    there.does_not_happen("HANDSHAKE_SUCCEEDED")
    serves(there, raw)


@pytest.mark.parametrize("type", ["", "SUB"])
def test_a_wrong_type_is_disconnected_without_a_reason(service, odd_peer, raw, type):
    there = service()
    odd_peer(there.endpoint, Behaviour.WRONG_TYPE, type)
    there.happens("ACCEPTED", "DISCONNECTED")
    assert "HANDSHAKE_SUCCEEDED" not in there.events
    serves(there, raw)


@pytest.mark.parametrize("secured", [False, True])
def test_a_wrong_mechanism_fails_the_handshake(service, odd_peer, secured):
    keys = zmq.curve_keypair()
    there = service(**({"CURVE_SERVER": 1, "CURVE_SECRETKEY": keys[1]} if secured else {}))
    odd_peer(there.endpoint, Behaviour.WRONG_MECHANISM)
    there.happens("HANDSHAKE_FAILED_PROTOCOL")


def test_who_answers_no_heartbeat_is_disconnected(service, odd_peer):
    there = service(HEARTBEAT_IVL=100, HEARTBEAT_TIMEOUT=300)
    odd_peer(there.endpoint, Behaviour.NO_PONG)
    there.happens("HANDSHAKE_SUCCEEDED", "DISCONNECTED")


def test_who_never_reads_makes_messages_pile_up(service, odd_peer):
    there = service("PUSH", SNDHWM=10)
    odd_peer(there.endpoint, Behaviour.NEVER_READS, "PULL")
    there.happens("HANDSHAKE_SUCCEEDED")
    there.socket.sndtimeo = 300
    with pytest.raises(zmq.Again):
        send_until_it_blocks(there.socket)


@TRANSPORTS
@pytest.mark.parametrize("behaviour", list(Behaviour))
def test_they_wait_for_clients_too_and_end_at_once(odd_peer, raw, new_endpoint, behaviour, transport):
    peer = odd_peer(new_endpoint(transport), behaviour, bind=True)
    client = raw("DEALER", connect=peer.endpoint)
    client.send(b"hello", zmq.NOBLOCK)
    assert not client.poll(20)
    assert peer.stop()


def test_nobody_there_is_an_error(odd_peer, closed_port):
    with pytest.raises(ConnectFailed):
        odd_peer(closed_port, Behaviour.SILENT)


@pytest.mark.parametrize("behaviour", [Behaviour.COALESCED, Behaviour.WRONG_TYPE, Behaviour.NO_PONG])
@pytest.mark.parametrize(
    ("beginning", "repeated"),
    [(b"", ping(0, b"").encode() * 1000), (bytes((COMMAND | LONG,)) + (2**19).to_bytes(8, "big"), b"x")],
    ids=["pings", "command"],
)
def test_a_service_that_talks_on_and_on_without_ready_is_an_error(odd_peer, behaviour, beginning, repeated):
    with talker(beginning, repeated) as endpoint, pytest.raises((WaitTimeout, ProtocolError)):
        odd_peer(endpoint, behaviour, timeout=0.5)


def test_a_timeout_of_0_is_one_look(odd_peer, service):
    assert odd_peer(service().endpoint, Behaviour.SILENT, timeout=0).alive


def test_a_service_that_does_not_do_its_part_is_an_error(odd_peer, raw, new_endpoint):
    mute = odd_peer(new_endpoint("tcp"), Behaviour.SILENT, bind=True)
    with pytest.raises(WaitTimeout) as caught:
        odd_peer(mute.endpoint, Behaviour.NO_PONG, timeout=0.2)
    assert str(caught.value) == (
        f"Odd peer 'odd' (NO_PONG) got no further at {mute.endpoint}. Nothing came from the peer in time."
    )


def test_a_service_that_takes_another_type_is_an_error_that_names_the_one_that_was_said(odd_peer, raw):
    service = raw("PULL", bind="tcp://127.0.0.1:*")
    endpoint = service.last_endpoint.decode()
    with pytest.raises(ProtocolError) as caught:
        odd_peer(endpoint, Behaviour.NO_PONG, timeout=60)
    assert str(caught.value).startswith(f"Odd peer 'odd' (NO_PONG) got no further at {endpoint}. Byte ")
    assert str(caught.value).endswith("It said that it is a DEALER: give type= if that does not fit the other side.")
    odd_peer(endpoint, Behaviour.NO_PONG, type="PUSH")


def client_of(peer: OddPeer) -> tcp.socket:
    transport = connected(peer.endpoint, 30)
    transport.settimeout(30)
    return transport


def test_a_client_that_does_not_do_its_part_keeps_no_other_waiting(odd_peer, new_endpoint):
    peer = odd_peer(new_endpoint("tcp"), Behaviour.COALESCED, bind=True)
    with client_of(peer) as first, client_of(peer) as second:
        assert [client.recv(1) for client in (first, second)] == [b"\xff"] * 2
        assert peer.stop()


def test_of_very_many_clients_the_last_are_closed_at_once(odd_peer, new_endpoint):
    peer = odd_peer(new_endpoint("tcp"), Behaviour.SILENT, bind=True)
    with ExitStack() as stack:
        clients = [stack.enter_context(client_of(peer)) for _ in range(101)]
        assert clients[-1].recv(1) == b""
        clients[0].close()
        assert peer.stop()


def test_what_nobody_has_foreseen_closes_the_connection_and_is_reported(odd_peer, new_endpoint, monkeypatch):
    monkeypatch.setitem(PERFORMANCES, Behaviour.SILENT, lambda stage: 1 / 0)
    peer = odd_peer(new_endpoint("tcp"), Behaviour.SILENT, bind=True)
    for _ in range(2):
        with client_of(peer) as client:
            assert client.recv(1) == b""
    assert isinstance(peer.unreported_error, ZeroDivisionError)
    with pytest.raises(WorkerFailed, match=r"Odd peer 'odd' has failed: ZeroDivisionError"):
        peer.check()
    assert peer.unreported_error is None


def test_what_nobody_has_foreseen_ends_the_start(odd_peer, service, monkeypatch):
    monkeypatch.setitem(PERFORMANCES, Behaviour.SILENT, lambda stage: 1 / 0)
    with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
        odd_peer(service().endpoint, Behaviour.SILENT)
