"""Which of the messages that came into a proxy match, and of how many nobody can say it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, NamedTuple

from ..messages.likeness import ANY
from ..messages.patterns import FramePattern, MessagePattern
from .seen import SeenMessage

if TYPE_CHECKING:
    from ..messages.field_patterns import Pattern

_GLOB = r"[*?\[]"


class Sightings(NamedTuple):
    """What a proxy knows of messages that match.

    Attributes:
        found: Those that do.
        partial: How many others may match: of them not enough is kept.
        encrypted: How many others may match: their connections are encrypted.
        forgotten: How many older ones are not kept at all.
    """

    found: list[SeenMessage]
    partial: int = 0
    encrypted: int = 0
    forgotten: int = 0

    @property
    def is_certain(self) -> bool:
        """Whether no others can match."""
        return not (self.partial or self.encrypted or self.forgotten)


def sightings(
    kept: Iterable[SeenMessage],
    pattern: Pattern | None,
    given: Sequence[object],
    encrypted: AbstractSet[int],
    forgotten: int,
) -> Sightings:
    """Holds patterns against messages.

    Args:
        kept: The messages.
        pattern: What they should look like; None for all.
        given: The patterns of the frames as they were given, where they are known.
        encrypted: Numbers of connections that are.
        forgotten: How many older messages are not kept.

    Raises:
        PatternTooSlow: A comparison took too long.
    """
    found, partial, hidden = [], 0, 0
    for message in kept:
        if pattern is not None and message.connection in encrypted:
            hidden += 1
            continue
        verdict = matches(pattern, message, given)
        if verdict:
            found.append(message)
        partial += verdict is None
    return Sightings(found, partial, hidden, forgotten)


def matches(pattern: Pattern | None, message: SeenMessage, given: Sequence[object] = ()) -> bool | None:
    """Whether a message matches; None if not enough of it is kept to say so.

    Raises:
        PatternTooSlow: The comparison took too long.
    """
    if pattern is None:
        return True
    if message.whole:
        return pattern.matches(message.frames)
    if not isinstance(pattern, MessagePattern) or pattern.whole:
        return None
    if len(pattern.frames) > len(message.frames):
        return None if message.has_more else False
    is_certain = pattern.signed is None
    for number, (wanted, frame, size) in enumerate(zip(pattern.frames, message.frames, message.sizes)):
        as_given = given[number] if number < len(given) else None
        if len(frame) == size:
            if not wanted.matches(frame):
                return False
        elif as_given != ANY:
            if not frame.startswith(_beginning(wanted, as_given)[: len(frame)]):
                return False
            is_certain = False
    return True if is_certain else None


def _beginning(wanted: FramePattern, given: object) -> bytes:
    """How every frame begins that satisfies a pattern, as far as that can be seen from it."""
    if wanted.expected is not None:
        return wanted.expected
    if isinstance(given, str) and wanted.format and wanted.format.name == "TEXT" and wanted.search is None:
        return wanted.format.encode(re.split(_GLOB, given, maxsplit=1)[0])
    return b""
