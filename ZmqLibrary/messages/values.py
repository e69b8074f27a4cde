"""Values compared as JSON compares them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..formats import FrameProblem, HiddenBytes
from ..report.frames import preview
from ..report.words import count_of, shortened

if TYPE_CHECKING:
    from ..formats import FrameFormats


SHOWN = 120
Comparison = Callable[[object, object], bool]


def same_value(left: object, right: object) -> bool:
    """Equality as JSON has it: `1` and `true` differ, `1` and `1.0` do not."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same_value(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same_value, left, right))
    return left == right


def contains_subset(value: object, subset: object, same: Comparison = same_value) -> bool:
    """Whether a value contains a subset: objects key by key, lists element by element in any place."""
    if isinstance(subset, Mapping):
        return isinstance(value, Mapping) and all(
            key in value and contains_subset(value[key], part, same) for key, part in subset.items()
        )
    if isinstance(subset, (list, tuple)):
        return isinstance(value, (list, tuple)) and all(
            any(contains_subset(item, part, same) for item in value) for part in subset
        )
    return same(value, subset)


def missing_from(value: object, subset: object, path: str = "$", same: Comparison = same_value) -> str:
    """The first part of a subset that a value lacks, with its path; empty if nothing is missing."""
    if isinstance(subset, Mapping) and isinstance(value, Mapping):
        for key, part in subset.items():
            if key not in value:
                return f"{path}.{key} is missing"
            if found := missing_from(value[key], part, f"{path}.{key}", same):
                return found
        return ""
    if contains_subset(value, subset, same):
        return ""
    return f"{path} is {shown(value)}, expected {shown(subset)}"


def shown(value: object) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return shortened(text, SHOWN)


class JsonSubset(NamedTuple):
    """Part of a JSON value that is looked for."""

    value: object
    frame: bytes

    @property
    def shown(self) -> str:
        """What errors tell of it."""
        return preview(self.frame, SHOWN)


def json_subset(subset: object, json: FrameFormats) -> JsonSubset:
    """Prepares JSON text or a value.

    Raises:
        EncodeError: It is not JSON.
    """
    frame = json.encode([subset])[0]
    return JsonSubset(json.of(1)[0].decode(frame), frame)


def json_difference(frames: Sequence[bytes], index: int, subset: JsonSubset, json: FrameFormats) -> str:
    """What a message lacks of a JSON value in one of its frames, in words; empty if nothing."""
    if not -len(frames) <= index < len(frames):
        return f"It has no frame {index}: {count_of(len(frames), 'frame')}"
    try:
        value = json.of(1)[0].decode(frames[index])
    except FrameProblem as problem:
        return f"Frame {index} is not JSON: {preview(frames[index], SHOWN)}: {problem}"
    missing = missing_from(value, subset.value)
    if missing and isinstance(subset.frame, HiddenBytes):
        missing = "a value that is not shown is missing or differs"
    return f"Frame {index}: {missing}" if missing else ""
