"""Templates: texts with `$1`, `$name` and `$n` that are filled in for each message.

The style is that of `string.Template`, so that neither Robot's `${1}` nor the braces of JSON get in the way. `$$` is a
dollar sign; a dollar sign that begins no name stands for itself. A text that is nothing but `$name` becomes the value
itself, with its type. Pure functions: values in, values out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial

from ..errors import InvalidValue
from ..messages.values import value_text

_NAME = r"[0-9]+|[A-Za-z_][A-Za-z0-9_]*"
_PLACE = rf"\$(?:(?P<escaped>\$)|(?P<plain>{_NAME})|\{{(?P<braced>[A-Za-z0-9_.]+)\}})"
_JSON_PART = rf'"(?:\\.|[^"\\])*"|(?P<bare>\$(?:{_NAME}))'

Lookup = Callable[[str], object]


class NoSuchName(InvalidValue):
    """A template names something that the request does not have."""


def names_in(value: object) -> set[str]:
    """The names that a value uses, also inside of lists and dictionaries."""
    if isinstance(value, str):
        return {name for match in re.finditer(_PLACE, value) if (name := _name_of(match))}
    if isinstance(value, dict):
        return {name for pair in value.items() for item in pair for name in names_in(item)}
    if isinstance(value, (list, tuple)):
        return {name for item in value for name in names_in(item)}
    return set()


def is_template(value: object) -> bool:
    """Whether filling in would change the value: it uses a name, or has `$$`."""
    if isinstance(value, str):
        return re.search(_PLACE, value) is not None
    if isinstance(value, dict):
        return any(is_template(item) for pair in value.items() for item in pair)
    return isinstance(value, (list, tuple)) and any(map(is_template, value))


def fill(value: object, lookup: Lookup) -> object:
    """Fills in the names of a value, also inside of lists and dictionaries.

    Args:
        value: Text, or a structure with texts; everything else stays as it is.
        lookup: The value of a name; raises `NoSuchName`.
    """
    if isinstance(value, str):
        whole = re.fullmatch(_PLACE, value)
        name = _name_of(whole) if whole else ""
        return lookup(name) if name else re.sub(_PLACE, partial(_filled, lookup), value)
    if isinstance(value, dict):
        return {as_text(fill(key, lookup)): fill(item, lookup) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [fill(item, lookup) for item in value]
    return value


def as_text(value: object) -> str:
    """A value inside of a text: text as it is, everything else as JSON writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="backslashreplace")
    return value_text(value)


def quoted_names(text: str) -> str:
    """JSON text in which names stand outside of quotes, `{"id": $id}`, as JSON."""
    return re.sub(_JSON_PART, lambda match: f'"{match["bare"]}"' if match["bare"] else match.group(), text)


def not_counted(name: str) -> NoSuchName:
    """What is wrong with a name in what a publisher or pump sends."""
    return NoSuchName(f"There is no ${name} here, only $n and $time. A dollar sign is written $$.")


def counting(number: int) -> Lookup:
    """What publishers know: `$n`, the number of the message from 1, and `$time`, local time in ISO 8601."""

    def lookup(name: str) -> object:
        if name == "n":
            return number
        if name == "time":
            return datetime.now().astimezone().isoformat(timespec="milliseconds")
        raise not_counted(name)

    return lookup


def _name_of(match: re.Match[str]) -> str:
    return match["plain"] or match["braced"] or ""


def _filled(lookup: Lookup, match: re.Match[str]) -> str:
    name = _name_of(match)
    return as_text(lookup(name)) if name else "$"
