"""Values that are sent but never shown.

Front ends turn secrets that they get into ``Hidden``. No encoder knows ``Hidden``: it fails there like any
unknown type, and only then is the value taken out. So secrets cost nothing when there are none, and none is sent as
``<secret>``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .base import Encoder, FrameProblem

MASK = "<secret>"


class Hidden:
    """A value that is sent as it is and shown as ``<secret>``."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value: Final = value

    def __eq__(self, other: object) -> bool:
        """Returns whether the other is hidden, too, and its value is the same."""
        return isinstance(other, Hidden) and self.value == other.value

    def __hash__(self) -> int:
        """Returns the hash of the value."""
        return hash(self.value)

    def __repr__(self) -> str:
        """Returns ``<secret>``; ``str`` does the same."""
        return MASK


class HiddenBytes(bytes):
    """A frame that was made from a hidden value: equal to its bytes, shown as ``<secret>``."""

    def __repr__(self) -> str:
        """Returns ``<secret>``."""
        return MASK

    def __str__(self) -> str:
        """Returns ``<secret>``."""
        return MASK

    def __format__(self, spec: str) -> str:
        """Returns ``<secret>``, whatever the format is."""
        return MASK


def contains_hidden(value: object) -> bool:
    """Returns whether a value is hidden, or is a dict, list, tuple or set that holds a hidden one at any depth."""
    return next(hidden_in(value), None) is not None


def hidden_in(value: object) -> Iterator[Hidden | HiddenBytes]:
    """Returns the value if it is hidden, or what is hidden in a dict, list, tuple or set at any depth."""
    waiting = [value]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, (Hidden, HiddenBytes)):
            yield item
        elif isinstance(item, (dict, list, tuple, set, frozenset)) and id(item) not in seen:
            seen.add(id(item))
            waiting.extend(_parts(item))


def reveal(value: object) -> object:
    """Returns the value with what is hidden in it as it is; dicts, lists, tuples and sets that hold some are copied.

    Raises:
        FrameProblem: the value is nested too deeply, or contains itself.
    """
    try:
        return _reveal(value)
    except RecursionError:
        raise FrameProblem("it is nested too deeply, or contains itself") from None


def encode_hidden(encode: Encoder, value: object) -> HiddenBytes | None:
    """Returns the frame of a value that has something hidden in it, or None if it cannot be encoded.

    The reason is dropped here, with its traceback, because it can quote the value.
    """
    try:
        return HiddenBytes(encode(reveal(value)))
    except FrameProblem:
        return None


def _reveal(value: object) -> object:
    if isinstance(value, Hidden):
        return _reveal(value.value)
    if isinstance(value, dict):
        return {_reveal(key): _reveal(item) for key, item in value.items()}
    if isinstance(value, HiddenBytes):
        return bytes(value)
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            return kind(map(_reveal, value))
    return value


def _parts(container: Iterable[object]) -> Iterable[object]:
    if isinstance(container, dict):
        yield from container.keys()
        yield from container.values()
    else:
        yield from container
