from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import zmq

from ZmqLibrary.errors import ConnectFailed, EndpointFailed, InvalidValue
from ZmqLibrary.monitoring.link import ConnectionState
from ZmqLibrary.sockets import peers as connections
from ZmqLibrary.waiting.deadline import Deadline

TCP = "tcp://127.0.0.1:*"


@pytest.fixture(params=["tcp", "ipc", "abstract", "inproc"])
def place(request, tmp_path) -> str:
    """An endpoint to bind to, of each transport."""
    return {
        "tcp": TCP,
        "ipc": f"ipc://{tmp_path}/s",
        "abstract": f"ipc://@zmqlibrary-utest-{os.getpid()}",
        "inproc": "inproc://connecting",
    }[request.param]


def test_a_message_goes_through_every_transport(opened, place):
    pull = opened("PULL", bind=place)
    push = opened("PUSH")
    push.wait_connected(push.connect(pull.address), Deadline(30))
    push.send([b"x"], Deadline(30))
    assert pull.receive(Deadline(30)).frames == [b"x"]


def test_an_address_can_be_bound_again_at_once_after_close(session, opened, place):
    address = opened("PULL", "first", bind=place).address
    for _ in range(50):
        session.close(session.sockets.current_name)
        assert opened("PULL", bind=address).address == address


def test_an_address_can_be_bound_again_at_once_after_unbind(opened, place):
    socket = opened("PULL")
    address = socket.bind(place)
    for _ in range(50):
        socket.unbind(address)
        assert socket.bind(address) == address


def test_a_close_waits_until_an_address_is_free_that_was_bound_twice(session, opened):
    for _ in range(50):
        socket = opened("PULL", bind=TCP)
        address = socket.address
        socket.unbind(address)
        socket.bind(address)
        session.close(socket.name)
        assert socket.monitor.counts["CLOSED"] == 2


def test_an_address_with_peers_can_be_bound_again_at_once(session, opened, raw, happens):
    address = opened("PULL", "sink", bind=TCP).address
    push = raw("PUSH", connect=address, RECONNECT_IVL=1)
    for n in range(20):
        sink = session.socket("sink")
        assert happens(sink, lambda sink=sink: sink.monitor.links[address].peers)
        push.send(b"%d" % n)
        assert sink.receive(Deadline(30))
        session.close("sink")
        opened("PULL", "sink", bind=address)


def test_the_file_of_an_ipc_socket_is_removed(session, opened, tmp_path):
    opened("PULL", "x", bind=f"ipc://{tmp_path}/s")
    assert (tmp_path / "s").exists()
    session.close("x")
    assert not (tmp_path / "s").exists()


