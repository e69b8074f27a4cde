"""JSON values against what is expected: equality by path, schemas, and reading by JSONPath.

deepdiff, jsonschema and jsonpath-ng (extra `json`) are imported when they are first used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..errors import CheckFailed, InvalidValue
from ..formats import FrameProblem, load_package
from ..formats.json_text import parse_json
from ..report.words import shortened
from . import json_path
from .values import same_value

_SHOWN = 200
_MOST_LINES = 50
_DEFINITE = {"Child", "Fields", "Index", "Len", "Root", "This"}
_SECRET = "<secret>"


def differences(
    expected: object, received: object, *, ignore: Sequence[str] = (), ignore_order: bool = False, secret: bool = False
) -> list[str]:
    """What differs, one line for each path; empty if nothing does.

    Args:
        expected: The value that is expected.
        received: The value that came.
        ignore: Paths of what does not matter.
        ignore_order: Whether the order of lists does not matter.
        secret: Whether the values must not be shown.

    Raises:
        InvalidValue: A path cannot be read.
        MissingPackage: deepdiff is not installed.
    """
    deepdiff = load_package("deepdiff", needed_for="Comparing JSON", package="deepdiff", extra="json")
    ignored = [json_path.deepdiff_pattern(path) for path in ignore]
    try:
        found = deepdiff.DeepDiff(
            _canonical(expected),
            _canonical(received),
            ignore_order=ignore_order,
            report_repetition=True,
            threshold_to_diff_deeper=0,  # else objects with few keys in common differ as a whole
            exclude_regex_paths=ignored or None,
            view="tree",
        )
        lines = sorted(_line(kind, level, secret) for kind, levels in found.items() for level in levels)
    except RecursionError:
        raise InvalidValue("The values are nested too deeply to be compared.") from None
    if not lines and not ignored and not ignore_order and not same_value(expected, received):
        return ["The values differ."]
    more = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], *([f"… and {more:,} more differences."] if more > 0 else [])]


def _canonical(value: object) -> object:
    """1.0 becomes 1, as JSON does not tell them apart; deepdiff's own way to ignore that takes True for 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    return value


def _line(kind: str, level: Any, secret: bool) -> str:
    path = json_path.shown(level.path(output_format="list"))
    expected, received = (_SECRET, _SECRET) if secret else (_text(level.t1), _text(level.t2))
    if kind.endswith("_added"):
        return f"{path}: not expected, received {received}"
    if kind.endswith("_removed"):
        return f"{path}: expected {expected}, but it is missing"
    if kind == "repetition_change":
        times = level.additional["repetition"]
        return f"{path}: expected {expected} {times['old_repeat']} times, received {times['new_repeat']} times"
    return f"{path}: expected {expected}, received {received}"


def _text(value: object) -> str:
    text = json.dumps(value, default=repr, ensure_ascii=False)
    return shortened(text, _SHOWN)


def violations(value: object, schema: object, where: Path | None = None) -> list[str]:
    """In what a value does not fit a JSON schema, one line for each path; empty if it fits.

    Args:
        value: The value.
        schema: The schema; without `$schema` it is read as draft 2020-12.
        where: The file it is from: references to other files are relative to it. None are read from the network.

    Raises:
        InvalidValue: It is not a schema, or refers to one that cannot be read.
        MissingPackage: jsonschema is not installed.
    """
    jsonschema = load_package("jsonschema", needed_for="Checking a schema", package="jsonschema", extra="json")
    referencing = load_package("referencing", needed_for="Checking a schema", package="jsonschema", extra="json")
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    if where is not None and isinstance(schema, dict) and "$id" not in schema:
        schema = {**schema, "$id": where.resolve().as_uri()}

    def read(uri: str) -> Any:
        return referencing.Resource.from_contents(_schema_at(uri), default_specification=specification)

    specification = referencing.jsonschema.specification_with(kind.META_SCHEMA["$schema"])
    try:
        kind.check_schema(schema)
        errors = list(kind(schema, registry=referencing.Registry(retrieve=read)).iter_errors(value))
    except jsonschema.SchemaError as error:
        place = json_path.shown(error.absolute_path)
        raise InvalidValue(f"The schema is not a JSON schema: {place}: {error.message}") from None
    except (referencing.exceptions.Unresolvable, jsonschema.exceptions._WrappedReferencingError) as error:
        raise InvalidValue(f"The schema refers to what cannot be read: {error}") from None
    except RecursionError:
        raise InvalidValue("The value or the schema is nested too deeply to be checked.") from None
    lines = [f"{json_path.shown(error.absolute_path)}: {_short(error.message)}" for error in errors]
    return sorted(lines)[:_MOST_LINES]


def _short(text: str) -> str:
    return shortened(text, 2 * _SHOWN)


def _schema_at(uri: str) -> object:
    parts = urlsplit(uri)
    if parts.scheme != "file":
        raise InvalidValue(f"{uri} is not read: only references to files and within the schema are followed.")
    return schema_in(Path(url2pathname(parts.path)))


def schema_in(path: Path) -> object:
    """The schema in a file.

    Raises:
        InvalidValue: It cannot be read or is not JSON.
    """
    try:
        return parse_json(path.read_bytes())
    except OSError as error:
        raise InvalidValue(f"The schema file {path} cannot be read: {error.strerror or error}.") from None
    except FrameProblem as problem:
        raise InvalidValue(f"The schema file {path} is not JSON: {problem}") from None


def find(value: object, path: str) -> object:
    """What a JSONPath finds: the value at a path to one place, or a list of all values that another path finds.

    Raises:
        InvalidValue: It is not a JSONPath.
        CheckFailed: There is nothing at that place.
        MissingPackage: jsonpath-ng is not installed.
    """
    jsonpath = load_package("jsonpath_ng.ext", needed_for="JSONPath", package="jsonpath-ng", extra="json")
    try:
        expression = jsonpath.parse(path)
    except Exception as error:
        raise InvalidValue(f"'{path}' is not a JSONPath: {error}. Write one such as $.items[0].id.") from None
    try:
        found = [match.value for match in expression.find(value)]
    except RecursionError:
        raise InvalidValue("The value is nested too deeply to be searched.") from None
    if not _is_definite(expression):
        return found
    if not found:
        raise CheckFailed(f"There is nothing at {path} in {_text(value)}")
    return found[0]


def _is_definite(expression: Any) -> bool:
    return all(type(part).__name__ in _DEFINITE and _is_single(part) for part in _parts(expression))


def _is_single(part: Any) -> bool:
    names = getattr(part, "fields", None) or ()
    return len(names) <= 1 and json_path.WILD not in names and len(getattr(part, "indices", None) or ()) <= 1


def _parts(expression: Any) -> Iterable[Any]:
    yield expression
    if type(expression).__name__ == "Child":
        yield from _parts(expression.left)
        yield from _parts(expression.right)
