from __future__ import annotations

import socket as tcp
from datetime import timedelta
from functools import partial

import pytest

from ZmqLibrary.errors import CheckFailed, InvalidValue, WaitTimeout, WrongUse
from ZmqLibrary.monitoring.history import HISTORY
from ZmqLibrary.sockets.socket_types import SocketType

PULL, PUSH, REP = SocketType.PULL, SocketType.PUSH, SocketType.REP
TCP = "tcp://127.0.0.1:*"
NOW = timedelta(0)
SHORT = timedelta(milliseconds=100)
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16 + 32)
MANY = HISTORY + 50


@pytest.fixture
def sink(library) -> str:
    """The address of a PULL `sink`."""
    library.bind_zmq_socket(TCP, PULL, "sink")
    return library.get_zmq_endpoint()


def test_both_sides_wait_until_they_are_connected(library, sink):
    library.connect_zmq_socket(sink, PUSH, "source", lazy=True)
    for name in ("source", "sink"):
        library.wait_until_connected(socket=name)
        assert library.get_connection_state(socket=name) == "CONNECTED"


def test_a_number_of_peers_is_waited_for(library, sink):
    for _ in range(2):
        library.connect_zmq_socket(sink, PUSH)
    library.wait_until_connected(count=2, socket="sink")
    with pytest.raises(
        WaitTimeout, match=r"'sink' .* not connected to 3 peers in 100 milliseconds\.\n.*accepted 2 peers"
    ):
        library.wait_until_connected(count=3, timeout=SHORT, socket="sink")


def test_peers_of_one_endpoint_are_waited_for(library, sink, closed_port):
    library.connect_zmq_socket(closed_port, PUSH, lazy=True)
    library.connect_to_endpoint(sink)
    library.wait_until_connected(endpoint=sink)
    with pytest.raises(WaitTimeout, match=rf"not connected to 1 peer at {closed_port}"):
        library.wait_until_connected(endpoint=closed_port, timeout=SHORT)


def test_inproc_counts_as_connected_at_once_and_never_disconnects(library):
    library.bind_zmq_socket("inproc://a", PULL, "sink")
    library.connect_zmq_socket("inproc://a", PUSH, "source")
    for name in ("sink", "source"):
        library.wait_until_connected(timeout=NOW, socket=name)
        with pytest.raises(WrongUse, match="only inproc endpoints, which report no connections"):
            library.wait_until_disconnected(socket=name)


def test_the_end_of_the_last_peer_is_waited_for(library, sink):
    library.wait_until_disconnected(timeout=NOW)
    library.connect_zmq_socket(sink, PUSH, "source")
    library.wait_until_connected(socket="sink")
    with pytest.raises(WaitTimeout, match="still has peers after 100 milliseconds"):
        library.wait_until_disconnected(timeout=SHORT, socket="sink")
    library.close_zmq_socket("source")
    library.wait_until_disconnected(socket="sink")
    assert library.get_connection_state(socket="sink") == "DISCONNECTED"


def test_an_endpoint_that_the_socket_does_not_have_is_refused_at_once(library, sink):
    library.connect_zmq_socket(sink, PUSH, "source")
    for wait in (
        library.wait_until_connected,
        library.wait_until_disconnected,
        partial(library.wait_until_disconnected, count=1),
    ):
        with pytest.raises(CheckFailed, match=rf"'source' \(PUSH\) has no endpoint tcp://127.0.0.1:1\. It has: {sink}"):
            wait(endpoint="tcp://127.0.0.1:1")


def test_an_endpoint_that_the_socket_has_left_has_no_peers(library, sink):
    library.connect_zmq_socket(sink, PUSH, "source")
    library.disconnect_from_endpoint(sink)
    library.unbind_from_endpoint(sink, socket="sink")
    for name in ("source", "sink"):
        library.wait_until_disconnected(endpoint=sink, socket=name)
        with pytest.raises(CheckFailed, match="It has: none"):
            library.wait_until_connected(endpoint=sink, socket=name)


