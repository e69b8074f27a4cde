"""The one rule for text in structured formats: JSON text of an object or a list stands for it, other text for itself.

It holds for payloads, replies and patterns. With the formats ``MSGPACK:TEXT``, ``CBOR:TEXT`` and ``JSON:TEXT``
every text stands for itself.
"""

from __future__ import annotations

from .base import FrameProblem
from .json_text import parse_json

_OPENING = ("{", "[")


def structure_in(text: str) -> object:
    """Returns the object or list of which a text is the JSON; None for every other text."""
    if text.lstrip()[:1] not in _OPENING:
        return None
    try:
        return parse_json(str.encode(text))
    except (FrameProblem, UnicodeEncodeError):
        return None


def meant(value: object) -> object:
    """Returns the object or list that a payload stands for if it is JSON text; every other one as it is."""
    if type(value) is str:
        structure = structure_in(value)
        return value if structure is None else structure
    return value
