"""Formats whose value is text or bytes: TEXT, BYTES, HEX, BASE64, EMPTY, SKIP, ROUTING_ID, LITERAL.

Payloads are text and bytes-like values; TEXT takes int and float as their text, too. Anything else is refused, because
sending ``True`` or ``['a']`` as Python writes it is seldom meant: JSON is the format for these.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from ..errors import InvalidValue
from .base import Codec, FrameProblem, Settings, frame_format, kind_of, quoted, raw_bytes, too_many_digits

_NOT_HEX = r"[^0-9A-Fa-f]"
_HEX_DECORATION = r"[\s:-]+|(?<![0-9A-Fa-f])0[xX]"


@frame_format("TEXT", by_value=False)
def text_format(settings: Settings) -> Codec:
    """Text in the encoding of the library; numbers are sent as their digits and bytes as they are."""
    encoding = settings.encoding

    def encode(value: object) -> bytes:
        try:
            if type(value) is str:
                return value.encode(encoding)
            return text_payload(value, encoding)
        except UnicodeError as error:
            raise _not_encodable(error, encoding) from None

    def decode(frame: bytes) -> object:
        try:
            return frame.decode(encoding)
        except UnicodeError as error:
            raise not_text(error, encoding) from None

    return encode, decode


@frame_format("BYTES", by_value=False, any_frame=True)
def bytes_format(settings: Settings) -> Codec:
    """The bytes as they are; text is sent in the encoding of the library."""
    return _bytes_encoder(settings)


@frame_format("SKIP", by_value=False, any_frame=True)
def skip_format(settings: Settings) -> Codec:
    """A frame that does not matter: anything, kept as bytes."""
    return _bytes_encoder(settings)


@frame_format("ROUTING_ID", by_value=False, any_frame=True)
def routing_id_format(settings: Settings) -> Codec:
    """A routing id: text where the peer has chosen one, bytes where libzmq has made it (RFC 28: it begins with 0)."""
    encode, _ = text_format(settings)

    def decode(frame: bytes) -> object:
        if frame[:1] == b"\0":
            return frame
        try:
            return frame.decode(settings.encoding)
        except UnicodeError:
            return frame

    return encode, decode


@frame_format("HEX", by_value=False, any_frame=True)
def hex_format(settings: Settings) -> Codec:
    """Bytes written as ``00 ff a1``; case, white space, colons, hyphens and ``0x`` do not matter when sending."""

    def encode(value: object) -> bytes:
        if not isinstance(value, str):
            return _bytes_of(value, "hexadecimal digits")
        try:
            return bytes.fromhex(value)
        except ValueError:
            return _tolerant_hex(value)

    def decode(frame: bytes) -> object:
        return frame.hex(" ")

    return encode, decode


@frame_format("BASE64", by_value=False, any_frame=True)
def base64_format(settings: Settings) -> Codec:
    """Bytes written in base 64 (RFC 4648); white space and the URL-safe alphabet are taken when sending."""

    def encode(value: object) -> bytes:
        if not isinstance(value, str):
            return _bytes_of(value, "base 64 text")
        try:
            return base64.b64decode(value, validate=True)
        except ValueError:
            return _tolerant_base64(value)

    def decode(frame: bytes) -> object:
        return base64.b64encode(frame).decode("ascii")

    return encode, decode


@frame_format("EMPTY", by_value=False)
def empty_format(settings: Settings) -> Codec:
    """A frame without bytes, such as the delimiter of an envelope; its value is empty text."""

    def encode(value: object) -> bytes:
        content = value if isinstance(value, str) else _bytes_of(value, "empty text")
        if content:
            raise FrameProblem(f"its length is {len(content)}, but an EMPTY frame has none", instead="Leave it empty.")
        return b""

    def decode(frame: bytes) -> object:
        if frame:
            raise FrameProblem(f"it has {len(frame)} {_bytes_word(len(frame))}, but must be empty", offset=0)
        return ""

    return encode, decode


@frame_format("LITERAL", by_value=False, example="<IDS|MSG>", exact=True)
def literal_format(settings: Settings) -> Codec:
    """Exactly the text that is the parameter, such as a delimiter."""
    try:
        literal = settings.parameter.encode(settings.encoding)
    except UnicodeError as error:
        raise InvalidValue(
            f"Format '{settings.name}' cannot be used: {_not_encodable(error, settings.encoding)}"
        ) from None

    def encode(value: object) -> bytes:
        try:
            content = str.encode(value, settings.encoding) if isinstance(value, str) else _bytes_of(value, "this text")
        except UnicodeError:
            content = None
        if content != literal:
            raise FrameProblem("it is another value", instead=f"Give {settings.parameter!r}.")
        return literal

    def decode(frame: bytes) -> object:
        if frame != literal:
            offset = next((i for i, (a, b) in enumerate(zip(frame, literal)) if a != b), min(len(frame), len(literal)))
            raise FrameProblem(f"it is {len(frame)} {_bytes_word(len(frame))} of something else", offset=offset)
        return settings.parameter

    return encode, decode


def text_payload(value: object, encoding: str) -> bytes:
    """Returns the bytes of a payload that may be text, bytes-like, int or float.

    Raises:
        FrameProblem: it is something else, or a number with more digits than Python writes.
        UnicodeError: the text cannot be encoded.
    """
    if isinstance(value, str):
        return str.encode(value, encoding)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _digits(value).encode(encoding)
    return _bytes_of(value, "text")


def not_text(error: UnicodeError, encoding: str) -> FrameProblem:
    """Returns the problem of a frame that is not text: with the byte and its offset."""
    if isinstance(error, UnicodeDecodeError) and error.start < len(error.object):
        return FrameProblem(f"byte 0x{error.object[error.start]:02x} is not {encoding}", offset=error.start)
    return FrameProblem(f"its bytes are not {encoding}: {error}", offset=0)


def _bytes_encoder(settings: Settings) -> Codec:
    encoding = settings.encoding

    def encode(value: object) -> bytes:
        if type(value) is bytes:
            return value
        try:
            return str.encode(value, encoding) if isinstance(value, str) else _bytes_of(value, "bytes")
        except UnicodeError as error:
            raise _not_encodable(error, encoding) from None

    def decode(frame: bytes) -> object:
        return frame

    return encode, decode


def _bytes_of(value: object, wanted: str) -> bytes:
    content = raw_bytes(value)
    if content is None:
        raise _unsuitable(value, wanted)
    return content


def _unsuitable(value: object, wanted: str) -> FrameProblem:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        instead = "Use format=TEXT to send its digits, or a number format such as U32LE or F64LE."
    else:
        in_json = value is None or isinstance(value, (bool, list, tuple, Mapping))
        give = "give the text to send." if wanted == "text" else "give text or bytes."
        instead = f"Use format=JSON to send {kind_of(value)}, or {give}" if in_json else give.capitalize()
    return FrameProblem(f"{kind_of(value)} is not {wanted}", instead=instead)


def _not_encodable(error: UnicodeError, encoding: str) -> FrameProblem:
    if not isinstance(error, UnicodeEncodeError) or error.start >= len(error.object):
        return FrameProblem(f"it cannot be written in {encoding}: {error}")
    character = error.object[error.start]
    if "\ud800" <= character <= "\udfff":
        reason = f"character {error.start} is U+{ord(character):04X}, half of a surrogate pair, which is not text"
        return FrameProblem(reason, instead="Give the whole character, or use format=BYTES or HEX for the bytes.")
    reason = f"character {error.start} {character!r} (U+{ord(character):04X}) does not exist in {encoding}"
    return FrameProblem(reason, instead="Use format=BYTES with the bytes, or import the library with encoding=UTF-8.")


def _digits(value: int | float) -> str:
    # The base types' own methods: an IntEnum or a numpy number would write its name.
    try:
        return int.__repr__(value) if isinstance(value, int) else float.__repr__(value)
    except ValueError:
        raise FrameProblem(too_many_digits(), instead="Give it as text.") from None


def _tolerant_hex(text: str) -> bytes:
    digits = re.sub(_HEX_DECORATION, "", text)
    wrong = re.search(_NOT_HEX, digits)
    example = "Write two digits for each byte, such as 00 ff a1."
    if wrong:
        reason = f"{wrong.group()!r} in {quoted(text)} is not a hexadecimal digit"
        raise FrameProblem(reason, instead=example)
    if len(digits) % 2:
        raise FrameProblem(f"{quoted(text)} has an odd number of digits, {len(digits)}", instead=example)
    return bytes.fromhex(digits)


def _tolerant_base64(text: str) -> bytes:
    compact = "".join(text.split()).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        reason = f"{quoted(text)} is not base 64: {error}"
        raise FrameProblem(reason, instead="Use A-Z a-z 0-9 + / padded with = to a multiple of four.") from None


def _bytes_word(count: int) -> str:
    return "byte" if count == 1 else "bytes"
