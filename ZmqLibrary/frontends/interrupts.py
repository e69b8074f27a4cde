"""Ctrl-C and SIGTERM (`kill`, `timeout 10 zmqlibrary …`) in a process that runs a command.

Until the command begins there is nothing to report and nothing to end, so either ends the process at once. It could not
raise an exception there: in the middle of an import, Python prints some of them and goes on as if nothing had come.
While the command runs, both raise KeyboardInterrupt, so that it reports what it has done and leaves nothing behind.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    Handler = Callable[[int, FrameType | None], object] | int | None
    Unraisable = Callable[[sys.UnraisableHookArgs], object]

INTERRUPTED, TERMINATED = 130, 143
_SOON = 0.05


def leave_when_interrupted() -> None:
    """From now on both end the process, silently. A signal that the parent has told us to ignore stays ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in _DEFAULTS:
            signal.signal(number, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED if number == signal.SIGINT else TERMINATED)


_DEFAULTS = (signal.default_int_handler, signal.SIG_DFL, _leave)


class Interruptible:
    """While it is open, both raise KeyboardInterrupt. Handlers of somebody else stay, and all do in other threads.

    Python swallows what is raised in a destructor, or while it clears up after an import: then it is raised again.

    Attributes:
        terminated: Whether SIGTERM has come.
    """

    def __init__(self) -> None:
        self.terminated = False
        self._due = False  # whether what was swallowed is still to be raised
        self._in_hook = False  # where what is raised is swallowed, too
        self._before: dict[int, Handler] = {}
        self._hook: Unraisable = sys.unraisablehook

    def __enter__(self) -> Interruptible:
        if threading.current_thread() is threading.main_thread():
            for number, handler in ((signal.SIGINT, self._interrupt), (signal.SIGTERM, self._terminate)):
                if signal.getsignal(number) in _DEFAULTS:
                    self._before[number] = signal.signal(number, handler)
        self._hook, sys.unraisablehook = sys.unraisablehook, self._swallowed
        return self

    def __exit__(self, *_: object) -> None:
        self._due = False
        sys.unraisablehook = self._hook
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if not self._in_hook:
            self._due = False
            raise KeyboardInterrupt

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        if not self.terminated and not self._in_hook:  # a second one does not interrupt the end
            self.terminated = True
            self._interrupt(number, frame)

    def _swallowed(self, what: sys.UnraisableHookArgs) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            self._hook(what)
            return
        number = signal.SIGTERM if self.terminated else signal.SIGINT
        self.terminated, self._due, self._in_hook = False, True, True
        threading.Thread(target=self._raise_again, args=(number,)).start()
        self._in_hook = False

    def _raise_again(self, number: int) -> None:
        """Until it is raised: a signal that comes just before the main thread begins to wait does not end the wait."""
        soon = threading.Event()
        while not soon.wait(_SOON) and self._due:
            self._due = number in self._before  # what somebody else's handler does with it is not known
            _send_to_main_thread(number)


def _send_to_main_thread(number: int) -> None:
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)  # which also ends what it waits for
    else:
        signal.raise_signal(number)
