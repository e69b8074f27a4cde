"""PROTOBUF:package.module.Message: Protocol Buffers with the classes that protoc generated for the system under test.

The value is what Google's JSON mapping makes of the message (https://protobuf.dev/programming-guides/json/), with the
field names of the .proto file: 64-bit integers are text there, bytes are base 64, and fields that are not set are left
out.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from ..errors import InvalidValue
from .base import Codec, FrameProblem, Settings, frame_format, kind_of, load_package, raw_bytes

_EXAMPLE = "google.protobuf.struct_pb2.Struct"


@frame_format("PROTOBUF", example=_EXAMPLE)
def protobuf_format(settings: Settings) -> Codec:
    """A Protocol Buffers message of the class that is the parameter; sends a dict, JSON text or a message object."""
    json_format = load_package(
        "google.protobuf.json_format", needed_for="Format PROTOBUF", package="protobuf", extra="protobuf"
    )
    message_class = _find_class(settings)

    def encode(value: object) -> bytes:
        content = raw_bytes(value)
        if content is not None:
            decode(content)
            return content
        try:
            return _serialize(_to_message(value))
        except FrameProblem:
            raise
        except Exception as error:
            reason = f"{kind_of(value)} does not fit {settings.parameter}: {_one_line(error)}"
            raise FrameProblem(reason) from None

    def _to_message(value: object) -> Any:
        if isinstance(value, message_class):
            return value
        if hasattr(value, "DESCRIPTOR"):
            reason = f"{kind_of(value)} is not a {settings.parameter}"
            raise FrameProblem(reason, instead="Use the format that names its class.")
        if isinstance(value, str):
            return json_format.Parse(value, message_class())
        return json_format.ParseDict(value, message_class())

    def decode(frame: bytes) -> object:
        message = message_class()
        try:
            message.ParseFromString(frame)
            return json_format.MessageToDict(message, preserving_proto_field_name=True)
        except Exception as error:
            # protobuf does not say where.
            raise FrameProblem(f"it is not a {settings.parameter}: {_one_line(error)}") from None

    return encode, decode


def _serialize(message: Any) -> bytes:
    frame: bytes = message.SerializeToString()
    return frame


def _find_class(settings: Settings) -> Any:
    module, names = _find_module(settings)
    found: object = module
    for name in names:
        found = getattr(found, name, None)
    if not isinstance(found, type) or not hasattr(found, "ParseFromString"):
        raise InvalidValue(
            f"Format '{settings.name}' cannot be used: {'.'.join(names)!r} is not a message class in module "
            f"'{module.__name__}'. Name a class that protoc generated, such as PROTOBUF:{_EXAMPLE}."
        )
    return found


def _find_module(settings: Settings) -> tuple[ModuleType, list[str]]:
    """Returns the longest module that the dotted name starts with, and the rest: messages can be nested."""
    parts = settings.parameter.split(".")
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        try:
            return importlib.import_module(name), parts[length:]
        except ModuleNotFoundError as missing:
            if missing.name and name != missing.name and not name.startswith(f"{missing.name}."):
                raise _not_importable(settings, name, missing) from missing
        except Exception as error:
            raise _not_importable(settings, name, error) from error
    raise InvalidValue(
        f"Format '{settings.name}' cannot be used: there is no module '{'.'.join(parts[:-1]) or parts[0]}' on the "
        f"Python path. Write PROTOBUF:package.module.Message, such as PROTOBUF:{_EXAMPLE}."
    )


def _not_importable(settings: Settings, name: str, error: Exception) -> InvalidValue:
    return InvalidValue(
        f"Format '{settings.name}' cannot be used: importing '{name}' failed: {type(error).__name__}: {error}"
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
