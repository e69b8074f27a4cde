"""Expected frames against received ones: equal or not, and what exactly differs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from ..errors import EncodeError
from ..formats import FrameProblem, HiddenBytes, combined
from ..report.frames import first_difference, preview
from ..report.values import kinds_of, value_preview
from ..report.words import count_of
from .equality import contains_subset, same_value
from .values import unequal

if TYPE_CHECKING:
    from ..formats import Format, FrameFormats

_SHOWN = 200
_MOST_FRAMES = 40
_DIFFERENT = "the values differ"
_LONGEST = 4  # bytes of a character in UTF-8


class FrameComparison(NamedTuple):
    """One expected frame against the received one."""

    expected: bytes
    received: bytes
    equal: bool
    problem: str = ""
    format: Format | None = None

    def describe(self, number: int) -> list[str]:
        """The comparison as lines of an error message."""
        mark = " " if self.equal else "≠"
        lines = [f"Frame {number} {mark} expected: {value_preview(self.expected, self.format, _SHOWN)}"]
        hidden = self.equal and isinstance(self.expected, HiddenBytes)
        received = self.expected if hidden else self.received
        lines.append(f"          received: {value_preview(received, self.format, _SHOWN)}")
        if not self.equal:
            lines.append(f"          {self.problem or self._offset()}")
        return lines

    def _offset(self) -> str:
        if isinstance(self.expected, HiddenBytes):
            return _DIFFERENT
        offset = first_difference(self.expected, self.received)
        left, right = _character(self.expected, offset), _character(self.received, offset)
        return f"first difference at offset {offset}: {left} ≠ {right}"


def _character(frame: bytes, offset: int) -> str:
    """The character that has this byte, or the byte where it is not UTF-8."""
    if offset >= len(frame):
        return "end of frame"
    start = offset
    while start and offset - start < _LONGEST - 1 and frame[start] & 0xC0 == 0x80:  # within a character
        start -= 1
    for end in range(offset + 1, start + _LONGEST + 1):
        with suppress(UnicodeDecodeError):
            if len(frame[start:end].decode("utf-8")) == 1:
                return preview(frame[start:end], _LONGEST)
    return preview(frame[offset : offset + 1], 1)


def compare_frames(expected: Sequence[object], received: Sequence[bytes], formats: FrameFormats) -> list[str]:
    """Compares frame by frame: as bytes, or as values where the format compares values (JSON).

    Returns:
        The differences as lines, frame by frame; empty if there are none.

    Raises:
        EncodeError: An expected value does not fit its format.
    """
    frames = formats.encode(expected)
    kinds = formats.fitting(frames)
    comparisons = [compare_frame(left, right, kind) for left, right, kind in zip(frames, received, kinds)]
    if len(frames) == len(received) and all(c.equal for c in comparisons):
        return []
    described = [c.describe(number) for number, c in enumerate(comparisons)]
    described += [
        [f"Frame {number} ≠ expected: {value_preview(frame, kinds[number], _SHOWN)}, but the message ends"]
        for number, frame in _rest(frames, received)
    ]
    others = kinds_of(received, formats)
    described += [
        [f"Frame {number} ≠ not expected: {value_preview(frame, others[number], _SHOWN)}"]
        for number, frame in _rest(received, frames)
    ]
    lines = _around_first_difference(described, comparisons)
    if len(frames) != len(received):
        lines.insert(0, f"Expected {count_of(len(frames), 'frame')}, received {count_of(len(received), 'frame')}.")
    return lines


def _around_first_difference(described: list[list[str]], comparisons: Sequence[FrameComparison]) -> list[str]:
    """The lines of all frames, or of those around the first that differs where there are very many."""
    first = next((number for number, c in enumerate(comparisons) if not c.equal), len(comparisons))
    start = max(0, min(first - _MOST_FRAMES // 2, len(described) - _MOST_FRAMES))
    shown = described[start : start + _MOST_FRAMES]
    lines = [line for frame in shown for line in frame]
    if start:
        lines.insert(0, f"… {count_of(start, 'frame')} before")
    if after := len(described) - start - len(shown):
        lines.append(f"… {count_of(after, 'frame')} more")
    return lines


def compare_frame(expected: bytes, received: bytes, format: Format) -> FrameComparison:
    """Compares one frame with the bytes that are expected."""
    if not format.by_value or expected == received:
        return FrameComparison(expected, received, expected == received, format=format)
    try:
        difference = unequal(format.decode(expected), format.decode(received))
    except FrameProblem as problem:
        difference = f"the received frame is not {format.name}: {problem}"
    if difference and isinstance(expected, HiddenBytes):
        difference = _DIFFERENT
    return FrameComparison(expected, received, not difference, difference, format)


def _rest(longer: Sequence[bytes], shorter: Sequence[bytes]) -> list[tuple[int, bytes]]:
    return list(enumerate(longer))[len(shorter) :]


def contains(frames: Sequence[bytes], value: object, formats: FrameFormats) -> bool:
    """Whether any frame contains the value: its bytes, or a part of the structure where the format has values.

    Raises:
        EncodeError: The value does not fit the format of any frame.
    """
    kinds = formats.fitting(frames)
    expected = _encodings(value, kinds)
    return any(
        _frame_contains(frame, expected[kind.name], kind) for frame, kind in zip(frames, kinds) if kind.name in expected
    )


def _encodings(value: object, kinds: Sequence[Format]) -> dict[str, bytes]:
    """The value in each format that it fits.

    Raises:
        EncodeError: It fits none.
    """
    encoded: dict[str, bytes] = {}
    problem = None
    for kind in kinds:
        try:
            encoded[kind.name] = single(kind).encode([value])[0]
        except EncodeError as error:
            problem = problem or error
    if problem and not encoded:
        raise problem
    return encoded


def _frame_contains(frame: bytes, expected: bytes, kind: Format) -> bool:
    if not kind.by_value:
        return expected in frame
    try:
        found, part = kind.decode(frame), kind.decode(expected)
    except FrameProblem:
        return False
    if isinstance(found, str) and isinstance(part, str):
        return part in found
    return contains_subset(found, part) or (isinstance(found, list) and any(same_value(i, part) for i in found))


def shown_value(value: object, frames: Sequence[bytes], formats: FrameFormats) -> str:
    """A value that was looked for in frames, as errors show it: in the first of their formats that compares values."""
    kinds = formats.fitting(frames)
    encoded = _encodings(value, kinds)
    fitting = [kind for kind in kinds if kind.name in encoded]
    kind = next((kind for kind in fitting if kind.by_value), fitting[0])
    return value_preview(encoded[kind.name], kind, _SHOWN)


def single(kind: Format) -> FrameFormats:
    """The formats of a message with one frame of this kind."""
    return combined(kind.name, [kind])