def test_a_wildcard_ipc_socket_leaves_nothing_behind(session, opened, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    socket = opened("PULL", bind="ipc://*")
    assert socket.address.startswith(f"ipc://{tmp_path}/")
    assert list(tmp_path.iterdir())
    session.close(socket.name)
    assert not list(tmp_path.iterdir())


def test_the_file_of_another_socket_is_left_alone(session, opened, tmp_path, raw):
    opened("PULL", "x", bind=f"ipc://{tmp_path}/s")
    (tmp_path / "s").unlink()
    raw("PULL", bind=f"ipc://{tmp_path}/s")
    inode = (tmp_path / "s").stat().st_ino
    session.close("x")
    assert not (tmp_path / "s").exists() or (tmp_path / "s").stat().st_ino == inode


def test_an_ipc_path_is_not_taken_from_another_socket(opened, tmp_path):
    opened("PULL", "first", bind=f"ipc://{tmp_path}/s")
    with pytest.raises(EndpointFailed, match="socket 'first' is bound to that path and would lose it"):
        opened("PULL", "second").bind(f"ipc://{tmp_path}/./s")


def test_the_holder_of_an_address_in_use_is_named(opened, raw):
    address = opened("PULL", "first", bind=TCP).address
    with pytest.raises(EndpointFailed, match=r"'second' \(PULL\).*in use by socket 'first'"):
        opened("PULL", "second").bind(address)
    taken = raw("PULL", bind=TCP).last_endpoint.decode()
    with pytest.raises(EndpointFailed, match="in use by another program"):
        opened("PULL").bind(taken)


@pytest.mark.parametrize(
    ("endpoint", "problem"),
    [
        ("tcp://192.0.2.1:5555", "this machine does not have that address"),
        ("tcp://nosuch0:5555", "no such network interface"),
        ("ipc:///nosuch/directory/s", "directory does not exist"),
    ],
)
def test_a_bind_that_libzmq_refuses_is_explained(opened, endpoint, problem):
    with pytest.raises(EndpointFailed, match=problem):
        opened("PULL", "x").bind(endpoint)


def test_a_bad_endpoint_changes_nothing(opened):
    socket = opened("PULL", "x")
    for use in (socket.bind, socket.connect):
        with pytest.raises(InvalidValue, match="70000"):
            use("tcp://127.0.0.1:70000")
    assert socket.endpoints == []
    with pytest.raises(EndpointFailed, match="has no endpoint"):
        assert socket.address


def test_a_pub_that_connects_twice_sends_once(opened):
    sub = opened("SUB", bind=TCP)
    sub.subscribe(b"")
    pub = opened("PUB", connect=sub.address)
    pub.connect(sub.address)
    assert pub.wait_for(pub.count_subscribers, Deadline(30), serve=[sub.raw]) == 1
    for number in (b"1", b"2"):
        pub.send([number], Deadline(30))
    assert [sub.receive(Deadline(30)).frames for _ in range(2)] == [[b"1"], [b"2"]]


def test_an_endpoint_connected_twice_is_one(opened):
    pull = opened("PULL", bind=TCP)
    push = opened("PUSH", "twice")
    push.connect(pull.address)
    push.connect(pull.address)
    assert push.places.connected == [pull.address]
    push.disconnect(pull.address)
    assert push.places.connected == []
    with pytest.raises(EndpointFailed, match=r"'twice' .*not connected to"):
        push.disconnect(pull.address)


@pytest.mark.parametrize("leave", ["disconnect", "unbind"])
def test_the_peer_notices_at_once_that_an_endpoint_was_left(opened, happens, leave):
    pull, push = opened("PULL", "pull", bind=TCP), opened("PUSH", "push")
    address = push.connect(pull.address)
    push.wait_connected(address, Deadline(30))
    leaving, other = (push, pull) if leave == "disconnect" else (pull, push)
    assert happens(other, lambda: other.monitor.links[address].peers)
    getattr(leaving, leave)(address)
    assert happens(other, lambda: not other.monitor.links[address].peers)


def test_an_eager_connect_that_fails_leaves_the_endpoint(opened, closed_port):
    socket = opened("PUSH", "push")
    start = time.monotonic()
    with pytest.raises(ConnectFailed, match="refused, nobody listens there"):
        socket.wait_connected(socket.connect(closed_port), Deadline(1.5))
    assert time.monotonic() - start >= 1.5
    assert socket.places.connected == []


def test_a_peer_that_has_gone_is_no_answer_to_the_next_connect(opened, session, happens):
    rep, req = opened("REP", "rep", bind=TCP), opened("REQ")
    address = req.connect(rep.address)
    req.wait_connected(address, Deadline(30))
    session.close("rep")
    assert happens(req, lambda: not req.monitor.links[address].peers)
    req.connect(address)
    with pytest.raises(ConnectFailed, match="the peer disconnected at"):
        req.wait_connected(address, Deadline(0.1), leave=False)
    opened("REP", bind=address)
    req.wait_connected(address, Deadline(30))


def test_an_interrupt_goes_on_where_whoever_it_came_from_has_closed_the_socket(session, opened, closed_port):
    socket = opened("PUSH")

    class Interrupted(Deadline):
        def slice(self) -> float:
            session.close(socket.name)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        socket.wait_connected(socket.connect(closed_port), Interrupted(600))


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("RECONNECT_STOP", 1, "RECONNECT_STOP is 1"),
        ("RECONNECT_IVL", -1, "-1"),
        ("RECONNECT_IVL", 0, "RECONNECT_IVL is 0"),
    ],
)
def test_where_libzmq_tries_once_only_a_refused_connect_says_so_at_once(opened, closed_port, option, value, said):
    socket = opened("PUSH", **{option: value})
    start = time.monotonic()
    with pytest.raises(ConnectFailed, match="refused, nobody listens there, and libzmq does not try again") as error:
        socket.wait_connected(socket.connect(closed_port), Deadline(600))
    assert said in str(error.value)
    assert time.monotonic() - start < 300
    assert socket.places.connected == []


def test_an_endpoint_that_libzmq_has_given_up_can_be_left(opened, closed_port, happens):
    socket = opened("PUSH", connect=closed_port, RECONNECT_IVL=20)
    link = socket.monitor.links[closed_port]
    assert happens(socket, lambda: link.retries > 1)
    assert not link.given_up
    socket.disconnect(closed_port)
    socket.raw.socket.set(zmq.RECONNECT_STOP, 1)
    socket.connect(closed_port)
    link = socket.monitor.links[closed_port]
    assert happens(socket, lambda: link.state is ConnectionState.FAILED)
    socket.disconnect(closed_port)
    assert socket.places.connected == []


