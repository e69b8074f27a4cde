"""The one equality of values: as JSON has it. All that compares values asks here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
