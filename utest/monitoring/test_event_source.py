"""What libzmq reports too often can be left out and come again, and nothing else is missed meanwhile."""

from __future__ import annotations

import select

import pytest
import zmq

from ZmqLibrary.monitoring.link import link_state
from ZmqLibrary.waiting.deadline import Deadline


@pytest.fixture
def refused(opened, closed_port):
    """A PUSH that is refused again and again, and has been."""
    socket = opened("PUSH", connect=closed_port, RECONNECT_IVL=1)
    assert socket.wait_for(lambda: socket.monitor.links[closed_port].retries > 2, Deadline(30))
    return socket


def quieten(socket) -> None:
    assert socket.monitor.source.wait(30)  # more has come
    socket.monitor.ignore_refusals()
    assert socket.monitor.quiet


def names_since(socket, number: int) -> list[str]:
    return [event.name for event in socket.monitor.history if event.number >= number]


def test_refused_attempts_are_left_out_and_nothing_more_grows(refused):
    quieten(refused)
    refused.drain()
    assert not refused.monitor.source.wait(0.1)


@pytest.mark.skipif(not hasattr(select, "poll"), reason="Windows has no poll")
def test_libzmqs_descriptor_is_silent_after_a_look_although_there_is_something_to_read():
    with zmq.Context() as context, context.socket(zmq.PAIR) as sender, context.socket(zmq.PAIR) as receiver:
        receiver.bind("inproc://descriptor")
        sender.connect("inproc://descriptor")
        descriptor = select.poll()
        descriptor.register(receiver.get(zmq.FD), select.POLLIN)
        with pytest.raises(zmq.Again):
            receiver.recv(zmq.NOBLOCK)
        sender.send(b"something")
        assert descriptor.poll(30_000)
        assert receiver.poll(0)
        assert not descriptor.poll(0)
        assert receiver.recv(zmq.NOBLOCK) == b"something"


def test_what_a_wait_has_found_is_known_until_it_is_read(refused):
    source = refused.monitor.source
    assert source.wait(30)
    assert source.readable()  # although libzmq's descriptor is silent after a poll
    assert refused.monitor.drain()


def test_what_a_signal_keeps_a_poll_from_telling_is_read_all_the_same(refused):
    source = refused.monitor.source
    assert zmq.zmq_poll(source.to_poll(), 30_000)
    assert refused.monitor.drain()


def test_what_there_was_no_time_for_is_read_next_time(refused):
    assert refused.monitor.source.wait(30)
    assert not refused.monitor.drain(longest=0)
    assert refused.monitor.drain()


def test_a_peer_that_comes_meanwhile_is_noticed_without_a_wait(refused, raw, closed_port):
    quieten(refused)
    refused.drain()
    before = refused.monitor.next_number
    raw("PULL", bind=closed_port)
    deadline = Deadline(30)
    while not refused.monitor.links[closed_port].peers and deadline.remaining():
        refused.monitor.source.wait(1)
        refused.drain()
    assert refused.monitor.quiet
    assert names_since(refused, before) == ["CONNECTED", "HANDSHAKE_SUCCEEDED"]


def test_who_waits_hears_of_refused_attempts_again(refused, closed_port):
    quieten(refused)
    refused.drain()
    link = refused.monitor.links[closed_port]
    before = link.retries
    assert refused.wait_for(lambda: link.retries > before, Deadline(30))
    assert not refused.monitor.quiet


def test_who_waits_is_not_made_deaf_by_those_who_look_after_all_sockets(refused, closed_port):
    link = refused.monitor.links[closed_port]
    before = link.retries

    def came_again():
        refused.monitor.source.wait(30)
        refused.monitor.ignore_refusals()
        return link.retries > before + 1

    assert refused.wait_for(came_again, Deadline(30))
    assert not refused.monitor.quiet
    quieten(refused)


def test_what_was_reported_before_a_change_is_read_first(refused):
    before = refused.monitor.next_number
    quieten(refused)
    refused.monitor.hear_refusals()
    assert refused.wait_for(lambda: refused.monitor.next_number > before + 30, Deadline(30))
    names = names_since(refused, before)
    assert "MONITOR_STOPPED" not in names
    assert set(names) == {"CONNECT_DELAYED", "CLOSED", "CONNECT_RETRIED"}
    assert len(refused.monitor.source.polled) == 1


def test_the_number_of_attempts_is_said_to_be_too_low(refused, closed_port):
    quieten(refused)
    assert "and more)" in link_state(refused.monitor.links[closed_port])


def test_a_socket_that_listens_hears_everything(opened, closed_port):
    socket = opened("PUSH", bind="tcp://127.0.0.1:*", connect=closed_port, RECONNECT_IVL=1)
    assert socket.monitor.source.wait(30)
    socket.monitor.ignore_refusals()
    assert not socket.monitor.quiet


def test_a_bind_is_heard_of_although_it_was_quiet(refused):
    quieten(refused)
    address = refused.bind("tcp://127.0.0.1:*")
    assert not refused.monitor.quiet
    refused.unbind(address)
    assert refused.monitor.counts["CLOSED"]
