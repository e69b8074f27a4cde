"""What a failed keyword leaves in the log: the recent messages of its socket and what happened to its connections."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from robot.api import logger

from ..errors import WorkerFailed
from ..report.frames import evidence

if TYPE_CHECKING:
    from ..session.session import Session
    from ..sockets.zmq_socket import ZmqSocket


def log_evidence(session: Session) -> None:
    """Logs what is known of the socket that the keyword has touched which failed."""
    socket = session.touched
    if socket is not None:
        # A worker that does not answer has left no evidence; what it failed with says so.
        with suppress(WorkerFailed):
            limit = session.settings.log_limit
            logger.info(session.crew.consult(socket, lambda: _evidence(socket, limit)), html=True)


def _evidence(socket: ZmqSocket, limit: int) -> str:
    history = socket.monitor.history if socket.monitor else ()
    where = "closed by now" if socket.closed else ", ".join(socket.endpoints) or "no endpoint"
    return evidence(f"Evidence: socket {socket.title}, {where}", socket.recent, history, limit)
