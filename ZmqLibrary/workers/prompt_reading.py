"""Gives a thread that notes when messages come the interpreter soon, whatever others do.

Python's full garbage collection looks at all that Robot keeps of a run, and all threads stand still meanwhile: 70 ms
after 15,000 rounds of a loop. What is frozen is not looked at. And a thread that computes keeps the interpreter for the
switch interval, 5 ms, each time that another one has let go of it, as each call of libzmq does: a reader of 4,000
messages a second would fall seconds behind.
"""

from __future__ import annotations

import gc
import sys
import time

LONGEST_SECONDS = 30.0
SWITCH_SECONDS = 0.0001
_FULL = 2


class PromptReading:
    """Puts full collections off, each time for at most `LONGEST_SECONDS`, and lets threads take turns each
    `SWITCH_SECONDS`. The last one that ends restores both. Garbage without cycles goes at once, as always.
    """

    def begin(self) -> None:
        """Begins."""
        others = _under_way()
        self._switch_interval: float = others[0]._switch_interval if others else sys.getswitchinterval()
        self._until = time.monotonic() + LONGEST_SECONDS
        gc.callbacks.append(self._before)
        gc.freeze()
        self._switch_after(SWITCH_SECONDS)

    def end(self) -> None:
        """Ends; others may go on. It can be called twice."""
        if self._before in gc.callbacks:
            gc.callbacks.remove(self._before)
            if not _under_way():
                gc.unfreeze()
                self._switch_after(self._switch_interval)

    def _switch_after(self, seconds: float) -> None:
        if self._switch_interval > SWITCH_SECONDS:
            sys.setswitchinterval(seconds)

    def _before(self, phase: str, info: dict[str, int]) -> None:
        if phase != "start" or info["generation"] != _FULL:
            return
        if time.monotonic() < self._until:
            gc.freeze()
        else:
            gc.unfreeze()
            self._until = time.monotonic() + LONGEST_SECONDS


def _under_way() -> list[PromptReading]:
    owners = [getattr(callback, "__self__", None) for callback in gc.callbacks]
    return [owner for owner in owners if isinstance(owner, PromptReading)]
