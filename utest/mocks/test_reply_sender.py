"""Replies that go out on another socket than the one on which requests come."""

from __future__ import annotations

import pytest

from ZmqLibrary.mocks.mock_server import MockServer
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline


def test_a_reply_through_a_socket_that_was_taken_away_is_the_problem_of_its_request(library):
    library.start_mock_server("inproc://requests", SocketType.PULL, "mock")
    library.bind_zmq_socket("inproc://replies", SocketType.PUSH, "out")
    library.mock_replies_through("out", mock="mock")
    library.when_mock_receives("ping", reply="pong", mock="mock")
    library.close_all_zmq_sockets()
    library.connect_zmq_socket("inproc://requests", SocketType.PUSH)
    library.send_message("ping")
    library.mock_should_have_received("ping", mock="mock")
    with pytest.raises(AssertionError, match="the socket 'out' that replies go through was taken away"):
        library.mock_should_have_no_unexpected_requests(mock="mock")


def test_an_answer_of_a_real_server_without_frames_ends_nothing(library):
    library.start_mock_server("inproc://requests", SocketType.REP, "mock")
    library.bind_zmq_socket("inproc://real", SocketType.DEALER, "real")
    library.bind_zmq_socket("inproc://replies", SocketType.PUSH, "out")
    library.connect_zmq_socket("inproc://replies", SocketType.PULL, "in")
    library.mock_replies_through("out", mock="mock")
    library.mock_forwards_to("inproc://real", mock="mock")
    library.connect_zmq_socket("inproc://requests", SocketType.DEALER, "client")
    for answer in ([""], ["", "pong"]):
        library.send_multipart(["", "ping"], socket="client")
        library.receive_multipart(socket="real")
        library.send_multipart(answer, socket="real")
    assert library.receive_message(socket="in") == "pong"
    sender = library.session.workers.of(MockServer).get("mock").reply_sender
    assert sender.wait_for(lambda: sender._warned == 1, Deadline(0))