def test_a_peer_whose_end_was_waited_for_does_not_count_again(library, sink):
    for name in ("a", "b"):
        library.connect_zmq_socket(sink, PUSH, name)
    library.wait_until_connected(count=2, socket="sink")
    library.close_zmq_socket("a")
    library.wait_until_disconnected(count=1, socket="sink")
    library.close_zmq_socket("b")
    library.wait_until_disconnected(socket="sink")
    with pytest.raises(WaitTimeout, match=r"(?s)has not lost 2 peers.*Not counted: 1 peer gone before an earlier wait"):
        library.wait_until_disconnected(count=2, timeout=NOW, socket="sink")


def test_the_state_is_that_of_the_only_endpoint_or_of_each(library, sink, closed_port):
    assert library.get_connection_state() == "LISTENING"
    library.bind_to_endpoint("inproc://a")
    library.connect_to_endpoint(closed_port, lazy=True)
    states = {sink: "LISTENING", "inproc://a": "LISTENING", closed_port: "CONNECTING"}
    assert library.get_connection_state() == states
    assert library.get_connection_state(endpoint=closed_port) == "CONNECTING"
    with pytest.raises(CheckFailed, match=r"no endpoint tcp://127.0.0.1:1. It has: "):
        library.get_connection_state(endpoint="tcp://127.0.0.1:1")
    library.open_zmq_socket(PULL)
    assert library.get_connection_state() == {}


def test_an_event_is_returned_once_in_any_spelling_of_its_name(library, sink):
    library.connect_zmq_socket(sink, PUSH)
    event = library.wait_for_zmq_event("zmq_event_accepted", "handshake succeeded", socket="sink")
    assert (event.name, event.endpoint) == ("ACCEPTED", sink)
    assert library.wait_for_zmq_event(socket="sink").name == "HANDSHAKE_SUCCEEDED"
    with pytest.raises(
        WaitTimeout, match=r"(?s)No LISTENING or ACCEPTED on socket .*Last events: LISTENING at .*, ACC"
    ):
        library.wait_for_zmq_event("LISTENING", "ACCEPTED", timeout=SHORT, socket="sink")


def test_the_history_is_not_used_up_by_waiting(library, sink):
    library.connect_zmq_socket(sink, PUSH)
    library.wait_until_connected(socket="sink")
    for wait in (True, False):
        names = [event.name for event in library.get_zmq_events(socket="sink")]
        assert names == ["LISTENING", "ACCEPTED", "HANDSHAKE_SUCCEEDED"]
        assert [event.name for event in library.get_zmq_events(event="accepted", socket="sink")] == ["ACCEPTED"]
        if wait:
            library.wait_for_zmq_event("HANDSHAKE_SUCCEEDED", socket="sink")
    library.open_zmq_socket(PULL)
    assert library.get_zmq_events() == []


def test_what_has_happened_is_checked(library, sink):
    library.wait_for_zmq_event("LISTENING")
    library.zmq_event_should_have_happened("listening")
    library.zmq_event_should_not_have_happened("ACCEPTED")
    with pytest.raises(
        CheckFailed, match=rf"DISCONNECTED has not happened on socket 'sink' .*\nLast events: LISTENING at {sink}\."
    ):
        library.zmq_event_should_have_happened("DISCONNECTED")
    with pytest.raises(CheckFailed, match=rf"On socket 'sink' \(PULL\) this has happened: LISTENING at {sink}\."):
        library.zmq_event_should_not_have_happened("LISTENING")


def test_the_reason_of_an_event_is_checked(library, closed_port):
    library.connect_zmq_socket(closed_port, PUSH, lazy=True, reconnect_ivl="5ms")
    library.wait_for_zmq_event("CONNECT_RETRIED")
    library.zmq_event_should_have_happened("CONNECT_RETRIED", reason="NEXT attempt in * ms")
    with pytest.raises(CheckFailed, match="CONNECT_RETRIED with reason tomorrow has not happened"):
        library.zmq_event_should_have_happened("CONNECT_RETRIED", reason="tomorrow")


@pytest.mark.parametrize(
    "use", ["wait_for_zmq_event", "zmq_event_should_have_happened", "zmq_event_should_not_have_happened"]
)
def test_an_unknown_event_is_a_mistake(library, sink, use):
    with pytest.raises(InvalidValue, match="no event 'CONECTED'"):
        getattr(library, use)("CONECTED")


