"""What is like a pattern: texts like globs; objects and lists like those that have globs for their texts. Pure.

A text is always like itself: brackets are read as globs read them, one of these characters, and also as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import translate
from functools import lru_cache

from ..formats import Hidden
from .equality import Comparison, same_value
from .values import missing_from, shown

ANY = "*"
BRACKETS = "in a glob [...] is one of the characters in it; match=EXACT takes the text as it stands"


@lru_cache(maxsize=1024)
def likeness_to(glob: str) -> Callable[[str], object]:
    """A test of whether a text is like a glob; brackets in it may stand for themselves.

    It needs no deadline: `fnmatch` writes expressions that take each `*` once, without going back.
    """
    readings = [glob, glob.replace("[", "[[]")] if "[" in glob else [glob]
    try:
        return re.compile("|".join(map(translate, readings))).match
    except re.error:  # Python 3.10 refuses a range that has no character, such as [b-a].
        return re.compile(translate(readings[-1])).match


def is_like(text: str, glob: str) -> bool:
    """Whether a text is like a glob; brackets in it may stand for themselves."""
    return likeness_to(glob)(text) is not None


def is_like_composed(text: str, glob: str) -> bool:
    """Whether a text would be like a glob if both had their characters composed: 'é' may also be 'e' and an accent."""
    from unicodedata import normalize  # asked only where a check has failed

    return is_like(normalize("NFC", text), normalize("NFC", glob))


def unlike(value: object, pattern: object) -> str:
    """The first place in which a value is not like a pattern, in words; empty if it is like it.

    A list is like one that has as many items, each like the one at its place. An object is like one of which it has
    all keys, each with a value like that one, where the items of a list may be in any place.

    Raises:
        PatternTooSlow: That was not known in time.
    """
    return _unlike(value, pattern, "$", Comparison(_same))


def _unlike(value: object, pattern: object, path: str, comparison: Comparison) -> str:
    if not isinstance(pattern, (list, tuple)):
        return missing_from(value, pattern, path, comparison)
    if not isinstance(value, (list, tuple)) or len(value) != len(pattern):
        return f"{path}: expected {_counted(pattern)}, received {_counted(value)}"
    pairs = enumerate(zip(value, pattern))
    places = (_unlike(item, part, f"{path}[{number}]", comparison) for number, (item, part) in pairs)
    return next(filter(None, places), "")


def has_brackets(pattern: object) -> bool:
    """Whether a text in a pattern has brackets, which a glob reads in its own way."""
    return any("[" in text for text in _texts(pattern))


def _same(value: object, pattern: object) -> bool:
    if isinstance(pattern, str):
        return pattern == ANY or (isinstance(value, str) and is_like(value, pattern))
    return same_value(value, pattern.value if isinstance(pattern, Hidden) else pattern)


def _counted(value: object) -> str:
    many = isinstance(value, (list, tuple))
    return f"{shown(value)} ({len(value)} items)" if many else shown(value)  # type: ignore[arg-type]


def _texts(pattern: object) -> Iterator[str]:
    if isinstance(pattern, str):
        yield pattern
    elif isinstance(pattern, Mapping):
        for item in pattern.values():
            yield from _texts(item)
    elif isinstance(pattern, (list, tuple)):
        for item in pattern:
            yield from _texts(item)
