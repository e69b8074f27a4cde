"""What a failed keyword leaves in the log: the recent messages of its socket and what happened to its connections."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from robot.api import logger

from .errors import WorkerFailed
from .report import evidence

if TYPE_CHECKING:
    from .session import Session
    from .sockets import ZmqSocket


class logging_failures:  # reads as a function in `with`
    """Around each keyword: evidence if it fails, and a look after the other sockets in any case.

    Args:
        session: What the keyword works on.
    """

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session
        session.touched = None

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        socket = self._session.touched
        if error is not None and socket is not None:
            # A worker that does not answer has left no evidence; what it failed with says so.
            with suppress(WorkerFailed):
                logger.info(self._session.crew.consult(socket, lambda: self._evidence(socket)), html=True)
        self._session.log_workers()
        self._session.tick()

    def _evidence(self, socket: ZmqSocket) -> str:
        history = socket.monitor.history if socket.monitor else ()
        title = f"Evidence: socket {socket.title}, {', '.join(socket.endpoints) or 'no endpoint'}"
        return evidence(title, socket.recent, history, self._session.settings.log_limit)
