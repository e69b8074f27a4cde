"""The one equality of values: as JSON has it. All that compares values asks here.

What is looked for in a list may be at any place of it, so each part may have to be held against each item: `Comparison`
gives that up in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set
from contextlib import suppress

from ..errors import PatternTooSlow
from ..report.words import count_of, seconds

MOST_SECONDS = 0.5
_STEPS = 256  # between two looks at the clock
_FEW = 1000  # pairs, which are soon compared
_UNMISTAKABLE = (str, bytes)

Same = Callable[[object, object], bool]


def same_value(left: object, right: object) -> bool:
    """Equality as JSON has it: `1` and `true` differ, also as keys, `1` and `1.0` do not."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return _keys(left) == _keys(right) and all(same_value(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same_value, left, right))
    return left == right


def has_key(value: Mapping[object, object], key: object) -> bool:
    """Whether an object has a key; Python takes `True` for `1`."""
    if key not in value or type(key) in _UNMISTAKABLE:
        return key in value
    return (isinstance(key, (int, float)) and key not in (0, 1)) or hashable(key) in _keys(value)


def _keys(value: Mapping[object, object]) -> Set[object]:
    return value.keys() if {*map(type, value)} == {str} else {*map(hashable, value)}


def hashable(value: object) -> Hashable:
    """A value that can be in a set, equal to another one where `same_value` says so.

    Raises:
        TypeError: There is something in it that cannot.
    """
    if isinstance(value, Mapping):
        return dict, frozenset(zip(map(hashable, value), map(hashable, value.values())))
    if isinstance(value, (list, tuple)):
        return list, tuple(map(hashable, value))
    if isinstance(value, (set, frozenset)):
        return set, frozenset(map(hashable, value))
    return (bool, value) if isinstance(value, bool) else value


class Comparison:
    """Values held against parts of which they should consist, within a bounded time.

    Args:
        same: Whether two values are the same that are neither objects nor lists; equal ones have to be.
    """

    def __init__(self, same: Same = same_value) -> None:
        self._same = same
        self._steps = 0
        self._end = 0.0

    def contains(self, value: object, subset: object) -> bool:
        """Whether a value contains a subset: objects key by key, lists element by element in any place.

        Raises:
            PatternTooSlow: That was not known in time.
        """
        if isinstance(subset, Mapping):
            return isinstance(value, Mapping) and all(
                has_key(value, key) and self.contains(value[key], part) for key, part in subset.items()
            )
        if isinstance(subset, (list, tuple)):
            return isinstance(value, (list, tuple)) and self._has_all(value, subset)
        return self._same(value, subset)

    def _has_all(self, items: Sequence[object], parts: Sequence[object]) -> bool:
        """Whether each part is in one of the items; in the same order they are found at once."""
        place = -1
        for part in parts if len(items) * len(parts) < _FEW else _without_equal(parts, items):
            for offset in range(1, len(items) + 1):
                self._count_step(items, parts)
                if self.contains(items[(place + offset) % len(items)], part):
                    place += offset
                    break
            else:
                return False
        return True

    def _count_step(self, items: Sequence[object], parts: Sequence[object]) -> None:
        self._steps += 1
        if self._steps % _STEPS:
            return
        now = time.thread_time()
        self._end = self._end or now + MOST_SECONDS
        if now > self._end:
            raise PatternTooSlow(
                f"{count_of(len(parts), 'part')} of a list were neither found nor ruled out among "
                f"{count_of(len(items), 'item')} in {seconds(MOST_SECONDS)}, because each is held against each. Look "
                "for fewer, or for whole items, which take less time."
            )


def _without_equal(parts: Iterable[object], items: Iterable[object]) -> Sequence[object]:
    """The parts that are equal to no item. Only parts are kept in a table: items from outside may have one hash."""
    try:
        left = {hashable(part): part for part in parts}
    except (TypeError, RecursionError):
        return [*parts]
    for item in items:
        with suppress(TypeError, RecursionError):
            left.pop(hashable(item), None)
    return [*left.values()]


def contains_subset(value: object, subset: object) -> bool:
    """Whether a value contains a subset: objects key by key, lists element by element in any place.

    Raises:
        PatternTooSlow: That was not known in time.
    """
    return Comparison().contains(value, subset)
