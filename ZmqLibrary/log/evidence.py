"""What a failed keyword leaves in the log: the recent messages of its socket and what happened to its connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import WorkerFailed
from ..plain_text import listed
from ..report.frames import LOGGED_FRAMES, hex_view
from ..report.html import as_html, table
from ..report.words import clock
from . import logger

if TYPE_CHECKING:
    from ..monitoring.event_meanings import SocketEvent
    from ..sockets.traffic import Traffic
    from ..sockets.zmq_socket import ZmqSocket


def log_evidence(socket: ZmqSocket, limit: int, consult: Callable[[ZmqSocket, Callable[[], str]], str]) -> None:
    """Logs what is known of a socket that a failed keyword has used.

    Args:
        socket: The socket.
        limit: How many bytes of a frame are shown.
        consult: Runs a function in the thread that may look at the socket.
    """
    # A worker that does not answer has left no evidence; what it failed with says so.
    with suppress(WorkerFailed):
        logger.info(consult(socket, lambda: _evidence(socket, limit)), html=True)


def _evidence(socket: ZmqSocket, limit: int) -> str:
    where = "closed by now" if socket.closed else listed(socket.endpoints) or "no endpoint"
    return evidence(f"Evidence: socket {socket.title}, {where}", socket.traffic.recent, socket.monitor.history, limit)


def evidence(title: str, traffic: Iterable[Traffic], events: Iterable[SocketEvent], limit: int) -> str:
    """Folded HTML with the recent messages of a socket and the history of its events."""
    return (
        f"<details><summary>{as_html(title)}</summary>{_traffic_table(traffic, limit)}{_event_table(events)}</details>"
    )


def _traffic_table(traffic: Iterable[Traffic], limit: int) -> str:
    rows = [
        (clock(entry.time), entry.direction, str(number), f"<pre>{as_html(hex_view(frame, limit))}</pre>")
        for entry in traffic
        for number, frame in enumerate(entry.frames[:LOGGED_FRAMES])
    ]
    return table("Recent messages", ("Time", "Direction", "Frame", "Content"), rows)


def _event_table(events: Iterable[SocketEvent]) -> str:
    rows = [(clock(e.time), as_html(e.name), as_html(e.endpoint), as_html(e.meaning)) for e in events]
    return table("Connection events", ("Time", "Event", "Endpoint", "Meaning"), rows)
