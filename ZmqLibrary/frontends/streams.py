"""What a shell gives a command, standard streams and signals, so that a command can rely on them."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO


def prepare_streams() -> None:
    """Makes the standard streams usable whatever the shell has done to them.

    One that is closed (`<&-`, `>&-`) is empty, or swallows what is printed. Characters that the encoding has not are
    printed as escapes.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY), encoding="utf-8")
    if sys.stdout is None:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _nowhere() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def abandon_output() -> None:
    """Python would complain at its end about what cannot be flushed any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def terminated_as_interrupted() -> Iterator[list[int]]:
    """While it is open, SIGTERM (`kill`, `timeout 10 zmqlibrary …`) interrupts as Ctrl-C does.

    So a command reports what it has done, and leaves nothing behind.

    Yields:
        The signals that have come.
    """
    come: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        come.append(number)
        if len(come) == 1:  # a second one does not interrupt the end
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield come
        return
    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield come
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
