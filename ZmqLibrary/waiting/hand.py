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


class Hand(local):
    """What the running call has taken or opened, as the functions that undo it.

    Each thread has a hand of its own, and so has each greenlet of Locust: a call that ends undoes nothing of others.

    Args:
        moment: Returns what the test runner is doing, None without one: as long as that is the same, the value has not
            arrived.
    """

    def __init__(self, moment: Callable[[], object] = lambda: None) -> None:
        self._moment = moment
        self._undo: list[Callable[[], object]] = []
        self._gate: SignalGate | None = None
        self._of: object = None
        self._caller: _Place | None = None

    def begin(self) -> None:
        """A call begins: what the one before has returned has arrived, and what a signal has raised, too."""
        self._gate = gate = SignalGate.standing()
        if gate is not None:
            gate.lost = gate.on_raise = None
        if self._undo:
            self._undo = []
            self._of = self._caller = None

    def hold(self, undo: Callable[[], object]) -> None:
        """Something is taken; where a signal must not come between, both are done in an `Uninterrupted` block.

        Args:
            undo: Puts it back, or closes it; it is called at most once.
        """
        self._undo.append(undo)

    def give_back(self) -> None:
        """Undoes everything, what was taken last first."""
        with Uninterrupted():
            while self._undo:
                self._undo.pop()()

    def finish(self, to_runner: bool = False) -> None:
        """The call is done and returns now.

        Args:
            to_runner: Whether the test runner gets the value, if one runs: then it is enough to know what it is doing.

        Raises:
            BaseException: What a signal has raised and a destructor has swallowed.
        """
        if not self._undo or self._gate is None:
            return
        if self._gate.lost is not None:
            raise self._gate.lost
        self._of = self._moment()
        self._caller = None if to_runner and self._of is not None else _place_of(_beyond(sys._getframe(1)))
        self._gate.on_raise = self._interrupted

    def _interrupted(self, frame: FrameType | None) -> None:
        """A signal raises while the value may still be on its way."""
        outside = _beyond(frame)
        if (
            (self._of is not None and self._moment() is self._of)
            if _is_runner(outside)
            else (self._caller is not None and _place_of(outside) == self._caller)
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
