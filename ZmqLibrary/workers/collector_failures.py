"""Why an assertion about collected messages does not hold, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..messages.patterns import shown_frames
from ..report.values import value_summary
from ..report.words import clock, count_of, lines
from .drop_policy import DropPolicy

if TYPE_CHECKING:
    from ..messages.field_patterns import Pattern
    from ..messages.message import Message
    from .collector import Collector


_SHOWN = 60
_LAST = 3


def none_matches(collector: Collector, pattern: Pattern, waited: str = "") -> str:
    """Why no collected message matches."""
    last = [f"  {_at(m)}{pattern.difference(m.raw)}" for m in collector.messages[-_LAST:]]
    return lines(
        f"{collector.heading} has no message {pattern}{waited}.",
        collector.describe(),
        *(["The last ones differ:", *last] if last else []),
        *collector.causes(),
    )


def some_match(collector: Collector, pattern: Pattern, found: Sequence[tuple[int, Message]]) -> str:
    """Which messages match that should not."""
    return lines(
        f"{collector.heading} should have no message {pattern}, but has {count_of(len(found), 'such message')}:",
        *(f"  message {number}, {_shown(collector, message, pattern)}" for number, message in found[:_LAST]),
        *(["  …"] if len(found) > _LAST else []),
        collector.describe(),
    )


def may_match(collector: Collector) -> str:
    """Why it is not certain that no message matches."""
    which = "oldest" if collector.drop is DropPolicy.OLDEST else "newest"
    return lines(
        f"It is not certain that {collector.title} has received no such message.",
        f"{count_of(collector.dropped, 'message')} may match: it dropped the {which}, because it keeps "
        f"{collector.limit:,}.",
    )


def wrong_count(collector: Collector, count: int, expected: str, waited: str, sequences: Sequence[str] = ()) -> str:
    """What the count was instead, which messages came last, and what the sequence checks of the socket know."""
    last = [f"  {_shown(collector, message)}" for message in collector.messages[-_LAST:]]
    return lines(
        f"{collector.heading} has {count_of(count, 'message')}, expected {expected}{waited}.",
        f"{count_of(collector.dropped, 'message')} more were dropped." if collector.dropped else "",
        *(["The last ones:", *last] if last else []),
        *sequences,
        *collector.causes(),
    )


def incomplete(collector: Collector) -> str:
    """How many messages are missing, and why."""
    which = "oldest" if collector.drop is DropPolicy.OLDEST else "newest"
    return (
        f"{collector.heading} is not complete: it dropped {count_of(collector.dropped, 'message')}, the {which}, "
        f"because it keeps {collector.limit:,}."
    )


def out_of_order(collector: Collector, patterns: Sequence[Pattern]) -> str:
    """Which message did not come after the ones before it; empty if all came in order."""
    messages = collector.messages
    position = 0
    for number, pattern in enumerate(patterns):
        found = _next(messages, pattern, position)
        if found is None:
            return _order_lines(collector, messages, patterns, number, position)
        position = found + 1
    return ""


def _order_lines(
    collector: Collector,
    messages: Sequence[Message],
    patterns: Sequence[Pattern],
    number: int,
    position: int,
) -> str:
    pattern = patterns[number]
    after = f" after message {position - 1}, {_shown(collector, messages[position - 1])}" if position else ""
    before = _next(messages, pattern, 0)
    came = "It did not come before either." if position else ""
    if before is not None:
        came = f"It came before, as message {before}, {_shown(collector, messages[before])}."
    rest = messages[position:][-_LAST:]
    return lines(
        f"Message {number + 1} of {len(patterns)} in the order, {pattern}, did not come{after}.",
        came,
        collector.describe(),
        *(["The last ones differ:", *(f"  {_at(m)}{pattern.difference(m.raw)}" for m in rest)] if rest else []),
        *collector.causes(),
    )


def _next(messages: Sequence[Message], pattern: Pattern, start: int) -> int | None:
    return next((n for n in range(start, len(messages)) if pattern.matches(messages[n].raw)), None)


def matching(messages: Iterable[Message], pattern: Pattern) -> list[tuple[int, Message]]:
    """The messages that match, with their positions."""
    return [(number, message) for number, message in enumerate(messages) if pattern.matches(message.raw)]


def _shown(collector: Collector, message: Message, pattern: Pattern | None = None) -> str:
    return _at(message) + value_summary(shown_frames(pattern, message.raw), collector.socket.formats, _SHOWN)


def _at(message: Message) -> str:
    return f"{clock(message.timestamp)}  "
