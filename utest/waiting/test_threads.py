"""A signal that comes while a thread is looked at or waited for does not end it for Python."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.waiting.threads import has_ended, is_alive

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


def test_a_wait_for_a_thread_has_an_end(thread):
    assert not has_ended(thread, Deadline(0))


def test_a_thread_that_was_not_started_has_ended():
    thread = threading.Thread()
    assert not is_alive(thread)
    assert has_ended(thread, Deadline(30))
