"""Values for deepdiff, which takes some that differ for the same: `True` for `1` in lists, bytes for their text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime


class StandIn(str):
    """A text in place of a value: equal only to that of an equal value, and to no other text.

    Attributes:
        value: The value itself.
    """

    __slots__ = ("value",)
    value: object

    def __new__(cls, value: object) -> StandIn:
        """The text that Python has for the value."""
        made = super().__new__(cls, repr(value))
        made.value = value
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StandIn) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def distinct(value: object) -> object:
    """A value with stand-ins; 1.0 becomes 1, as JSON does not tell them apart, and "not a number" equals itself."""
    if isinstance(value, Mapping):
        return {_distinct_key(key): distinct(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [distinct(item) for item in value]
    return _distinct_key(value)


def _distinct_key(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_distinct_key, value))
    if isinstance(value, (set, frozenset)):
        return type(value)(map(_distinct_key, value))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (bytes, bytearray)):
        return StandIn(bytes(value))
    if isinstance(value, bool) or (isinstance(value, float) and math.isnan(value)):
        return StandIn(value)
    return StandIn(value) if isinstance(value, datetime) and value.tzinfo is None else value


def original(value: object) -> object:
    """A value without stand-ins."""
    if isinstance(value, StandIn):
        return value.value
    if isinstance(value, Mapping):
        return {original(key): original(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(map(original, value))
    return value
