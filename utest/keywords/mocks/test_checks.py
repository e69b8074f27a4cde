"""What waits for requests holds patterns against them while the mock server goes on."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest

from ZmqLibrary.errors import CheckFailed, WaitTimeout
from ZmqLibrary.keywords.mocks.making import Mocks
from ZmqLibrary.mocks.mock_server import MockServer
from ZmqLibrary.sockets.socket_types import SocketType


@pytest.fixture
def received(library):
    """Starts a PULL and has it receive messages."""
    library.start_mock_server("inproc://jobs", SocketType.PULL)
    library.connect_zmq_socket("inproc://jobs", SocketType.PUSH)

    def receive(*texts: str) -> None:
        for text in texts:
            library.send_message(text)
        library.mock_should_have_received(texts[-1])

    return receive


class Holding:
    """A pattern that takes until the mock server has told others of a change."""

    def __init__(self, server: MockServer) -> None:
        self._server = server

    def matches(self, frames: object) -> bool:
        told = threading.Event()
        self._server.post(lambda: (self._server.notify(), told.set()))
        return told.wait(5)


@pytest.mark.parametrize("name", ["wait_for_mock_request", "mock_should_have_received"])
def test_a_pattern_that_takes_long_does_not_hold_up_the_server(library, received, monkeypatch, name):
    received("job")
    monkeypatch.setattr(Mocks, "pattern", lambda mocks, server, condition: Holding(server))
    getattr(library, name)(timeout=timedelta(seconds=1))


def test_each_request_is_waited_for_once_in_the_order_in_which_they_came(library, received):
    received("a 1", "b 2", "a 3")
    assert [library.wait_for_mock_request("a *", timeout=timedelta(0)).number for _ in range(2)] == [1, 3]
    with pytest.raises(WaitTimeout, match="no new request"):
        library.wait_for_mock_request("a *", timeout=timedelta(seconds=0.01))
    assert library.wait_for_mock_request().number == 2


def test_a_count_is_of_all_requests_that_there_are(library, received):
    library.start_mock_server("inproc://nothing", SocketType.PULL, "nothing")
    library.mock_should_have_received("a *", times=0, mock="nothing")
    library.switch_mock_server("MOCK-1")
    received("a 1", "a 2", "b 3")
    library.mock_should_have_received("a *", times=2)
    for times, problem in ((0, "2 times, not 0"), (1, "2 times, not 1"), (3, "2 of 3 times")):
        with pytest.raises(CheckFailed, match=problem):
            library.mock_should_have_received("a *", times=times, timeout=timedelta(seconds=0.01))


def test_a_recording_that_no_request_has_met_is_named(library, tmp_path):
    tape = tmp_path / "server.jsonl"
    library.start_mock_server("inproc://real", SocketType.REP)
    library.when_mock_receives("ping", reply="pong")
    library.connect_zmq_socket("inproc://real", SocketType.REQ, "client")
    library.start_recording(str(tape), sockets="client")
    library.send_request("ping")
    library.stop_recording()
    library.start_mock_server("inproc://copy", SocketType.REP)
    library.mock_replies_from_recording()
    with pytest.raises(CheckFailed, match=f"  `Mock Replies From Recording    {re.escape(str(tape))}`"):
        library.mock_should_have_used_all_rules()
