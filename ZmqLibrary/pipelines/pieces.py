"""Pieces: frames with `$n` and `$time`, taken apart in the library's process, where all formats are known.

The process of a pump only puts the pieces together. That needs a format that writes numbers as digits, such as TEXT and
JSON; for others the pump's process encodes the values itself, which it can with the built-in formats.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import InvalidValue
from ..formats import HiddenBytes, hidden_in, reveal
from ..formats.base import BUILT_IN
from ..mocks.replies import published_template
from ..mocks.templates import not_counted
from .messages import NUMBER, TIME, filled

if TYPE_CHECKING:
    from ..formats import FormatTable
    from ..mocks.replies import FrameTemplate

Pieces = tuple[tuple[bytes | str, ...], ...]
# Numbers and a text that no frame has by chance.
_NUMBER, _TIME = 8_130_457_129_936, "2001-02-03T04:05:06.789+00:07"
_PROBES = (1, 23, 9_876_543_210)


def pieces_of(values: Sequence[object], format: object, table: FormatTable) -> tuple[Pieces, tuple[str, ...]]:
    """Frames as pieces; or else, as JSON, what the pump's process needs to make them.

    Args:
        values: The frames.
        format: The `format=` argument.
        table: The formats of the library.

    Raises:
        InvalidValue: A value does not fit its format, or neither way is possible.
    """
    template = published_template(values, None if format is None else table.get(format), table)  # type: ignore[arg-type]
    if template.fixed is not None:
        return tuple((frame,) for frame in template.fixed), ()
    secrets = [written for secret in hidden_in(list(values)) for written in _written(reveal(secret), table.encoding)]
    pieces = tuple([_taken_apart(frame, secrets) for frame in _made(template, _NUMBER, _TIME)])
    if all(filled(pieces, b"%d" % n, b"now") == _made(template, n, "now") for n in _PROBES):
        return pieces, ()
    return (), _for_the_process(values, format, table)


def _made(template: FrameTemplate, number: int, time: str) -> list[bytes]:
    values: dict[str, object] = {NUMBER: number, TIME: time}

    def lookup(name: str) -> object:
        if name not in values:
            raise not_counted(name)
        return values[name]

    try:
        return list(template.frames(lookup))
    except InvalidValue:  # a number that is too large for the format
        return []


def _written(value: object, encoding: str) -> list[bytes]:
    """A value as TEXT and JSON write it."""
    if isinstance(value, bytes):
        return [value]
    text = str(value)
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    return [text.encode(encoding, "replace"), escaped.encode("utf-8", "replace")]


def _taken_apart(frame: bytes, secrets: Sequence[bytes]) -> tuple[bytes | str, ...]:
    pieces: list[bytes | str] = []
    for outer in frame.split(b"%d" % _NUMBER):
        for inner in outer.split(_TIME.encode()):
            pieces += [inner, TIME]
        pieces[-1] = NUMBER
    found = tuple(piece for piece in pieces[:-1] if piece != b"")
    return _with_hidden(found, secrets) if isinstance(frame, HiddenBytes) else found


def _with_hidden(pieces: tuple[bytes | str, ...], secrets: Sequence[bytes]) -> tuple[bytes | str, ...]:
    """The pieces, those with a secret in them as such; all of them if it is found in none."""
    fixed = [piece for piece in pieces if isinstance(piece, bytes)]
    holding = [piece for piece in fixed if any(secret in piece for secret in secrets)] or fixed
    return tuple(HiddenBytes(piece) if piece in holding else piece for piece in pieces)


def format_for_process(format: object, use: str, instead: str) -> str:
    """A `format=` argument as the process of a pump or sink takes it.

    Args:
        format: The argument.
        use: What the process needs it for.
        instead: What to give instead of formats that it does not know.

    Raises:
        InvalidValue: It is not built in.
    """
    names = [format] if isinstance(format, str) else list(format or ())  # type: ignore[call-overload]
    kinds = {name.partition(":")[0].strip().upper().removesuffix("...") for spec in names for name in spec.split(",")}
    if own := sorted(kinds - set(BUILT_IN) - {""}):
        raise InvalidValue(
            f"format={', '.join(own)} cannot be used with {use}: pumps and sinks, in processes of their own, know "
            f"built-in formats only. Give {instead}, or a built-in format such as TEXT or JSON."
        )
    return ",".join(names)


def _for_the_process(values: Sequence[object], format: object, table: FormatTable) -> tuple[str, ...]:
    names = format_for_process(format, "$n or $time", "frames that stay the same")
    try:
        text = json.dumps(list(values))
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"These frames cannot be sent by a pump: {error}. Give texts and numbers.") from error
    return text, names, table.encoding
