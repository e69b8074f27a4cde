"""Words for values: counts, durations, times, lines of text; each once."""

from __future__ import annotations

from datetime import datetime

from ..plain_text import written
from .html import as_html

HTML = "*HTML*"
"""How Robot knows a message that is HTML."""


def count_of(number: int, thing: str) -> str:
    """`1 frame`, `2 frames`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def clock(time: float) -> str:
    """Local time of day with milliseconds."""
    return datetime.fromtimestamp(time).strftime("%H:%M:%S.%f")[:-3]


def seconds(duration: float) -> str:
    """A duration as people say it: `5 seconds`, `200 milliseconds`."""
    if duration >= 1 or duration == 0:
        return f"{duration:g} second" + ("" if duration == 1 else "s")
    milliseconds = duration * 1000
    return f"{milliseconds:.3g} millisecond" + ("" if milliseconds == 1 else "s")


def lines(*texts: str) -> str:
    """Lines of text, without the empty ones."""
    return "\n".join(text for text in texts if text)


def with_message(message: str | None, *texts: str) -> str:
    """A failure as lines, below the user's own message, which may be HTML: the lines are none."""
    if message and message.startswith(HTML):
        return f"{message}<pre>{as_html(written(lines(*texts)))}</pre>"
    return "\n".join([*([message] if message else []), *texts])
