"""Full garbage collections are put off while a worker measures when messages come.

Python's full collection looks at all that Robot keeps of a run, and all threads stand still meanwhile: 70 ms after
15,000 rounds of a loop. What is frozen is not looked at.
"""

from __future__ import annotations

import gc
import time

LONGEST_SECONDS = 30.0
_FULL = 2


class CollectionPause:
    """Puts full collections off, each time for at most `LONGEST_SECONDS`; then one is done, and what is left is given
    back at the end. Garbage without cycles goes at once, as always.
    """

    def begin(self) -> None:
        """From now on."""
        self._until = time.monotonic() + LONGEST_SECONDS
        gc.callbacks.append(self._before)
        gc.freeze()

    def end(self) -> None:
        """Until here; others may go on. It can be called twice."""
        if self._before in gc.callbacks:
            gc.callbacks.remove(self._before)
            if not any(isinstance(getattr(callback, "__self__", None), CollectionPause) for callback in gc.callbacks):
                gc.unfreeze()

    def _before(self, phase: str, info: dict[str, int]) -> None:
        if phase != "start" or info["generation"] != _FULL:
            return
        if time.monotonic() < self._until:
            gc.freeze()
        else:
            gc.unfreeze()
            self._until = time.monotonic() + LONGEST_SECONDS
