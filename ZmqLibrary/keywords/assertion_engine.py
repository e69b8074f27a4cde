"""AssertionEngine on the values of frames, and its operators on numbers."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable
from typing import Any

from assertionengine import AssertionOperator, verify_assertion
from assertionengine.assertion_engine import raise_error
from assertionengine.type_converter import type_converter

from ..errors import CheckFailed, InvalidValue, ends_test
from ..formats import Format, FrameProblem, contains_hidden, reveal
from ..messages.equality import same_value
from ..messages.values import unequal
from ..plain_text import printable
from ..report.html import as_html
from ..report.words import HTML
from .arguments import concealed

_EQUAL = AssertionOperator["=="]
_MATCHES = AssertionOperator["matches"]
_TEXT_ONLY = {AssertionOperator[name] for name in ("^=", "$=")}
_SHOWN = 1000
_EXPRESSIONS = {AssertionOperator[name] for name in ("validate", "then", "matches")}


_COMPARISONS: dict[AssertionOperator, Callable[[float, float], bool]] = {
    AssertionOperator["=="]: operators.eq,
    AssertionOperator["!="]: operators.ne,
    AssertionOperator[">"]: operators.gt,
    AssertionOperator[">="]: operators.ge,
    AssertionOperator["<"]: operators.lt,
    AssertionOperator["<="]: operators.le,
}


def require_comparison(operator: AssertionOperator) -> None:
    """Raises InvalidValue for an operator that does not compare numbers."""
    if operator not in _COMPARISONS:
        known = ", ".join(item.value for item in _COMPARISONS)
        raise InvalidValue(f"The operator is one of {known}, not '{operator.name}'.")


def holds(found: float, operator: AssertionOperator, expected: float) -> bool:
    """Whether two numbers compare so."""
    return _COMPARISONS[operator](found, expected)


def verify_frame(
    value: object,
    operator: AssertionOperator | None,
    expected: object,
    kind: Format,
    subject: str,
    message: str | None,
) -> object:
    """Checks a value with AssertionEngine, with the expected value brought to the type of the format.

    Returns:
        What AssertionEngine returns: the value, or the result of a `then` expression.

    Raises:
        CheckFailed: The check does not hold.
    """
    if contains_hidden(hidden := concealed(expected)):
        return _verify_secret(value, operator, reveal(hidden), kind, subject, message)
    if operator is not None and operator not in _EXPRESSIONS:
        expected = _as_value(expected, kind)
    try:
        if kind.by_value and operator in _JSON_CHECKS:
            holds, word = _JSON_CHECKS[operator]
            if not holds(value, expected):
                raise_error(message, expected, " ", subject, word, value)  # type: ignore[no-untyped-call]
            return value
        if operator is _MATCHES:
            return _matching(value, expected, subject, message)
        if operator in _TEXT_ONLY and isinstance(value, bytes):
            verify_assertion(_latin1(value), operator, _latin1(expected), subject, message)
            return value
        return verify_assertion(value, operator, expected, subject, message)
    except AssertionError as error:
        is_html = message is not None and message.startswith(HTML)
        problem = _html(message or "", value, expected) if is_html else _bounded(str(error))
        place = unequal(expected, value) if operator is _EQUAL and message is None else ""
        raise CheckFailed(f"{problem}\n{place}" if place.startswith("$") else problem) from None


def _html(message: str, value: object, expected: object) -> str:
    """AssertionEngine's custom message where it is HTML: the values that are put into it are none."""
    shown = {"value": value, "value_type": type_converter(value), "expected": expected}
    escaped = {name: as_html(printable(_bounded(str(item)))) for name, item in shown.items()}
    return message.format(**escaped, expected_type=type_converter(expected))


def _contains(value: object, part: object) -> bool:
    """The result of `in`, with elements compared as JSON values."""
    if isinstance(value, (list, tuple)):
        return any(same_value(item, part) for item in value)
    return part in value  # type: ignore[operator]  # AssertionEngine raises TypeError for what contains nothing, too


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
    """JSON orders numbers and texts: true is neither, and what has no order is not less and not greater."""

    def holds(value: object, other: object) -> bool:
        try:
            return not isinstance(value, bool) and not isinstance(other, bool) and compare(value, other)
        except TypeError:
            return False

    return holds


_JSON_CHECKS: dict[AssertionOperator, tuple[Callable[[object, object], bool], str]] = {
    AssertionOperator["=="]: (same_value, "should be"),
    AssertionOperator["!="]: (lambda value, other: not same_value(value, other), "should not be"),
    AssertionOperator["contains"]: (_contains, "should contain"),
    AssertionOperator["not contains"]: (lambda value, part: not _contains(value, part), "should not contain"),
    AssertionOperator["<"]: (_ordered(operators.lt), "should be less than"),
    AssertionOperator[">"]: (_ordered(operators.gt), "should be greater than"),
    AssertionOperator["<="]: (_ordered(operators.le), "should be less than or equal"),
    AssertionOperator[">="]: (_ordered(operators.ge), "should be greater than or equal"),
}
"""The operators for which Python's equality is not JSON's, with what AssertionEngine calls them."""


def _matching(value: object, pattern: object, subject: str, message: str | None) -> object:
    """As AssertionEngine's `matches`, with a deadline: the value is from outside."""
    from ..messages.regexp import Regexp

    regexp = Regexp(_latin1(pattern))
    found = regexp.search(_latin1(value))
    if not found:
        raise_error(message, pattern, " ", subject, "should match", value)  # type: ignore[no-untyped-call]
    elif isinstance(value, bytes) or not regexp.groups:
        return value
    elif len(regexp.names) == regexp.groups:
        return found.groupdict()
    else:
        return found.groups()
    return None


def _verify_secret(
    value: object,
    operator: AssertionOperator | None,
    expected: object,
    kind: Format,
    subject: str,
    message: str | None,
) -> object:
    """Whatever is raised can quote what was expected: AssertionEngine's message, an expression that cannot be run."""
    try:
        return verify_frame(value, operator, expected, kind, subject, message)
    except Exception as error:
        if ends_test(error):
            raise
    # Outside of the except clause, so that the error does not have the other one as its context.
    raise CheckFailed(message or f"{subject} is not as expected: {operator.name if operator else ''} <secret>")


def _bounded(text: str) -> str:
    """AssertionEngine shows values whole, however long they are."""
    left_out = len(text) - 2 * _SHOWN
    return text if left_out <= 0 else f"{text[:_SHOWN]} … {left_out:,} characters … {text[-_SHOWN:]}"


def _as_value(expected: object, kind: Format) -> object:
    """What decoding the encoded value gives; unchanged where it does not fit, as in `contains` with a part."""
    try:
        return kind.decode(kind.encode(expected))
    except FrameProblem:
        return expected


def _latin1(value: object) -> str:
    """Bytes as text of the same characters, because these operators search with regular expressions."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
