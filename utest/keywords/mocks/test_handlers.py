"""Python functions and real servers that answer for mock servers: what they do wrong does not end the server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ZmqLibrary.errors import InvalidValue, WrongUse
from ZmqLibrary.messages.patterns import MatchKind
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


@pytest.mark.parametrize("wrong", [{"match": MatchKind.REGEXP}, {"times": -1}, {"delay": timedelta(seconds=-1)}])
def test_a_socket_is_not_taken_for_a_rule_that_cannot_be_made(library, wrong):
    library.start_mock_server("inproc://spy", SocketType.REP)
    library.bind_zmq_socket("inproc://real", SocketType.PAIR, "real")
    library.connect_zmq_socket("inproc://real", SocketType.PAIR, "upstream")
    with pytest.raises(InvalidValue):
        library.mock_forwards_to("upstream", "(", **wrong)
    library.send_message("still free", socket="upstream")


def test_a_mock_server_keeps_its_way_out_when_it_cannot_have_another_one(library):
    library.start_mock_server("inproc://requests", SocketType.PULL)
    for name in ("first", "second"):
        library.bind_zmq_socket(f"inproc://{name}", SocketType.PUSH, name)
        library.connect_zmq_socket(f"inproc://{name}", SocketType.PULL, f"from {name}")
    library.mock_replies_through("first")
    library.mock_calls("builtins.list")
    library.start_mock_server("inproc://other", SocketType.PULL, "other")
    library.mock_replies_through("second", mock="other")
    library.connect_zmq_socket("inproc://requests", SocketType.PUSH, "client")
    library.switch_mock_server("MOCK-1")
    with pytest.raises(WrongUse, match="held by mock server 'other'"):
        library.mock_replies_through("second")
    library.send_message("one", socket="client")
    assert library.receive_message(socket="from first") == "one"
    library.mock_replies_through("first")
    library.stop_mock_server("other")
    library.mock_replies_through("second")
    library.send_message("two", socket="client")
    assert library.receive_message(socket="from second") == "two"
    library.send_message("free again", socket="first")


def test_a_request_without_frames_is_answered_like_others(library):
    library.start_mock_server("inproc://mock", SocketType.REP)
    library.mock_calls(lambda request: ["fine"])
    library.connect_zmq_socket("inproc://mock", SocketType.DEALER)
    library.send_message("")
    assert list(library.receive_multipart()) == ["", "fine"]
