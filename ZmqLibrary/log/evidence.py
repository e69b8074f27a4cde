"""What a failed keyword leaves in the log: the recent messages of its socket and what happened to its connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import WorkerFailed
from ..messages.message import envelope_size
from ..plain_text import listed
from ..report.frames import LOGGED_FRAMES, hex_view
from ..report.html import as_html, table
from ..report.values import kinds_of, value_preview
from ..report.words import clock
from . import logger

if TYPE_CHECKING:
    from ..formats import Format, FrameFormats
    from ..monitoring.socket_event import SocketEvent
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
    title = f"Evidence: socket {socket.title}, {where}"
    return evidence(title, traffic, events, limit, formats, envelope_apart=socket.envelope_apart)


def evidence(
    title: str,
    traffic: Iterable[Traffic],
    events: Iterable[SocketEvent],
    limit: int,
    formats: FrameFormats | None = None,
    envelope_apart: bool = False,
) -> str:
    """Folded HTML with the recent messages of a socket and the history of its events.

    Args:
        title: Of the fold.
        traffic: The messages.
        events: The history.
        limit: How many bytes of a frame are shown.
        formats: Of the frames.
        envelope_apart: Whether the formats are for what comes behind the envelope of a ROUTER.
    """
    messages = _traffic_table(traffic, limit, formats, envelope_apart)
    return f"<details><summary>{as_html(title)}</summary>{messages}{_event_table(events)}</details>"


def _traffic_table(traffic: Iterable[Traffic], limit: int, formats: FrameFormats | None, envelope_apart: bool) -> str:
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
            zip(entry.frames[:LOGGED_FRAMES], _kinds(entry.frames, formats, envelope_apart), strict=False)
        )
    ]
    return table("Recent messages", ("Time", "Direction", "Frame", "Value", "Content"), rows)


def _kinds(frames: Sequence[bytes], formats: FrameFormats | None, envelope_apart: bool) -> Sequence[Format | None]:
    if not envelope_apart:
        return kinds_of(frames, formats)
    end = envelope_size(frames)
    return [*[None] * end, *kinds_of(frames[end:], formats)]


def _event_table(events: Iterable[SocketEvent]) -> str:
    rows = [
        (f"{'seen at ' if e.late else ''}{clock(e.time)}", as_html(e.name), as_html(e.endpoint), as_html(e.meaning))
        for e in events
    ]
    return table("Connection events", ("Time", "Event", "Endpoint", "Meaning"), rows)