@pytest.mark.parametrize("reason", [None, "INCOMPATIBLE_TYPE", "incompatible*", "*do not go together"])
def test_a_handshake_that_fails_passes_with_its_reason(library, sink, reason):
    library.connect_zmq_socket(sink, REP, "wrong", lazy=True)
    for name in ("wrong", "sink"):
        text = library.handshake_should_fail(reason=reason, socket=name)
        assert text.startswith("INCOMPATIBLE_TYPE: ")
    with pytest.raises(CheckFailed, match="No handshake of socket"):
        library.handshake_should_fail(reason=reason, timeout=NOW, socket="sink")
    assert library.handshake_should_fail(reason=reason, timeout=NOW, socket="wrong"), "it does not connect again"


def test_a_handshake_that_succeeds_or_fails_otherwise_is_told(library, sink):
    library.connect_zmq_socket(sink, PUSH, "source")
    with pytest.raises(
        CheckFailed, match=r"No handshake of socket 'source' .* failed in 100 milli(?s:.*)connected to 1 peer"
    ):
        library.handshake_should_fail(timeout=SHORT)
    library.connect_zmq_socket(sink, REP, lazy=True)
    library.handshake_should_fail(reason="INCOMPATIBLE_TYPE")
    with pytest.raises(
        CheckFailed, match=r"failed with reason AUTH 400 in 100 milliseconds\.\nIt failed before: INCOMPAT"
    ):
        library.handshake_should_fail(reason="AUTH 400", timeout=SHORT)


def refused(library, address: str, times: int, data: bytes = b"") -> None:
    """Peers that come one after the other, say something that is no ZeroMQ, and are gone."""
    sink = library.session.socket("sink")
    before = sink.monitor.counts["DISCONNECTED"]
    for _ in range(times):
        with tcp.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as peer:
            peer.sendall(data)
    assert sink.wait_for(lambda: sink.monitor.counts["DISCONNECTED"] >= before + times, library._deadline(None))


def test_a_peer_that_was_let_in_is_not_forgotten_when_many_others_are_refused(library, sink):
    library.connect_zmq_socket(sink, PUSH)
    library.wait_until_connected(socket="sink")
    refused(library, sink, MANY)
    assert "HANDSHAKE_SUCCEEDED" not in [event.name for event in library.get_zmq_events(socket="sink")]
    library.zmq_event_should_have_happened("HANDSHAKE_SUCCEEDED", socket="sink")
    with pytest.raises(CheckFailed, match="this has happened: HANDSHAKE_SUCCEEDED at"):
        library.zmq_event_should_not_have_happened("HANDSHAKE_SUCCEEDED", socket="sink")
    assert library.wait_for_zmq_event("HANDSHAKE_SUCCEEDED", timeout=NOW, socket="sink").endpoint == sink
    assert len(library.get_zmq_events(event="HANDSHAKE_SUCCEEDED", socket="sink")) == 1


def test_the_events_of_one_name_are_the_last_ones(library, sink):
    refused(library, sink, 1, b"\xff" * 64)
    refused(library, sink, MANY, GREETING + b"\x04\x06\x05HELLO")
    events = library.get_zmq_events(event="HANDSHAKE_FAILED_PROTOCOL", socket="sink")
    assert len(events) == HISTORY
    assert {event.meaning.partition(":")[0] for event in events} == {"UNEXPECTED_COMMAND"}
    library.zmq_event_should_have_happened("HANDSHAKE_FAILED_PROTOCOL", reason="MECHANISM_MISMATCH", socket="sink")


def test_a_failed_handshake_is_not_forgotten_when_many_fail_otherwise(library, sink):
    library.connect_zmq_socket(sink, REP, lazy=True)
    library.wait_for_zmq_event("DISCONNECTED", socket="sink")
    refused(library, sink, MANY)
    text = library.handshake_should_fail(reason="INCOMPATIBLE_TYPE", timeout=NOW, socket="sink")
    assert text.startswith("INCOMPATIBLE_TYPE: ")
    assert library.handshake_should_fail(timeout=NOW, socket="sink").startswith("NOT_ZEROMQ: ")
