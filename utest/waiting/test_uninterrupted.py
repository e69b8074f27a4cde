"""Signals wait until a stretch of code is over, whoever has set their handlers, and are never lost."""

from __future__ import annotations

import errno
import os
import signal
import threading
import weakref
from collections.abc import Iterator

import pytest
import zmq

from ZmqLibrary.waiting.uninterrupted import SignalGate, Uninterrupted, done_although_interrupted

NAMES = ["SIGINT", "SIGTERM", "SIGALRM"]
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="signals of POSIX")


class Raised(BaseException):
    pass


@pytest.fixture(params=NAMES)
def number(request) -> Iterator[int]:
    number = getattr(signal, request.param)
    before = signal.getsignal(number)
    yield number
    signal.signal(number, before)


def raising(number: int, frame: object) -> None:
    raise Raised(number)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def test_a_signal_waits_for_the_end_of_the_block(number):
    signal.signal(number, raising)
    done = []
    with pytest.raises(Raised), Uninterrupted():  # noqa: PT012
        send(number)
        with Uninterrupted():
            send(number)
        done.append("whole")
    assert done == ["whole"]
    with Uninterrupted():
        done.append("not raised again")
    assert len(done) == 2


def test_what_is_raised_at_the_end_keeps_no_variables_of_where_the_signal_came(number):
    class Variable:
        pass

    def interrupted() -> weakref.ref[Variable]:
        variable = Variable()
        send(number)
        return weakref.ref(variable)

    signal.signal(number, raising)
    with pytest.raises(Raised) as caught, Uninterrupted():
        variable = interrupted()
    assert variable() is None, caught.value


@pytest.fixture
def no_handlers() -> Iterator[None]:
    before = {number: signal.signal(number, signal.SIG_IGN) for number in map(signal.Signals.__getitem__, NAMES)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_without_a_handler_there_is_no_gate_and_with_the_first_one_there_is(no_handlers):
    assert SignalGate.standing() is None
    signal.signal(signal.SIGALRM, raising)
    with pytest.raises(Raised), Uninterrupted():
        send(signal.SIGALRM)
    assert SignalGate.standing() is signal.getsignal(signal.SIGALRM)


def test_outside_of_blocks_it_is_raised_at_once(number):
    signal.signal(number, raising)
    with Uninterrupted():
        pass
    with pytest.raises(Raised):
        send(number)


def test_the_error_of_the_block_is_not_lost_without_a_signal(number):
    signal.signal(number, raising)
    with pytest.raises(ZeroDivisionError), Uninterrupted():
        raise ZeroDivisionError


def test_a_handler_that_was_set_meanwhile_is_the_one_that_is_called(number):
    seen = []
    signal.signal(number, raising)
    with Uninterrupted():
        pass
    signal.signal(number, lambda *_: seen.append("new"))
    with Uninterrupted():
        send(number)
        assert seen == []
    assert seen == ["new"]


def test_a_handler_that_calls_the_one_before_it_calls_no_circle(number):
    seen = []
    signal.signal(number, lambda *_: seen.append("first"))
    with Uninterrupted():
        pass
    gate = signal.getsignal(number)

    def chained(got: int, frame: object) -> None:
        seen.append("second")
        gate(got, frame)

    signal.signal(number, chained)
    with Uninterrupted():
        send(number)
    assert seen == ["second", "first"]


def test_a_signal_whose_handler_was_taken_away_is_dropped(number):
    signal.signal(number, raising)
    with Uninterrupted():
        send(number)
        signal.signal(number, signal.SIG_IGN)


def test_signals_that_end_the_process_go_on_doing_so():
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with Uninterrupted():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_what_was_raised_is_known_until_it_has_arrived(number):
    signal.signal(number, raising)
    gate = SignalGate.standing()
    assert gate is not None
    calls = []
    gate.on_raise = lambda frame: calls.append(gate.lost)
    try:
        with pytest.raises(Raised) as caught:
            send(number)
        assert gate.lost is caught.value
        assert calls == [caught.value]
    finally:
        gate.lost = gate.on_raise = None


def test_another_thread_does_not_touch_signals(number):
    signal.signal(number, raising)

    def run() -> None:
        with Uninterrupted():
            gates.append(SignalGate.standing())

    gates: list[object] = []
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert gates == [None]
    assert signal.getsignal(number) is raising


def test_what_libzmq_has_not_begun_because_of_a_signal_is_done_again():
    calls = []

    def unbind(address: str) -> None:
        calls.append(address)
        if len(calls) < 3:
            raise zmq.ZMQError(errno.EINTR)

    done_although_interrupted(unbind, "inproc://x")
    assert calls == ["inproc://x"] * 3


def test_what_libzmq_refuses_is_not_done_again():
    def unbind() -> None:
        raise zmq.ZMQError(errno.ENOENT)

    with pytest.raises(zmq.ZMQError, match="No such file"):
        done_although_interrupted(unbind)
