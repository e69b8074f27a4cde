"""What goes over XML-RPC between Robot's Remote library and the server, and as what it arrives.

XML-RPC has texts, numbers, yes and no, lists, dictionaries and binary. Robot's Remote library also takes what the
specification does not name but its parser reads: None, and integers of any size. A secret never goes over it: the
client gets a name for it, and may hand that name back.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any
from xmlrpc.client import Fault, Marshaller, escape

from robot.api.types import Secret

from ..errors import InvalidValue
from ..formats import Hidden
from ..messages.message import Message
from ..messages.values import has_too_many_digits
from ..report.values import whole_text

_MASK = "<secret>"
_MAX_DEPTH = 100
_LEFT_OUT = frozenset({"raw", "receipt"})


class Secrets:
    """The secrets of one client that were made on the server: they stay here, and the client gets names for them."""

    def __init__(self) -> None:
        self._known: dict[str, object] = {}
        self._holders: list[tuple[dict[str, object], object]] = []

    def name_for(self, secret: Secret | Hidden) -> str:
        """A name that stands for the secret when it comes back as an argument."""
        name = f"<secret {len(self._known) + 1} of the server>"
        self._known[name] = Secret(str(secret.value))
        return name

    def remember_holder(self, sent: dict[str, object], value: object) -> None:
        """Notes what a dictionary stands for that has such a name in it."""
        self._holders.append((sent, value))

    def received(self, value: object) -> object:
        """An argument with the secrets that it names.

        `%{NAME}` as a whole argument is read from the environment of the server, and is a secret.

        Raises:
            InvalidValue: Robot has put the text `<secret>` in a secret's place, or there is no such variable.
        """
        if isinstance(value, str):
            return self._received_text(value)
        if isinstance(value, list):
            return [self.received(item) for item in value]
        if isinstance(value, dict):
            held = next((holder for sent, holder in self._holders if sent == value), None)
            return {key: self.received(item) for key, item in value.items()} if held is None else held
        return value

    def _received_text(self, text: str) -> object:
        if text == _MASK:
            raise InvalidValue(
                "A secret came as the text <secret>: Robot's Remote library does not hand secrets over, and XML-RPC "
                "would not encrypt them. Let the server read it on its side: set an environment variable there and "
                r"write \%{VARIABLE} here (with the backslash, or Robot reads it on this side), or read a key from a "
                "file of the server with `Load Curve Keypair`."
            )
        if text in self._known:
            return self._known[text]
        if variable := re.fullmatch(r"%\{([A-Za-z_][A-Za-z0-9_]*)\}", text):
            return _from_environment(variable[1])
        return text


def _from_environment(name: str) -> Secret:
    if name not in os.environ:
        raise InvalidValue(f"%{{{name}}}: the server has no environment variable of that name.")
    return Secret(os.environ[name])


def sendable(value: object, secrets: Secrets, depth: int = _MAX_DEPTH) -> object:
    """A value of a keyword as XML-RPC can hand it over.

    Messages become lists of their values; reports and other objects with attributes become dictionaries, which Robot
    lets read as attributes; times become seconds; text that XML cannot hold becomes bytes.
    """
    if value is None or isinstance(value, (bool, int, float)):
        plain = value.value if isinstance(value, Enum) else value
        return hex(plain) if isinstance(plain, int) and has_too_many_digits(plain) else plain
    if isinstance(value, str):
        return _sendable_text(str(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, (Secret, Hidden)):
        return secrets.name_for(value)
    if depth == 0:
        return _sendable_text(_text_of(value))
    if isinstance(value, Mapping):
        return {_key(key): sendable(item, secrets, depth - 1) for key, item in value.items()}
    return _sendable_object(value, secrets, depth)


def _sendable_object(value: object, secrets: Secrets, depth: int) -> object:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, PurePath):
        return _sendable_text(str(value))
    attributes = _attributes(value)
    if attributes is not None:
        return _sendable_attributes(value, attributes, secrets, depth)
    if isinstance(value, (Sequence, Set)):
        return [sendable(item, secrets, depth - 1) for item in value]
    return _sendable_text(_text_of(value))


def _text_of(value: object) -> str:
    try:
        return str(value)
    except (ValueError, RecursionError):  # an integer with too many digits, or one inside
        return whole_text(value)


def _attributes(value: object) -> dict[str, object] | None:
    """The attributes of a report or an event; None for everything else."""
    if isinstance(value, Message):
        return None
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    names = getattr(value, "_fields", None) if isinstance(value, tuple) else None
    return None if names is None else {name: getattr(value, name) for name in names}


def _sendable_attributes(
    value: object, attributes: Mapping[str, object], secrets: Secrets, depth: int
) -> dict[str, object]:
    shown = {name: item for name, item in attributes.items() if not name.startswith("_") and name not in _LEFT_OUT}
    shown.update(_properties(value))
    sent = {name: sendable(item, secrets, depth - 1) for name, item in shown.items()}
    if any(isinstance(item, (Secret, Hidden)) for item in attributes.values()):
        secrets.remember_holder(sent, value)
    return sent


def _properties(value: object) -> dict[str, object]:
    names = (name for name, member in vars(type(value)).items() if isinstance(member, property))
    return {name: getattr(value, name) for name in names if not name.startswith("_") and name not in _LEFT_OUT}


def _key(key: object) -> str:
    text = _sendable_text(key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else _text_of(key))
    return text if isinstance(text, str) else repr(key)[1:-1]


def _sendable_text(text: str) -> str | bytes:
    return text.encode("utf-8", "surrogateescape") if _cannot_be_xml(text) else text


def readable(text: str) -> str:
    """A text for people, with an escape in the place of each character that XML cannot hold."""
    if not _cannot_be_xml(text):
        return text
    return re.sub(_NO_XML, lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


_NO_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # XML 1.0, section 2.2


def _cannot_be_xml(text: str) -> bool:
    return not (text.isascii() and text.isprintable()) and re.search(_NO_XML, text) is not None


def response(value: object) -> bytes:
    """An answer as XML-RPC, without line breaks between its elements: each of them costs the client's parser time.

    Args:
        value: What `sendable` returned, or a dictionary of such; or a `Fault`.
    """
    content: Fault | tuple[Any] = value if isinstance(value, Fault) else (value,)
    body = _Marshaller("utf-8", allow_none=True).dumps(content).replace("\n", "")
    return f"<?xml version='1.0'?><methodResponse>{body}</methodResponse>".encode()


def _escaped(text: str) -> str:
    """With line breaks that stay: `response` leaves out all others, and XML parsers change carriage returns."""
    return escape(text).replace("\n", "&#10;").replace("\r", "&#13;")


class _Marshaller(Marshaller):
    """Python's, which refuses whole numbers of more than 32 bits and loses carriage returns."""

    def dump_whole(self, value: int, write: Callable[[str], object]) -> None:
        kind = "int" if -(2**31) <= value < 2**31 else "i8" if -(2**63) <= value < 2**63 else "biginteger"
        write(f"<value><{kind}>{value}</{kind}></value>")

    def dump_text(self, value: str, write: Callable[[str], object]) -> None:
        write(f"<value><string>{_escaped(value)}</string></value>")

    def dump_dictionary(self, value: dict[str, object], write: Callable[[str], object]) -> None:
        self.dump_struct(value, write, escape=_escaped)  # type: ignore[arg-type]

    dispatch = {**Marshaller.dispatch, int: dump_whole, str: dump_text, dict: dump_dictionary}  # type: ignore[dict-item]  # noqa: RUF012
