"""The hand: what a call has taken and not yet returned, so that a signal that ends the call loses nothing.

Also what it has opened, so that nothing is left behind. Exceptions of signals come between any two byte codes. What
comes before the call has ended is caught there. What comes after that, while the value is on its way through the
callers, is noticed by the gate that all signals go through.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import local
from types import CodeType, FrameType

from .uninterrupted import SignalGate, Uninterrupted

_OWN = __name__.partition(".")[0] + "."
_Place = tuple[int, CodeType, int]


class _Holding:
    """What a call holds, and how to see whether its value has arrived."""

    __slots__ = ("caller", "gate", "of", "undo")

    def __init__(self) -> None:
        self.undo: list[Callable[[], object]] = []
        self.gate: SignalGate | None = None
        self.of: object = None
        self.caller: _Place | None = None


class _Running(local):
    """The call of each thread, and of each greenlet of Locust: one that ends undoes nothing of others."""

    def __init__(self) -> None:
        self.call = _Holding()


class Hand:
    """What the running call has taken or opened, as the functions that undo it.

    Args:
        moment: Returns what the test runner is doing, None without one: as long as that is the same, the value has not
            arrived.
    """

    def __init__(self, moment: Callable[[], object] = lambda: None) -> None:
        self._moment = moment
        self._running = _Running()

    def begin(self) -> None:
        """A call begins: what the one before has returned has arrived, and what a signal has raised, too."""
        call = self._running.call
        call.gate = gate = SignalGate.standing()
        if gate is not None:
            gate.lost = gate.on_raise = None
        if call.undo:
            call.undo = []
            call.of = call.caller = None

    def hold(self, undo: Callable[[], object]) -> None:
        """Something is taken; where a signal must not come between, both are done in an `Uninterrupted` block.

        Args:
            undo: Puts it back, or closes it; it is called at most once.
        """
        self._running.call.undo.append(undo)

    def give_back(self) -> None:
        """Undoes everything, what was taken last first."""
        call = self._running.call
        with Uninterrupted():
            while call.undo:
                call.undo.pop()()

    def finish(self, to_runner: bool = False) -> None:
        """The call is done and returns now.

        Args:
            to_runner: Whether the test runner gets the value, if one runs: then it is enough to know what it is doing.

        Raises:
            BaseException: What a signal has raised and a destructor has swallowed.
        """
        call = self._running.call
        if not call.undo or call.gate is None:
            return
        if call.gate.lost is not None:
            raise call.gate.lost
        call.of = self._moment()
        call.caller = None if to_runner and call.of is not None else _place_of(_beyond(sys._getframe(1)))
        call.gate.on_raise = self._interrupted

    def _interrupted(self, frame: FrameType | None) -> None:
        """A signal raises while the value may still be on its way."""
        call, outside = self._running.call, _beyond(frame)
        if (
            (call.of is not None and self._moment() is call.of)
            if _is_runner(outside)
            else (call.caller is not None and _place_of(outside) == call.caller)
        ):
            self.give_back()


def _beyond(frame: FrameType | None) -> FrameType | None:
    """The first frame that is not of this package."""
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_OWN):
        frame = frame.f_back
    return frame


def _is_runner(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_globals.get("__name__", "").startswith("robot.")


def _place_of(frame: FrameType | None) -> _Place | None:
    """Where a frame is. As long as it is there, it has not got the value; the frame itself would keep its variables."""
    return None if frame is None else (id(frame), frame.f_code, frame.f_lasti)
