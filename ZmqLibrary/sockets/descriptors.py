"""File descriptors: libzmq takes several for a socket, and fails in ways that cannot be undone where there are none."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

from ..waiting.deadline import Patience
from ..waiting.uninterrupted import Uninterrupted

_SPARE = 8  # a socket, its monitor with both ends, a listener, and what accepts and resolves meanwhile
_REAPED_SECONDS = 0.5
_LISTED = Path("/proc/self/fd"), Path("/dev/fd")
NONE_LEFT = (errno.EMFILE, errno.ENFILE)


def shortage() -> str:
    """Why no socket should be opened, as a sentence with the numbers; empty while there are enough descriptors."""
    limit = _limit()
    if limit is None:
        return ""
    try:
        with Uninterrupted():
            os.close(lowest_free := os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return _sentence(limit) if error.errno in NONE_LEFT else ""
    return _sentence(limit) if lowest_free + _SPARE > limit else ""


def lasting_shortage() -> str:
    """As `shortage`, once libzmq has had the time to give back those of closed sockets, which it does not report."""
    patience = Patience(_REAPED_SECONDS)
    while (problem := shortage()) and patience.remaining():
        threading.Event().wait(0.01)
    return problem


def _limit() -> int | None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return None
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if soft == resource.RLIM_INFINITY else soft


def _sentence(limit: int) -> str:
    listed = next((path for path in _LISTED if path.exists()), None)
    try:
        count = f"{len(os.listdir(listed)):,}" if listed else "nearly all"
    except OSError:
        count = "all"
    return (
        f"{count} of {limit:,} file descriptors of this process are in use, and a socket needs up to {_SPARE}. "
        "Raise the limit (ulimit -n)."
    )
