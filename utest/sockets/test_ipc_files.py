"""A path at which somebody listens is never taken, and its file is never removed."""

from __future__ import annotations

import socket

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
