from __future__ import annotations

import errno
import time

import pytest
import zmq

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.monitoring.event_meanings import event_name
from ZmqLibrary.monitoring.history import HISTORY
from ZmqLibrary.monitoring.link import link_state
from ZmqLibrary.waiting.deadline import Deadline

TCP = "tcp://127.0.0.1:*"


@pytest.mark.parametrize(
    "text", ["HANDSHAKE_SUCCEEDED", "handshake succeeded", " Handshake_Succeeded ", "ZMQ_EVENT_HANDSHAKE_SUCCEEDED"]
)
def test_event_names_are_found_in_any_spelling(text):
    assert event_name(text) == "HANDSHAKE_SUCCEEDED"


def test_an_unknown_event_is_answered_with_the_known_ones():
    with pytest.raises(InvalidValue, match=r"no event 'CONECTED'. Events are: ACCEPTED, .*CONNECTED, .*LISTENING"):
        event_name("CONECTED")


def names(socket) -> list[str]:
    return [event.name for event in socket.monitor.history]


@pytest.fixture
def pair(opened, happens):
    """A PULL and the PUSH that is connected to it."""
    pull = opened("PULL", bind=TCP)
    push = opened("PUSH", connect=pull.address)
    for socket in (pull, push):
        assert happens(socket, lambda socket=socket: socket.monitor.counts["HANDSHAKE_SUCCEEDED"])
    return pull, push


def test_both_sides_are_told_of_a_connection_and_of_its_end(pair, session, happens):
    pull, push = pair
    assert names(pull) == ["LISTENING", "ACCEPTED", "HANDSHAKE_SUCCEEDED"]
    assert names(push) == ["CONNECT_DELAYED", "CONNECTED", "HANDSHAKE_SUCCEEDED"]
    session.close(push.name)
    assert happens(pull, lambda: pull.monitor.counts["DISCONNECTED"] == 1)
    assert names(pull)[3:] == ["DISCONNECTED"]


def test_events_are_numbered_and_have_the_time_and_the_endpoint(pair):
    for socket in pair:
        assert [event.number for event in socket.monitor.history] == [0, 1, 2]
        times = [event.time for event in socket.monitor.history]
        assert times == sorted(times)
        assert {event.endpoint for event in socket.monitor.history} == {pair[0].address}
    assert str(pair[0].monitor.history[0]) == f"LISTENING at {pair[0].address}"


def test_values_are_told_in_words_by_the_kind_of_event(opened, closed_port, happens):
    refused = opened("PUSH", connect=closed_port, RECONNECT_IVL=7, RECONNECT_IVL_MAX=0)
    assert happens(refused, lambda: refused.monitor.counts["CONNECT_RETRIED"])
    meanings = {event.name: event.meaning for event in refused.monitor.history}
    assert meanings["CONNECT_RETRIED"].startswith("next attempt in ")
    assert meanings["CONNECT_RETRIED"].endswith(" ms")
    assert meanings["CONNECT_DELAYED"] == "Operation now in progress"
    assert meanings["CLOSED"] == ""


def test_what_the_peer_did_wrong_is_told_in_words(opened, raw, happens):
    server = raw("PULL", bind=TCP, PLAIN_SERVER=1)
    client = opened("PUSH", connect=server.last_endpoint.decode(), RECONNECT_IVL=1)
    assert happens(client, lambda: client.monitor.counts["HANDSHAKE_FAILED_PROTOCOL"])
    event = client.monitor.since(0, ["HANDSHAKE_FAILED_PROTOCOL"])
    assert event.meaning.startswith("MECHANISM_MISMATCH: the two sides use different security mechanisms")
    failure = client.monitor.failures[-1]
    assert (failure.reason, failure.final, failure.endpoint) == ("MECHANISM_MISMATCH", True, event.endpoint)
    assert {f.reason for f in client.monitor.failures} <= {"MECHANISM_MISMATCH", "NOT_ZEROMQ"}


def test_an_address_that_cannot_be_bound_is_an_event_with_its_reason(opened, raw):
    taken = raw("PULL", bind=TCP).last_endpoint.decode()
    socket = opened("PULL", bind=TCP)
    with pytest.raises(zmq.ZMQError):
        socket.raw.socket.bind(taken)
    socket.drain()
    event = socket.monitor.since(0, ["BIND_FAILED"])
    assert (event.value, event.meaning) == (errno.EADDRINUSE, "Address already in use")


def test_events_are_found_by_number_name_and_endpoint(pair):
    pull, _ = pair
    since = pull.monitor.since
    assert since(0).name == "LISTENING"
    assert since(1).name == "ACCEPTED"
    assert since(1, ["HANDSHAKE_SUCCEEDED", "LISTENING"]).number == 2
    assert since(0, ["ACCEPTED"], "tcp://127.0.0.1:1") is None
    assert since(3) is None


