"""Progress: one line on the console that rewrites itself while a keyword waits for a pump or sink.

Only where Robot runs in a terminal and shows tests as they run; not with `--console none`, `quiet` or `dotted`. The
line stands below the one that Robot is writing, and is gone when the wait is over.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from robot.output import LOGGER

if TYPE_CHECKING:
    from ..pipelines.runner import PipelineRun

# Make room below (IND, cursor up), keep the place, go below; and back.
_BELOW = "\033D\033[A\0337\033[B\r"
_BACK = "\033[K\0338"
_WIDTH = 78
_VERBOSE = ("VerboseConsole", "VerboseOutput")


class Progress:
    """Shows how far a pump or sink is.

    Args:
        run: The pump or sink.
        wanted: How many messages are waited for, if that is known.
    """

    EVERY = 0.25

    def __init__(self, run: PipelineRun, wanted: int | None) -> None:
        self._run = run
        self._wanted = wanted
        self._target = terminal()
        self._shown = False
        self._before: tuple[int, int] | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shown and self._target is not None:
            self._target.write(_BELOW + _BACK)
            self._target.flush()

    def show(self) -> None:
        """Writes the line anew."""
        if self._target is not None:
            self._shown = True
            self._target.write(_BELOW + progress_line(self._run, self._wanted)[:_WIDTH] + _BACK)
            self._target.flush()


def progress_line(run: PipelineRun, wanted: int | None) -> str:
    """How far a pump or sink is: `pump source: 12,000 of 30,000 messages (40%), RUNNING`."""
    status = run.status
    done: int = status.get("sent", status.get("received", 0)) or 0
    of = f" of {wanted:,} messages ({done / wanted:.0%})" if wanted else " messages"
    return f"{run.kind} {run.name}: {done:,}{of}, {status.get('state', 'STARTING')}"


def terminal() -> TextIO | None:
    """The console if it is a terminal on which Robot shows tests as they run."""
    stream = sys.__stdout__
    return stream if _console_name() in _VERBOSE and stream is not None and stream.isatty() else None


def _console_name() -> str:
    """What Robot shows tests with: the names of Robot Framework 7.5, and those of 7.4."""
    names = vars(LOGGER)
    console = names.get("_Logger__console", names.get("_console"))
    console = getattr(console, "logger", console)
    return type(getattr(console, "listener", console)).__name__
