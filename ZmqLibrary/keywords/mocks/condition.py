"""When a rule of a mock server applies, as keywords are given it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from ...errors import InvalidValue
from ...messages.message import Message
from ...messages.patterns import MatchKind
from ..base import FormatArgument

if TYPE_CHECKING:
    from ...formats import FrameFormats


_STRUCTURED = ("JSON", "MSGPACK", "CBOR")


class Condition(NamedTuple):
    """For which requests a rule is, as keywords take it."""

    patterns: Sequence[object]
    match: MatchKind = MatchKind.GLOB
    format: FormatArgument = None
    times: int | None = None
    delay: timedelta | None = None
    fields: Mapping[str, object] = {}

    @property
    def any_request(self) -> bool:
        """Whether it is for all requests."""
        return not (self.patterns or self.fields)


def mock_name(mock: str | None, socket: str | None) -> str | None:
    """The name of a mock server, which may be given in either way.

    Raises:
        InvalidValue: It is given in both.
    """
    if mock is not None and socket is not None:
        raise InvalidValue("Give either mock= or socket=: both are the name of the mock server.")
    return socket if mock is None else mock


def error_value(text: object, formats: FrameFormats | None) -> object:
    """An error reply: `{"error": text}` in JSON and its like, else the text."""
    kind = formats.repeated if formats else None
    structured = kind is not None and kind.name.partition(":")[0] in _STRUCTURED
    return {"error": text} if structured else text


def values_of(frames: object) -> list[object]:
    """Frames from one argument: a list of them, or a single one."""
    return list(frames) if isinstance(frames, (list, tuple, Message)) else [frames]
