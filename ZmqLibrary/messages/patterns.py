"""Matchers for messages: used by waiting, assertions and scripted peers alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple, cast

from ..errors import EncodeError, InvalidValue, ZmqLibraryError, described, ends_test
from ..formats import FrameProblem, Hidden, HiddenBytes, contains_hidden, structure_in
from ..formats.base import BUILT_IN
from ..formats.hidden import encode_hidden
from ..report.frames import first_difference, quote_text
from ..report.values import bounded_text, value_preview
from ..report.words import count_of
from ..surrogates import require_text
from .equality import same_value
from .likeness import ANY, BRACKETS, has_brackets, is_like, is_like_composed, likeness_to, unlike
from .values import SHOWN, shown, unequal, value_text

if TYPE_CHECKING:
    from ..formats import Format, FrameFormats
    from .field_patterns import Pattern


class MatchKind(Enum):
    """How a pattern is held against a frame. A pattern that is just `*` stands for any frame in all of them.

    - EXACT: the frame equals the value (JSON and other structured formats compare values).
    - GLOB: the frame's text matches, with `*`, `?` and `[abc]`; case matters, and a text is always like itself. With
      JSON and other structured formats a pattern that is an object matches frames that contain it, and one that is a
      list those with as many items, each like the one at its place; texts in them are such patterns, too.
    - REGEXP: the regular expression is found in the frame's text (Python's `re.search`).
    - PREFIX: the frame begins with the value.

    A secret is taken as it stands: it is no glob, and REGEXP refuses it.
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
        format: The format of the frame.
        expected: The bytes that are expected, where there are such; to name the first difference.
        search: For a REGEXP, its match in a frame.
        missing: For a value, the first place in which a frame differs; empty if it differs as a whole.
        hint: What may have been meant instead.
        secret: Whether there is a secret in it: a frame that satisfies it is not shown.
    """

    shown: str
    test: Callable[[bytes], bool]
    format: Format | None = None
    expected: bytes | None = None
    search: Callable[[bytes], re.Match[str] | None] | None = None
    missing: Callable[[bytes], str] | None = None
    hint: str = ""
    secret: bool = False

    def matches(self, frame: bytes) -> bool:
        """Whether a frame satisfies the pattern; one that cannot be compared with it does not.

        Raises:
            PatternTooSlow: The comparison took too long.
        """
        try:
            return self.test(frame)
        except ZmqLibraryError:
            raise
        except BaseException as error:
            # The boundary: what a format or a user's class does with what came ends no worker.
            if ends_test(error):
                raise
            return False

    def difference(self, frame: bytes) -> str:
        """In what a frame that does not satisfy the pattern differs, in words."""
        received = value_preview(frame, self.format, SHOWN)
        if isinstance(frame, HiddenBytes):
            return f"{received} is not {self.shown}"
        try:
            missing = self.missing(frame) if self.missing else ""
            if not missing:
                self.test(frame)
        except ZmqLibraryError:
            raise
        except BaseException as error:
            if ends_test(error):
                raise
            return f"{received} cannot be compared with it: {described(error)}"
        hint = f" ({self.hint})" if self.hint else ""
        if missing:
            return f"{received}: {missing}{hint}"
        return f"{received} is not {self.shown}{self._offset(frame)}{hint}"

    def _offset(self, frame: bytes) -> str:
        if not self.expected or isinstance(self.expected, HiddenBytes):
            return ""
        return f" (first difference at offset {first_difference(self.expected, frame)})"


class MessagePattern(NamedTuple):
    """Patterns for the frames of a message, from the first on.

    Attributes:
        frames: One for each frame.
        whole: Whether the message must have exactly as many frames; else further frames do not matter.
        signed: The layout of which the message must have the signature, if there is one.
    """

    frames: tuple[FramePattern, ...]
    whole: bool = False
    signed: FrameFormats | None = None

    def pairs(self, frames: Sequence[bytes]) -> Iterator[tuple[FramePattern, bytes]]:
        """Each pattern with its frame."""
        return zip(self.frames, frames)

    def matches(self, frames: Sequence[bytes]) -> bool:
        """Whether a message satisfies all patterns."""
        if len(frames) < len(self.frames) or (self.whole and len(frames) != len(self.frames)):
            return False
        # A loop, because proxies and collectors ask this for each of many messages.
        for pattern, frame in zip(self.frames, frames):
            if not pattern.matches(frame):
                return False
        return self.signed is None or not self.signed.signature_problem(frames)

    def difference(self, frames: Sequence[bytes]) -> str:
        """The first thing in which a message differs, in words; empty if it matches."""
        for number, (pattern, frame) in enumerate(self.pairs(frames)):
            if not pattern.matches(frame):
                return f"Frame {number}: {pattern.difference(frame)}"
        if len(frames) < len(self.frames) or (self.whole and len(frames) != len(self.frames)):
            return f"{count_of(len(frames), 'frame')}, but {count_of(len(self.frames), 'pattern')}"
        return self.signed.signature_problem(frames) if self.signed else ""

    def __str__(self) -> str:
        return " | ".join(pattern.shown for pattern in self.frames) or "at all"


def shown_frames(pattern: Pattern | None, frames: Sequence[bytes]) -> Sequence[bytes]:
    """The frames of a message for an error: as `HiddenBytes` where they satisfy a pattern that is a secret."""
    if pattern is None:
        return frames
    try:
        hidden = {frame for each, frame in pattern.pairs(frames) if each.secret and each.matches(frame)}
    except InvalidValue:  # it does not have the layout
        return frames
    return [HiddenBytes(frame) if frame in hidden else frame for frame in frames] if hidden else frames


def message_pattern(
    patterns: Sequence[object], kind: MatchKind, formats: FrameFormats, whole: bool = False
) -> MessagePattern:
    """Prepares patterns.

    Args:
        patterns: One for each frame; `*` for any.
        kind: How they are held against the frames.
        formats: The formats of the frames. Where they are a layout with a key, its signature is checked, too.
        whole: Whether the message must have exactly as many frames.

    Raises:
        InvalidValue: A pattern cannot be used, for example a regular expression with an error.
    """
    kinds = formats.of(max(len(patterns), formats.least))
    hints = _place_hints(formats)
    placed = tuple(_placed(p, kind, f, next(hints, "")) for p, f in zip(patterns, kinds))
    return MessagePattern(placed, whole, formats if placed and formats.is_signed else None)


def _place_hints(formats: FrameFormats) -> Iterator[str]:
    """For each place what to do if it is not that of the field which was meant; empty before the frames that move."""
    names, repeated = formats.field_names, formats.repeated_fields
    for name in names[:-1]:
        if name in repeated:
            single = next((other for other in reversed(names) if other not in repeated), names[-1])
            moves = f"in layout '{formats}' any number of frames of '{name}' move those after them"
            yield from repeat(f"{moves}; give patterns by field, such as {single}=")
        yield ""


def _placed(pattern: object, kind: MatchKind, format: Format, hint: str) -> FramePattern:
    if not hint:
        return frame_pattern(pattern, kind, format)
    try:
        placed = frame_pattern(pattern, kind, format)
    except InvalidValue as problem:
        raise InvalidValue(f"{problem} ({hint})") from problem.__cause__
    return placed._replace(hint="; ".join(filter(None, [placed.hint, hint])))


def frame_pattern(pattern: object, kind: MatchKind, format: Format) -> FramePattern:
    """Prepares the pattern of one frame in this format.

    Raises:
        InvalidValue: It cannot be used.
    """
    if pattern == ANY:
        return FramePattern("anything", lambda frame: True, format)
    if kind is MatchKind.REGEXP and isinstance(pattern, Hidden):
        raise InvalidValue(
            "A secret is taken as it stands and cannot be a regular expression: match it as EXACT, GLOB or PREFIX."
        )
    if isinstance(pattern, str):
        require_text(pattern, "Pattern")
    if kind is MatchKind.GLOB and format.by_value and (structure := _structure_of(pattern, format)) is not None:
        return _structure_pattern(structure, pattern, format)
    if isinstance(pattern, str) and kind is not MatchKind.EXACT and (format.by_value or kind is not MatchKind.PREFIX):
        return _text_pattern(pattern, kind, format)
    return _value_pattern(pattern, kind, format)


def _text_pattern(pattern: str, kind: MatchKind, format: Format) -> FramePattern:
    from .regexp import Regexp

    if kind is MatchKind.REGEXP:
        regexp = Regexp(pattern, re.DOTALL)

        def search(frame: bytes) -> re.Match[str] | None:
            return next(filter(None, map(regexp.search, frame_texts(frame, format))), None)

        return FramePattern(
            f"matched by {quote_text(pattern)}", _text_test(regexp.search, format), format, search=search
        )
    if kind is MatchKind.PREFIX:
        begins = _text_test(lambda text: text.startswith(pattern), format)
        return FramePattern(f"something that begins with {quote_text(pattern)}", begins, format)
    hint = BRACKETS if has_brackets(pattern) else ""

    def missing(frame: bytes) -> str:
        alike = any(is_like_composed(text, pattern) for text in frame_texts(frame, format))
        return f"not like {quote_text(pattern)}: they differ in Unicode normalisation (NFC/NFD)" if alike else ""

    return FramePattern(
        f"like {quote_text(pattern)}", _text_test(likeness_to(pattern), format), format, missing=missing, hint=hint
    )


def _text_test(holds: Callable[[str], object], format: Format) -> Callable[[bytes], bool]:
    """Whether a test holds for one of the texts of a frame."""
    if format.name != "TEXT":
        return lambda frame: any(map(holds, frame_texts(frame, format)))
    decode = cast("Callable[[bytes], str]", format.decode)

    def test(frame: bytes) -> bool:
        """The same without steps between: TEXT is the format of most patterns, and has one text."""
        try:
            return bool(holds(decode(frame)))
        except FrameProblem:
            return bool(holds(_readable(frame)))

    return test


def _structure_of(pattern: object, format: Format) -> object:
    """The object or list that a pattern is or whose text it is, as it would be received; None for other patterns.

    Raises:
        InvalidValue: No frame in this format could ever be like it.
    """
    structure = structure_in(pattern) if isinstance(pattern, str) and not format.keeps_text else pattern
    if not isinstance(structure, (Mapping, list, tuple)):
        return None
    # PROTOBUF leaves out what has its default value, and a secret cannot be encoded as it is.
    if format.name.startswith("PROTOBUF:") or contains_hidden(structure):
        return structure
    try:
        received = format.decode(format.encode(structure))
    except FrameProblem as problem:
        kind = format.name.partition(":")[0]
        # Patterns of suites' formats may have less than these need, or globs where they have numbers.
        if kind in BUILT_IN and not (kind == "STRUCT" and isinstance(structure, (list, tuple))):
            raise _incomparable(pattern, format, problem) from problem
        return structure
    return received if isinstance(received, (Mapping, list, tuple)) else structure


def _structure_pattern(structure: object, pattern: object, format: Format) -> FramePattern:
    def missing(frame: bytes) -> str:
        try:
            value = format.decode(frame)
        except FrameProblem as problem:
            return f"not {format.name}: {problem}"
        itself = isinstance(pattern, str) and isinstance(value, str) and is_like(value, pattern)
        return "" if itself else unlike(value, structure)

    return FramePattern(
        f"{format.name} with {shown(structure)}" if isinstance(structure, Mapping) else f"like {shown(structure)}",
        lambda frame: not missing(frame),
        format,
        missing=missing,
        hint=BRACKETS if has_brackets(structure) else "",
        secret=contains_hidden(structure),
    )


def expected_frame(value: object, format: Format) -> bytes:
    """The frame that a value is in a format.

    Raises:
        EncodeError: It does not fit the format.
    """
    try:
        return _encoded(value, format)
    except FrameProblem as problem:
        raise _incomparable(value, format, problem) from problem


def _value_pattern(pattern: object, kind: MatchKind, format: Format) -> FramePattern:
    expected = expected_frame(pattern, format)
    text = value_preview(expected, format, SHOWN)
    hidden = isinstance(expected, HiddenBytes)
    if kind is MatchKind.PREFIX:
        text = f"something that begins with {text}"
        return FramePattern(text, lambda frame: frame.startswith(expected), format, expected, secret=hidden)
    if not format.by_value:
        return FramePattern(text, lambda frame: frame == expected, format, expected, secret=hidden)
    value = format.decode(expected)

    def missing(frame: bytes) -> str:
        try:
            difference = unequal(value, format.decode(frame))
        except FrameProblem as problem:
            return f"not {format.name}: {problem}"
        return difference if difference.startswith("$") else ""

    return FramePattern(
        text,
        lambda frame: _has_value(frame, expected, value, format),
        format,
        missing=None if hidden else missing,
        secret=hidden,
    )


def _incomparable(pattern: object, format: Format, problem: FrameProblem) -> EncodeError:
    return EncodeError(f"{bounded_text(pattern, SHOWN)} cannot be compared with a frame as {format.name}: {problem}")


def _encoded(pattern: object, format: Format) -> bytes:
    if not contains_hidden(pattern):
        return format.encode(pattern)
    frame = encode_hidden(format.encode, pattern)
    if frame is None:
        raise FrameProblem("its value, which is not shown, does not have the format")
    return frame


def _has_value(frame: bytes, expected: bytes, value: object, format: Format) -> bool:
    if frame == expected:  # also where the value is not a number, which equals nothing
        return True
    try:
        return same_value(format.decode(frame), value)
    except FrameProblem:
        return False


def frame_texts(frame: bytes, format: Format) -> Iterator[str]:
    """The texts of a frame that patterns are held against; none if the frame does not have the format.

    A text is itself, and where TEXT is meant, what can be read of a frame. Bytes are UTF-8 with escapes. JSON is its
    text, too, as it came; other values are the text that JSON has for them.
    """
    try:
        value = format.decode(frame)
    except FrameProblem:
        if format.name == "TEXT":
            yield _readable(frame)
        return
    if isinstance(value, bytes):
        yield _escaped(value)
    elif isinstance(value, str):
        yield value
    if format.name.partition(":")[0] == "JSON":
        yield _escaped(frame)
    elif not isinstance(value, (str, bytes)):
        yield value_text(value)


def _escaped(frame: bytes) -> str:
    return bytes(frame).decode("utf-8", errors="backslashreplace")


def _readable(frame: bytes) -> str:
    """A frame that is not UTF-8: a byte that cannot be read is neither a letter nor a single character."""
    return bytes(frame).decode("utf-8", errors="replace").replace("\ufffd", "\ufffd\ufffd")
