"""What tests of several keyword groups start from."""

from __future__ import annotations

import pytest

from ZmqLibrary.sockets.socket_types import SocketType


@pytest.fixture
def jobs(library):
    """A PULL `jobs`, which is current, and a way to send it messages: a frame or a list of frames each."""
    library.connect_zmq_socket("inproc://jobs", SocketType.PUSH, "work")
    library.bind_zmq_socket("inproc://jobs", SocketType.PULL, "jobs")

    def send(*messages: str | bytes | list[str | bytes]) -> None:
        for frames in messages:
            library.send_multipart(frames, format="TEXT", socket="work")

    return send
