"""Relays between a mock server that spies and a real one: nothing that either side sends ends the mock server."""

from __future__ import annotations

import pytest

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.mocks.mock_server import MockServer
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline


@pytest.fixture
def spy(library: ZmqLibrary) -> MockServer:
    """A REP that forwards to a DEALER `real`, which is current."""
    library.start_mock_server("inproc://spy", SocketType.REP, "spy")
    library.bind_zmq_socket("inproc://real", SocketType.DEALER, "real")
    library.mock_forwards_to("inproc://real", mock="spy")
    return library.session.workers.of(MockServer).get("spy")


def ask(library: ZmqLibrary, text: str = "ping") -> None:
    library.connect_zmq_socket("inproc://spy", SocketType.REQ, "client")
    library.send_message(text, socket="client")


@pytest.mark.parametrize("frames", [["hello"], ["no client", "hello"]])
def test_what_a_real_server_sends_before_any_request_is_for_no_client_of_a_rep(library, spy, frames):
    library.send_multipart(frames, socket="real")
    assert spy.until(lambda: spy._warned, Deadline(30))
    ask(library)
    assert list(library.receive_multipart(socket="real")) == ["", "ping"]
    library.send_multipart(["", "pong"], socket="real")
    assert library.receive_message(socket="client") == "pong"


def test_what_a_real_server_sends_before_any_request_reaches_the_only_peer_of_a_pair(library):
    library.start_mock_server("inproc://spy", SocketType.PAIR)
    library.bind_zmq_socket("inproc://real", SocketType.PAIR, "real")
    library.mock_forwards_to("inproc://real")
    library.connect_zmq_socket("inproc://spy", SocketType.PAIR, "client")
    library.send_message("hello", socket="real")
    assert library.receive_message(socket="client") == "hello"


def test_an_answer_that_cannot_go_back_is_the_problem_of_its_request(library):
    library.start_mock_server("inproc://spy", SocketType.PULL)
    library.bind_zmq_socket("inproc://real", SocketType.DEALER, "real")
    library.connect_zmq_socket("inproc://real", SocketType.DEALER, "forth")
    library.mock_forwards_to("forth")
    library.connect_zmq_socket("inproc://spy", SocketType.PUSH, "client")
    library.send_message("job", socket="client")
    assert library.receive_message(socket="real") == "job"
    library.send_message("done", socket="real")
    server = library.session.workers.of(MockServer).get(None)
    [request] = server.requests.since(1)
    assert server.wait_for(lambda: "PULL" in request.problem, Deadline(30))
    with pytest.raises(AssertionError, match="PULL"):
        library.mock_should_have_no_unexpected_requests()


def test_a_request_without_frames_ends_no_relay(library):
    library.start_mock_server("inproc://spy", SocketType.REP, "spy")
    library.bind_zmq_socket("inproc://real", SocketType.REP, "real")
    library.connect_zmq_socket("inproc://real", SocketType.REQ, "forth")
    library.mock_forwards_to("forth", mock="spy")
    library.connect_zmq_socket("inproc://spy", SocketType.DEALER, "client")
    library.send_message("", socket="client")
    library.mock_should_have_received(mock="spy")
    with pytest.raises(AssertionError, match=r"it has no frames that 'forth' .* could forward"):
        library.mock_should_have_no_unexpected_requests(mock="spy")
    library.send_multipart(["", "ping"], socket="client")
    assert library.receive_message(socket="real") == "ping"


def test_an_empty_request_is_forwarded_and_answered_like_others(library, spy):
    library.connect_zmq_socket("inproc://spy", SocketType.DEALER, "client")
    library.send_message("", socket="client")
    assert list(library.receive_multipart(socket="real")) == [""]
    library.send_multipart(["", "pong"], socket="real")
    assert list(library.receive_multipart(socket="client")) == ["", "pong"]
