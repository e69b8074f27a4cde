from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from ZmqLibrary.errors import WorkerFailed
from ZmqLibrary.waiting.deadline import Deadline

LARGE = b"t" * 1_000_000  # more than a pipe holds

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows stops no process.")


@pytest.fixture
def proxy(new_proxy, closed_port):
    return new_proxy(closed_port)


@pytest.fixture
def go_on(proxy):
    """Its process stands still until this is called."""
    os.kill(proxy._child._process.pid, signal.SIGSTOP)
    return lambda: os.kill(proxy._child._process.pid, signal.SIGCONT)


def test_a_process_that_stands_still_holds_up_no_call_longer_than_was_asked(proxy, go_on):
    started = time.monotonic()
    with pytest.raises(WorkerFailed, match=r"Proxy 'link' did not answer in 0.3 seconds \(subscriptions\)"):
        proxy._child.call("subscriptions", LARGE, seconds=0.3)
    assert time.monotonic() - started < 10
    go_on()


def test_calls_that_were_not_taken_in_time_are_whole_when_it_goes_on(proxy, go_on):
    for _ in range(3):
        with pytest.raises(WorkerFailed, match="did not answer"):
            proxy._child.call("subscriptions", LARGE, seconds=0.05)
    go_on()
    assert proxy.subscriptions(b"") == (0, [], "")


def test_it_can_be_stopped_while_a_call_is_on_its_way(proxy, go_on):
    with pytest.raises(WorkerFailed, match="did not answer"):
        proxy._child.call("subscriptions", LARGE, seconds=0.05)
    go_on()
    proxy.stop()
    assert not proxy._child.alive


def test_who_waits_for_room_learns_that_it_was_killed(proxy, go_on):
    threading.Timer(0.2, lambda: os.kill(proxy._child._process.pid, signal.SIGKILL)).start()
    with pytest.raises(WorkerFailed, match="was killed by signal 9"):
        proxy._child.call("subscriptions", LARGE, seconds=60)


def test_nobody_is_waited_for_after_an_interrupt(proxy):
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        proxy._child.ask("wait_subscription", b"", 1, deadline=Deadline(60), last="forget_waiters", tick=interrupt)
    assert proxy._child.call("_waiters.__len__") == 0