def bind_and_unbind(socket, times: int) -> None:
    """Two events each, without anybody looking at the monitor."""
    socket.monitor.hear_refusals()  # and the CLOSED of listeners: a busy machine may have made the socket deaf for them
    for _ in range(times):
        socket.raw.socket.bind(TCP)
        socket.raw.socket.unbind(socket.raw.socket.last_endpoint)


def test_a_monitor_that_nobody_looks_at_does_not_freeze_the_context(opened, pair):
    busy = opened("PULL", bind=TCP)
    bind_and_unbind(busy, 1500)  # libzmq stops its thread at 2046 events that wait, if there is a limit
    pull, push = pair
    push.send([b"x"], Deadline(30))
    assert pull.receive(Deadline(30)).frames == [b"x"]
    assert busy.wait_for(lambda: busy.monitor.next_number > 2500, Deadline(30))


def test_the_history_is_bounded_and_the_counts_are_not(opened):
    busy = opened("PULL", bind=TCP)
    bind_and_unbind(busy, HISTORY)
    assert busy.wait_for(lambda: busy.monitor.next_number > HISTORY * 3 / 2, Deadline(30))
    assert len(busy.monitor.history) == HISTORY
    assert busy.monitor.history[-1].number == busy.monitor.next_number - 1
    assert busy.monitor.counts["LISTENING"] == HISTORY + 1


def test_what_happens_often_is_not_all_that_is_known(opened, pair):
    _, push = pair
    bind_and_unbind(push, HISTORY)
    assert push.wait_for(lambda: push.monitor.next_number > HISTORY * 3 / 2, Deadline(60))
    assert "HANDSHAKE_SUCCEEDED" not in names(push)
    assert [event.name for event in push.monitor.events("HANDSHAKE_SUCCEEDED")] == ["HANDSHAKE_SUCCEEDED"]
    assert push.monitor.since(0).name == "CONNECT_DELAYED"
    assert push.monitor.since(1, ["HANDSHAKE_SUCCEEDED", "CLOSED"]).name == "HANDSHAKE_SUCCEEDED"
    deadline = Deadline(60)
    while push.monitor.counts["CLOSED"] <= HISTORY and deadline.remaining():
        bind_and_unbind(push, HISTORY)
        push.drain()
    assert len(push.monitor.events("CLOSED")) == HISTORY


def test_the_connections_that_are_gone_are_told_once(pair, session):
    pull, push = pair
    monitor, address = pull.monitor, pull.address
    [descriptor] = monitor.links[address].descriptors
    session.close(push.name)
    deadline = Deadline(30)
    while monitor.links[address].descriptors and deadline.remaining():
        pull.loop.poll(0, deadline.slice())
        monitor.drain()
    assert monitor.take_gone() == [descriptor]
    assert monitor.take_gone() == []


def test_events_of_an_endpoint_that_was_left_change_nothing(pair):
    pull, push = pair
    push.disconnect(pull.address)
    assert push.monitor.links == {}
    push.drain()
    assert push.monitor.links == {}


def test_each_monitor_has_an_address_of_its_own(opened):
    first, second = opened("PULL", bind=TCP), opened("PULL", bind=TCP)
    assert first.monitor.source.polled[0][0].last_endpoint != second.monitor.source.polled[0][0].last_endpoint


def test_a_closed_socket_has_nothing_more_to_tell(session, opened):
    socket = opened("PULL", "x", bind=TCP)
    monitor = socket.monitor
    session.close("x")
    session._context.lingering.end()  # libzmq ends the socket in its own thread
    assert monitor.source.polled[0][0].closed
    assert monitor.counts["CLOSED"] == 1


@pytest.fixture
def disconnecting(opened, raw, happens, monkeypatch):
    """A peer has gone, which is read after some seconds; tells the event and what is said of the link."""

    def read_after(seconds: float):
        pull = opened("PULL", bind=TCP)
        peer = raw("PUSH", connect=pull.address)
        assert happens(pull, lambda: pull.monitor.counts["HANDSHAKE_SUCCEEDED"])
        with monkeypatch.context() as stopped:
            now = time.monotonic()
            stopped.setattr(time, "monotonic", lambda: now)
            pull.drain()
            peer.close()
            assert pull.monitor.source.wait(30)
            now += seconds
            pull.drain()
        return pull.monitor.history[-1], link_state(pull.monitor.links[pull.address])

    return read_after


def test_an_event_that_was_read_at_once_has_its_time(disconnecting):
    event, said = disconnecting(0.1)
    assert (event.name, event.late) == ("DISCONNECTED", False)
    assert "the peer disconnected at" in said


def test_an_event_that_was_read_late_says_so(disconnecting):
    event, said = disconnecting(0.2)
    assert (event.name, event.late) == ("DISCONNECTED", True)
    assert "the peer disconnected, seen at" in said
