"""gevent makes greenlets of threads: what needs a thread says so at once, and everything else goes on."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import gevent.monkey
gevent.monkey.patch_all(thread={threads})
from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import WrongUse
from ZmqLibrary.sockets.socket_types import SocketType
library = ZmqLibrary()
library.bind_zmq_socket("inproc://sink", SocketType.PULL, "sink")
library.connect_zmq_socket("inproc://sink", SocketType.PUSH, "work")
for start in (
    lambda: library.start_mock_server("tcp://127.0.0.1:*", SocketType.REP),
    lambda: library.start_authenticator(),
    lambda: library.start_collecting_messages("sink"),
):
    try:
        print("started", start())
    except WrongUse as error:
        print("refused", error)
library.stop_all_workers()
library.send_message("hello")
print(library.receive_message(socket="sink"))
library.session.end()
"""


def run(threads: bool) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT.format(threads=threads)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout.splitlines()


def test_without_threads_workers_are_refused_with_the_reason():
    pytest.importorskip("gevent")
    *refused, received = run(threads=True)
    assert [line.split()[0] for line in refused] == ["refused"] * 3
    assert all("gevent's monkey patching has replaced threads" in line for line in refused)
    assert received == "hello"


def test_where_gevent_leaves_threads_alone_workers_work():
    pytest.importorskip("gevent")
    *started, received = run(threads=False)
    assert [line.split()[0] for line in started] == ["started"] * 3
    assert received == "hello"
