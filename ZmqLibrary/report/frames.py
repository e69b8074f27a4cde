"""Frames as text for errors and the log, escaped and bounded. Pure functions: values in, str out."""

from __future__ import annotations

from collections.abc import Sequence

from ..formats import HiddenBytes
from ..plain_text import printable

_HEX_WIDTH = 16
LOGGED_FRAMES = 20


def preview(frame: bytes, limit: int) -> str:
    """One frame as a quoted text of at most `limit` bytes; what is not printable is shown as escapes."""
    if isinstance(frame, HiddenBytes):
        return "<secret>"
    return quote(frame) if len(frame) <= limit else f"{quote(frame[:limit])}… ({len(frame)} bytes)"


def quote(data: bytes) -> str:
    """Bytes as a quoted text: UTF-8 where it is, `\\xff` where it is not, control characters as escapes."""
    return quote_text(data.decode("utf-8", errors="backslashreplace"))


def quote_text(text: str) -> str:
    """A text in quotes, with control characters as escapes."""
    return f"'{printable(text)}'"


def summary(frames: Sequence[bytes], limit: int) -> str:
    """All frames of a message in one line: `'topic' | 'data'`."""
    more = len(frames) - LOGGED_FRAMES
    if more > 0:
        return f"{summary(frames[:LOGGED_FRAMES], limit)} | … {more} more frames"
    return " | ".join([preview(frame, limit) for frame in frames])


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
