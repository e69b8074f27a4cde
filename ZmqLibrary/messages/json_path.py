"""Simple JSON paths: `$.a.b[0]`, `$['a b']`, and with wildcards `$.list[*].id`, `$..id`; needs no other package.

They name places in a document: for a counter that is read from each message, and for what a comparison ignores.
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from ..errors import InvalidValue
from ..plain_text import shortened
from ..report.values import bounded_text

WILD = "*"
_STEP = (
    r"(?P<deep>\.\.)?"
    r"(?:(?(deep)|\.)(?P<name>\*|[^\s.\[\]'\"*]+)"
    r"|\[\s*(?:(?P<index>-?\d+)|(?P<wild>\*)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\")\s*\])"
)

_COMMA = r",(?![^\[]*\])"  # one that is not in brackets

_MOST_STEPS = 50
_MOST_OF_A_NAME = 100


class Depth(Enum):
    """Any depth: a step of a path that is no name."""

    ANY = ".."


PathStep = str | int | Depth


def steps_of(path: str) -> list[PathStep | None]:
    """The steps of a path: names, indexes, None for `*`, and `Depth.ANY` before a step at any depth.

    Raises:
        InvalidValue: It is not a path of this form.
    """
    text = path.strip()
    root = re.match(r"root(?=\[|$)|\$", text)
    rest = text[root.end() :] if root else f".{text}" if not text.startswith("[") else text
    steps: list[PathStep | None] = []
    step, position = re.compile(_STEP), 0
    while position < len(rest):
        match = step.match(rest, position)
        if not match:
            raise InvalidValue(
                f"'{path}' is not a JSON path: '{rest[position:]}' cannot be read. Write $.name, $.list[0], "
                "$.list[*].name, $..name or $['a name']."
            )
        if match["deep"]:
            steps.append(Depth.ANY)
        steps.append(_step(match))
        position = match.end()
    return steps


def paths_in(text: str) -> list[str]:
    """The paths in a text: separated by commas, or a list as Python and JSON write it."""
    try:
        found = literal_eval(text.strip())
    except (SyntaxError, ValueError):
        found = None
    paths = [item for item in found if isinstance(item, str)] if isinstance(found, list) else []
    if paths and paths == found and (len(paths) > 1 or paths[0].startswith("$")):  # ['a name'] is a path itself.
        return paths
    return [path.strip() for path in re.split(_COMMA, text)]


def _step(match: re.Match[str]) -> PathStep | None:
    if match["index"] is not None:
        return int(match["index"])
    if match["wild"] or match["name"] == WILD:
        return None
    name = match["name"] if match["name"] is not None else match["single"]
    return name if name is not None else match["double"]


def getter(path: str) -> Callable[[Any], object]:
    """A function that takes the value at a path from a document; it raises LookupError where there is none.

    Raises:
        InvalidValue: The path is not that of one place.
    """
    steps: list[Any] = steps_of(path)
    if None in steps or Depth.ANY in steps:
        raise InvalidValue(f"'{path}' names more than one place. Write a path such as $.header.seq or $.items[0].")

    def get(document: Any) -> object:
        for step in steps:
            if not isinstance(document, dict if isinstance(step, str) else list):
                raise LookupError(step)
            document = document[step]
        return document

    return get


def without(value: object, paths: Sequence[str]) -> object:
    """A JSON value without what is at these paths."""
    for path in paths:
        value = _without(value, steps_of(path))
    return value


def _without(value: object, steps: Sequence[PathStep | None]) -> object:
    if not steps:
        return None
    step, rest = steps[0], steps[1:]
    if step is Depth.ANY:
        kept = _without(value, rest)
        if isinstance(kept, Mapping):
            return {key: _without(item, steps) for key, item in kept.items()}
        return [_without(item, steps) for item in kept] if isinstance(kept, list) else kept
    if isinstance(value, Mapping):
        items = [(key, item, step is None or key == step) for key, item in value.items()]
        return {key: _without(item, rest) if meant else item for key, item, meant in items if rest or not meant}
    if isinstance(value, list):
        places = range(len(value))
        hit = [step is None or (isinstance(step, int) and place in (step, step + len(value))) for place in places]
        # Elements keep their places: those behind one that does not matter would have other numbers.
        return [(_without(item, rest) if rest else None) if meant else item for item, meant in zip(value, hit)]
    return value


def shown(steps: Iterable[object]) -> str:
    """A place in a document as a path: `$.items[0].id`; of a very deep one the end, of long names the beginning."""
    known = list(steps)
    return f"${'…' if len(known) > _MOST_STEPS else ''}{''.join(map(_shown_step, known[-_MOST_STEPS:]))}"


def _shown_step(step: object) -> str:
    if isinstance(step, str) and re.fullmatch(r"[^\W\d][\w-]*", step[: _MOST_OF_A_NAME + 1]):
        return f".{shortened(step, _MOST_OF_A_NAME)}"
    return f"[{bounded_text(step, _MOST_OF_A_NAME)}]"


def deepdiff_pattern(path: str) -> str:
    """A regular expression for the paths of deepdiff (`root['a'][0]`) that are at this place or below it."""
    parts = ["^root"]
    for step in steps_of(path):
        if step is Depth.ANY:
            parts.append(r"(?:\[(?:'[^']*'|\"[^\"]*\"|\d+)\])*")
        elif step is None:
            parts.append(r"\[(?:'[^']*'|\"[^\"]*\"|\d+)\]")
        elif isinstance(step, int):
            parts.append(rf"\[{step}\]")
        else:
            quote = '"' if "'" in step else "'"
            parts.append(rf"\[{quote}{re.escape(step)}{quote}\]")
    return "".join([*parts, r"(?=\[|$)"])
