from __future__ import annotations

import random
import signal
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
import zmq

from ZmqLibrary.errors import CheckFailed, ConnectFailed, EndpointFailed
from ZmqLibrary.sockets.reservations import ReservableTransport
from ZmqLibrary.sockets.socket_types import SocketType

PULL, PUSH = SocketType.PULL, SocketType.PUSH
TCP = "tcp://127.0.0.1:*"
LONG_ENOUGH = timedelta(seconds=2)  # to be refused, also on a busy machine


@pytest.mark.parametrize("endpoint", ["tcp://*:*", "tcp://0.0.0.0:0", "tcp://127.0.0.1:0"])
def test_the_endpoint_of_a_bind_can_be_connected_to(library, endpoint):
    library.bind_zmq_socket(endpoint, PULL)
    address = library.get_zmq_endpoint()
    assert address.startswith("tcp://127.0.0.1:")
    library.connect_zmq_socket(address, PUSH)
    assert library.get_zmq_endpoint() == address


def test_the_last_bind_comes_before_connects(library):
    library.open_zmq_socket(PULL)
    with pytest.raises(EndpointFailed, match=r"has no endpoint. Use `Bind To Endpoint`"):
        library.get_zmq_endpoint()
    library.connect_to_endpoint("inproc://a")
    assert library.get_zmq_endpoint() == "inproc://a"
    for name in ("inproc://b", "inproc://c"):
        assert library.bind_to_endpoint(name) == name
    library.connect_to_endpoint("inproc://d")
    assert library.get_zmq_endpoint() == "inproc://c"
    assert library.get_zmq_endpoints() == {
        "bound": ["inproc://b", "inproc://c"],
        "connected": ["inproc://a", "inproc://d"],
    }


def test_a_connect_that_fails_leaves_an_endpoint_that_was_connected_before(library):
    library.bind_zmq_socket(TCP, PULL)
    address = library.get_zmq_endpoint()
    library.close_zmq_socket()
    library.connect_zmq_socket(address, SocketType.DEALER, lazy=True)
    with pytest.raises(ConnectFailed):
        library.connect_to_endpoint(address, timeout=timedelta(milliseconds=50))
    assert library.get_zmq_endpoints()["connected"] == [address]
    library.send_message("waits")
    library.bind_zmq_socket(address, SocketType.ROUTER)
    assert library.receive_multipart()[1:] == ["waits"]


def test_endpoints_are_told_as_a_copy(library):
    library.bind_zmq_socket("inproc://a", PULL)
    library.get_zmq_endpoints()["bound"].clear()
    assert library.get_zmq_endpoints()["bound"] == ["inproc://a"]


def test_messages_go_to_all_endpoints_of_a_socket(library):
    library.open_zmq_socket(PUSH, "source")
    for name in ("a", "b"):
        library.bind_zmq_socket(TCP, PULL, name)
        library.connect_to_endpoint(library.get_zmq_endpoint(), socket="source")
    for text in ("1", "2"):
        library.send_message(text, socket="source")
    assert [library.receive_message(socket=name) for name in ("a", "b")] == ["1", "2"]


def test_a_further_endpoint_that_fails_leaves_the_socket_as_it_was(library, closed_port):
    library.bind_zmq_socket("inproc://a", PUSH)
    with pytest.raises(ConnectFailed, match="refused, nobody listens there"):
        library.connect_to_endpoint(closed_port, timeout=LONG_ENOUGH)
    assert library.get_zmq_endpoints() == {"bound": ["inproc://a"], "connected": []}
    library.connect_to_endpoint(closed_port, lazy=True)
    assert library.get_zmq_endpoints()["connected"] == [closed_port]


def test_an_endpoint_that_was_left_gets_nothing_more(library):
    library.bind_zmq_socket("inproc://left", PULL, "left")
    library.bind_zmq_socket("inproc://kept", PULL, "kept")
    library.connect_zmq_socket("inproc://left", PUSH)
    library.connect_to_endpoint("inproc://kept")
    library.disconnect_from_endpoint("inproc://left")
    for text in ("1", "2"):
        library.send_message(text)
    assert [library.receive_message(socket="kept") for _ in range(2)] == ["1", "2"]
    assert library.try_to_receive_message(socket="left") is None


