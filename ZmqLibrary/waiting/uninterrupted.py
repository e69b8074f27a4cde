"""Stretches of code that a signal does not tear apart.

Robot's timeouts (SIGALRM), Ctrl-C (SIGINT) and SIGTERM raise an exception from a signal handler, between any two byte
codes of the main thread. Between two frames of a message that would misframe everything that follows, and Robot runs
teardowns afterwards. A gate stands before the handlers: while it is closed it keeps signals, and lets them through when
it opens. It is found where it stands, in the table of signal handlers, so it also notices when somebody has put another
handler there.
"""

from __future__ import annotations

import errno
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGALRM")
_SIGNALS = [int(getattr(signal, name)) for name in _NAMES if hasattr(signal, name)]
_INTERRUPT, *_OTHERS = _SIGNALS
# Python's own function without what makes enums of numbers, which takes ten times as long and finds none.
_get: Callable[[int], Any] = getattr(sys.modules.get("_signal"), "getsignal", signal.getsignal)
_thread_id = threading.get_ident

Handler = Callable[[int, FrameType | None], Any]


class SignalGate:
    """The handler of signals that raise exceptions; those that it stands before are called when it is open.

    Attributes:
        lost: What a handler has raised last, until somebody says that it has arrived: a destructor swallows exceptions.
        on_raise: Called with the interrupted frame when a handler has raised something, before that goes on.
    """

    def __init__(self) -> None:
        self.lost: BaseException | None = None
        self.on_raise: Callable[[FrameType | None], object] | None = None
        self.thread = threading.main_thread().ident
        self._closed = 0
        self._kept: set[int] = set()
        self._handlers: dict[int, list[Handler]] = {}
        self._running: list[int] = []

    @classmethod
    def standing(cls) -> SignalGate | None:
        """The gate before all handlers that raise; it is put there if it does not stand there yet.

        Returns:
            None where no signal can raise: outside of the main thread, and without any handler.
        """
        gate: SignalGate | None = _get(_INTERRUPT)
        if type(gate) is not cls:
            gate = cls._find()
        if gate is None or gate.thread != _thread_id():
            return None
        for number in _OTHERS:
            if (handler := _get(number)) is not gate and callable(handler):
                gate._stand_before(number, handler)
        return gate

    @classmethod
    def _find(cls) -> SignalGate | None:
        """The gate where Ctrl-C is ignored or somebody has put another handler for it; a new one if there is none."""
        handlers = [handler for handler in map(_get, _SIGNALS) if callable(handler)]
        if not handlers or threading.current_thread() is not threading.main_thread():
            return None
        gate = next((handler for handler in handlers if type(handler) is cls), None) or cls()
        if callable(handler := _get(_INTERRUPT)):
            gate._stand_before(_INTERRUPT, handler)
        return gate

    def _stand_before(self, number: int, handler: Handler) -> None:
        # A handler may call the one that it has replaced, which was this gate: the one before it is kept for that.
        self._handlers[number] = [*self._handlers.get(number, [])[-1:], handler]
        signal.signal(number, self)

    def release(self) -> None:
        """Handles what was kept, unless its handler has been taken away since.

        Handlers see where they are called. The frame that the signal came in would keep its variables in the traceback,
        and a `zmq.Frame` among them would go at some later time, and lose what a signal raises then.
        """
        while self._kept:
            number = self._kept.pop()
            if _get(number) is self:
                self._call(number, sys._getframe(1))

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._closed:
            self._kept.add(number)
        else:
            self._call(number, frame)

    def _call(self, number: int, frame: FrameType | None) -> None:
        handlers, depth = self._handlers[number], self._running.count(number)
        if depth == len(handlers):
            return
        self._running.append(number)
        try:
            handlers[-1 - depth](number, frame)
        except BaseException as error:
            self.lost = error
            if self.on_raise is not None:
                self.on_raise(frame)
            raise
        finally:
            self._running.remove(number)


class Uninterrupted:
    """Holds back signals in the main thread while messages are read or written; elsewhere it does nothing.

    What comes in between is handled at the end of the block, and may be raised there.
    """

    __slots__ = ("_gate",)

    def __enter__(self) -> None:
        self._gate = gate = SignalGate.standing()
        if gate is not None:
            gate._closed += 1

    def __exit__(self, *_: object) -> None:
        gate = self._gate
        if gate is not None:
            gate._closed -= 1
            if gate._kept and not gate._closed:
                gate.release()


def done_although_interrupted(call: Callable[..., object], *arguments: object) -> None:
    """Repeats a call of libzmq while a signal stops it (EINTR); pyzmq does so in some functions only."""
    while True:
        try:
            call(*arguments)
        except Exception as error:
            if getattr(error, "errno", None) != errno.EINTR:
                raise
        else:
            return
