"""Our peer and libzmq: every pair of types, in both roles, in every version that both speak."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from utest.zap import plain_users
from ZmqLibrary.errors import ConnectFailed, EndpointFailed, InvalidValue, ProtocolError, WaitTimeout
from ZmqLibrary.zmtp.connection import Connection
from ZmqLibrary.zmtp.events import Cancelled, MessageReceived, PongReceived, Subscribed
from ZmqLibrary.zmtp.greeting import Version
from ZmqLibrary.zmtp.handshake import PARTNERS, Null, PlainClient, PlainServer
from ZmqLibrary.zmtp.peer import Listener, Peer
from ZmqLibrary.zmtp.transport import connected

TIMEOUT = 60
PAIRS = [(ours, theirs) for ours in PARTNERS for theirs in PARTNERS[ours]]
VERSIONS = [Version.ZMTP_3_1, Version.ZMTP_3, Version.ZMTP_2]
PROBE = (b"top",)
SENDERS_ONLY, RECEIVERS_ONLY = ("PUSH", "PUB", "XPUB"), ("PULL", "SUB", "XSUB")


@pytest.fixture
def meeting(raw):
    """A peer of ours and a socket of libzmq that are connected, our side connecting or listening."""
    opened = []

    def meet(ours, theirs, role, handshake=None, version=Version.ZMTP_3_1, transport="tcp://127.0.0.1:*", **options):
        connection = Connection(ours, handshake or Null(), version=version)
        if role == "connects":
            socket = raw(theirs, bind=transport, **options)
            peer = Peer.connect(socket.last_endpoint.decode().rstrip("\0"), connection, TIMEOUT)
        else:
            listener = Listener(transport)
            opened.append(listener)
            socket = raw(theirs, connect=listener.endpoint, **options)
            peer = listener.accept(connection, TIMEOUT)
        opened.append(peer)
        socket.rcvtimeo = TIMEOUT * 1000
        return peer, socket

    yield meet
    for thing in opened:
        thing.close()


def say_to(peer, socket, ours, theirs):
    """What we send arrives there."""
    frames = [b"topic", b"x" * 300]
    if ours == "REQ" or (theirs == "REP" and ours == "DEALER"):
        peer.send([b"", *frames])
    else:
        peer.send(frames)
    received = socket.recv_multipart()
    if theirs == "ROUTER":
        received = received[1:]
    assert received[-2:] == frames


def hear_from(peer, socket, ours, theirs):
    """What they send arrives here."""
    frames = [b"topic", b"y" * 300]
    socket.send_multipart(frames)
    while (received := peer.receive_message(TIMEOUT)) == PROBE:  # those that came late
        pass
    assert list(received[-2:]) == frames
    assert len(received) == (3 if theirs in ("REQ", "REP") else 2)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.value)
@pytest.mark.parametrize("role", ["connects", "listens"])
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_every_pair_of_types_talks_to_libzmq(meeting, ours, theirs, role, version):
    peer, socket = meeting(ours, theirs, role, version=version)
    assert peer.wait_for_handshake(TIMEOUT).socket_type == theirs
    assert peer.connection.version is version
    if ours in ("PUB", "XPUB"):
        if theirs == "SUB":
            socket.subscribe(b"top")
        else:
            socket.send(b"\1top")
        assert heard_of(peer, socket) == Subscribed(b"top")
        say_to(peer, socket, ours, theirs)
        if theirs == "SUB":
            socket.unsubscribe(b"top")
        else:
            socket.send(b"\0top")
        assert heard_of(peer, socket) == Cancelled(b"top")
    elif ours in ("SUB", "XSUB"):
        peer.send_bytes(peer.connection.subscribe(b"top"))
        if theirs == "XPUB":
            assert socket.recv() == b"\1top"
        else:
            while not hears(peer, socket):
                pass
        hear_from(peer, socket, ours, theirs)
    elif theirs == "ROUTER" or ours in ("REQ", "PUSH", "PAIR") or theirs == "REP":
        say_to(peer, socket, ours, theirs)
        if theirs == "REP":
            hear_from(peer, socket, ours, theirs)
    else:
        hear_from(peer, socket, ours, theirs)


def heard_of(peer, socket):
    """The next event; a SUB that binds says what it wants only when its thread touches it."""
    for _ in range(600):
        socket.poll(1)
        try:
            return peer.receive(0.1)
        except WaitTimeout:
            continue
    return None


def hears(peer, socket):
    """Whether a PUB has taken our subscription, which it gives no sign of."""
    socket.send(*PROBE)
    try:
        return peer.receive_message(0.1)
    except WaitTimeout:
        return False


@pytest.fixture
def authenticator(raw):
    """Lets `admin` with the password `secret` in."""
    with plain_users(raw("PAIR").context, {b"admin": b"secret"}):
        yield


@pytest.mark.parametrize("role", ["connects", "listens"])
@pytest.mark.parametrize("version", [Version.ZMTP_3_1, Version.ZMTP_3], ids=lambda version: version.value)
@pytest.mark.usefixtures("authenticator")
def test_a_plain_client_is_let_in_by_libzmq(meeting, role, version):
    peer, socket = meeting("PUSH", "PULL", role, PlainClient(b"admin", b"secret"), version, PLAIN_SERVER=1)
    peer.wait_for_handshake(TIMEOUT)
    peer.send([b"job"])
    assert socket.recv() == b"job"


@pytest.mark.usefixtures("authenticator")
def test_a_plain_client_that_libzmq_refuses_gets_the_status(meeting):
    peer, _ = meeting("PUSH", "PULL", "connects", PlainClient(b"admin", b"wrong"), PLAIN_SERVER=1)
    with pytest.raises(ConnectFailed, match="400"):
        peer.wait_for_handshake(TIMEOUT)


@pytest.mark.parametrize("role", ["connects", "listens"])
@pytest.mark.parametrize("version", [Version.ZMTP_3_1, Version.ZMTP_3], ids=lambda version: version.value)
def test_a_plain_server_lets_libzmq_in(meeting, role, version):
    server = PlainServer(lambda user, password: (user, password) == (b"admin", b"secret"))
    options = {"PLAIN_USERNAME": b"admin", "PLAIN_PASSWORD": b"secret"}
    peer, socket = meeting("PULL", "PUSH", role, server, version, **options)
    assert peer.wait_for_handshake(TIMEOUT).username == "admin"
    socket.send(b"job")
    assert peer.receive_message(TIMEOUT) == (b"job",)


@pytest.mark.parametrize("role", ["connects", "listens"])
def test_a_wrong_type_is_an_error_that_says_so(meeting, role):
    peer, _ = meeting("PUSH", "SUB", role)
    with pytest.raises(ProtocolError, match=r"PUSH talks to PULL, not to 'SUB'|closed before .*socket types"):
        peer.wait_for_handshake(TIMEOUT)


@pytest.mark.parametrize("role", ["connects", "listens"])
def test_a_wrong_mechanism_is_an_error_that_names_both(meeting, role):
    peer, _ = meeting("PUSH", "PULL", role, PlainClient(b"u", b"p"))
    with pytest.raises(ProtocolError, match="here it is PLAIN, there NULL"):
        peer.wait_for_handshake(TIMEOUT)


def test_a_curve_peer_is_recognised(meeting):
    key = b"A" * 32
    peer, _ = meeting("PUSH", "PULL", "connects", CURVE_SERVER=1, CURVE_SECRETKEY=key)
    with pytest.raises(ProtocolError, match="here it is NULL, there CURVE"):
        peer.wait_for_handshake(TIMEOUT)


def test_a_ping_of_libzmq_is_answered(meeting):
    peer, socket = meeting("PULL", "PUSH", "connects", HEARTBEAT_IVL=50, HEARTBEAT_TIMEOUT=60_000)
    peer.wait_for_handshake(TIMEOUT)
    names = {type(peer.receive(TIMEOUT)).__name__ for _ in range(3)}
    socket.send(b"still there")
    assert names == {"PingReceived"}
    assert peer.receive_message(TIMEOUT) == (b"still there",)


def test_libzmq_sends_a_ping_between_the_frames_of_a_message(meeting):
    peer, push = meeting("PULL", "PUSH", "connects", HEARTBEAT_IVL=1, HEARTBEAT_TIMEOUT=60_000, SNDHWM=0)
    peer.wait_for_handshake(TIMEOUT)
    frames = [bytes(2000)] * 2000
    while True:
        push.send_multipart(frames)
        inside = False
        while not isinstance(event := peer.receive(TIMEOUT), MessageReceived):
            inside = inside or bool(peer.connection._frames)
        assert len(event.frames) == 2000
        if inside:
            break


def test_libzmq_answers_a_ping_between_the_frames_of_a_message(meeting):
    peer, pull = meeting("PUSH", "PULL", "connects")
    peer.wait_for_handshake(TIMEOUT)
    peer.send_bytes(b"\1\1a" + peer.connection.ping(1, b"ctx"))
    assert peer.receive(TIMEOUT) == PongReceived(b"ctx")
    peer.send_bytes(b"\0\1b")
    assert pull.recv_multipart() == [b"a", b"b"]


def test_libzmq_answers_a_ping(meeting):
    peer, _ = meeting("PULL", "PUSH", "connects")
    peer.wait_for_handshake(TIMEOUT)
    peer.send_bytes(peer.connection.ping(0, b"ctx"))
    assert peer.receive(TIMEOUT).context == b"ctx"


@pytest.mark.parametrize("role", ["connects", "listens"])
def test_ipc_goes_like_tcp(meeting, role, tmp_path):
    peer, socket = meeting("PUSH", "PULL", role, transport=f"ipc://{tmp_path}/feed")
    peer.wait_for_handshake(TIMEOUT)
    peer.send([b"job", b"x" * 100_000])
    assert socket.recv_multipart() == [b"job", b"x" * 100_000]


def test_what_was_sent_arrives_before_the_end(meeting):
    peer, socket = meeting("PUSH", "PULL", "connects")
    peer.wait_for_handshake(TIMEOUT)
    for _ in range(100):
        peer.send([bytes(10_000)])
    assert peer.finish(TIMEOUT)
    assert [len(socket.recv()) for _ in range(100)] == [10_000] * 100


def test_nobody_at_the_endpoint_is_an_error(closed_port):
    with pytest.raises(ConnectFailed, match=closed_port):
        Peer.connect(closed_port, Connection("PUSH", Null()))


NO_DESCRIPTOR_LEFT = """
import os, resource
from ZmqLibrary.errors import EndpointFailed, Hint
from ZmqLibrary.zmtp.transport import address_of, connected
address_of("tcp://127.0.0.1:9")  # Python loads a codec for the first one
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
try:
    while True:
        os.open(os.devnull, os.O_RDONLY)
