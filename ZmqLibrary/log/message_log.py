"""What the log shows of messages that keywords send and receive: a line for each, as long as somebody may read it.

A line takes Robot longer than libzmq takes for the message. So a test that moves thousands has lines for the first
ones in its keywords, and for the last ones at its end; for all others the log has to be of level DEBUG.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..report.values import value_summary
from ..report.words import count_of
from . import logger
from .log_level import log_level

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..sockets.zmq_socket import ZmqSocket

LAST = 20
_HINT = "run Robot with --loglevel DEBUG to see them all"


class MessageLog:
    """A line for each message: at level INFO for the first ones of a test, at level DEBUG for the others.

    Args:
        limit: How many bytes of a frame are shown.
        first: How many messages of a test have a line at level INFO. Without any, the last ones have none either.
    """

    def __init__(self, limit: int, first: int) -> None:
        self._limit = limit
        self._first = first
        self._count = 0
        self._last: deque[tuple[str, ZmqSocket, Sequence[bytes], FrameFormats]] = deque(maxlen=LAST if first else 0)

    def log(self, what: str, socket: ZmqSocket, frames: Sequence[bytes], formats: FrameFormats) -> None:
        """Logs one message that was `Sent from` or `Received by` a socket."""
        self._count += 1
        if self._count <= self._first:
            logger.info(self._line(what, socket, frames, formats))
            if self._count == self._first:
                logger.info(f"This is message {self._first:,} of the test. Below are only the last {LAST}; {_HINT}.")
        elif log_level() in (None, "DEBUG", "TRACE"):
            logger.debug(self._line(what, socket, frames, formats))
        else:
            self._last.append((what, socket, frames, formats))

    def end_test(self) -> None:
        """Logs the last messages that had no line, and begins to count anew."""
        if self._last:
            others = count_of(self._count - self._first, "message")
            title = f"After the first {self._first:,} came {others}, of which the last were ({_HINT}):"
            logger.info("\n".join([title, *(self._line(*message) for message in self._last)]))
        self._last.clear()
        self._count = 0

    def _line(self, what: str, socket: ZmqSocket, frames: Sequence[bytes], formats: FrameFormats) -> str:
        return f"{what} {socket.title}: {value_summary(frames, formats, self._limit)}"
