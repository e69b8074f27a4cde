from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
import zmq

from ZmqLibrary.errors import WrongUse
from ZmqLibrary.monitoring.link import link_state
from ZmqLibrary.session.session_context import SessionContext
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline

LEFT_OPEN = """
from ZmqLibrary.log.session_log import SessionLog
from ZmqLibrary.session.session import Session
from ZmqLibrary.session.settings import LibrarySettings
from ZmqLibrary.sockets.socket_types import SocketType
session = Session(LibrarySettings(linger=0.2), SessionLog(512, 200))
socket = session.open(SocketType.PUSH, None)
socket.bind("tcp://127.0.0.1:*")
socket.connect("{endpoint}")
socket.try_send([b"x"])
"""


def test_an_alias_used_again_closes_the_older_socket(session):
    older = session.open(SocketType.PULL, "jobs")
    address = older.bind("tcp://127.0.0.1:*")
    newer = session.open(SocketType.PULL, "jobs")
    assert older.closed
    assert newer.bind(address) == address
    assert session.sockets.names == ["jobs"]


def test_the_end_closes_everything_and_a_second_end_does_nothing(session):
    sockets = [session.open(type, None) for type in SocketType]
    for socket in sockets:
        socket.bind("tcp://127.0.0.1:*")
    session.end()
    assert all(socket.closed for socket in sockets)
    session.end()


def test_unsent_messages_of_bound_and_connected_sockets_cost_the_linger_time_once(session, closed_port):
    for _ in range(20):
        socket = session.open(SocketType.PUSH, None)
        socket.raw.set(zmq.LINGER, 1000)
        socket.bind("tcp://127.0.0.1:*")
        socket.connect(closed_port)
        socket.try_send([b"x"])
    start = time.monotonic()
    session.end()
    assert time.monotonic() - start < 10


def test_a_process_that_closes_nothing_ends(closed_port):
    subprocess.run([sys.executable, "-c", LEFT_OPEN.format(endpoint=closed_port)], check=True, timeout=300)


def test_without_a_received_message_there_is_a_clear_error(session):
    with pytest.raises(WrongUse, match="No message has been received yet"):
        session.last_received(None)
    session.open(SocketType.PULL, "jobs")
    with pytest.raises(WrongUse, match=r"'jobs' \(PULL\) has not received a message yet"):
        session.last_received("jobs")


def test_all_monitors_are_drained_while_one_socket_waits(session, closed_port):
    refused = session.open(SocketType.PUSH, None)
    refused.connect(closed_port)
    other = session.open(SocketType.PULL, None)
    assert other.wait_for(lambda: refused.monitor.next_number > 3, Deadline(30))


def test_looking_after_many_sockets_takes_a_tenth_of_the_time(session, opened, monkeypatch):
    """However many they are, and however much each has to report."""
    now, looked = 1000.0, []

    def storm(longest: float = 0.1) -> None:
        nonlocal now
        now += longest
        looked.append(longest)

    for _ in range(100):
        opened("PUSH").loop.drain = storm
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for _ in range(20_000):
        now += 0.0001
        session.tick()
    assert len(looked) > 5
    assert sum(looked) < 0.2 * (now - 1000)


def test_a_socket_whose_look_is_held_up_still_reports_refused_attempts(session, opened, closed_port, monkeypatch):
    """As by a busy machine: the time of the look is over before anything was read, here and at its neighbour."""
    sockets = [opened("PUSH", connect=closed_port) for _ in range(2)]
    for socket in sockets:
        assert socket.monitor.source.wait(30)
        monkeypatch.setattr(socket.loop, "drain", lambda longest: None)
    session.tick()
    assert not any(socket.monitor.quiet for socket in sockets)


@pytest.mark.parametrize("events", [0, 1000])
def test_sockets_that_are_not_looked_at_go_quiet_in_a_storm_only(session, opened, closed_port, monkeypatch, events):
    neighbour, noisy = (opened("PUSH", connect=closed_port) for _ in range(2))
    assert neighbour.monitor.source.wait(30)
    now = time.monotonic() + 1

    def long_look(longest: float) -> None:
        nonlocal now
        now += 0.015
        noisy.monitor.next_number += events

    monkeypatch.setattr(noisy.loop, "drain", long_look)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    session.tick()
    assert neighbour.monitor.quiet is bool(events)


def test_of_sockets_that_are_refused_all_the_time_no_more_is_reported_than_is_read(session, opened, closed_port):
    """A hundred of them report more than a tenth of the time can read."""
    sockets = [opened("PUSH", connect=closed_port, RECONNECT_IVL=1) for _ in range(100)]
    deadline = Deadline(300)
    while sum(socket.monitor.quiet for socket in sockets) < 20 and deadline.remaining():
        session.tick()
    quiet = [socket for socket in sockets if socket.monitor.quiet]
    assert len(quiet) >= 20
    for socket in quiet:
        while socket.monitor.drain():
            pass
        assert "and more)" in link_state(socket.monitor.links[closed_port])


def test_all_sockets_are_looked_after_in_turn(session, opened):
    looked = set()
    for number in range(30):
        opened("PUSH").loop.drain = lambda longest, number=number: looked.add(number)
    deadline = Deadline(30)
    while len(looked) < 30 and deadline.remaining():
        session.tick()
    assert len(looked) == 30


def test_a_socket_that_an_interrupt_has_left_open_does_not_hold_up_the_end():
    context = SessionContext()
    left = context.get().socket(zmq.PUSH)
    left.connect("tcp://127.0.0.1:1")
    left.send(b"never taken")
    ending = threading.Thread(target=context.end, daemon=True)
    ending.start()
    ending.join(60)
    assert left.closed
