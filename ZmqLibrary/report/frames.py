"""Text and HTML for the log: previews of frames, hex views, tables of events. Pure functions: values in, str out.

What comes from the wire is escaped and bounded here, nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..formats import HiddenBytes

if TYPE_CHECKING:
    from ..messages.message import Traffic
    from ..monitoring.event_meanings import SocketEvent

_HEX_WIDTH = 16
_LOGGED_FRAMES = 20


def preview(frame: bytes, limit: int) -> str:
    """One frame as a quoted text of at most `limit` bytes; what is not printable is shown as escapes."""
    if isinstance(frame, HiddenBytes):
        return "<secret>"
    return quote(frame) if len(frame) <= limit else f"{quote(frame[:limit])}… ({len(frame)} bytes)"


def quote(data: bytes) -> str:
    """Bytes as a quoted text: UTF-8 where it is, `\\xff` where it is not, control characters as escapes."""
    text = data.decode("utf-8", errors="backslashreplace")
    if text.isprintable():
        return f"'{text}'"
    return "'" + "".join(c if c.isprintable() else _escaped(c) for c in text) + "'"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def summary(frames: Sequence[bytes], limit: int) -> str:
    """All frames of a message in one line: `'topic' | 'data'`."""
    more = len(frames) - _LOGGED_FRAMES
    if more > 0:
        return f"{summary(frames[:_LOGGED_FRAMES], limit)} | … {more} more frames"
    return " | ".join([preview(frame, limit) for frame in frames])


def count_of(number: int, thing: str) -> str:
    """`1 frame`, `2 frames`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def first_difference(expected: bytes, received: bytes) -> int:
    """Offset of the first byte that differs (the shorter length where one is the beginning of the other)."""
    for offset, (left, right) in enumerate(zip(expected, received)):
        if left != right:
            return offset
    return min(len(expected), len(received))


def hex_view(frame: bytes, limit: int) -> str:
    """Offset, hex and text columns of at most `limit` bytes."""
    if isinstance(frame, HiddenBytes):
        return "<secret>"
    lines = [
        _hex_line(frame, start, min(start + _HEX_WIDTH, limit))
        for start in range(0, min(len(frame), limit), _HEX_WIDTH)
    ]
    if len(frame) > limit:
        lines.append(f"… {len(frame) - limit} more bytes")
    return "\n".join(lines) or "(empty)"


def _hex_line(frame: bytes, start: int, end: int) -> str:
    chunk = bytes(frame[start:end])
    text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in chunk)
    return f"{start:06x}  {chunk.hex(' '):<{_HEX_WIDTH * 3}} {text}"


def as_html(text: str) -> str:
    """Text as it stands in HTML."""
    from html import escape  # with its table of entities it takes a millisecond, and most logs have no HTML

    return escape(text)


def evidence(title: str, traffic: Iterable[Traffic], events: Iterable[SocketEvent], limit: int) -> str:
    """Folded HTML with the recent messages of a socket and the history of its events."""
    return (
        f"<details><summary>{as_html(title)}</summary>{_traffic_table(traffic, limit)}{_event_table(events)}</details>"
    )


def _traffic_table(traffic: Iterable[Traffic], limit: int) -> str:
    rows = [
        (clock(entry.time), entry.direction, str(number), f"<pre>{as_html(hex_view(frame, limit))}</pre>")
        for entry in traffic
        for number, frame in enumerate(entry.frames[:_LOGGED_FRAMES])
    ]
    return _table("Recent messages", ("Time", "Direction", "Frame", "Content"), rows)


def _event_table(events: Iterable[SocketEvent]) -> str:
    rows = [(clock(e.time), as_html(e.name), as_html(e.endpoint), as_html(e.meaning)) for e in events]
    return _table("Connection events", ("Time", "Event", "Endpoint", "Meaning"), rows)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return f"<p>{title}: none</p>"
    header = "".join(f"<th>{name}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<p>{title}</p><table border="1" cellpadding="3"><tr>{header}</tr>{body}</table>'


def clock(time: float) -> str:
    """Local time of day with milliseconds."""
    return datetime.fromtimestamp(time).strftime("%H:%M:%S.%f")[:-3]


def seconds(duration: float) -> str:
    """A duration as people say it: `5 seconds`, `200 milliseconds`."""
    if duration >= 1 or duration == 0:
        return f"{duration:g} second" + ("" if duration == 1 else "s")
    milliseconds = duration * 1000
    return f"{milliseconds:.3g} millisecond" + ("" if milliseconds == 1 else "s")
