"""JSON values against what is expected: equality by path, schemas, and reading by JSONPath.

deepdiff, jsonschema and jsonpath-ng (extra `json`) are imported when they are first used.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..errors import CheckFailed, InvalidValue, ZmqLibraryError, described, ends_test
from ..formats import FrameProblem, load_package
from ..formats.base import kind_of
from ..formats.json_text import parse_json
from ..plain_text import printable, shortened
from . import json_path
from .apart import run_apart
from .distinct import distinct, original
from .equality import same_value
from .regexp import Regexp
from .values import value_text

_SHOWN = 200
_MOST_LINES = 50
_MOST_PAIRING = 1_000_000  # characters that are compared, which takes two seconds
_EACH_PAIR = 50
_DEFINITE = {"Child", "Fields", "Index", "Len", "Root", "This"}
_SECRET = "<secret>"
_UNFIT = "it does not fit the schema, which has a secret in it"
_STRING_OR_NAME = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|(?<=\.)(?P<name>[^\W\d]\w*)"""
_PATH_REGEXP = r"""=~\s*(?P<quote>['"])(?P<filter>.*?)(?P=quote)|\bsub\(/(?P<sub>.*?)/,"""


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
    compare = partial(
        deepdiff.DeepDiff,
        report_repetition=True,
        threshold_to_diff_deeper=0,  # else objects with few keys in common differ as a whole
        ignore_private_variables=False,  # else keys that begin with __ do not matter
        exclude_regex_paths=ignored or None,
        view="tree",
    )
    try:
        one, other = [json_path.without(distinct(value), ignore) for value in (expected, received)]
        found = _compared(compare, one, other, ignore_order)
        lines = sorted(_line(kind, level, secret) for kind, levels in found.items() for level in levels)
    except RecursionError:
        raise InvalidValue("The values are nested too deeply to be compared.") from None
    except Exception as error:
        raise _foreign("The values cannot be compared", error) from error
    if not lines and not ignored and not ignore_order and not same_value(one, other):
        return ["The values differ."]  # deepdiff holds more for the same than JSON does
    more = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], *([f"… and {more:,} more differences."] if more > 0 else [])]


def _compared(compare: Callable[..., Any], expected: object, received: object, ignore_order: bool) -> Any:
    compare = partial(compare, expected, received, ignore_order=ignore_order)
    try:
        return compare(ignore_order_func=_Pairing() if ignore_order else _Alignment())
    except _TooManyPairs:  # then items are compared with those at their place, or are missing here and new there
        return compare(cutoff_intersection_for_pairs=0) if ignore_order else compare(zip_ordered_iterables=True)


class _TooManyPairs(Exception):
    """Lists differ in so much that it would take long to find out what is most like what."""


class _Pairing:
    """Is asked whether the order of two lists matters, and ends the comparison when there is too much to compare.

    deepdiff compares each item that has no equal one with all others of that kind, to tell in what they differ.
    """

    def __init__(self) -> None:
        self._left = _MOST_PAIRING

    def __call__(self, level: Any) -> bool:
        expected, received = set(map(_key, level.t1)), set(map(_key, level.t2))
        missing, others = expected - received, received - expected
        self._left -= _EACH_PAIR * len(missing) * len(others)
        self._left -= len(others) * sum(map(len, missing)) + len(missing) * sum(map(len, others))
        if self._left < 0:
            raise _TooManyPairs
        return True


class _Alignment:
    """Is asked whether the order of two lists does not matter, and ends the comparison where they are hard to align.

    Python's difflib, by which deepdiff finds out what was put into a list of texts and numbers, compares each item with
    all that are equal to it, once more for each part that it has found.
    """

    def __init__(self) -> None:
        self._left = _MOST_PAIRING

    def __call__(self, level: Any) -> bool:
        expected, received = list(level.t1), list(level.t2)
        try:
            counts = Counter(received)
            self._left -= sum(counts[item] for item in expected)
        except TypeError:  # lists of objects and lists, which are not aligned
            return False
        begins = sum(1 for _ in takewhile(_are_equal, zip(expected, received)))
        ends = sum(1 for _ in takewhile(_are_equal, zip(expected[:begins:-1], received[:begins:-1])))
        self._left -= (len(expected) - begins - ends) * (len(received) - begins - ends)
        if self._left < 0:
            raise _TooManyPairs
        return False


