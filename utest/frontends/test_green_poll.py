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
from ZmqLibrary.frontends.green_poll import MessageWait, green_poll

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


def test_waiting_for_the_next_message_of_one_socket():
    run(
        """
wait = MessageWait(pull)
wait.wait(0.05)
assert not pull.poll(0)
for number in range(200):
    gevent.spawn(push.send, b"%d" % number)
    wait.wait(60)
    assert pull.recv(zmq.NOBLOCK) == b"%d" % number
wait.close()
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
