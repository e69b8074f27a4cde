"""Collector: keeps every message of a socket while the test does something else.

The thread moves a burst of messages at a time under the lock, so that collecting costs little more than receiving.
Messages are numbered from 0 as they come; `_first` is the number of the oldest one that is still there.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from ..errors import InvalidValue
from ..report.frames import clock, count_of, summary
from ..sockets import diagnosis
from ..waiting.deadline import Deadline, Uninterrupted
from .worker import Worker

if TYPE_CHECKING:
    from ..messages.message import Message
    from ..messages.patterns import MessagePattern
    from ..sockets.zmq_socket import ZmqSocket
    from .journal import Journal

_SHOWN = 60
_LAST = 3


class Drop(Enum):
    """Which messages are dropped when as many have been collected as ``limit`` says.

    - OLDEST: the first ones, so that the last ones are there.
    - NEWEST: the ones that come, so that the first ones are there.
    """

    OLDEST = "OLDEST"
    NEWEST = "NEWEST"


class Collector(Worker):
    """Keeps what a socket receives.

    Args:
        name: Its alias or generated name.
        socket: The socket that it takes.
        journal: Where it tells what it does.
        limit: How many messages it keeps at most.
        drop: Which ones it drops beyond that.

    Raises:
        InvalidValue: The limit is below 1.
    """

    kind = "collector"
    opener = "Start Collecting Messages"
    keeps_results = True

    def __init__(
        self, name: str, socket: ZmqSocket, journal: Journal, limit: int = 100_000, drop: Drop = Drop.OLDEST
    ) -> None:
        if limit < 1:
            raise InvalidValue(f"limit is how many messages are kept: 1 or more, not {limit}.")
        super().__init__(name, socket, journal)
        self.limit = limit
        self.drop = drop
        self.dropped = 0
        self._first = 0
        self._messages: deque[Message] = deque()
        self._burst: list[Message] = []
        self._lock = threading.Lock()

    # Called in the thread

    def handle(self, message: Message) -> None:
        """Keeps a message for the end of the burst."""
        self._burst.append(message)

    def handled(self) -> None:
        """Makes the burst known."""
        burst, self._burst = self._burst, []
        self.journal.add_received(self.name, burst)
        with self._lock:
            self._store(burst)

    def finish(self) -> None:
        """Keeps what came before an exception."""
        self.handled()

    def _store(self, burst: Sequence[Message]) -> None:
        kept = self._messages
        excess = max(0, len(kept) + len(burst) - self.limit)
        self.dropped += excess
        if excess and self.drop is Drop.NEWEST:
            burst = burst[: len(burst) - excess]
        kept.extend(burst)
        if excess and self.drop is Drop.OLDEST:
            self._first += excess
            for _ in range(excess):
                kept.popleft()

    # Called from outside

    @property
    def count(self) -> int:
        """How many messages are there."""
        with Uninterrupted(), self._lock:
            return len(self._messages)

    @property
    def messages(self) -> list[Message]:
        """The messages in the order in which they came."""
        with Uninterrupted(), self._lock:
            return list(self._messages)

    @property
    def collected(self) -> list[Message]:
        """What it has received and keeps as it came."""
        return self.messages

    def since(self, number: int) -> tuple[list[Message], int]:
        """The messages from a number on, and the number that the next one will have."""
        with Uninterrupted(), self._lock:
            there = len(self._messages)
            new = list(islice(reversed(self._messages), min(there, self._first + there - number)))
            return new[::-1], self._first + there

    def clear(self) -> int:
        """Forgets the messages and those that were dropped.

        Returns:
            How many there were.
        """
        with Uninterrupted(), self._lock:
            count = len(self._messages)
            self._first += count
            self._messages.clear()
            self.dropped = 0
        return count

    def find(self, accepts: Callable[[Message], bool], deadline: Deadline) -> Message | None:
        """The first message that is accepted; waits for one if there is none.

        Returns:
            The message, or None if none came in time.

        Raises:
            WorkerFailed: The thread ended with an exception.
        """
        seen = 0
        while self.wait_for(partial(self._has_more_than, seen), deadline):
            new, seen = self.since(seen)  # looked at outside of the wait, which keeps the thread from collecting
            found = next(filter(accepts, new), None)
            if found is not None:
                return found
        return None

    def _has_more_than(self, number: int) -> bool:
        with Uninterrupted(), self._lock:
            return self._first + len(self._messages) > number

    def describe(self) -> str:
        """How much there is, as a sentence."""
        dropped = f", {self.dropped:,} more were dropped" if self.dropped else ""
        where = diagnosis.where(self.socket)
        return f"{self.heading} has {count_of(self.count, 'message')} of {where}{dropped}."

    def causes(self) -> list[str]:
        """What is known of why nothing has come; nothing if something has."""
        return [] if self.count else self.consult(lambda: diagnosis.receive_causes(self.socket))


# Failures, in words


def none_matches(collector: Collector, pattern: MessagePattern, waited: str = "") -> str:
    """Why no collected message matches."""
    last = [f"  {_at(m)}{pattern.difference(m.raw)}" for m in collector.messages[-_LAST:]]
    return _lines(
        f"{collector.heading} has no message {pattern}{waited}.",
        collector.describe(),
        *(["The last ones differ:", *last] if last else []),
        *collector.causes(),
    )


def some_match(collector: Collector, pattern: MessagePattern, found: Sequence[tuple[int, Message]]) -> str:
    """Which messages match that should not."""
    return _lines(
        f"{collector.heading} should have no message {pattern}, but has {count_of(len(found), 'such message')}:",
        *(f"  message {number}, {_shown(message)}" for number, message in found[:_LAST]),
        *(["  …"] if len(found) > _LAST else []),
        collector.describe(),
    )


def wrong_count(collector: Collector, count: int, expected: str, waited: str) -> str:
    """What the count was instead, and which messages came last."""
    last = [f"  {_shown(message)}" for message in collector.messages[-_LAST:]]
    return _lines(
        f"{collector.heading} has {count_of(count, 'message')}, expected {expected}{waited}.",
        f"{count_of(collector.dropped, 'message')} more were dropped." if collector.dropped else "",
        *(["The last ones:", *last] if last else []),
        *collector.causes(),
    )


def incomplete(collector: Collector) -> str:
    """How many messages are missing, and why."""
    which = "oldest" if collector.drop is Drop.OLDEST else "newest"
    return (
        f"{collector.heading} is not complete: it dropped {count_of(collector.dropped, 'message')}, the {which}, "
        f"because it keeps {collector.limit:,}. Give it a higher limit= or use `Clear Collected Messages`."
    )


def out_of_order(collector: Collector, patterns: Sequence[MessagePattern]) -> str:
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
    patterns: Sequence[MessagePattern],
    number: int,
    position: int,
) -> str:
    pattern = patterns[number]
    after = f" after message {position - 1}, {_shown(messages[position - 1])}" if position else ""
    before = _next(messages, pattern, 0)
    came = "It did not come before either." if position else ""
    if before is not None:
        came = f"It came before, as message {before}, {_shown(messages[before])}."
    rest = messages[position:][-_LAST:]
    return _lines(
        f"Message {number + 1} of {len(patterns)} in the order, {pattern}, did not come{after}.",
        came,
        collector.describe(),
        *(["The last ones differ:", *(f"  {_at(m)}{pattern.difference(m.raw)}" for m in rest)] if rest else []),
        *collector.causes(),
    )


def _next(messages: Sequence[Message], pattern: MessagePattern, start: int) -> int | None:
    return next((n for n in range(start, len(messages)) if pattern.matches(messages[n].raw)), None)


def matching(messages: Iterable[Message], pattern: MessagePattern) -> list[tuple[int, Message]]:
    """The messages that match, with their positions."""
    return [(number, message) for number, message in enumerate(messages) if pattern.matches(message.raw)]


def _shown(message: Message) -> str:
    return _at(message) + summary(message.raw, _SHOWN)


def _at(message: Message) -> str:
    return f"{clock(message.timestamp)}  "


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)
