"""Patterns by field: for the frames of a layout by their names, wherever these are in a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InvalidValue
from ..report.words import count_of
from .patterns import FramePattern, MatchKind, MessagePattern, frame_pattern

if TYPE_CHECKING:
    from ..formats import FrameFormats


class FieldPattern(NamedTuple):
    """Patterns for fields of a layout, wherever these are in a message.

    Attributes:
        layout: The layout.
        fields: For each field the patterns of its frames, from the first on.
        anywhere: The fields of which any frame may satisfy their one pattern.
    """

    layout: FrameFormats
    fields: Mapping[str, tuple[FramePattern, ...]]
    anywhere: frozenset[str] = frozenset()

    def pairs(self, frames: Sequence[bytes]) -> Iterator[tuple[FramePattern, bytes]]:
        """Each pattern with its frame."""
        for name, patterns in self.fields.items():
            found = [frame for _, frame in self._frames_of(name, frames)]
            if name in self.anywhere:
                found.sort(key=lambda frame: not patterns[0].matches(frame))
            yield from zip(patterns, found)

    def matches(self, frames: Sequence[bytes]) -> bool:
        """Whether a message has the layout, with its signature, and satisfies all patterns."""
        return not self.difference(frames)

    def difference(self, frames: Sequence[bytes]) -> str:
        """The first thing in which a message differs, in words; empty if it matches."""
        try:
            differences = filter(None, (self._field_difference(name, frames) for name in self.fields))
            return next(differences, "") or self.layout.signature_problem(frames)
        except InvalidValue as problem:
            return str(problem)

    def _field_difference(self, name: str, frames: Sequence[bytes]) -> str:
        patterns, found = self.fields[name], list(self._frames_of(name, frames))
        if name in self.anywhere:
            if any(patterns[0].matches(frame) for _, frame in found):
                return ""
            return f"Field '{name}': none of its {count_of(len(found), 'frame')} is {patterns[0].shown}"
        for pattern, (number, frame) in zip(patterns, found):
            if not pattern.matches(frame):
                return f"Field '{name}' (frame {number}): {pattern.difference(frame)}"
        if len(found) < len(patterns):
            return f"Field '{name}' has {count_of(len(found), 'frame')}, but {count_of(len(patterns), 'pattern')}"
        return ""

    def _frames_of(self, name: str, frames: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
        for number, (format_, frame) in enumerate(zip(self.layout.fitting(frames), frames)):
            if format_.field == name:
                yield number, frame

    def __str__(self) -> str:
        shown = [(name, " | ".join(pattern.shown for pattern in patterns)) for name, patterns in self.fields.items()]
        return f"of layout '{self.layout}' with " + ", ".join(f"{name} {text}" for name, text in shown)


Pattern = MessagePattern | FieldPattern


def field_pattern(fields: Mapping[str, object], kind: MatchKind, layout: FrameFormats) -> FieldPattern:
    """Prepares patterns for fields of a layout.

    A pattern for a field that stands for any number of frames is satisfied by any of them; a list of patterns by the
    first ones, one by one.

    Raises:
        InvalidValue: There is no such field, or a pattern cannot be used.
    """
    prepared, anywhere = {}, set()
    formats = layout.field_formats
    for name, pattern in fields.items():
        if name not in formats:
            close = get_close_matches(name, formats, n=1)
            guess = f" Did you mean '{close[0]}'?" if close else ""
            raise InvalidValue(
                f"Layout '{layout}' has no field '{name}'.{guess} Its fields are: {', '.join(formats)}. "
                f"A pattern with = in it, which is for no field, is written {name}\\=…"
            )
        repeated = name in layout.repeated_fields
        listed = repeated and isinstance(pattern, (list, tuple))
        prepared[name] = tuple(frame_pattern(p, kind, formats[name]) for p in (pattern if listed else [pattern]))  # type: ignore[attr-defined]
        anywhere |= {name} if repeated and not listed else set()
    return FieldPattern(layout, prepared, frozenset(anywhere))
