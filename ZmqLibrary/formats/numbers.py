"""Binary numbers: U8 … I64BE, F32LE … F64BE, and STRUCT:<IHH for several in one frame.

LE is little-endian, BE is big-endian, floats are IEEE 754, and a frame holds the number and nothing else.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from .base import Codec, FrameProblem, Settings, frame_format, kind_of, quoted

_ORDERS = {"LE": "<", "BE": ">"}
_INTEGER_CODES = {8: "B", 16: "H", 32: "I", 64: "Q"}
_FLOAT_CODES = {32: "f", 64: "d"}
_OTHER_INTEGERS = "Use a format with more bits, a signed one (I…) for negative numbers, or format=TEXT for the digits."


def to_integer(value: object) -> int:
    """Returns the integer that a value stands for: an int, its digits (also ``0x10``), or a float without fraction.

    Raises:
        FrameProblem: it stands for none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        for base in (10, 0):
            try:
                return int(value, base)
            except ValueError:
                continue
    raise _not_a_number(value, "a whole number", "Give an int or its digits, such as 10 or 0x0a.")


def to_float(value: object) -> float:
    """Returns the float that a value stands for: a float, an int, or the text of one (also ``nan`` and ``inf``).

    Raises:
        FrameProblem: it stands for none.
    """
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            number = float(value)
            if not (math.isinf(number) and isinstance(value, str) and "inf" not in value.lower()):  # 1e400
                return number
    raise _not_a_number(value, "a number of this size", "Give a number or its text, such as 0.5 or 1e-3.")


def exact_length(frame: bytes, size: int, name: str) -> FrameProblem:
    """Returns the problem of a frame that does not have the length of its format."""
    reason = f"it has {_bytes(len(frame))}, but {name} has exactly {size}"
    return FrameProblem(reason, offset=min(len(frame), size))


def _integer_format(settings: Settings, code: str, low: int, high: int) -> Codec:
    packer = struct.Struct(code)

    def encode(value: object) -> bytes:
        number = value if type(value) is int else to_integer(value)
        if not low <= number <= high:
            reason = f"{_short_number(number)} is out of range: {settings.name} holds {low} to {high}"
            raise FrameProblem(reason, instead=_OTHER_INTEGERS)
        return packer.pack(number)

    return encode, _decoder(packer, settings.name)


def _float_format(settings: Settings, code: str) -> Codec:
    packer = struct.Struct(code)

    def encode(value: object) -> bytes:
        number = to_float(value)
        try:
            return packer.pack(number)
        except OverflowError:
            reason = f"{number!r} is out of range: {settings.name} holds about -3.4e38 to 3.4e38"
            raise FrameProblem(reason, instead="Use F64LE or F64BE if the receiver takes it.") from None

    return encode, _decoder(packer, settings.name)


def _decoder(packer: struct.Struct, name: str) -> Callable[[bytes], object]:
    def decode(frame: bytes) -> object:
        try:
            return packer.unpack(frame)[0]
        except struct.error:
            raise exact_length(frame, packer.size, name) from None

    return decode


def _add_formats() -> None:
    for bits, code in _INTEGER_CODES.items():
        for suffix, order in {"": "<"}.items() if bits == 8 else _ORDERS.items():
            unsigned = partial(_integer_format, code=order + code, low=0, high=2**bits - 1)
            signed = partial(
                _integer_format, code=order + code.lower(), low=-(2 ** (bits - 1)), high=2 ** (bits - 1) - 1
            )
            frame_format(f"U{bits}{suffix}")(unsigned)
            frame_format(f"I{bits}{suffix}")(signed)
    for bits, code in _FLOAT_CODES.items():
        for suffix, order in _ORDERS.items():
            frame_format(f"F{bits}{suffix}")(partial(_float_format, code=order + code))


def _not_a_number(value: object, wanted: str, instead: str) -> FrameProblem:
    shown = quoted(value) if isinstance(value, str) else kind_of(value)
    if isinstance(value, float):
        shown = repr(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        shown = _short_number(value)
    return FrameProblem(f"{shown} is not {wanted}", instead=instead)


def _short_number(number: int) -> str:
    # repr refuses integers of more than 4300 digits.
    return str(number) if abs(number) < 10**40 else f"an integer of about {int(math.log10(abs(number)))} digits"


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count} bytes"


_add_formats()
