"""What a failed keyword leaves in the log: the recent messages of its socket and what happened to its connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import WorkerFailed
from ..plain_text import listed
from ..report.frames import LOGGED_FRAMES, hex_view
from ..report.html import as_html, table
from ..report.values import kinds_of, value_preview
from ..report.words import clock
from . import logger

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..monitoring.event_meanings import SocketEvent
    from ..sockets.traffic import Traffic
    from ..sockets.zmq_socket import ZmqSocket


def log_evidence(
    socket: ZmqSocket,
    limit: int,
    consult: Callable[[ZmqSocket, Callable[[], str]], str],
    formats: FrameFormats | None = None,
) -> None:
    """Logs what is known of a socket that a failed keyword has used.

    Args:
        socket: The socket.
        limit: How many bytes of a frame are shown.
        consult: Runs a function in the thread that may look at the socket.
        formats: Those that the keyword has used, if not those of the socket.
    """
    # A worker that does not answer has left no evidence; what it failed with says so.
    with suppress(WorkerFailed):
        logger.info(consult(socket, lambda: _evidence(socket, limit, formats or socket.formats)), html=True)


def _evidence(socket: ZmqSocket, limit: int, formats: FrameFormats) -> str:
    where = "closed by now" if socket.closed else listed(socket.endpoints) or "no endpoint"
    traffic, events = socket.traffic.recent, socket.monitor.history
    return evidence(f"Evidence: socket {socket.title}, {where}", traffic, events, limit, formats)


def evidence(
    title: str,
    traffic: Iterable[Traffic],
    events: Iterable[SocketEvent],
    limit: int,
    formats: FrameFormats | None = None,
) -> str:
    """Folded HTML with the recent messages of a socket and the history of its events."""
    messages = _traffic_table(traffic, limit, formats)
    return f"<details><summary>{as_html(title)}</summary>{messages}{_event_table(events)}</details>"


def _traffic_table(traffic: Iterable[Traffic], limit: int, formats: FrameFormats | None) -> str:
    rows = [
        (
            clock(entry.time),
            entry.direction,
            str(number),
            as_html(value_preview(frame, kind, limit)),
            f"<pre>{as_html(hex_view(frame, limit))}</pre>",
        )
        for entry in traffic
        for number, (frame, kind) in enumerate(
            zip(entry.frames[:LOGGED_FRAMES], kinds_of(entry.frames, formats), strict=False)
        )
    ]
    return table("Recent messages", ("Time", "Direction", "Frame", "Value", "Content"), rows)


def _event_table(events: Iterable[SocketEvent]) -> str:
    rows = [
        (f"{'seen at ' if e.late else ''}{clock(e.time)}", as_html(e.name), as_html(e.endpoint), as_html(e.meaning))
        for e in events
    ]
    return table("Connection events", ("Time", "Event", "Endpoint", "Meaning"), rows)
