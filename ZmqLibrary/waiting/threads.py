"""Threads, asked and waited for so that no signal comes in between.

Where a signal handler raises while Python looks whether a thread lives, or waits for its end, Python before 3.13 takes
the thread for ended, although it runs on (python/cpython#89437): its socket would be closed under it.
"""

from __future__ import annotations

import threading

from .deadline import Deadline
from .uninterrupted import Uninterrupted


def is_alive(thread: threading.Thread) -> bool:
    """Whether a thread was started and has not ended."""
    with Uninterrupted():
        return thread.is_alive()


def has_ended(thread: threading.Thread, deadline: Deadline) -> bool:
    """Waits for the end of a thread; Robot's timeouts come through in each slice of the wait.

    Returns:
        Whether it has ended, or was never started.
    """
    while is_alive(thread) and (step := deadline.slice()):
        with Uninterrupted():
            thread.join(step)
    return not is_alive(thread)
