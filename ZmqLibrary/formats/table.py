"""FormatTable: finds formats by the names that users write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence

from ..errors import Hint, InvalidValue, MissingPackage
from .base import BUILT_IN, Codec, Format, FrameProblem, guarded, kind_of, quoted, raw_bytes
from .frames import FrameFormats, combined
from .hidden import contains_hidden

_FALLBACKS = ("TEXT", "JSON", "MSGPACK", "CBOR", "HEX", "BYTES")
_DOCUMENTS = ("MSGPACK", "CBOR")
REPEAT = "..."
_NAME_RULE = "a name begins with a letter, and has letters, digits, '_', '-' and '.' only."
_NAME = r"[A-Za-z][A-Za-z0-9_.-]*(?<!\.)"


def without_repeat(name: str) -> tuple[str, bool]:
    """Returns the name of a format without the ``...`` at its end, and whether there is one."""
    bare = name.strip()
    return (bare.removesuffix(REPEAT), True) if bare.endswith(REPEAT) else (name, False)


class FormatTable:
    """The formats of one library instance: the built-in ones, and those that its suites register.

    Args:
        encoding: of TEXT, and of text that is given for BYTES.

    Raises:
        InvalidValue: Python has no such text encoding.
    """

    def __init__(self, encoding: str = "UTF-8") -> None:
        self._encoding = _checked_encoding(encoding)
        self._registered: dict[str, Format] = {}
        self._layouts: dict[str, FrameFormats] = {}
        self._parsed: dict[str, FrameFormats] = {}
        self._fallbacks = tuple(self._document(n) if n in _DOCUMENTS else self.format(n) for n in _FALLBACKS)

    @property
    def encoding(self) -> str:
        """The encoding of text frames."""
        return self._encoding

    def get(self, spec: str | Sequence[str]) -> FrameFormats:
        """Returns the formats that a ``format=`` argument names.

        Args:
            spec: the name of a layout, one format for all frames, or one per frame, as a list or separated by commas;
                ``...`` repeats the one before it. A format with a comma in its parameter needs the list, and so does
                one of several with white space at the end of it that counts.

        Raises:
            InvalidValue: a format is not known, or its parameter is wrong.
            MissingPackage: the package that reads a format is not installed.
        """
        if isinstance(spec, str):
            found = self._parsed.get(spec)
            if found is None:
                names = [*map(str.strip, spec.split(","))] if "," in spec else [spec]
                found = self._parsed[spec] = self._parse(spec, names)
            return found
        try:
            return self._parse(",".join(spec), spec)
        except TypeError:
            raise InvalidValue(f"Format {spec!r} cannot be used: give the names of formats as text.") from None

    def format(self, name: str) -> Format:
        """Returns the one format of that name, such as ``U32LE`` or ``STRUCT:<IHH``.

        Raises:
            InvalidValue: it is not known, or its parameter is wrong.
            MissingPackage: the package that reads it is not installed.
        """
        written = name.strip()
        kind, _, parameter = name.partition(":")
        key = kind.strip().upper()
        if key not in BUILT_IN or not BUILT_IN[key].exact:
            parameter = parameter.strip()
        if key in self._registered:
            if parameter:
                raise InvalidValue(f"Format '{written}' cannot be used: {key} takes no parameter. Use {key}.")
            return self._registered[key]
        if key not in BUILT_IN:
            raise self._unknown(written, key)
        return BUILT_IN[key].make(self._encoding, parameter, written)

    def register(
        self,
        name: str,
        encode: Callable[[object], object],
        decode: Callable[[bytes], object],
        by_value: bool = True,
    ) -> None:
        """Adds a format of the suite, or replaces one that was registered before.

        Args:
            name: what is written in ``format=``.
            encode: takes a value and returns the frame: bytes-like, or text in the encoding of the library.
            decode: takes the frame as bytes and returns the value.
            by_value: whether comparisons compare decoded values rather than bytes.

        Raises:
            InvalidValue: the name cannot be used or is that of a built-in format, or a function cannot be called.
        """
        key = self._free_name(name)
        for role, function in {"encode": encode, "decode": decode}.items():
            if not callable(function):
                raise InvalidValue(f"Format '{key}' cannot be registered: {role} is {kind_of(function)}, not callable.")
        self._registered[key] = Format(key, *_of_suite(encode, decode, self._encoding), by_value)
        self._forget(key)

    def add_layout(self, name: str, layout: FrameFormats) -> None:
        """Adds a layout, or replaces the one of that name; its name can be used wherever formats are named.

        Raises:
            InvalidValue: the name cannot be used, or is that of a format.
        """
        if not isinstance(name, str) or not re.fullmatch(_NAME, name):
            raise InvalidValue(f"Layout {name!r} cannot be defined: {_NAME_RULE}")
        if name.upper() in self.names():
            raise InvalidValue(f"Layout '{name}' cannot be defined: it is the name of a format. Choose another one.")
        self._layouts[name.upper()] = layout
        self._forget(name.upper())

    def layout(self, name: str, format: object = None) -> FrameFormats:
        """Returns the layout of that name.

        Args:
            name: In any case.
            format: What was given as `format=` beside it.

        Raises:
            InvalidValue: There is none, and the message lists those that are defined; or a format was given, too.
        """
        if format is not None:
            raise InvalidValue("Give either layout= or format=: a layout has a format for each of its fields.")
        found = self._layouts.get(name.strip().upper())
        if found is None:
            defined = ", ".join(layout.spec for layout in self._layouts.values())
            known = f"Defined are: {defined}." if defined else "None is defined."
            raise InvalidValue(f"Layout {name!r} is not known. {known}", Hint.DEFINE_LAYOUT)
        return found

    def names(self) -> list[str]:
        """Returns the names of all formats in alphabetical order, without parameters."""
        return sorted([*BUILT_IN, *self._registered])

    def _document(self, name: str) -> Format:
        """Returns a format whose package is imported when it is first used, and only for what can be a document.

        Many a frame can be read as one number; that says nothing.
        """

        def encode(value: object) -> bytes:
            return self.format(name).encode(value)

        def decode(frame: bytes) -> object:
            try:
                value = self.format(name).decode(frame)
            except MissingPackage as missing:
                raise FrameProblem(str(missing)) from None
            if not isinstance(value, (dict, list, str)):
                raise FrameProblem(f"{kind_of(value)} is no document")
            return value

        return Format(name, encode, decode)

    def _forget(self, key: str) -> None:
        for spec in [spec for spec in self._parsed if key in spec.upper()]:
            del self._parsed[spec]

    def _parse(self, spec: str, names: Sequence[str]) -> FrameFormats:
        if layout := self._layouts.get(spec.strip().upper()):
            return layout
        parts: list[Format | None] = []
        for name in names:
            single, repeats = without_repeat(name)
            parts += [self.format(single)] if single or not repeats else []
            parts += [None] if repeats else []
        return combined(spec, parts, self._fallbacks)

    def _free_name(self, name: str) -> str:
        if not isinstance(name, str) or not re.fullmatch(_NAME, name):
            raise InvalidValue(f"Format {name!r} cannot be registered: {_NAME_RULE}")
        if name.upper() in self._layouts:
            raise InvalidValue(f"Format '{name}' cannot be registered: it is the name of a layout. Choose another one.")
        if name.upper() in BUILT_IN:
            raise InvalidValue(f"Format '{name}' cannot be registered: it is built in. Choose another name.")
        return name.upper()

    def _unknown(self, written: str, key: str) -> InvalidValue:
        close = difflib.get_close_matches(key, [*self.names(), *self._layouts], n=3, cutoff=0.6)
        guess = f" Did you mean {' or '.join(close)}?" if close else ""
        examples = {kind.name: f"{kind.name}:{kind.example}" for kind in BUILT_IN.values() if kind.example}
        choices = ", ".join(examples.get(name, name) for name in self.names())
        layouts = ", ".join(layout.spec for layout in self._layouts.values())
        defined = f" The layouts are: {layouts}." if layouts else ""
        return InvalidValue(f"Format {quoted(written)} is not known.{guess} The formats are: {choices}.{defined}")


def _checked_encoding(encoding: str) -> str:
    try:
        # Some codecs of Python, such as hex, are not for text: these fail here, too.
        "a".encode(encoding).decode(encoding)
    except (LookupError, TypeError, ValueError):
        raise InvalidValue(
            f"Encoding {encoding!r} is not known. Use a text encoding that Python has, such as UTF-8, ASCII, latin-1 "
            "or UTF-16-LE."
        ) from None
    return encoding


def _of_suite(encode: Callable[[object], object], decode: Callable[[bytes], object], encoding: str) -> Codec:
    """Returns the functions of a suite as a codec."""

    def encode_bytes(value: object) -> bytes:
        if contains_hidden(value):
            # A function of the suite might write it as its text, <secret>.
            raise FrameProblem("it holds a secret")
        made = encode(value)
        frame = made.encode(encoding) if isinstance(made, str) else raw_bytes(made)
        if frame is None:
            raise FrameProblem(f"its encode function returned {kind_of(made)}, not bytes or text")
        return frame

    return guarded(encode_bytes, decode)
