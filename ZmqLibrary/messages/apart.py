"""Functions that run in a process of their own, because only a process can be ended.

Other packages hold regular expressions against text from outside with `re`, which has no deadline and lets no other
thread run. `run_apart` takes a third of a second to start Python: it is for expressions that may take for ever.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from ..errors import PatternTooSlow, WorkerFailed, ZmqLibraryError
from ..plain_text import printable, shortened
from ..report.frames import quote_text
from ..report.words import seconds

MOST_SECONDS = 2.0
_START_SECONDS = 10.0
_CHILD = "from ZmqLibrary.messages.apart import serve; serve()"
_READY = b"ready"
_WATCHDOG = b"Timeout (0:00:0"  # begins what faulthandler writes when the time is over
_SHOWN = 200

Result = TypeVar("Result")


def run_apart(function: Callable[..., Result], *arguments: object, what: str, patterns: Sequence[str]) -> Result:
    """Runs a function of this package in a process of its own and returns its result.

    Args:
        function: A function at the top of a module; what it takes and returns can be pickled.
        arguments: Its arguments.
        what: What is done, as a sentence about a failure begins.
        patterns: The expressions that may take for ever, for that sentence.

    Raises:
        PatternTooSlow: It has not returned in time; the process was ended.
        WorkerFailed: The process did not begin in time, or ended by itself.
        ZmqLibraryError: Whatever the function raises.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    command = [sys.executable, "-c", _CHILD]
    call = pickle.dumps((function, arguments))
    try:
        # It ends the process whatever comes in between, also Robot's timeout.
        done = subprocess.run(
            command,
            input=call,
            capture_output=True,
            env=environment,
            timeout=_START_SECONDS + MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:  # its own watchdog acts earlier, unless it began late
        limit = seconds(_START_SECONDS + MOST_SECONDS)
        raise WorkerFailed(f"{what} failed: the process for it had not begun in {limit}.") from None
    if _WATCHDOG in done.stderr:
        raise _too_slow(what, patterns)
    if done.returncode or not done.stdout.startswith(_READY):
        raise WorkerFailed(f"{what} failed: {_end_of(done)}.")
    error, outcome = pickle.loads(done.stdout[len(_READY) :])
    if error is not None:
        raise error(outcome)
    return cast(Result, outcome)


def _end_of(done: subprocess.CompletedProcess[bytes]) -> str:
    """How the process ended that has returned nothing."""
    did = "ended" if done.stdout.startswith(_READY) else "did not start"
    code = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
    last = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()[-1:]
    return f"the process for it {did} ({code}){''.join(f': {shortened(printable(line), _SHOWN)}' for line in last)}"


def _too_slow(what: str, patterns: Sequence[str]) -> PatternTooSlow:
    which = " or ".join(quote_text(pattern) for pattern in patterns[:3]) or "a regular expression from the value itself"
    return PatternTooSlow(
        f"{what} was not done in {seconds(MOST_SECONDS)}: {which} backtracks without an end. "
        "Repeats inside of repeats, such as (a+)+, can take for ever: write it without them."
    )


def serve() -> None:
    """What the process does: it takes a call, and ends in time by itself, also when its parent is gone."""
    function, arguments = pickle.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(_READY)
    sys.stdout.buffer.flush()
    # A watchdog in C: it needs neither Python's lock nor a signal.
    faulthandler.dump_traceback_later(MOST_SECONDS, exit=True)
    try:
        outcome: tuple[object, object] = (None, function(*arguments))
    except ZmqLibraryError as error:
        outcome = (type(error), str(error))
    faulthandler.cancel_dump_traceback_later()
    sys.stdout.buffer.write(pickle.dumps(outcome))
    sys.stdout.buffer.flush()
