"""Relays between a mock server that spies and a real one: nothing that either side sends ends the mock server."""

from __future__ import annotations

import pytest

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.mocks import relay as relay_module
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


def test_with_its_connection_go_the_answers_of_a_real_server(library, raw):
    real = raw("ROUTER", bind="tcp://127.0.0.1:*")
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER, "spy")
    library.mock_forwards_to(real.LAST_ENDPOINT.decode(), mock="spy")
    [relay] = library.session.workers.of(MockServer).get("spy").relays
    for type in ("REQ", "DEALER"):
        raw(type, connect=library.get_mock_endpoint("spy")).send(b"lost")
        real.recv_multipart()
    endpoint = real.LAST_ENDPOINT.decode()
    real.close(0)
    assert relay.wait_for(lambda: not relay._pending, Deadline(30))
    real = raw("ROUTER", bind=endpoint)
    client = raw("REQ", connect=library.get_mock_endpoint("spy"))
    client.send(b"ping")
    peer, *request = real.recv_multipart()
    real.send_multipart([peer, *request])
    assert client.recv() == b"ping"


def test_a_request_that_finds_no_room_is_a_warning(library, raw, monkeypatch, caplog):
    monkeypatch.setattr(relay_module, "_MOST_WAITING", 2)
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.PULL, "spy")
    library.connect_zmq_socket("tcp://127.0.0.1:1", SocketType.PUSH, "forth", lazy=True, sndhwm=1)
    library.mock_forwards_to("forth", mock="spy")
    source = raw("PUSH", connect=library.get_mock_endpoint("spy"))
    for number in range(5):
        source.send(b"%d" % number)
    library.mock_should_have_received("4", mock="spy")
    [forwarding] = library.session.workers.of(MockServer).get("spy").relays
    assert forwarding.wait_for(lambda: forwarding._warned == 2, Deadline(30))
    library.stop_mock_server("spy")
    for text in ("3", "4"):
        assert f"a request was not forwarded, too many wait for the real server: '{text}'" in caplog.text


def test_a_relaxed_req_gets_only_the_answer_to_its_last_request(library, raw):
    real = raw("ROUTER", bind="tcp://127.0.0.1:*")
    endpoint = real.LAST_ENDPOINT.decode()
    library.connect_zmq_socket(endpoint, SocketType.REQ, "forth", req_relaxed=True, req_correlate=True)
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.REP, "spy")
    library.mock_forwards_to("forth", mock="spy")
    raw("REQ", connect=library.get_mock_endpoint("spy")).send(b"skip")
    real.recv_multipart()
    client = raw("REQ", connect=library.get_mock_endpoint("spy"))
    client.send(b"ping")
    real.send_multipart(real.recv_multipart())
    assert client.recv() == b"ping"
