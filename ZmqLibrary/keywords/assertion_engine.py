"""AssertionEngine on the values of frames."""

from __future__ import annotations

from assertionengine import AssertionOperator, verify_assertion
from robot.api.types import Secret

from ..errors import CheckFailed
from ..formats import Format, FrameProblem

_TEXT_ONLY = {AssertionOperator[name] for name in ("matches", "^=", "$=")}
_SHOWN = 1000
_EXPRESSIONS = {AssertionOperator[name] for name in ("validate", "then", "matches")}


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
    if isinstance(expected, Secret):
        return _verify_secret(value, operator, expected, kind, subject, message)
    if operator is not None and operator not in _EXPRESSIONS:
        expected = _as_value(expected, kind)
    try:
        if operator in _TEXT_ONLY and isinstance(value, bytes):
            verify_assertion(_latin1(value), operator, _latin1(expected), subject, message)
            return value
        return verify_assertion(value, operator, expected, subject, message)
    except AssertionError as error:
        raise CheckFailed(_bounded(str(error))) from None


def _verify_secret(
    value: object,
    operator: AssertionOperator | None,
    expected: Secret,
    kind: Format,
    subject: str,
    message: str | None,
) -> object:
    """AssertionEngine puts what was expected into its message, so that is replaced."""
    try:
        return verify_frame(value, operator, expected.value, kind, subject, message)
    except (AssertionError, TypeError, ValueError):
        reason = message or f"{subject} is not as expected: {operator.name if operator else ''} <secret>"
        raise CheckFailed(reason) from None


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
