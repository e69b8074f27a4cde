"""Collector: keeps every message of a socket while the test does something else.

The thread moves a burst of messages at a time under the lock, so that collecting costs little more than receiving.
Messages are numbered from 0 as they come; `_first` is the number of the oldest one that is still there.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from ..errors import Hint, InvalidValue
from ..report.words import count_of
from ..sockets import diagnosis
from ..sockets.silent_causes import silent_causes
from ..waiting.deadline import Deadline
from ..waiting.uninterrupted import Uninterrupted
from .drop_policy import DropPolicy
from .prompt_reading import PromptReading
from .worker import Worker

if TYPE_CHECKING:
    from ..messages.message import Message
    from ..sockets.zmq_socket import ZmqSocket
    from .journal import Journal


class Collector(Worker):
    """Keeps what a socket receives.

    Args:
        name: Its alias or generated name.
        socket: The socket that it takes.
        journal: Where it reports what it does.
        limit: How many messages it keeps at most.
        drop: Which ones it drops beyond that.

    Raises:
        InvalidValue: The limit is below 1.
    """

    kind = "collector"
    opener = Hint.START_COLLECTOR
    keeps_results = True

    def __init__(
        self, name: str, socket: ZmqSocket, journal: Journal, limit: int = 100_000, drop: DropPolicy = DropPolicy.OLDEST
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
        self._prompt = PromptReading()

    # Called in the thread

    def handle(self, message: Message) -> None:
        """Keeps a message for the end of the burst."""
        self._burst.append(message)

    def handled(self) -> None:
        """Makes the burst known."""
        burst, self._burst = self._burst, []
        self.journal.add_received(self.name, burst, self.socket.formats)
        with self._lock:
            self._store(burst)

    def prepare(self) -> None:
        """Begins to measure when messages come."""
        self._prompt.begin()

    def finish(self) -> None:
        """Keeps what came before an exception."""
        self._prompt.end()
        self.handled()

    def _store(self, burst: Sequence[Message]) -> None:
        kept = self._messages
        excess = max(0, len(kept) + len(burst) - self.limit)
        self.dropped += excess
        if excess and self.drop is DropPolicy.NEWEST:
            burst = burst[: len(burst) - excess]
        kept.extend(burst)
        if excess and self.drop is DropPolicy.OLDEST:
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

        After the deadline it looks once more at what is there, and not at what comes meanwhile.

        Returns:
            The message, or None if none came in time.

        Raises:
            WorkerFailed: The thread ended with an exception.
        """
        seen = 0
        while self.wait_for(partial(self._has_more_than, seen), deadline):
            is_last = not deadline.remaining()
            new, seen = self.since(seen)  # looked at outside of the wait, which keeps the thread from collecting
            found = next(filter(accepts, new), None)
            if found is not None or is_last:
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
        """What is known of why nothing has come; if something has, what ZeroMQ may have dropped."""
        if self.count:
            return silent_causes(self.socket)
        return self.consult(lambda: diagnosis.receive_causes(self.socket))


# Failures, in words
