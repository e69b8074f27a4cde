"""STRUCT:<IHH: several binary values in one frame, as Python's ``struct`` packs them; the value is a list."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Sequence

from ..errors import InvalidValue
from .base import Codec, FrameProblem, Settings, frame_format, kind_of, raw_bytes
from .numbers import exact_length, to_float, to_integer
from .structure import meant

_FIELD = r"(\d*)([xcbB?hHiIlLqQnNefdspP])"
_BYTES_CODES = frozenset("csp")


@frame_format("STRUCT", example="<IHH")
def struct_format(settings: Settings) -> Codec:
    """Values packed by the ``struct`` format that is the parameter; numbers may be given as their digits."""
    packer = _packer(settings)
    has_only_numbers = not set(settings.parameter) & (_BYTES_CODES | {"?"})

    def encode(value: object) -> bytes:
        value = meant(value)
        if not isinstance(value, (list, tuple)):
            raise FrameProblem(f"{kind_of(value)} is not a list of values", instead="Give the values as a list.")
        if has_only_numbers and bool not in map(type, value):  # struct takes True for 1
            try:
                return packer.pack(*value)
            except (struct.error, OverflowError):
                pass  # The fields one by one show which is wrong, and take 1.0 for an integer.
        return _pack_by_field(packer, value, settings)

    def decode(frame: bytes) -> object:
        try:
            return list(packer.unpack(frame))
        except struct.error:
            raise exact_length(frame, packer.size, settings.name) from None

    return encode, decode


def _packer(settings: Settings) -> struct.Struct:
    try:
        return struct.Struct(settings.parameter)
    except (struct.error, UnicodeError, OverflowError, MemoryError) as error:
        raise InvalidValue(
            f"Format '{settings.name}' cannot be used: {error}. The part after the colon is a format of Python's "
            "struct module, such as STRUCT:<IHH (https://docs.python.org/3/library/struct.html#format-characters)."
        ) from None


def _pack_by_field(packer: struct.Struct, values: Sequence[object], settings: Settings) -> bytes:
    fields = list(_runs(settings.parameter))
    expected = sum(repeats for repeats, _, _ in fields)
    if len(values) != expected:
        raise FrameProblem(f"it has {len(values)} values, but {settings.name} has {expected}")
    converted: list[object] = []
    for repeats, code, size in fields:
        for value in values[len(converted) : len(converted) + repeats]:
            converted.append(_convert(value, code, size, len(converted), settings))
    try:
        return packer.pack(*converted)
    except (struct.error, OverflowError, MemoryError) as error:
        raise FrameProblem(f"its values do not fit {settings.name}: {error}") from None


def _runs(layout: str) -> Iterator[tuple[int, str, int]]:
    """Yields how many values a field of the layout takes, its code, and how many bytes one value may have."""
    for digits, code in re.findall(_FIELD, layout):
        count = int(digits) if digits else 1
        if code == "s":
            yield 1, code, count
        elif code == "p":
            yield 1, code, min(max(count - 1, 0), 255)
        elif code != "x":
            yield count, code, 1


def _convert(value: object, code: str, size: int, index: int, settings: Settings) -> object:
    try:
        if code in _BYTES_CODES:
            return _to_bytes(value, code, size, settings.encoding)
        converted = _to_boolean(value) if code == "?" else _NUMBERS.get(code, to_integer)(value)
        struct.pack(f"={code}" if code in _NUMBERS else f"{_order(settings.parameter)}{code}", converted)
        return converted
    except (FrameProblem, UnicodeError, struct.error, OverflowError) as error:
        reason = error.reason if isinstance(error, FrameProblem) else str(error)
        raise FrameProblem(f"value {index} does not fit '{code}': {reason}") from None


def _to_bytes(value: object, code: str, size: int, encoding: str) -> bytes:
    content = value.encode(encoding) if isinstance(value, str) else raw_bytes(value)
    if content is None:
        raise FrameProblem(f"{kind_of(value)} is not text or bytes")
    # struct itself would cut it off silently.
    if len(content) > size or (code == "c" and len(content) != size):
        raise FrameProblem(f"its length is {len(content)}, but the field has {size}")
    return content


def _to_boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in (0, 1):
        return value == 1
    raise FrameProblem(f"{kind_of(value)} is not True or False")


def _order(layout: str) -> str:
    return layout[0] if layout[0] in "<>=!@" else ""


_NUMBERS: dict[str, Callable[[object], object]] = {"e": to_float, "f": to_float, "d": to_float}
