"""How a layout is made from what users write: `header=JSON`, `buffers=BYTES...`, `mac=HMAC-SHA256:header..body`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..errors import InvalidValue
from ..formats import Format, FrameProblem, HiddenBytes
from ..formats.table import without_repeat
from ..surrogates import require_text
from .layouts import LayoutField, MessageLayout, Signature
from .message import SHADOWED, Message

if TYPE_CHECKING:
    from ..formats import FormatTable

_SIGNATURE = r"(?i)HMAC-(SHA256|SHA384|SHA512):(.+)"
_EXAMPLE = "signature=HMAC-SHA256:header..content"
_ATTRIBUTES = {name for name in dir(Message) if not name.startswith("_")} - set(SHADOWED)
_ARGUMENTS = {
    *("collector", "delay", "error", "format", "function", "hmac_key", "layout", "lazy", "match", "message", "mock"),
    *("receiver", "recording", "reply", "reply_format", "sender", "socket", "timeout", "times", "within"),
}
"""Taken where fields are given by name; keywords about proxies, which take more, refuse what may mean both."""


def define_layout(
    name: str, fields: Mapping[str, object], table: FormatTable, hmac_key: str | bytes | None = None
) -> MessageLayout:
    """Makes a layout of field names and the formats of their frames, and adds it to the table.

    Raises:
        InvalidValue: A name or format cannot be used, or a key is missing or not needed.
    """
    if not fields:
        raise InvalidValue(f"Layout '{name}' cannot be defined: it has no fields. Write them as field=FORMAT.")
    signature: Signature | None = None
    parsed: list[LayoutField] = []
    for field_name, spec in fields.items():
        _check_name(name, field_name)
        if not isinstance(spec, str):
            raise InvalidValue(f"Layout '{name}' cannot be defined: the format of field '{field_name}' has to be text.")
        if match := re.fullmatch(_SIGNATURE, spec.strip()):
            if signature is not None:
                raise InvalidValue(f"Layout '{name}' cannot be defined: it has more than one signature.")
            signature = _signature(name, field_name, match, tuple(fields), hmac_key)
            parsed.append(LayoutField(field_name, _signature_format(field_name, spec.strip())))
        else:
            parsed.append(_field(name, field_name, spec, table))
    if hmac_key is not None and signature is None:
        raise InvalidValue(f"Layout '{name}' cannot be defined: it has an hmac_key, but no field such as {_EXAMPLE}.")
    _check_repeats(name, parsed)
    layout = MessageLayout(name, tuple(parsed), signature, table.get("TEXT").fallbacks)
    table.add_layout(name, layout)
    return layout


def _check_name(layout: str, name: str) -> None:
    if not name.isidentifier() or name.startswith("_"):
        raise InvalidValue(
            f"Layout '{layout}' cannot be defined: a field cannot be called '{name}'. Its name has letters, digits and "
            "'_', and begins with a letter."
        )
    if name in _ATTRIBUTES or name in _ARGUMENTS:
        taken = "an attribute of each message" if name in _ATTRIBUTES else "an argument name"
        raise InvalidValue(
            f"Layout '{layout}' cannot be defined: a field cannot be called '{name}', which is {taken}. "
            f"Choose another name, such as '{name}_'."
        )


def _field(layout: str, name: str, spec: str, table: FormatTable) -> LayoutField:
    written, repeated = without_repeat(spec)
    try:
        format_ = table.format(written)
    except InvalidValue as error:
        if "key" in name.lower() or get_close_matches(name.lower(), ("hmac_key", "secret")):
            raise InvalidValue(
                f"Layout '{layout}' cannot be defined: field '{name}': its format is not known, and not shown, as it "
                "may be a key. Is it meant for hmac_key=?"
            ) from None
        signatures = " A signature is written " + _EXAMPLE + "." if written.strip().upper().startswith("HMAC") else ""
        raise InvalidValue(f"Layout '{layout}' cannot be defined: field '{name}': {error}{signatures}") from None
    return LayoutField(name, format_._replace(field=name), repeated)


def _check_repeats(layout: str, fields: Sequence[LayoutField]) -> None:
    repeated = [number for number, field in enumerate(fields) if field.repeated]
    for number in repeated[:-1]:
        if not fields[number + 1].is_marker:
            raise InvalidValue(
                f"Layout '{layout}' cannot be defined: where the frames of '{fields[number].name}' end is not clear, "
                f"because '{fields[repeated[-1]].name}' is repeated as well. Let a LITERAL or EMPTY field follow."
            )


def _signature(
    layout: str, name: str, match: re.Match[str], names: Sequence[str], hmac_key: str | bytes | None
) -> Signature:
    if hmac_key is None:
        raise InvalidValue(f"Layout '{layout}' cannot be defined: field '{name}' needs a key. Give it as hmac_key=.")
    signed = frozenset(part for written in match[2].split(",") for part in _range(layout, name, written, names))
    if name in signed:
        raise InvalidValue(f"Layout '{layout}' cannot be defined: field '{name}' cannot sign itself.")
    if isinstance(hmac_key, str):
        require_text(hmac_key, "The hmac_key", secret=True)
    key = hmac_key.encode("utf-8") if isinstance(hmac_key, str) else bytes(hmac_key)
    return Signature(name, match[1].lower(), signed, HiddenBytes(key))


def _range(layout: str, name: str, written: str, names: Sequence[str]) -> Sequence[str]:
    ends = [end.strip() for end in written.split("..")]
    if len(ends) > 2 or any(end not in names for end in ends) or names.index(ends[0]) > names.index(ends[-1]):
        raise InvalidValue(
            f"Layout '{layout}' cannot be defined: field '{name}' cannot sign '{written}'. Name one of the fields "
            f"{', '.join(names)}, or the first and the last of some that follow each other, such as {_EXAMPLE}."
        )
    return names[names.index(ends[0]) : names.index(ends[-1]) + 1]


def _signature_format(name: str, spec: str) -> Format:
    def encode(value: object) -> bytes:
        if value is None:
            return b""
        try:
            if isinstance(value, (str, bytes)):
                return value.encode("utf-8") if isinstance(value, str) else value
        except UnicodeEncodeError:
            raise FrameProblem("it has half of a surrogate pair, which is not text") from None
        raise FrameProblem("it is neither text nor bytes", instead="Omit it to have it computed.")

    def decode(frame: bytes) -> object:
        try:
            return frame.decode("ascii")
        except UnicodeDecodeError as error:
            raise FrameProblem("it is not a hex digest", offset=error.start) from None

    return Format(spec, encode, decode, by_value=False, field=name)
