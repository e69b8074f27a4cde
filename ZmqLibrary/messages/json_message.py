"""JsonMessage: a message that was picked out by its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..formats import combined
from .equality import same_value
from .message import Message

if TYPE_CHECKING:
    from ..formats import FrameFormats


class JsonMessage(Message):
    """A message with one frame that is JSON: numbers mean frames, names mean what the JSON object has.

    It equals a dictionary if the JSON does.

    Args:
        message: The message as it was received.
        index: Which frame is JSON.
        json: The JSON format, or another one with such values.
    """

    __slots__ = ("json",)

    def __init__(self, message: Message, index: int, json: FrameFormats) -> None:
        kinds = [*message.receipt.formats.fitting(message.raw)]
        kinds[index] = json.fitting(message.raw)[index]
        formats = combined(",".join(kind.name for kind in kinds), kinds)
        super().__init__(message.raw, message.receipt._replace(formats=formats), message.timestamp)
        self.json = message.read_frame(index, json)

    def _named(self, name: str) -> object:
        return self.json[name] if isinstance(self.json, dict) else super()._named(name)

    def __eq__(self, other: object) -> bool:
        return same_value(self.json, other) if isinstance(other, dict) else super().__eq__(other)

    __hash__ = None
