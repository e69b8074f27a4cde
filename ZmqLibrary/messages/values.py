"""Decoded values: what is missing in them, and as text whatever is in them. Pure: values in, text out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..errors import EncodeError, InvalidValue
from ..formats import FrameProblem, HiddenBytes
from ..plain_text import printable, shortened
from ..report.frames import preview
from ..report.values import value_preview
from ..report.words import count_of
from . import json_path
from .equality import Comparison, has_key, same_value

if TYPE_CHECKING:
    from ..formats import FrameFormats

SHOWN = 120
_ENCODER = json.JSONEncoder(default=str, ensure_ascii=False)
_MOST_DIGITS = 4000  # Python writes no more than 4300


def missing_from(value: object, subset: object, path: str = "$", comparison: Comparison | None = None) -> str:
    """The first part of a subset that a value lacks, with its path; empty if nothing is missing.

    Raises:
        PatternTooSlow: That was not known in time.
    """
    comparison = comparison or Comparison()
    if isinstance(subset, Mapping) and isinstance(value, Mapping):
        for key, part in subset.items():
            if not has_key(value, key):
                return f"{path}.{key} is missing"
            if found := missing_from(value[key], part, f"{path}.{key}", comparison):
                return found
        return ""
    if comparison.contains(value, subset):
        return ""
    return f"{path}: expected {shown(subset)}, received {shown(value)}"


def unequal(expected: object, received: object) -> str:
    """The first place in which two values differ, in words; empty if they are equal."""
    return _unequal(expected, received, ())


def _unequal(expected: object, received: object, steps: tuple[object, ...]) -> str:
    if isinstance(expected, Mapping) and isinstance(received, Mapping):
        keys, others = [*expected], [key for key in received if not has_key(expected, key)]
    elif isinstance(expected, (list, tuple)) and isinstance(received, (list, tuple)):
        keys, others = [*range(len(expected))], [*range(len(expected), len(received))]
    elif same_value(expected, received):
        return ""
    elif not steps:
        return "the values differ"
    else:
        return f"{json_path.shown(steps)}: expected {shown(expected)}, received {shown(received)}"
    for key in keys:
        there = has_key(received, key) if isinstance(received, Mapping) else key < len(received)
        if not there:
            return f"{json_path.shown((*steps, key))}: expected {shown(expected[key])}, but it is missing"
        if found := _unequal(expected[key], received[key], (*steps, key)):
            return found
    return (
        f"{json_path.shown((*steps, others[0]))}: not expected, received {shown(received[others[0]])}" if others else ""
    )


def value_text(value: object) -> str:
    """A value as JSON writes it; what JSON does not have, as Python does. It never fails, whatever has come."""
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError, ArithmeticError):
        return json.dumps(_writable(value), ensure_ascii=False)


def _writable(value: object, depth: int = 0) -> object:
    """The value with texts in place of what JSON does not have: keys, numbers without an end, foreign objects."""
    if depth > 500:
        return "…"
    if isinstance(value, Mapping):
        return {_key_text(key): _writable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_writable(item, depth + 1) for item in value]
    if isinstance(value, int) and has_too_many_digits(value):
        return hex(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"


def has_too_many_digits(value: object) -> bool:
    """Whether Python refuses to write an integer."""
    return isinstance(value, int) and value.bit_length() > 3 * _MOST_DIGITS


def _key_text(key: object) -> str:
    return key if isinstance(key, str) else str(_writable(key))


def shown(value: object) -> str:
    """The beginning of a value's text, as errors show it; no more is written of a huge one."""
    text = ""
    try:
        for piece in _ENCODER.iterencode(value):
            text += piece
            if len(text) > SHOWN:
                break
    except (TypeError, ValueError, RecursionError, ArithmeticError):
        text = value_text(value)
    return shortened(printable(text), SHOWN)


class JsonSubset(NamedTuple):
    """Part of a JSON value that is looked for."""

    value: object
    frame: bytes

    @property
    def shown(self) -> str:
        """How errors name it."""
        return preview(self.frame, SHOWN)


def json_subset(subset: object, json: FrameFormats) -> JsonSubset:
    """Prepares JSON text or a value.

    Raises:
        EncodeError: It is not JSON.
    """
    frame = json.encode([subset])[0]
    try:
        return JsonSubset(json.of(1)[0].decode(frame), frame)
    except FrameProblem as problem:
        raise EncodeError(f"{preview(frame, SHOWN)} cannot be looked for in JSON: {problem}") from None


def json_difference(frames: Sequence[bytes], index: int, subset: JsonSubset, formats: FrameFormats) -> str:
    """What a message lacks of a JSON value in one of its frames, in words; empty if nothing."""
    if not -len(frames) <= index < len(frames):
        return f"It has no frame {index}: {count_of(len(frames), 'frame')}"
    try:
        kind = formats.fitting(frames)[index]
    except InvalidValue as problem:
        return str(problem)
    shown_frame = value_preview(frames[index], kind, SHOWN)
    title = f"Frame {index % len(frames)}"
    try:
        value = kind.decode(frames[index])
    except FrameProblem as problem:
        return f"{title} is not {kind.name}: {shown_frame}: {problem}"
    missing = missing_from(value, subset.value)
    if missing and isinstance(subset.frame, HiddenBytes):
        return f"{title}: a value that is not shown is missing or differs"
    return f"{title}: {shown_frame}: {missing}" if missing else formats.signature_problem(frames)
