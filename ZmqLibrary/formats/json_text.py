"""JSON (RFC 8259), always UTF-8, stricter than Python's ``json`` where that takes what other programs refuse.

Refused both ways: NaN and Infinity, numbers that overflow a float, an object with a key twice, half surrogate pairs,
and nesting deeper than ``MAX_DEPTH``. Text is JSON already and is sent as it is, once it is checked.
"""

from __future__ import annotations

import json
import math
import re

from .base import (
    TEXT_OPTION,
    Codec,
    FrameProblem,
    PlainText,
    Settings,
    frame_format,
    quoted,
    raw_bytes,
    too_many_digits,
)

MAX_DEPTH = 500
"""How deep lists and objects may be nested; Python itself gives up somewhere above, depending on who calls."""

_INSTEAD = 'Give JSON text, such as {"key": 1} or "text" in its quotes, or a value that JSON has.'
_STRING = r'(?s)"[^"\\]*(?:\\.[^"\\]*)*"?'
_TOKEN = _STRING + r"|-?\b(?:NaN|Infinity)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[\[\]{}]"
_ESCAPE = (
    r"(?s)\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
_COLON = r"[ \t\r\n]*:"
_INFINITIES = (math.inf, -math.inf)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class _Refused(Exception):
    """Python would take it, JSON does not."""


@frame_format("JSON", option=TEXT_OPTION)
def json_format(settings: Settings) -> Codec:
    """JSON: bytes, and text without :TEXT, are checked and sent as they are; others are serialised."""

    keeps_text = bool(settings.parameter)

    def encode(value: object) -> bytes:
        if isinstance(value, str) and not (keeps_text or type(value) is PlainText):
            return _checked(_utf8(value))
        try:
            frame = _dump(value).encode()
        except (TypeError, ValueError, RecursionError) as error:
            content = raw_bytes(value)
            if content is None:
                raise _not_serialisable(error) from None
            return _checked(content)
        _refuse_depth(frame)
        return frame

    return encode, parse_json


def parse_json(frame: bytes) -> object:
    """Returns the value of JSON text.

    Raises:
        FrameProblem: it is not JSON, with the byte offset.
    """
    try:
        text = frame.decode()
    except UnicodeDecodeError as error:
        reason = f"byte 0x{frame[error.start]:02x} is not UTF-8, which JSON must be"
        raise FrameProblem(reason, offset=error.start) from None
    _refuse_depth(frame)
    if "\\ud" in text or "\\uD" in text:
        _refuse_half_pairs(text)
    try:
        return _load(text)
    except json.JSONDecodeError as error:
        raise _not_json(error, text) from None
    except _Refused:
        raise _refused_problem(text) from None
    except RecursionError:
        raise FrameProblem("it is nested too deeply") from None
    except ValueError:
        raise FrameProblem(too_many_digits(), offset=_longest_number(text)) from None


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _Refused
    return result


def _finite(digits: str) -> float:
    number = float(digits)
    if number in _INFINITIES:
        raise _Refused
    return number


def _not_finite(word: str) -> object:
    raise _Refused


_dump = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_load = json.JSONDecoder(object_pairs_hook=_unique_keys, parse_float=_finite, parse_constant=_not_finite).decode


def _checked(frame: bytes) -> bytes:
    try:
        parse_json(frame)
    except FrameProblem as problem:
        raise FrameProblem(problem.reason, offset=problem.offset, instead=_INSTEAD) from None
    return frame


def _utf8(text: str) -> bytes:
    try:
        return str.encode(text)
    except UnicodeEncodeError as error:
        raise _not_serialisable(error) from None


def _not_serialisable(error: Exception) -> FrameProblem:
    if isinstance(error, UnicodeEncodeError):
        half = f"U+{ord(error.object[error.start]):04X}"
        return FrameProblem(f"{half} is half of a surrogate pair, which is not text", instead="Give the character.")
    if isinstance(error, RecursionError):
        return FrameProblem("it is nested too deeply")
    if isinstance(error, TypeError):
        return FrameProblem(str(error), instead="Give dicts, lists, text, numbers, booleans and None.")
    if "digits" in str(error):
        return FrameProblem(too_many_digits(), instead="Give it as text.")
    # Which number Python names in its message depends on its version.
    reason = "NaN and Infinity are not JSON values" if "JSON compliant" in str(error) else str(error)
    return FrameProblem(reason, instead="Give None or text in its place." if "NaN" in reason else "")


def _not_json(error: json.JSONDecodeError, text: str) -> FrameProblem:
    if not text.strip():
        return FrameProblem("it is empty", offset=0)
    if text.startswith("\ufeff"):
        return FrameProblem("it starts with a byte order mark", offset=0)
    return FrameProblem(error.msg, offset=_byte_offset(text, error.pos))


def _refused_problem(text: str) -> FrameProblem:
    """Returns the problem of the first thing that Python's parser reads although JSON does not have it.

    The parser does not give its hooks its position. The text is well-formed up to there, since it was parsed so far.
    """
    colon = re.compile(_COLON)
    keys: list[set[str]] = []
    for match in re.finditer(_TOKEN, text):
        token = match.group()
        if token in "[{":
            keys.append(set())
        elif token in "]}":
            keys.pop()
        elif token[0] != '"':
            if reason := _refused_number(token):
                return FrameProblem(reason, offset=_byte_offset(text, match.start()))
        elif colon.match(text, match.end()):
            key = json.loads(token)
            if key in keys[-1]:
                reason = f"key {quoted(key)} is there twice in one object"
                return FrameProblem(reason, offset=_byte_offset(text, match.start()))
            keys[-1].add(key)
    return FrameProblem("it has a value that JSON does not have")


def _refused_number(token: str) -> str:
    if token.lstrip("-")[0] in "NI":
        return f"{token} is not a JSON value"
    if not token.lstrip("-").isdigit() and math.isinf(float(token)):
        return f"{token if len(token) < 40 else token[:40] + '…'} is too large for a number"
    return ""


def _may_be_too_deep(frame: bytes) -> bool:
    """Returns False if the brackets close so that the depth is small: a few passes in C over most messages.

    Brackets in strings can only make this True, never False, as what is left over counts as depth.
    """
    brackets = frame.translate(None, _NOT_BRACKETS)
    for depth in range(64):
        if len(brackets) + depth <= MAX_DEPTH:
            return False
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return True


def _refuse_depth(frame: bytes) -> None:
    if frame.count(b"[") + frame.count(b"{") <= MAX_DEPTH or not _may_be_too_deep(frame):
        return
    text = frame.decode()
    if not _may_be_too_deep(re.sub(_STRING, "", text).encode()):
        return
    depth = 0
    for match in re.finditer(_TOKEN, text):
        token = match.group()
        depth += (token in "[{") - (token in "]}")
        if depth > MAX_DEPTH:
            reason = f"it is nested more than {MAX_DEPTH} deep"
            raise FrameProblem(reason, offset=_byte_offset(text, match.start()))


def _refuse_half_pairs(text: str) -> None:
    for match in re.finditer(_ESCAPE, text):
        if match["half"]:
            reason = f"{match.group()} is half of a surrogate pair, which is not text"
            raise FrameProblem(reason, offset=_byte_offset(text, match.start()))


def _longest_number(text: str) -> int:
    numbers = [match for match in re.finditer(_TOKEN, text) if match.group()[0] in "-0123456789"]
    longest = max(numbers, key=lambda match: match.end() - match.start())
    return _byte_offset(text, longest.start())


def _byte_offset(text: str, index: int) -> int:
    return len(text[:index].encode())
