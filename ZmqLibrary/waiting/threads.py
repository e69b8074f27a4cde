"""Threads and their events, asked and waited for so that no signal comes in between.

Where a signal handler raises while Python looks whether a thread lives, or waits for its end, Python before 3.13 takes
the thread for ended, although it runs on (python/cpython#89437): its socket would be closed under it. Where one raises
while Python waits for an event, `RuntimeError: release unlocked lock` may take the place of what was raised.
"""

from __future__ import annotations

import threading

from .deadline import Deadline
from .uninterrupted import Uninterrupted


def is_alive(thread: threading.Thread) -> bool:
    """Whether a thread was started and has not ended."""
    with Uninterrupted():
        return thread.is_alive()


def is_set_within(event: threading.Event, seconds: float) -> bool:
    """Waits for an event; give at most a slice, because timeouts of the caller come through only afterwards."""
    with Uninterrupted():
        return event.wait(seconds)


def is_set_by(event: threading.Event, deadline: Deadline) -> bool:
    """Waits for an event; Robot's timeouts come through in each slice of the wait."""
    while not is_set_within(event, deadline.slice()):
        if not deadline.remaining():
            return event.is_set()
    return True


def has_ended(thread: threading.Thread, deadline: Deadline) -> bool:
    """Waits for the end of a thread; Robot's timeouts come through in each slice of the wait.

    Returns:
        Whether it has ended, or was never started.
    """
    while is_alive(thread) and (step := deadline.slice()):
        with Uninterrupted():
            thread.join(step)
    return not is_alive(thread)
