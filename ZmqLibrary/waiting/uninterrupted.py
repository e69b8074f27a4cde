"""Stretches of code that a signal does not tear apart."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

_ALARM = getattr(signal, "SIGALRM", None)


class Uninterrupted:
    """Holds back Robot's timeout signal while messages are read or written.

    A timeout that comes in between is raised at the end of the block. Without this, the exception leaves the C call
    in the middle of a multipart message and every later message is misframed. Signals are Python's only in the main
    thread, and SIGALRM exists only on POSIX: elsewhere this does nothing. The same where no timeout is set, which is
    when the timer does not run; one that has just gone off is raised before the block.
    """

    __slots__ = ("_handler", "_raised")

    def __enter__(self) -> None:
        self._handler: Any = None
        if _ALARM is None or not signal.getitimer(signal.ITIMER_REAL)[0]:
            return
        if threading.current_thread() is not threading.main_thread():
            return
        handler = signal.getsignal(_ALARM)
        if callable(handler):
            self._raised: tuple[int, FrameType | None] | None = None
            self._handler = handler
            signal.signal(_ALARM, self._hold)

    def _hold(self, signum: int, frame: FrameType | None) -> None:
        self._raised = (signum, frame)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._handler is not None and _ALARM is not None:
            signal.signal(_ALARM, self._handler)
            if self._raised:
                self._handler(*self._raised)
