"""Python functions and real servers that answer for mock servers: what they do wrong does not end the server."""

from __future__ import annotations

import pytest

from ZmqLibrary.sockets.socket_types import SocketType


@pytest.mark.parametrize("type", [SocketType.DEALER, SocketType.PAIR, SocketType.ROUTER])
def test_a_function_that_returns_no_frames_fails_the_request_and_not_the_server(library, type):
    library.start_mock_server("inproc://mock", type)
    library.mock_calls(lambda request: [] if request[0] == "empty" else ["fine"])
    library.connect_zmq_socket("inproc://mock", SocketType.PAIR if type is SocketType.PAIR else SocketType.DEALER)
    library.send_message("empty")
    library.send_message("other")
    assert library.receive_message() == "fine"
    with pytest.raises(AssertionError, match="has returned no frames: return at least one, or None for no answer"):
        library.mock_should_have_no_unexpected_requests()


def test_an_answer_that_the_socket_cannot_send_fails_the_request_and_not_the_server(library):
    library.start_mock_server("inproc://mock", SocketType.DEALER, conflate=True)
    library.mock_calls(lambda request: ["two", "frames"] if request[0] == "bad" else ["fine"])
    library.connect_zmq_socket("inproc://mock", SocketType.DEALER)
    for text in ("bad", "good"):
        library.send_message(text)
        library.mock_should_have_received(text)
    assert library.receive_message() == "fine"
    with pytest.raises(AssertionError, match="CONFLATE"):
        library.mock_should_have_no_unexpected_requests()
