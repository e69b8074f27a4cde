"""Frames as the values that they stand for: bounded text of what a format makes of them. Pure: values in, text out.

It never fails, whatever a format or a value's own text does: failures are reported with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..errors import DecodeError, InvalidValue, ends_test
from ..formats import FrameProblem, HiddenBytes
from ..plain_text import printable
from .frames import LOGGED_FRAMES, preview, quote_text

if TYPE_CHECKING:
    from ..formats import Format, FrameFormats

_AS_THEY_ARE = {"JSON", "BYTES", "SKIP", "EMPTY", "LITERAL"}
_MOST_LEVELS = 20
_MOST_OF_UNWRITABLE = 10_000
_ITEMS = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), frozenset: ("{", "}")}


def value_preview(frame: bytes, format: Format | None, limit: int) -> str:
    """One frame as the value that it has in its format, in at most about `limit` characters.

    JSON is shown as the text that it is, and a frame that does not have its format as its bytes.
    """
    if format is None or isinstance(frame, HiddenBytes) or format.name.partition(":")[0] in _AS_THEY_ARE:
        return preview(frame, limit)
    try:
        # Every frame has such a format, so the beginning of a long one has it, too.
        value = format.decode(frame[:limit] if format.any_frame else frame)
    except FrameProblem:
        return preview(frame, limit)
    if isinstance(value, bytes) and not format.by_value:
        return preview(frame, limit)
    if isinstance(value, str):
        cut = len(value) > limit or (format.any_frame and len(frame) > limit)
        return f"{quote_text(value[:limit])}… ({len(frame)} bytes)" if cut else quote_text(value)
    return bounded_text(value, limit)


def value_summary(frames: Sequence[bytes], formats: FrameFormats | None, limit: int) -> str:
    """All frames of a message in one line, each as the value that it has: `'topic' | {'n': 1}`."""
    if formats is not None and formats.all_text and 0 < len(frames) <= LOGGED_FRAMES:
        plain = _plain_line(frames, formats, limit)
        if plain is not None:
            return plain
    kinds = kinds_of(frames, formats)
    shown = [value_preview(frame, kind, limit) for frame, kind in zip(frames[:LOGGED_FRAMES], kinds)]
    more = len(frames) - LOGGED_FRAMES
    return " | ".join([*shown, *([f"… {more} more frames"] if more > 0 else [])])


def _plain_line(frames: Sequence[bytes], formats: FrameFormats, limit: int) -> str | None:
    """Frames of text as nearly all are, in a fifth of the time; None if one is long, a secret, or needs an escape."""
    for frame in frames:
        if len(frame) > limit or type(frame) is not bytes:
            return None
    try:
        line = "' | '".join(formats.decode(frames))  # type: ignore[arg-type]  # they are texts
    except DecodeError:
        return None
    return f"'{line}'" if printable(line) is line else None


def kinds_of(frames: Sequence[bytes], formats: FrameFormats | None) -> Sequence[Format | None]:
    """The format of each frame; None for all of them if the formats are for other messages."""
    try:
        return [None] * len(frames) if formats is None else formats.fitting(frames)
    except InvalidValue:
        return [None] * len(frames)


def bounded_text(value: object, limit: int) -> str:
    """A value as Python writes it, in at most about `limit` characters."""
    writer = _BoundedWriter(limit)
    writer.write(value)
    return printable("".join(writer.parts))


def whole_text(value: object) -> str:
    """A value as Python writes it, however long that is; its beginning where Python refuses, as for huge integers."""
    try:
        return repr(value)
    except Exception as error:
        if ends_test(error):
            raise
        return bounded_text(value, _MOST_OF_UNWRITABLE)


class _BoundedWriter:
    """Writes a value until there is no room left, so that a huge one takes no longer than what is shown of it."""

    def __init__(self, room: int) -> None:
        self.parts: list[str] = []
        self._room = room

    def write(self, value: object, level: int = 0) -> bool:
        """Writes a value; returns whether there is room for more."""
        if isinstance(value, (Mapping, *_ITEMS)) and level == _MOST_LEVELS:
            return self._add("…")
        if isinstance(value, Mapping):
            return self._write_all("{", (partial(self._write_pair, *pair, level) for pair in value.items()), "}")
        for kind, (begin, end) in _ITEMS.items():
            if type(value) is kind:
                return self._write_all(begin, (partial(self.write, item, level + 1) for item in value), end)
        return self._add(repr(value[: self._room + 1]) if isinstance(value, (str, bytes)) else _repr(value))

    def _write_pair(self, key: object, value: object, level: int) -> bool:
        return self.write(key, level + 1) and self._add(": ") and self.write(value, level + 1)

    def _write_all(self, begin: str, items: Iterable[Callable[[], bool]], end: str) -> bool:
        if not self._add(begin):
            return False
        for number, write in enumerate(items):
            if not ((number == 0 or self._add(", ")) and write()):
                return False
        return self._add(end)

    def _add(self, text: str) -> bool:
        self._room -= len(text)
        self.parts.append(text if self._room >= 0 else f"{text[: self._room]}…")
        return self._room >= 0


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # Huge integers, and classes that formats of suites make.
        if ends_test(error):
            raise
        size = f" of {value.bit_length():,} bits" if isinstance(value, int) else ""
        return f"<{type(value).__name__}{size}>"
