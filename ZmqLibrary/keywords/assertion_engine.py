"""AssertionEngine on the values of frames, and its operators on numbers."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from assertionengine import AssertionOperator, verify_assertion
from assertionengine.assertion_engine import handlers
from assertionengine.type_converter import type_converter

from ..errors import CheckFailed, InvalidValue, ends_test
from ..formats import Format, FrameProblem, contains_hidden, reveal
from ..messages.equality import same_value
from ..messages.values import unequal
from ..plain_text import printable
from ..report.html import as_html
from ..report.values import whole_text
from ..report.words import HTML, lines
from .arguments import concealed

if TYPE_CHECKING:
    import re

_EQUAL = AssertionOperator["=="]
_MATCHES = AssertionOperator["matches"]
_TEXT_ONLY = {AssertionOperator[name] for name in ("^=", "$=")}
_SHOWN = 1000
_THEN = AssertionOperator["then"]
_EXPRESSIONS = {AssertionOperator[name] for name in ("validate", "then", "matches")}
_ORDERS = {AssertionOperator[name] for name in ("<", ">", "<=", ">=")}
_CONTAINING = "A text can contain text, a list items, and an object keys."
_BEGINNING = "Only a text begins or ends with a text."
_ORDERING = "They have no order: only values of one kind do. With format=JSON the digits in a frame are a number."
_NEEDS = {
    AssertionOperator["contains"]: _CONTAINING,
    AssertionOperator["not contains"]: _CONTAINING,
    AssertionOperator["^="]: _BEGINNING,
    AssertionOperator["$="]: _BEGINNING,
    **dict.fromkeys(_ORDERS, _ORDERING),
}


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
        CheckFailed: The check does not hold, or the operator is not for such values.
    """
    if contains_hidden(hidden := concealed(expected)):
        return _verify_secret(value, operator, reveal(hidden), kind, subject, message)
    if operator is None or operator is _THEN:
        return verify_assertion(value, operator, expected, subject, message)
    if operator is _MATCHES:
        found = _match(value, expected)
        if found is None:
            raise _failed(value, operator, expected, subject, message)
        return _matched(value, found)
    # The digits of a number have another order as text.
    is_ordered_number = operator in _ORDERS and isinstance(expected, (int, float)) and not kind.by_value
    if operator not in _EXPRESSIONS and not is_ordered_number:
        expected = _as_value(expected, kind)
    needs = ""
    try:
        if _holds(value, operator, expected, kind):
            return value
    except TypeError:
        if operator in _EXPRESSIONS:
            raise
        needs = _NEEDS.get(operator, "They cannot be compared.")
    raise _failed(value, operator, expected, subject, message, needs)


def _holds(value: object, operator: AssertionOperator, expected: object, kind: Format) -> bool:
    """Whether an operator holds; raises TypeError where it is not for such values."""
    if kind.by_value and operator in _JSON_CHECKS:
        return _JSON_CHECKS[operator](value, expected)
    if operator in _TEXT_ONLY and isinstance(value, bytes):
        value, expected = _latin1(value), _latin1(expected)
    return bool(handlers[operator][0](value, expected))


def _failed(
    value: object, operator: AssertionOperator, expected: object, subject: str, message: str | None, needs: str = ""
) -> CheckFailed:
    """The failure as AssertionEngine words it, with values that are bounded and that Python can write."""
    if message:
        problem = _own_message(message, value, expected)
    else:
        word = handlers[operator][1]
        problem = _bounded(f"{subject} {_typed(value)} {word} {_typed(expected)}")
    place = unequal(expected, value) if operator is _EQUAL and message is None else ""
    return CheckFailed(lines(problem, needs, place if place.startswith("$") else ""))


def _own_message(message: str, value: object, expected: object) -> str:
    """The user's message with what it wants to have put in; where it is HTML, the values are none."""
    types = {"value_type": type_converter(value), "expected_type": type_converter(expected)}
    texts = {"value": _bounded(_text(value)), "expected": _bounded(_text(expected))}
    if message.startswith(HTML):
        return message.format(**{name: as_html(printable(item)) for name, item in texts.items()}, **types)
    try:
        return _bounded(message.format(value=value, expected=expected, **types))
    except ValueError:  # an integer with more digits than Python writes
        return message.format(**texts, **types)


def _typed(value: object) -> str:
    shown = repr(value) if isinstance(value, str) else f"'{_text(value)}'"
    return f"{shown} ({type_converter(value)})"


def _text(value: object) -> str:
    return value if isinstance(value, str) else whole_text(value)


def _contains(value: object, part: object) -> bool:
    """The result of `in`, with elements compared as JSON values."""
    if isinstance(value, (list, tuple)):
        return any(same_value(item, part) for item in value)
    return part in value  # type: ignore[operator]


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
    """JSON orders numbers and texts: true is neither, and what has no order is not less and not greater."""

    def holds(value: object, other: object) -> bool:
        try:
            return not isinstance(value, bool) and not isinstance(other, bool) and compare(value, other)
        except TypeError:
            return False

    return holds


_JSON_CHECKS: dict[AssertionOperator, Callable[[object, object], bool]] = {
    AssertionOperator["=="]: same_value,
    AssertionOperator["!="]: lambda value, other: not same_value(value, other),
    AssertionOperator["contains"]: _contains,
    AssertionOperator["not contains"]: lambda value, part: not _contains(value, part),
    AssertionOperator["<"]: _ordered(operators.lt),
    AssertionOperator[">"]: _ordered(operators.gt),
    AssertionOperator["<="]: _ordered(operators.le),
    AssertionOperator[">="]: _ordered(operators.ge),
}
"""The operators for which Python's equality is not JSON's."""


def _match(value: object, pattern: object) -> re.Match[str] | None:
    """As AssertionEngine's `matches`, with a deadline: the value is from outside."""
    from ..messages.regexp import Regexp

    return Regexp(_latin1(pattern)).search(_latin1(value))


def _matched(value: object, found: re.Match[str]) -> object:
    """What AssertionEngine returns: the groups if there are any, by name if all have one."""
    if isinstance(value, bytes) or not found.groups():
        return value
    return found.groupdict() if len(found.groupdict()) == len(found.groups()) else found.groups()


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
    return value.decode("latin-1") if isinstance(value, bytes) else _text(value)
