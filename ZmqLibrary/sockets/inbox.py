"""Inbox: what was read from libzmq and not yet taken, in order.

Messages that a search passed over stay, and those of a bulk receive that failed come back. So nothing that came is ever
lost to a failing call.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from ..messages.message import Message
from ..waiting.hand import Hand
from ..waiting.uninterrupted import Uninterrupted
from .raw_socket import BURST, RawSocket
from .traffic import TrafficLog
from .turn import Turn

LONGEST_LOOK = 0.1
_MOST_ROUTING_IDS = 1000
_MOST_BURSTS = 100  # of which no message is for the user


class Inbox:
    """Reads and keeps the messages of one socket.

    Args:
        raw: The socket.
        turn: Changes with each message of a REQ or REP.
        traffic: Counts and remembers.
        routes: Whether the first frame is the routing id of a peer.
        reported: Whether a message is for the user; an XPUB gets subscriptions that are not. None: all are.
        hand: Holds what is taken until it has arrived.
        heard: Called with the descriptor of the connection of each message, unless `reported` looks at them; None over
            inproc and from old peers.

    Attributes:
        messages: What was read and not yet taken.
        last: The message that was taken last.
        routing_ids: Of the peers that have sent something, the first thousand.
        observers: Called with each message that is read.
    """

    def __init__(
        self,
        raw: RawSocket,
        turn: Turn,
        traffic: TrafficLog,
        routes: bool = False,
        reported: Callable[[Message], bool] | None = None,
        hand: Hand | None = None,
        heard: Callable[[int | None], object] = bool,
    ) -> None:
        self.messages: deque[Message] = deque()
        self.last: Message | None = None
        self.routing_ids: dict[bytes, None] = {}
        self.observers: list[Callable[[Message], object]] = []
        self._raw = raw
        self._turn = turn
        self._traffic = traffic
        self._routes = routes
        self._reported = reported
        self._heard = heard
        self._hand = Hand() if hand is None else hand

    def has_message(self) -> bool:
        """Whether a message is there; reads one if not."""
        return bool(self.messages) or self.read(1) > 0

    def read(self, limit: int) -> int:
        """Reads up to `limit` messages that have come; REQ and REP have one at a time.

        Returns:
            How many were added.
        """
        if self._turn.strict:
            if self._turn.why_not_receive():
                return 0
            limit = 1
        before = len(self.messages)
        for _ in range(_MOST_BURSTS):
            read = self._raw.read(self._accept, limit)
            if not read or len(self.messages) != before:
                break
        return len(self.messages) - before

    def read_all(self, seconds: float) -> None:
        """Reads what has come; from a peer that sends without a pause, what comes in that time."""
        end = time.monotonic() + seconds
        while self.read(BURST) and time.monotonic() < end:
            pass

    def _accept(self, message: Message) -> None:
        if self._reported is None:
            self._heard(message.receipt.descriptor)
        elif not self._reported(message):
            return
        if self._turn.strict:
            self._turn.received()
        elif self._routes and len(self.routing_ids) < _MOST_ROUTING_IDS:
            self.routing_ids[message.raw[0]] = None
        self._traffic.received(message)
        self.messages.append(message)
        for observe in self.observers:
            observe(message)

    def take(self, position: int = 0) -> Message:
        """Takes one message out, into the hand of the call."""
        with Uninterrupted():
            self.last = message = self.messages[position]
            del self.messages[position]
            self._hand.hold(partial(self.messages.insert, position, message))
        return message

    def hand_over(self) -> Message:
        """Takes the next message out, past the hand: it does not come back."""
        self.last = message = self.messages.popleft()
        return message

    def batch(self, count: int | None, until: Callable[[Message], bool] | None) -> Bulk:
        """Messages to take together, into the hand of the call."""
        batch = Bulk(self, count, until)
        self._hand.hold(batch.give_back)
        return batch

    def put_back(self, messages: Sequence[Message]) -> None:
        """Makes messages the next ones to be taken, in their order."""
        self.messages.extendleft(reversed(messages))

    def take_all(self, target: Callable[[Message], object], limit: int, enough: Callable[[], bool]) -> int:
        """Hands the messages that are there, up to about `limit`, to a worker; never waits.

        Args:
            target: Takes a message.
            limit: How many are read.
            enough: Looked at after each message; the rest stays for the next time.

        Returns:
            How many were handed on.
        """
        # Most often there is one: to ask for more takes a tenth of the time of being refused.
        if not self.messages and self.read(1) and self._raw.readable():
            self.read(limit - 1)
        count = len(self.messages)
        for number in range(1, count + 1):
            self.last = message = self.messages.popleft()
            target(message)
            if enough():
                return number
        return count

    def clear(self) -> int:
        """Drops what was read.

        Returns:
            How many messages that were.
        """
        count = len(self.messages)
        self.messages.clear()
        return count


class Search:
    """Looks through an inbox for a message, at each message once.

    Args:
        inbox: Where.
        accepts: Whether a message is the one.

    Attributes:
        position: Where the message is, once it was found.
    """

    def __init__(self, inbox: Inbox, accepts: Callable[[Message], bool]) -> None:
        self.position = 0
        self._inbox = inbox
        self._accepts = accepts

    def go_on(self) -> bool:
        """Looks at what has come since the last time, as long as `LONGEST_LOOK`; whether the message was found."""
        end = time.monotonic() + LONGEST_LOOK
        while self.position < len(self._inbox.messages) or (time.monotonic() < end and self._inbox.read(1)):
            if self._accepts(self._inbox.messages[self.position]):
                return True
            self.position += 1
        return False


class Bulk:
    """Messages that are taken from an inbox together.

    Args:
        inbox: From where.
        count: How many; None for any number.
        until: Whether a message is the last one.

    Attributes:
        messages: Those that were taken.
    """

    def __init__(self, inbox: Inbox, count: int | None, until: Callable[[Message], bool] | None) -> None:
        self.messages: list[Message] = []
        self._inbox = inbox
        self._count = count
        self._until = until

    def go_on(self) -> bool:
        """Takes what has come since the last time, as long as `LONGEST_LOOK`; whether these are all."""
        there, end = self._inbox.messages, time.monotonic() + LONGEST_LOOK
        while (missing := self._missing()) > 0:
            if not there and (time.monotonic() > end or not self._inbox.read(min(BURST, missing))):
                return False
            with Uninterrupted():
                if self._until is None and len(there) <= missing:
                    self.messages.extend(there)
                    there.clear()
                    continue
                self.messages.append(there.popleft())
            if self._until and self._until(self.messages[-1]):
                return True
        return True

    def give_back(self) -> None:
        """Makes them the next ones to be taken, in their order; afterwards there are none here."""
        with Uninterrupted():
            self._inbox.put_back(self.messages)
            self.messages.clear()

    def _missing(self) -> int:
        return BURST if self._count is None else self._count - len(self.messages)