def _are_equal(pair: tuple[object, object]) -> bool:
    return pair[0] == pair[1]


def _key(value: object) -> str:
    """A text that equal values have in common."""
    try:
        return json.dumps(value, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):
        return value_text(value)


def _line(kind: str, level: Any, secret: bool) -> str:
    path = json_path.shown(map(original, level.path(output_format="list")))
    expected, received = (_SECRET, _SECRET) if secret else (_text(original(level.t1)), _text(original(level.t2)))
    if kind.endswith("_added"):
        return f"{path}: not expected, received {received}"
    if kind.endswith("_removed"):
        return f"{path}: expected {expected}, but it is missing"
    if kind == "repetition_change":
        times = level.additional["repetition"]
        return f"{path}: expected {expected} {times['old_repeat']} times, received {times['new_repeat']} times"
    return f"{path}: expected {expected}, received {received}"


def _text(value: object) -> str:
    return shortened(printable(value_text(value)), _SHOWN)


def violations(value: object, schema: object, where: Path | None = None, secret: bool = False) -> list[str]:
    """In what a value does not fit a JSON schema, one line for each path; empty if it fits.

    Args:
        value: The value.
        schema: The schema; without `$schema` it is read as draft 2020-12.
        where: The file it is from: references to other files are relative to it. None are read from the network.
        secret: Whether the schema must not be shown.

    Raises:
        InvalidValue: It is not a schema, or refers to one that cannot be read.
        MissingPackage: jsonschema is not installed.
        PatternTooSlow: A regular expression took too long.
    """
    load_package("jsonschema", needed_for="Checking a schema", package="jsonschema", extra="json")
    where = where.resolve() if where else None
    longest = _longest_text(value)
    slow = _slow_ones(_regexps_in(schema), longest)
    if not slow:
        try:
            return _violations(value, schema, where, secret, longest)
        except _SlowSchema as found:
            slow = found.args
    what, patterns = "Checking the value against the schema", [_SECRET] if secret else slow
    return run_apart(_violations, value, schema, where, secret, what=what, patterns=patterns)


class _SlowSchema(Exception):
    """A schema that is referred to has a regular expression that may take for ever."""


def _violations(
    value: object, schema: object, where: Path | None, secret: bool, longest: int | None = None
) -> list[str]:
    """As `violations`; with the length of the longest text, `_SlowSchema` where a regular expression may not end."""
    jsonschema = load_package("jsonschema", needed_for="Checking a schema", package="jsonschema", extra="json")
    referencing = load_package("referencing", needed_for="Checking a schema", package="jsonschema", extra="json")
    if not isinstance(schema, (dict, bool)):
        raise InvalidValue(f"The schema is not a JSON schema: it is {kind_of(schema)}, not an object, true or false.")
    slow: list[str] = []
    if where is not None and isinstance(schema, dict) and "$id" not in schema:
        schema = {**schema, "$id": where.as_uri()}

    def read(uri: str) -> Any:
        contents = _schema_at(uri)
        if longest is not None and (found := _slow_ones(_regexps_in(contents), longest)):
            slow.extend(found)
            raise _SlowSchema
        return referencing.Resource.from_contents(contents, default_specification=specification)

    try:
        kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
        specification = referencing.jsonschema.specification_with(kind.META_SCHEMA["$schema"])
        kind.check_schema(schema)
        unique = partial(_unique_items, kind.VALIDATORS["uniqueItems"])
        quick = jsonschema.validators.extend(kind, {"uniqueItems": unique})
        errors = list(quick(schema, registry=referencing.Registry(retrieve=read)).iter_errors(value))
    except jsonschema.SchemaError as error:
        place = json_path.shown(error.absolute_path)
        raise InvalidValue(
            f"The schema is not a JSON schema: {place}: {_SECRET if secret else _short(error.message)}"
        ) from None
    except (referencing.exceptions.Unresolvable, jsonschema.exceptions._WrappedReferencingError) as error:
        if slow:
            raise _SlowSchema(*slow) from None
        raise InvalidValue(f"The schema refers to what cannot be read: {_SECRET if secret else error}") from None
    except RecursionError:
        raise InvalidValue("The value or the schema is nested too deeply to be checked.") from None
    except Exception as error:
        problem = _foreign("The value cannot be checked against the schema", error)
        if secret:
            raise InvalidValue("The value cannot be checked against this schema, which has a secret in it.") from None
        raise problem from error
    lines = [
        f"{json_path.shown(error.absolute_path)}: {_UNFIT if secret else _short(error.message)}" for error in errors
    ]
    more = len(lines) - _MOST_LINES
    return [*sorted(lines)[:_MOST_LINES], *([f"… and {more:,} more."] if more > 0 else [])]