def test_leaving_an_endpoint_that_is_not_there_tells_those_that_are(library):
    library.bind_zmq_socket("inproc://a", PULL, "x")
    with pytest.raises(EndpointFailed, match=r"'x' \(PULL\) is not connected to inproc://b. Bound to: inproc://a\."):
        library.disconnect_from_endpoint("inproc://b")
    library.connect_to_endpoint("inproc://a")
    with pytest.raises(
        EndpointFailed, match=r"not bound to inproc://b. Bound to: inproc://a. Connected to: inproc://a"
    ):
        library.unbind_from_endpoint("inproc://b")


def test_leaving_all_endpoints_is_safe_when_there_are_none(library):
    library.open_zmq_socket(PULL)
    for _ in range(2):
        library.unbind_from_all_endpoints()
        library.disconnect_from_all_endpoints()
        assert library.get_zmq_endpoints() == {"bound": [], "connected": []}
        for name in ("inproc://a", "inproc://b"):
            library.bind_to_endpoint(name)
            library.connect_to_endpoint(name)


def test_a_port_is_free_as_soon_as_it_was_unbound(library):
    library.bind_zmq_socket("tcp://*:*", PULL)
    address = library.get_zmq_endpoint()
    for _ in range(10):
        library.unbind_from_endpoint(address)
        library.bind_zmq_socket(address, PULL)


@pytest.mark.parametrize("written", ["tcp://localhost:{port}", "tcp://127.0.0.1:{port}", "tcp://LOCALHOST:{port}"])
def test_an_endpoint_is_known_however_it_is_written(library, written):
    library.bind_zmq_socket(TCP, PULL, "sink")
    address = library.get_zmq_endpoint()
    other = written.format(port=address.rpartition(":")[2])
    library.connect_zmq_socket(address, PUSH)
    library.zmq_socket_should_be_connected_to(other)
    library.disconnect_from_endpoint(other)
    library.unbind_from_endpoint(other, socket="sink")


def test_a_socket_that_is_not_connected_there_tells_its_endpoints(library):
    library.bind_zmq_socket("inproc://a", PULL, "x")
    with pytest.raises(CheckFailed, match=r"'x' \(PULL\) is not connected to inproc://a. Bound to: inproc://a\."):
        library.zmq_socket_should_be_connected_to("inproc://a")
    library.open_zmq_socket(PULL)
    with pytest.raises(CheckFailed, match="It has no endpoint"):
        library.zmq_socket_should_be_connected_to("inproc://a")
    library.zmq_socket_should_be_connected_to("inproc://a", socket=connected(library))


def connected(library) -> str:
    return library.connect_zmq_socket("inproc://a", PUSH)


@pytest.mark.parametrize("transport", ReservableTransport)
def test_a_reserved_endpoint_is_free_again_when_the_library_ends(library, transport):
    endpoint = library.reserve_zmq_endpoint(transport)
    assert library.bind_zmq_socket(endpoint, PULL)
    assert library.get_zmq_endpoint() == endpoint
    library.session.lifetimes.close()
    path = Path(tempfile.gettempdir(), "zmqlibrary-reserved", f"tcp-{endpoint.rpartition(':')[2]}")
    assert not path.exists()


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="Windows has no SIGALRM")
def test_a_connect_that_is_interrupted_at_any_moment_leaves_the_socket_as_it_was(library, closed_port, interrupted):
    library.open_zmq_socket(PUSH)
    socket = library.session.socket(None)
    moments = random.Random(1)
    for _ in range(500):
        assert interrupted(lambda: library.connect_to_endpoint(closed_port), moments.uniform(1e-5, 1e-3))
        assert socket.places.connected == []
        with pytest.raises(zmq.ZMQError):
            socket.raw.disconnect(closed_port)
