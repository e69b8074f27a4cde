"""Where file descriptors run out, the error says so, nothing half-made stays, and the next test has what it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("resource")

SCRIPT = """
import resource, time
from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import EndpointFailed
from ZmqLibrary.sockets.socket_types import SocketType
library = ZmqLibrary()
resource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}))
try:
    for _ in range(100):
        library.{keyword}
except EndpointFailed as error:
    print(error)
library.stop_all_workers()
started = time.monotonic()
library.close_all_zmq_sockets()
assert time.monotonic() - started < 60
library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL, "sink")
library.connect_zmq_socket(library.get_zmq_endpoint(), SocketType.PUSH, "source")
library.send_message("hello")
print(library.receive_message(socket="sink"))
library.session.end()
"""
KEYWORDS = [
    'bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL)',
    'connect_zmq_socket("tcp://127.0.0.1:9", SocketType.PUSH, lazy=True)',
    'start_mock_server("tcp://127.0.0.1:*", SocketType.REP)',
]


@pytest.mark.parametrize("limit", [60, 63, 67])
@pytest.mark.parametrize("keyword", KEYWORDS)
def test_the_error_names_the_limit_and_the_next_test_passes(keyword, limit):
    script = SCRIPT.format(keyword=keyword, limit=limit)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    error, received = run.stdout.splitlines()
    assert f"of {limit} file descriptors of this process are in use" in error
    assert received == "hello"