def _unique_items(original: Callable[..., Any], validator: Any, wanted: object, value: Any, schema: object) -> Any:
    """As jsonschema's own, which holds each item against each other one: it gets two that are the same, or none."""
    return original(validator, wanted, _repeated(value) if validator.is_type(value, "array") else value, schema)


def _repeated(items: Iterable[object]) -> list[object]:
    """Two items that are the same; only those are compared whose texts are equal. Empty if there are none."""
    alike: dict[str, list[object]] = {}
    for item in items:
        others = alike.setdefault(_key(distinct(item)), [])
        if any(same_value(item, other) for other in others):
            return [item, item]
        others.append(item)
    return []


def _regexps_in(schema: object) -> Iterator[str]:
    """The regular expressions that a schema may hold against texts and names."""
    if isinstance(schema, Mapping):
        pattern, properties = schema.get("pattern"), schema.get("patternProperties")
        if isinstance(pattern, str):
            yield pattern
        if isinstance(properties, Mapping):
            yield from map(str, properties)
            yield "|".join(map(str, properties))  # as jsonschema does for properties that are not named
    children = schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ()
    for child in children:
        yield from _regexps_in(child)


def _slow_ones(patterns: Iterable[str], longest: int) -> Sequence[str]:
    """The expressions for which Python's `re` may need long with texts of that length; what is none fails soon."""
    slow = []
    for pattern in dict.fromkeys(patterns):
        try:
            if not Regexp(pattern).is_quick(longest):
                slow.append(pattern)
        except InvalidValue:
            continue
    return slow


def _longest_text(value: object) -> int:
    longest, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, (str, bytes)):
            longest = max(longest, len(item))
        elif isinstance(item, Mapping):
            waiting += [*item, *item.values()]
        elif isinstance(item, (list, tuple)):
            waiting += item
    return longest


def _foreign(what: str, error: Exception) -> ZmqLibraryError:
    """The error for what another package raises: the boundary between these packages and the library."""
    if ends_test(error):
        raise error
    return InvalidValue(f"{what}: {_short(described(error))}")


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
        PatternTooSlow: A regular expression took too long.
    """
    load_package("jsonpath_ng.ext", needed_for="JSONPath", package="jsonpath-ng", extra="json")
    regexps = [match["filter"] or match["sub"] for match in re.finditer(_PATH_REGEXP, path)]
    slow = _slow_ones(regexps, _longest_text(value))
    # Those that are not found here are taken from the document itself.
    if not slow and len(regexps) == len(re.findall(r"=~|\bsub\(", path)):
        return _find(value, path)
    return run_apart(_find, value, path, what=f"Looking for {path}", patterns=slow)


def _quoted(found: re.Match[str]) -> str:
    """A name in quotes if it is not ASCII: RFC 9535 allows `$.größe`, and jsonpath-ng does not."""
    name = found["name"]
    return f"'{name}'" if name and not name.isascii() else found[0]


def _find(value: object, path: str) -> object:
    jsonpath = load_package("jsonpath_ng.ext", needed_for="JSONPath", package="jsonpath-ng", extra="json")
    try:
        expression = jsonpath.parse(re.sub(_STRING_OR_NAME, _quoted, path))
    except Exception as error:
        raise InvalidValue(f"'{path}' is not a JSONPath: {error}. Write one such as $.items[0].id.") from None
    try:
        found = [match.value for match in expression.find(value)]
    except RecursionError:
        raise InvalidValue("The value is nested too deeply to be searched.") from None
    except Exception as error:
        raise _foreign(f"'{path}' cannot be applied to {_text(value)}", error) from error
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
