"""In processes of their own, because gevent's patches stay."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

pytestmark = pytest.mark.skipif(find_spec("gevent") is None, reason="gevent is not installed.")

HEAD = """
from gevent import monkey
monkey.patch_all()
import gevent
import time
import zmq
from gevent.event import Event
from ZmqLibrary.frontends.green_poll import green_poll

context = zmq.Context()
pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
pull.bind("tcp://127.0.0.1:*")
push.connect(pull.last_endpoint.decode())
"""


def run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", HEAD + code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_a_message_of_another_greenlet_ends_the_wait():
    run(
        """
gevent.spawn_later(0.1, push.send, b"x")
assert green_poll([(pull, zmq.POLLIN)], 60_000) == [(pull, zmq.POLLIN)]
assert pull.recv(zmq.NOBLOCK) == b"x"
"""
    )


def test_others_run_while_it_waits():
    run(
        """
def others():
    for _ in range(20):
        Event().wait(0.01)
    push.send(b"The others ran.")
gevent.spawn(others)
assert green_poll([(pull, zmq.POLLIN)], 120_000) == [(pull, zmq.POLLIN)]
"""
    )


def test_it_ends_when_the_time_is_over():
    run(
        """
begun = time.monotonic()
assert green_poll([(pull, zmq.POLLIN)], 500) == []
assert time.monotonic() - begun >= 0.5
"""
    )


def test_what_is_there_is_told_at_once_and_descriptors_are_polled_too():
    run(
        """
import socket
near, far = socket.socketpair()
assert green_poll([(push, zmq.POLLOUT)], 60_000) == [(push, zmq.POLLOUT)]
assert green_poll([(near.fileno(), zmq.POLLIN)], 0) == []
far.send(b"x")
assert green_poll([(near.fileno(), zmq.POLLIN), (pull, zmq.POLLIN)], 60_000) == [(near.fileno(), zmq.POLLIN)]
assert green_poll([(near, zmq.POLLIN)], 60_000) == [(near.fileno(), zmq.POLLIN)]
"""
    )


SINK = """
from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import WaitTimeout, WrongUse
from ZmqLibrary.frontends.green_poll import Receiver, patch_zmq
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline
patch_zmq()
library = ZmqLibrary(lazy_connect=True)
sink = library.session.sockets.get(library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL))
receiver = Receiver(sink)
"""


def test_a_receiver_takes_one_message_after_the_other():
    run(
        SINK
        + """
source = context.socket(zmq.PUSH)
source.connect(sink.address)
for number in range(200):
    gevent.spawn(source.send, b"%d" % number)
    assert receiver.receive(Deadline(60)).frames == [b"%d" % number]
receiver.close()
"""
    )


def test_a_receiver_that_waits_in_vain_says_so_and_one_that_must_not_wait_says_so_at_once():
    run(
        SINK
        + """
try:
    receiver.receive(Deadline(0.2))
    raise AssertionError
except WaitTimeout as problem:
    assert "No message" in str(problem), problem
source = library.session.sockets.get(library.connect_zmq_socket(sink.address, SocketType.PUSH))
try:
    Receiver(source).receive(Deadline(600))
    raise AssertionError
except WrongUse as problem:
    assert "PUSH" in str(problem), problem
"""
    )


def test_a_receiver_takes_first_what_a_search_has_passed_over():
    run(
        SINK
        + """
source = context.socket(zmq.PUSH)
source.connect(sink.address)
source.send(b"passed over")
source.send(b"searched")
assert sink.find(lambda message: message.frames == [b"searched"], Deadline(60))
assert receiver.receive(Deadline(600)).frames == [b"passed over"]
"""
    )


def test_a_receiver_knows_the_peer_also_when_connections_and_monitor_change_while_it_waits():
    run(
        SINK
        + """
server = library.session.sockets.get(library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.DEALER))
receiver = Receiver(server)

def send(name):
    with context.socket(zmq.DEALER) as source:
        source.routing_id = name
        source.connect(server.address)
        source.send(name)

for number in range(50):
    name = b"peer %d" % number
    gevent.spawn(send, name)
    message = receiver.receive(Deadline(60))
    assert message.frames == [name]
    assert message.peer.metadata["Identity"] == name.decode(), message.peer
    server.monitor.source.hear(refusals=bool(number % 2))  # by another PAIR
server.drain()
assert server.monitor.counts["ACCEPTED"] == 50
receiver.close()
"""
    )


def test_keywords_let_others_run_while_they_wait():
    run(
        """
from datetime import timedelta
from ZmqLibrary import ZmqLibrary
from ZmqLibrary.frontends.green_poll import patch_zmq
from ZmqLibrary.sockets.socket_types import SocketType
patch_zmq()
library = ZmqLibrary()
library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL, "sink")
library.connect_zmq_socket(library.get_zmq_endpoint(), SocketType.PUSH, "source")
gevent.spawn_later(0.1, lambda: library.send_message("x", socket="source"))
assert library.receive_message(socket="sink", timeout=timedelta(seconds=60)) == "x"
library.session.end()
"""
    )
