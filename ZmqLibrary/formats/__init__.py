"""Frame formats: how the bytes of a frame become a value, and back.

Modules::

    base          Format, FrameProblem, Settings; the decorator @frame_format adds a format to the table
    hidden        Hidden and HiddenBytes: values that are sent but never shown
    text          TEXT, BYTES, HEX, BASE64, EMPTY, SKIP, ROUTING_ID, LITERAL:text
    json_text     JSON
    numbers       U8, I8, U16LE … I64BE, F32LE … F64BE
    structs       STRUCT:<IHH
    serialized    MSGPACK, CBOR
    protobuf      PROTOBUF:package.module.Message
    frames        FrameFormats: what one format= argument names, for all frames of a message
    structure     the rule for JSON text in these formats
    table         FormatTable: finds formats by name; one per library instance
"""

from __future__ import annotations

from . import json_text as json_text
from . import numbers as numbers
from . import protobuf as protobuf
from . import serialized as serialized
from . import structs as structs
from . import text as text
from .base import Codec, Format, FrameProblem, PlainText, Settings, frame_format, load_package
from .frames import FrameFormats, combined
from .hidden import Hidden, HiddenBytes, contains_hidden, hidden_in, reveal
from .structure import structure_in
from .table import FormatTable

__all__ = [
    "Codec",
    "Format",
    "FormatTable",
    "FrameFormats",
    "FrameProblem",
    "Hidden",
    "HiddenBytes",
    "PlainText",
    "Settings",
    "combined",
    "contains_hidden",
    "frame_format",
    "hidden_in",
    "load_package",
    "reveal",
    "structure_in",
]
