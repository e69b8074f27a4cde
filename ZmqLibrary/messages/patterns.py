"""Matchers for messages: used by waiting, assertions and scripted peers alike."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from fnmatch import fnmatchcase, translate
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InvalidValue, ZmqLibraryError, described, ends_test
from ..formats import FrameProblem, Hidden, HiddenBytes, contains_hidden
from ..report.frames import first_difference, preview
from ..report.words import count_of
from ..surrogates import require_text
from .equality import same_value
from .regexp import Regexp
from .values import SHOWN, missing_from, shown, value_text

if TYPE_CHECKING:
    from ..formats import Format, FrameFormats

ANY = "*"


class MatchKind(Enum):
    """How a pattern is held against a frame. A pattern that is just `*` stands for any frame in all of them.

    - EXACT: the frame equals the value (JSON and other structured formats compare values).
    - GLOB: the frame's text matches, with `*`, `?` and `[abc]`; case matters. With JSON and other structured formats a
      pattern that is an object matches frames that contain it; texts in it are such patterns, too.
    - REGEXP: the regular expression is found in the frame's text (Python's `re.search`).
    - PREFIX: the frame begins with the value.
    """

    EXACT = "EXACT"
    GLOB = "GLOB"
    REGEXP = "REGEXP"
    PREFIX = "PREFIX"


class FramePattern(NamedTuple):
    """One pattern for one frame.

    Attributes:
        shown: The pattern as errors show it.
        test: Whether a frame satisfies it.
        expected: The bytes that are expected, where there are such; to name the first difference.
        search: For a REGEXP, its match in a frame.
        missing: For an object that contains something, which part of that a frame lacks.
    """

    shown: str
    test: Callable[[bytes], bool]
    expected: bytes | None = None
    search: Callable[[bytes], re.Match[str] | None] | None = None
    missing: Callable[[bytes], str] | None = None

    def matches(self, frame: bytes) -> bool:
        """Whether a frame satisfies the pattern; one that cannot be compared with it does not.

        Raises:
            PatternTooSlow: The comparison took too long.
        """
        try:
            return self.test(frame)
        except ZmqLibraryError:
            raise
        except (
            BaseException
        ) as error:  # The boundary: what a format or a user's class does with what came ends no worker.
            if ends_test(error):
                raise
            return False

    def difference(self, frame: bytes) -> str:
        """In what a frame that does not satisfy the pattern differs, in words."""
        try:
            self.test(frame)
        except ZmqLibraryError:
            raise
        except BaseException as error:
            if ends_test(error):
                raise
            return f"{preview(frame, SHOWN)} cannot be compared with it: {described(error)}"
        if self.missing:
            return f"{preview(frame, SHOWN)}: {self.missing(frame)}"
        at = f" (first difference at offset {first_difference(self.expected, frame)})" if self.expected else ""
        return f"{preview(frame, SHOWN)} is not {self.shown}{at}"


class MessagePattern(NamedTuple):
    """Patterns for the frames of a message, from the first on.

    Attributes:
        frames: One for each frame.
        whole: Whether the message must have exactly as many frames; else further frames do not matter.
    """

    frames: tuple[FramePattern, ...]
    whole: bool = False

    def matches(self, frames: Sequence[bytes]) -> bool:
        """Whether a message satisfies all patterns."""
        if len(frames) < len(self.frames) or (self.whole and len(frames) != len(self.frames)):
            return False
        return all(pattern.matches(frame) for pattern, frame in zip(self.frames, frames))

    def difference(self, frames: Sequence[bytes]) -> str:
        """The first thing in which a message differs, in words; empty if it matches."""
        for number, (pattern, frame) in enumerate(zip(self.frames, frames)):
            if not pattern.matches(frame):
                return f"Frame {number}: {pattern.difference(frame)}"
        if self.matches(frames):
            return ""
        return f"{count_of(len(frames), 'frame')}, but {count_of(len(self.frames), 'pattern')}"

    def __str__(self) -> str:
        return " | ".join(pattern.shown for pattern in self.frames) or "at all"


def message_pattern(
    patterns: Sequence[object], kind: MatchKind, formats: FrameFormats, whole: bool = False
) -> MessagePattern:
    """Prepares patterns.

    Args:
        patterns: One for each frame; `*` for any.
        kind: How they are held against the frames.
        formats: The formats of the frames.
        whole: Whether the message must have exactly as many frames.

    Raises:
        InvalidValue: A pattern cannot be used, for example a regular expression with an error.
    """
    kinds = formats.of(max(len(patterns), formats.least))
    return MessagePattern(tuple(_frame_pattern(p, kind, f) for p, f in zip(patterns, kinds)), whole)


def _frame_pattern(pattern: object, kind: MatchKind, format: Format) -> FramePattern:
    if pattern == ANY:
        return FramePattern("anything", lambda frame: True)
    if isinstance(pattern, str):
        require_text(pattern, "Pattern")
    if kind is MatchKind.GLOB and format.by_value and (part := _part_of(pattern, format)) is not None:
        return _part_pattern(part, format)
    if kind in (MatchKind.EXACT, MatchKind.PREFIX) or not isinstance(pattern, str):
        return _value_pattern(pattern, kind, format)
    # What a glob becomes never backtracks without an end.
    find = re.compile(translate(pattern)).match if kind is MatchKind.GLOB else Regexp(pattern, re.DOTALL).search

    def search(frame: bytes) -> re.Match[str] | None:
        text = frame_text(frame, format)
        return None if text is None else find(text)

    word = "like" if kind is MatchKind.GLOB else "matched by"
    return FramePattern(f"{word} '{pattern}'", lambda frame: search(frame) is not None, search=search)


def _part_of(pattern: object, format: Format) -> Mapping[str, object] | None:
    """The object that a pattern is or whose text it is, as it would be received; None for other patterns."""
    if isinstance(pattern, str) and pattern.lstrip().startswith("{"):
        try:
            pattern = json.loads(pattern)
        except ValueError:
            return None
    if not isinstance(pattern, Mapping):
        return None
    if format.name.startswith("PROTOBUF:") or contains_hidden(pattern):  # which cannot be encoded as they are
        return pattern
    try:
        part = format.decode(format.encode(pattern))
    except FrameProblem:
        return None
    return part if isinstance(part, Mapping) else None


def _part_pattern(part: Mapping[str, object], format: Format) -> FramePattern:
    def missing(frame: bytes) -> str:
        try:
            return missing_from(format.decode(frame), part, same=_like)
        except FrameProblem as problem:
            return f"not {format.name}: {problem}"

    return FramePattern(f"{format.name} with {shown(part)}", lambda frame: not missing(frame), missing=missing)


def _like(value: object, pattern: object) -> bool:
    if isinstance(pattern, str):
        return pattern == ANY or (isinstance(value, str) and fnmatchcase(value, pattern))
    return same_value(value, pattern.value if isinstance(pattern, Hidden) else pattern)


def _value_pattern(pattern: object, kind: MatchKind, format: Format) -> FramePattern:
    try:
        expected = _encoded(pattern, format)
    except FrameProblem as problem:
        raise InvalidValue(f"{pattern!r} cannot be compared with a frame as {format.name}: {problem}") from problem
    if kind is MatchKind.PREFIX:
        shown = f"something that begins with {preview(expected, SHOWN)}"
        return FramePattern(shown, lambda frame: frame.startswith(expected), expected)
    if not format.by_value:
        return FramePattern(preview(expected, SHOWN), lambda frame: frame == expected, expected)
    value = format.decode(expected)
    return FramePattern(preview(expected, SHOWN), lambda frame: _has_value(frame, value, format))


def _encoded(pattern: object, format: Format) -> bytes:
    if not isinstance(pattern, Hidden):
        return format.encode(pattern)
    try:
        return HiddenBytes(format.encode(pattern.value))
    except FrameProblem:
        raise FrameProblem("its value, which is not shown, does not have the format") from None


def _has_value(frame: bytes, value: object, format: Format) -> bool:
    try:
        return same_value(format.decode(frame), value)
    except FrameProblem:
        return False


def frame_text(frame: bytes, format: Format) -> str | None:
    """The text of a frame that patterns are held against; None if the frame does not have the format."""
    try:
        value = format.decode(frame)
    except FrameProblem:
        return None
    if isinstance(value, str) and not format.by_value:
        return value
    if isinstance(value, (str, bytes)) or format.name == "JSON":
        return bytes(frame).decode("utf-8", errors="backslashreplace")
    return value_text(value)
