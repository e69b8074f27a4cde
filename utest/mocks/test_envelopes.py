"""Which frames before a request of a ROUTER are its envelope, and which already belong to the request."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import CheckFailed, WaitTimeout
from ZmqLibrary.mocks.mock_server import MockServer
from ZmqLibrary.sockets.socket_types import SocketType

GENERATED = b"\0\1\2\3\4"
AT_ONCE = timedelta(0)


@pytest.fixture
def broker(library: ZmqLibrary) -> ZmqLibrary:
    """A library with a mock ROUTER."""
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER, "broker")
    return library


def asked(library, raw, *frames, type="DEALER", **options):
    """A client that has sent a request, when the mock server has received it."""
    client = raw(type, connect=library.get_mock_endpoint(), ROUTING_ID=b"client", **options)
    client.send_multipart(frames)
    server = library.session.workers.of(MockServer).get(None)
    assert server.wait_for(lambda: server.requests.has(1), library._deadline(timedelta(seconds=30)))
    return client


@pytest.mark.parametrize(
    "frames", [(b"SET", b"key", b""), (b"SET", b"", b"value"), (b"SET", b""), (b"SET", b"", b"")], ids=str
)
def test_an_empty_frame_of_a_dealer_is_content(broker, raw, frames):
    broker.when_mock_receives("SET", reply=["$frames"])
    assert asked(broker, raw, *frames).recv_multipart() == list(frames)
    broker.mock_should_have_received("SET", times=1)
    assert broker.get_mock_requests()[0].envelope == (b"client",)


def test_a_request_of_an_empty_frame_alone_has_it_as_content(broker, raw):
    broker.mock_replies_by_default("got $frame0.")
    assert asked(broker, raw, b"").recv_multipart() == [b"got ."]


@pytest.mark.parametrize("client", [(b"", b"x"), (b"", b"", b"x"), (b"client-9", b"", b"x"), (GENERATED, b"", b"x")])
def test_what_brokers_put_before_a_request_is_its_envelope(broker, raw, client):
    """Also with an empty frame in the request, and where nothing says what the request is."""
    broker.mock_replies_by_default("done")
    end = client.index(b"") + 1
    assert asked(broker, raw, *client, b"").recv_multipart() == [*client[:end], b"done"]
    assert broker.get_mock_requests()[0].raw == (*client[end:], b"")


@pytest.mark.parametrize("options", [{}, {"REQ_CORRELATE": 1}], ids=str)
def test_what_comes_before_the_empty_frame_of_a_req_is_its_envelope(broker, raw, options):
    broker.when_mock_receives("", "", reply="done")
    assert asked(broker, raw, b"", b"", type="REQ", **options).recv() == b"done"


def test_the_id_of_a_client_behind_a_broker_is_no_content_for_a_rule(broker, raw):
    broker.when_mock_receives("question", reply="answer")
    broker.when_mock_receives("client-9", reply="wrong")
    assert asked(broker, raw, b"client-9", b"", b"question").recv_multipart() == [b"client-9", b"", b"answer"]


def test_what_is_longer_than_a_routing_id_is_content(broker, raw):
    broker.mock_replies_by_default("done")
    assert asked(broker, raw, b"x" * 256, b"", b"y").recv_multipart() == [b"done"]


@pytest.mark.parametrize("pattern", ["SET", "value"])
def test_what_may_be_either_is_found_as_either(broker, raw, pattern):
    asked(broker, raw, b"SET", b"", b"value")
    broker.mock_should_have_received(pattern, times=1)
    with pytest.raises(CheckFailed, match="should not have received"):
        broker.mock_should_not_have_received(pattern)
    assert broker.get_mock_requests(pattern)[0][0] == pattern
    assert broker.wait_for_mock_request(pattern)[0] == pattern
    broker.mock_should_have_no_unexpected_requests()


def test_errors_show_the_envelope(broker, raw):
    asked(broker, raw, b"SET", b"", b"value")
    with pytest.raises(WaitTimeout, match=r"1 from 'client' in envelope 'SET' \| '': 'value'"):
        broker.wait_for_mock_request("GET", timeout=AT_ONCE)
    with pytest.raises(CheckFailed, match=r"1 from 'client' in envelope 'SET' \| '': 'value'"):
        broker.mock_should_have_no_unexpected_requests()


@pytest.mark.parametrize(
    ("fields", "envelope"),
    [
        ({"id": "ROUTING_ID", "command": "TEXT", "none": "EMPTY", "value": "TEXT"}, (b"client",)),
        ({"id": "ROUTING_ID", "other": "ROUTING_ID", "none": "EMPTY", "value": "TEXT"}, (b"client", b"SET", b"")),
    ],
)
def test_a_layout_that_begins_with_routing_ids_says_which_frames_are_the_envelope(library, raw, fields, envelope):
    library.define_message_layout("asked", **fields)
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.ROUTER, format="asked")
    library.when_mock_receives(value="value", layout="asked")
    asked(library, raw, b"SET", b"", b"value")
    request = library.wait_for_mock_request()
    assert request.envelope == envelope
    assert request.value == "value"
    library.mock_should_have_no_unexpected_requests()


def test_the_routing_ids_of_a_layout_are_no_frames_of_a_dealer(library, raw):
    library.define_message_layout("asked", id="ROUTING_ID", none="EMPTY", body="TEXT")
    back = raw("DEALER", bind="tcp://127.0.0.1:*")
    library.start_mock_server(back.LAST_ENDPOINT.decode(), SocketType.DEALER, connect=True, format="asked")
    library.when_mock_receives("client", "", "ping", reply=["$id", "", "pong"])
    back.send_multipart([b"client", b"", b"ping"])
    assert back.recv_multipart() == [b"client", b"", b"pong"]


def test_a_rep_ignores_what_has_no_empty_frame_as_before(library, raw):
    library.start_mock_server("tcp://127.0.0.1:*", SocketType.REP)
    library.when_mock_receives("client-9", reply="wrong")
    library.when_mock_receives("ping", reply="pong")
    assert asked(library, raw, b"client-9", b"", b"ping").recv_multipart() == [b"client-9", b"", b"pong"]
