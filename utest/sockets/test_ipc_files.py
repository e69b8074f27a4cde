"""A path at which somebody listens is never taken, and its file is never removed."""

from __future__ import annotations

import socket
import sys

import pytest
import zmq

from ZmqLibrary.errors import EndpointFailed
from ZmqLibrary.sockets.ipc_files import is_live
from ZmqLibrary.sockets.socket_types import SocketType


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "taken.ipc")


def test_a_server_that_listens_keeps_its_path(library, raw, path):
    server = raw("REP", bind=f"ipc://{path}")
    client = raw("REQ", connect=f"ipc://{path}")
    with pytest.raises(EndpointFailed, match="in use by another program"):
        library.start_mock_server(f"ipc://{path}", SocketType.REP, "mock")
    with pytest.raises(EndpointFailed, match="in use by another program"):
        library.bind_zmq_socket(f"ipc://{path}", SocketType.PULL)
    library.session.end()
    client.send(b"hello")
    server.send(b"real " + server.recv())
    assert client.recv() == b"real hello"


def test_a_server_without_room_for_another_client_is_live(path):
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as first:
        server.bind(path)
        server.listen(0)
        first.connect(path)
        assert all(is_live(f"ipc://{path}") for _ in range(3))


@pytest.mark.parametrize("type", [socket.SOCK_DGRAM, socket.SOCK_SEQPACKET])
def test_a_socket_of_another_type_keeps_its_path(library, path, type):
    with socket.socket(socket.AF_UNIX, type) as owner, socket.socket(socket.AF_UNIX, type) as sender:
        owner.bind(path)
        if type is socket.SOCK_SEQPACKET:
            owner.listen(1)
        with pytest.raises(EndpointFailed, match="in use by another program"):
            library.bind_zmq_socket(f"ipc://{path}", SocketType.PULL)
        sender.connect(path)


@pytest.mark.skipif(sys.platform != "linux", reason="others do not tell")
def test_a_socket_that_does_not_listen_yet_keeps_its_path(library, path):
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        with pytest.raises(EndpointFailed, match="in use by another program"):
            library.bind_zmq_socket(f"ipc://{path}", SocketType.PULL)
        server.listen(1)
        client.connect(path)


def test_connections_of_a_server_that_stopped_do_not_keep_its_path(library, path):
    with socket.socket(socket.AF_UNIX) as client:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen(1)
            client.connect(path)
            accepted, _ = server.accept()
        with accepted:
            library.bind_zmq_socket(f"ipc://{path}", SocketType.PULL)


def test_a_file_that_was_left_behind_is_no_server(library, path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
    assert not is_live(f"ipc://{path}")
    library.bind_zmq_socket(f"ipc://{path}", SocketType.PULL)


def test_what_has_no_path_is_not_looked_at():
    assert not is_live("tcp://127.0.0.1:1")
    assert not is_live("ipc://@abstract")


def test_a_mock_server_that_dropped_its_connections_has_its_path_again(library, raw, path):
    library.start_mock_server(f"ipc://{path}", SocketType.REP, "mock")
    library.mock_disconnects(times=1)
    library.when_mock_receives("ping", reply="pong")
    client = raw("REQ", connect=f"ipc://{path}", REQ_RELAXED=1, REQ_CORRELATE=1)
    client.send(b"ping")
    client.rcvtimeo = 500
    for _ in range(120):
        try:
            assert client.recv() == b"pong"
            break
        except zmq.Again:
            client.send(b"ping")
    else:
        pytest.fail("the mock server did not come back")