except OSError:
    pass
try:
    connected("tcp://127.0.0.1:9", 1)
except EndpointFailed as error:
    print(error, error.hint is Hint.CLOSE_SOCKETS)
"""


def test_a_process_without_a_descriptor_left_says_so():
    pytest.importorskip("resource")
    run = subprocess.run([sys.executable, "-c", NO_DESCRIPTOR_LEFT], capture_output=True, text=True, check=False)
    assert "tcp://127.0.0.1:9" in run.stdout, run.stderr
    assert "Too many open files" in run.stdout
    assert run.stdout.endswith("True\n")


def test_an_endpoint_in_use_is_an_error(tmp_path):
    for endpoint in ("tcp://127.0.0.1:*", f"ipc://{tmp_path}/feed"):
        with Listener(endpoint) as listener, pytest.raises(EndpointFailed, match="in use"):
            Listener(listener.endpoint)


def test_a_socket_file_that_was_left_behind_is_taken_over(tmp_path):
    endpoint = f"ipc://{tmp_path}/feed"
    left = Listener(endpoint)
    left._transport.close()
    with Listener(endpoint) as listener:
        assert listener.endpoint == endpoint
    assert not (tmp_path / "feed").exists()


def test_a_wildcard_of_ipc_is_a_path_of_its_own_that_goes_with_the_listener(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Listener("ipc://*") as first, Listener("ipc://*") as second:
        endpoints = {first.endpoint, second.endpoint}
        assert len(endpoints) == 2
        for endpoint in endpoints:
            connected(endpoint, 1).close()
    assert not any(Path(endpoint.removeprefix("ipc://")).exists() for endpoint in endpoints)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("endpoint", ["tcp://", "tcp://host", "tcp://127.0.0.1:x", "inproc://x", "ipc://", "x"])
def test_what_is_no_endpoint_is_refused(endpoint):
    with pytest.raises(InvalidValue, match=r"Write tcp://HOST:PORT or ipc://PATH"):
        Listener(endpoint)


def test_waiting_has_an_end():
    with Listener("tcp://127.0.0.1:*") as listener:
        with pytest.raises(WaitTimeout, match="Nobody connected"):
            listener.accept(Connection("PULL", Null()), 0.01)
        with Peer.connect(listener.endpoint, Connection("PUSH", Null())) as peer, pytest.raises(WaitTimeout):
            peer.receive(0.01)
