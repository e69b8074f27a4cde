"""What every format is made of: the problem it reports, the format itself, and the table of the built-in ones.

Rules:
    A codec function takes one value and returns one, and keeps no state: formats are shared by threads.
    It reports what cannot be done with ``FrameProblem``; who calls it adds the frame's number. Whatever else it raises
    becomes one in ``guarded``, around every codec.
    The exact types that are sent most come first in an encoder; explanations are made only after a failure.

A format is added with one decorated function, which returns the pair of functions::

    @frame_format("UPPER", by_value=False)
    def upper_format(settings: Settings) -> Codec:
        def encode(value: object) -> bytes:
            if not isinstance(value, str):
                raise FrameProblem(f"{kind_of(value)} is not text")
            return value.upper().encode(settings.encoding)

        def decode(frame: bytes) -> object:
            return frame.decode(settings.encoding)

        return encode, decode
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

from ..errors import InvalidValue, MissingPackage, described, ends_test

Encoder = Callable[[object], bytes]
Decoder = Callable[[bytes], object]
Codec = tuple[Encoder, Decoder]


TEXT_OPTION = "TEXT"


class PlainText(str):
    """A text that stands for itself in every format, such as one that a reply takes over from a request."""

    __slots__ = ()


class FrameProblem(ValueError):
    """A value that does not become a frame, or a frame that does not become a value.

    Args:
        reason: what is wrong, as a clause that can follow a colon.
        offset: the byte of the frame at which it goes wrong, if that is known.
        instead: a whole sentence that says what to do instead.
    """

    def __init__(self, reason: str, *, offset: int | None = None, instead: str = "") -> None:
        super().__init__(reason, offset, instead)
        self.reason = reason
        self.offset = offset
        self.instead = instead

    def __str__(self) -> str:
        """Returns the reason with the offset, and what to do instead."""
        place = "" if self.offset is None else f" (byte offset {self.offset})"
        return f"{self.reason}{place}. {self.instead}".rstrip() if self.instead else f"{self.reason}{place}."


class Format(NamedTuple):
    """How the bytes of one frame become a value, and back.

    Attributes:
        name: the full name, with its parameter: ``STRUCT:<IHH``.
        encode: makes a frame of a value; raises ``FrameProblem``.
        decode: makes a value of a frame; raises ``FrameProblem``.
        by_value: whether messages in this format are compared by their decoded values rather than by their bytes.
        any_frame: whether every frame has this format, so that decoding cannot fail.
        field: the field of a layout that has this format, for errors; empty outside of layouts.
        keeps_text: whether a text always stands for itself, also one that is the JSON of an object or a list.
    """

    name: str
    encode: Encoder
    decode: Decoder
    by_value: bool = True
    any_frame: bool = False
    field: str = ""
    keeps_text: bool = False

    def title(self, index: int) -> str:
        """Returns what errors call the frame with this number that has this format."""
        return f"Field '{self.field}' (frame {index})" if self.field else f"Frame {index}"


class Settings(NamedTuple):
    """What a built-in format is made from.

    Attributes:
        name: the full name that was asked for, for messages.
        encoding: the text encoding of the library, known to Python.
        parameter: the text after the colon, empty without one.
    """

    name: str
    encoding: str
    parameter: str = ""


Factory = Callable[[Settings], Codec]


class FormatKind(NamedTuple):
    """An entry of the table of built-in formats.

    Attributes:
        example: an example of the parameter, for a format that needs one.
        option: the one parameter that a format may have.
        exact: whether white space at the ends of the parameter counts.
    """

    name: str
    factory: Factory
    by_value: bool = True
    any_frame: bool = False
    example: str = ""
    option: str = ""
    exact: bool = False

    def make(self, encoding: str, parameter: str, title: str) -> Format:
        """Returns the format of this kind with the parameter.

        Raises:
            InvalidValue: the parameter is missing, wrong, or there although this kind takes none.
            MissingPackage: the package that reads this format is not installed.
        """
        if self.option and parameter.upper() == self.option:
            parameter = self.option
        elif parameter and not self.example:
            other = f" or {self.name}:{self.option}" if self.option else ""
            none = f"no parameter but {self.option}" if self.option else "no parameter"
            raise InvalidValue(f"Format '{title}' cannot be used: {self.name} takes {none}. Use {self.name}{other}.")
        if self.example and not parameter:
            raise InvalidValue(
                f"Format '{title}' cannot be used: {self.name} needs a parameter, such as {self.name}:{self.example}."
            )
        full_name = f"{self.name}:{parameter}" if parameter else self.name
        codec = guarded(*self.factory(Settings(full_name, encoding, parameter)))
        return Format(full_name, *codec, self.by_value, self.any_frame, keeps_text=bool(self.option and parameter))


BUILT_IN: dict[str, FormatKind] = {}
"""The built-in formats by name: a constant that is filled by ``frame_format`` when modules are imported."""


def frame_format(
    name: str,
    *,
    by_value: bool = True,
    any_frame: bool = False,
    example: str = "",
    option: str = "",
    exact: bool = False,
) -> Callable[[Factory], Factory]:
    """Adds a format to the table of every library instance: the extension point for library authors.

    Formats of one library instance are added with ``FormatTable.register`` instead.

    Args:
        name: what is written in ``format=``; case does not matter there.
        by_value: whether comparisons compare decoded values rather than bytes.
        any_frame: whether decoding cannot fail.
        example: an example of the parameter, for a format that is written ``NAME:parameter``; empty for one without.
        option: the one parameter that a format without ``example`` may have; empty for one without.
        exact: whether white space at the ends of the parameter counts.

    Returns:
        A decorator for a function that takes ``Settings`` and returns the pair of ``encode`` and ``decode``.
        It may raise ``InvalidValue`` for a wrong parameter.

    Raises:
        InvalidValue: there is a format of that name already.
    """

    key = name.upper()
    if key in BUILT_IN:
        raise InvalidValue(f"There is a format '{key}' already. Choose another name.")

    def add(factory: Factory) -> Factory:
        BUILT_IN[key] = FormatKind(key, factory, by_value, any_frame, example, option, exact)
        return factory

    return add


def guarded(encode: Encoder, decode: Decoder, role: str = "its {} function failed") -> Codec:
    """Returns a codec of which nothing comes but ``FrameProblem``: the one boundary between formats and the library.

    Formats read what strangers sent, with the code of many packages: whatever that raises is a problem of the frame.
    What ends a test, such as Robot's timeout, goes through.
    """

    def guarded_encode(value: object) -> bytes:
        try:
            return encode(value)
        except FrameProblem:
            raise
        except BaseException as error:
            raise _problem_of(error, role.format("encode")) from error

    def guarded_decode(frame: bytes) -> object:
        try:
            return decode(frame)
        except FrameProblem:
            raise
        except BaseException as error:
            raise _problem_of(error, role.format("decode")) from error

    return guarded_encode, guarded_decode


def _problem_of(error: BaseException, role: str) -> FrameProblem:
    if ends_test(error):
        raise error
    return FrameProblem(f"{role}: {described(error)}")


def load_package(module: str, *, needed_for: str, package: str, extra: str) -> ModuleType:
    """Returns an optional module, imported when a format first needs it.

    Raises:
        MissingPackage: it is not installed; the message names the pip command.
    """
    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise MissingPackage(needed_for, package, extra) from missing


def kind_of(value: object) -> str:
    """Returns the type of a value as an error message names it: ``an int``, ``a list``, ``None``."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"


def too_many_digits() -> str:
    """Returns the reason for a number that Python neither reads nor writes, without its hint how to make it do so."""
    return f"a number has too many digits: {sys.get_int_max_str_digits():,} are the most"


def quoted(text: str, limit: int = 60) -> str:
    """Returns the text in quotes, cut to what an error message can hold."""
    return repr(text) if len(text) <= limit else f"{text[:limit]!r}…"


def raw_bytes(value: object) -> bytes | None:
    """Returns the bytes of a bytes-like value, or None for any other.

    Anything with a C-contiguous or strided buffer is bytes-like: bytearray, memoryview, array, zmq.Frame.
    A subclass of bytes stays as it is, so that ``HiddenBytes`` keep hidden.
    """
    if isinstance(value, bytes):
        return value
    try:
        return memoryview(value).tobytes()  # type: ignore[arg-type]
    except TypeError:
        return None
