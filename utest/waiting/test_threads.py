"""A signal that comes while a thread is looked at or waited for does not end it for Python."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.waiting.threads import has_ended, is_alive, is_set_by, is_set_within

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="signals of POSIX")


@pytest.fixture
def thread() -> Iterator[threading.Thread]:
    end = threading.Event()
    thread = threading.Thread(target=end.wait, daemon=True)
    thread.start()
    yield thread
    end.set()
    assert has_ended(thread, Deadline(30))


def test_a_thread_that_is_looked_at_as_a_signal_comes_lives_on(thread, interrupted):
    def look() -> None:
        while True:
            is_alive(thread)

    for number in range(200):
        assert interrupted(look, 1e-5 + number * 1e-6)
        assert is_alive(thread)


def test_a_thread_that_is_waited_for_as_a_signal_comes_lives_on(thread, interrupted):
    for _ in range(3):
        assert interrupted(lambda: has_ended(thread, Deadline(30)), 0.001)
        assert is_alive(thread)


class SignallingLock:
    """A signal comes whenever it is released by its name, as a wait does before it begins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.acquire = self._lock.acquire

    def release(self) -> None:
        self._lock.release()
        signal.raise_signal(signal.SIGALRM)

    def __enter__(self) -> bool:
        return self._lock.__enter__()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_what_a_signal_raises_in_a_wait_for_an_event_arrives(interrupted):
    event = threading.Event()
    event._cond = threading.Condition(SignallingLock())
    assert interrupted(lambda: is_set_within(event, 0.01), seconds=30)


def test_a_wait_for_an_event_ends_with_it_or_at_its_deadline():
    event = threading.Event()
    assert not is_set_by(event, Deadline(0))
    timer = threading.Timer(0.01, event.set)
    timer.start()
    assert is_set_by(event, Deadline(30))
    assert is_set_by(event, Deadline(0))
    timer.join(30)


def test_a_wait_for_a_thread_has_an_end(thread):
    assert not has_ended(thread, Deadline(0))


def test_a_thread_that_was_not_started_has_ended():
    thread = threading.Thread()
    assert not is_alive(thread)
    assert has_ended(thread, Deadline(30))