def test_a_final_failure_is_not_waited_out(opened):
    rep = opened("REP", bind=TCP)
    pull = opened("PULL")
    start = time.monotonic()
    with pytest.raises(ConnectFailed, match="INCOMPATIBLE_TYPE"):
        pull.wait_connected(pull.connect(rep.address), Deadline(600))
    assert time.monotonic() - start < 300


@pytest.mark.parametrize("bound", [True, False], ids=["bound", "connected"])
def test_unsent_messages_survive_a_close_within_the_linger_time(session, opened, raw, bound):
    pull = raw("PULL", RCVHWM=10, bind=TCP)
    if bound:
        push = opened("PUSH", "push", bind=TCP, LINGER=60_000, SNDHWM=0)
        pull.connect(push.address)
    else:
        push = opened("PUSH", "push", connect=pull.last_endpoint.decode(), LINGER=60_000, SNDHWM=0)
    for n in range(2000):
        push.send([b"%d" % n, bytes(10_000)], Deadline(30))
    session.close("push")
    if bound:
        opened("PUSH", bind=push.address)
    assert [int(pull.recv_multipart()[0]) for _ in range(2000)] == list(range(2000))


def test_unsent_messages_to_nobody_cost_the_linger_time_once(session, opened, closed_port):
    for _ in range(20):
        push = opened("PUSH", connect=closed_port, LINGER=1000)
        push.send([b"x"], Deadline(30))
    start = time.monotonic()
    session.end()
    assert time.monotonic() - start < 10


def test_a_close_that_is_interrupted_still_closes(session, opened, monkeypatch):
    class Timeout(BaseException):
        pass

    def interrupted(*arguments):
        raise Timeout

    socket = opened("PULL", "x", bind=TCP)
    monkeypatch.setattr(socket.monitor, "wait_closed", interrupted)
    with pytest.raises(Timeout):
        session.close("x")
    assert socket.closed
    session.end()


def test_ipv6_needs_no_option(opened):
    if not Path("/proc/net/if_inet6").exists():
        pytest.skip("no IPv6")
    pull = opened("PULL", bind="tcp://[::1]:*")
    push = opened("PUSH")
    push.wait_connected(push.connect(pull.address), Deadline(30))


@pytest.mark.parametrize("endpoint", ["tcp://*:*", "tcp://0.0.0.0:0", "tcp://lo:*", "tcp://localhost:*"])
def test_peers_of_a_wildcard_address_are_seen(opened, happens, endpoint):
    pull = opened("PULL", bind=endpoint)
    push = opened("PUSH", connect=pull.address)
    [link] = pull.monitor.links.values()
    assert happens(pull, lambda: link.peers == 1)
    push.disconnect(pull.address)
    assert happens(pull, lambda: link.peers == 0)


@pytest.mark.parametrize(("endpoint", "host"), [("tcp://*:*", "[::1]"), ("tcp://0.0.0.0:*", "127.0.0.1")])
def test_ipv4_peers_of_an_ipv6_wildcard_are_seen_by_their_address(opened, happens, endpoint, host):
    if not Path("/proc/net/if_inet6").exists():
        pytest.skip("no IPv6")
    pull = opened("PULL", IPV6=1, bind=endpoint)
    port = pull.address.rpartition(":")[2]
    assert pull.address == f"tcp://{host}:{port}"
    ipv4 = f"tcp://127.0.0.1:{port}"
    opened("PUSH", connect=ipv4)
    assert happens(pull, lambda: connections.count_peers(pull, ipv4) == 1)
    connections.require_endpoint(pull, ipv4)
    assert connections.state_of(pull, connections.states(pull), ipv4) == "CONNECTED"
    pull.unbind(ipv4)
    assert pull.places.bound == {}


def test_a_stream_socket_connects_without_a_handshake(opened):
    server = opened("STREAM", bind=TCP)
    client = opened("STREAM")
    client.wait_connected(client.connect(server.address), Deadline(30))


def test_an_endpoint_has_to_be_there_to_be_left(opened):
    socket = opened("PULL", "x", bind="inproc://left")
    with pytest.raises(
        EndpointFailed, match=r"'x' \(PULL\) is not connected to inproc://left. Bound to: inproc://left"
    ):
        socket.disconnect("inproc://left")
    with pytest.raises(EndpointFailed, match="is not bound to inproc://other"):
        socket.unbind("inproc://other")


def test_libzmq_tells_a_wildcard_ipc_path_relative_to_the_directory(raw, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not raw("PULL", bind="ipc://*").get(zmq.LAST_ENDPOINT).startswith(b"ipc:///")
