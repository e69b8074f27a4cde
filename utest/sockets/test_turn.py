from __future__ import annotations

import time

import pytest

from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.sockets.turn import Turn


def test_a_req_sends_first_then_receives_then_sends():
    turn = Turn(SocketType.REQ)
    assert not turn.why_not_send()
    assert "has not sent a request yet" in turn.why_not_receive()
    turn.sent()
    assert "still waits for the reply" in turn.why_not_send()
    assert "req_relaxed=yes" in turn.why_not_send()
    assert not turn.why_not_receive()
    turn.received()
    assert not turn.why_not_send()
    assert turn.why_not_receive()


def test_a_rep_receives_first_then_sends_then_receives():
    turn = Turn(SocketType.REP)
    assert "Receive a request first" in turn.why_not_send()
    assert not turn.why_not_receive()
    turn.received()
    assert not turn.why_not_send()
    assert "Send the reply first" in turn.why_not_receive()
    turn.sent()
    assert not turn.why_not_receive()


def test_a_relaxed_req_may_send_again():
    turn = Turn(SocketType.REQ)
    turn.relaxed = True
    turn.sent()
    assert not turn.why_not_send()


def test_a_req_knows_since_when_it_waits():
    turn = Turn(SocketType.REQ)
    assert turn.waiting_for_reply() is None
    before = time.monotonic()
    turn.sent()
    waiting = turn.waiting_for_reply()
    assert 0 <= waiting <= time.monotonic() - before
    assert turn.waiting_for_reply() >= waiting
    turn.received()
    assert turn.waiting_for_reply() is None


@pytest.mark.parametrize("type", [t for t in SocketType if t not in (SocketType.REQ, SocketType.REP)])
def test_other_types_have_no_turn(type):
    turn = Turn(type)
    for happens in (turn.sent, turn.received, turn.sent):
        happens()
        assert not turn.why_not_send()
        assert not turn.why_not_receive()
        assert turn.waiting_for_reply() is None
