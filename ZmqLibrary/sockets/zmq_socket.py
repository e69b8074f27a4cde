"""ZmqSocket: a socket that sends and receives messages.

What was read from libzmq and not yet asked for stands in the inbox, in order: messages that `find` passed over, and
those of a bulk receive that failed. So nothing that came is ever lost to a failing keyword.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import zmq

from ..errors import WaitTimeout, WrongUse
from ..messages.message import Message
from ..plain_text import printable
from ..waiting.deadline import Deadline
from ..waiting.uninterrupted import Uninterrupted
from . import diagnosis
from .outbox import SendingSocket
from .raw_socket import BURST
from .socket_types import SocketType
from .watched import SocketSettings

_MOST_ROUTING_IDS = 1000
_LONGEST_DISCARD = 1.0


class ZmqSocket(SendingSocket):
    """One open socket with its messages."""

    def __init__(
        self, context: zmq.Context[zmq.Socket[bytes]], name: str, type: SocketType, settings: SocketSettings
    ) -> None:
        super().__init__(context, name, type, settings)
        self.inbox: deque[Message] = deque()
        self.last: Message | None = None
        self.event_cursor = 0
        self.failure_cursor = 0
        self.observers: list[Callable[[Message], object]] = []

    # Receiving

    def receive(self, deadline: Deadline) -> Message:
        """Takes the next message.

        Raises:
            WrongUse: The type does not receive, or this side has to send first.
            WaitTimeout: None came in time.
        """
        message = self.try_receive()
        if message is not None:
            return message
        if not self.wait_for(self._has_message, deadline, zmq.POLLIN):
            raise WaitTimeout(diagnosis.nothing_received(self, deadline.seconds))
        return self._take(0)

    def try_receive(self) -> Message | None:
        """Takes the next message if one is there.

        Raises:
            WrongUse: As `receive`.
        """
        self.require_receiver()
        self.drain()
        return self._take(0) if self.inbox or self._read(1) else None

    def receive_many(
        self, count: int | None, deadline: Deadline, until: Callable[[Message], bool] | None = None
    ) -> list[Message]:
        """Takes messages until there are `count`, or until one satisfies `until`, which is then the last one.

        Raises:
            WrongUse: As `receive`.
            WaitTimeout: They did not come in time. Those that came stay for later receives.
        """
        self.require_receiver()
        messages: list[Message] = []
        done = False
        try:
            done = bool(self.wait_for(lambda: self._move(messages, count, until), deadline, zmq.POLLIN))
        finally:
            if not done:
                self.put_back(messages)
        if not done:
            raise WaitTimeout(diagnosis.too_few(self, len(messages), count, deadline.seconds))
        self.last = messages[-1] if messages else self.last
        return messages

    def put_back(self, messages: Sequence[Message]) -> None:
        """Makes messages the next ones to be received, in their order."""
        self.inbox.extendleft(reversed(messages))

    def _move(self, messages: list[Message], count: int | None, until: Callable[[Message], bool] | None) -> bool:
        """Moves what is there from the inbox to `messages`; tells whether these are all."""
        while count is None or len(messages) < count:
            if not self.inbox and not self._read(BURST if count is None else min(BURST, count - len(messages))):
                return False
            with Uninterrupted():
                if until is None and count is not None and len(self.inbox) <= count - len(messages):
                    messages.extend(self.inbox)
                    self.inbox.clear()
                    continue
                messages.append(self.inbox.popleft())
            if until and until(messages[-1]):
                return True
        return True

    def find(self, accepts: Callable[[Message], bool], deadline: Deadline) -> Message | None:
        """Takes the first message that is accepted; the others stay for later receives, in their order.

        Returns:
            The message, or None if none came in time.

        Raises:
            WrongUse: As `receive`.
        """
        position = self._position(accepts, deadline)
        return None if position is None else self._take(position)

    def look_for(self, accepts: Callable[[Message], bool], deadline: Deadline) -> Message | None:
        """As `find`, but the message stays, too."""
        position = self._position(accepts, deadline)
        return None if position is None else self.inbox[position]

    def _position(self, accepts: Callable[[Message], bool], deadline: Deadline) -> int | None:
        self.require_receiver()
        seen = 0

        def look() -> bool:
            nonlocal seen
            while seen < len(self.inbox) or self._read(1):
                if accepts(self.inbox[seen]):
                    return True
                seen += 1
            return False

        return seen if self.wait_for(look, deadline, zmq.POLLIN) else None

    def take_all(self, target: Callable[[Message], object], limit: int, enough: Callable[[], bool]) -> int:
        """Hands the messages that are there, up to about `limit`, to a worker; never waits.

        Args:
            target: Takes a message.
            limit: How many are read.
            enough: Looked at after each message; the rest stays for the next time.

        Returns:
            How many were handed on.
        """
        if not self.inbox:
            self._read(limit)
        count = len(self.inbox)
        for number in range(1, count + 1):
            target(self._take(0))
            if enough():
                return number
        return count

    def discard(self) -> int:
        """Throws away what is queued; with a peer that sends without a pause, what comes within a second.

        Returns:
            How many messages that were.
        """
        self.require_receiver(turn=False)
        self.drain()
        count = len(self.inbox)
        self.inbox.clear()
        deadline = Deadline(_LONGEST_DISCARD)
        while self._read(BURST):
            count += len(self.inbox)
            self.inbox.clear()
            if not deadline.remaining():
                break
        return count

    def require_receiver(self, turn: bool = True) -> None:
        """Raises WrongUse unless the socket may receive now."""
        self.require_usable()
        if not self.type.receives:
            raise WrongUse(diagnosis.never_receives(self))
        if turn and self.turn.strict and not self.inbox and (problem := self.turn.why_not_receive()):
            raise WrongUse(f"{self.type.name} socket '{printable(self.name)}' {problem}")

    def _has_message(self) -> bool:
        return bool(self.inbox) or self._read(1) > 0

    def _read(self, limit: int) -> int:
        """Reads up to `limit` messages into the inbox; REQ and REP have one at a time."""
        if self.turn.strict:
            if self.turn.why_not_receive():
                return 0
            limit = 1
        before = len(self.inbox)
        while True:
            read = self._wire.read(self._accept, limit)
            added = len(self.inbox) - before
            if added or not read:
                return added

    def _accept(self, message: Message) -> None:
        if self.type is SocketType.XPUB and not self._is_reported(message):
            return
        if self.turn.strict:
            self.turn.received()
        elif self.type is SocketType.ROUTER and len(self.routing_ids) < _MOST_ROUTING_IDS:
            self.routing_ids[message.raw[0]] = None
        self.received_count += 1
        self.inbox.append(message)
        self._recent.append(message)
        for observe in self.observers:
            observe(message)

    def _take(self, position: int) -> Message:
        self.last = message = self.inbox[position]
        del self.inbox[position]
        return message

    # Subscribers

    def count_subscribers(self, topic: bytes | None = None) -> int:
        """How many peers get a message of this topic (None: how many have any subscription)."""
        self.read_subscriptions()
        return self.subscribers.count(topic)

    def read_subscriptions(self) -> None:
        """Takes in the subscriptions that have come; on an XPUB they stay to be received as well.

        Raises:
            WrongUse: The socket is neither PUB nor XPUB.
        """
        self.require_usable()
        if not self.type.publishes:
            raise WrongUse(f"Socket {self.title} has no subscribers: only PUB and XPUB sockets have.")
        self.drain()
        while self.type is SocketType.XPUB and self._read(BURST):
            pass

    def _is_reported(self, message: Message) -> bool:
        """Whether an XPUB with the user's options would report this; inside, XPUB_VERBOSER is always on."""
        frame = message.raw[0]
        if len(message.raw) != 1 or frame[:1] not in (b"\x00", b"\x01"):
            return True
        changed = self._take_subscription(frame, message.receipt.descriptor)
        verbose = ("XPUB_VERBOSER", "XPUB_MANUAL", *(("XPUB_VERBOSE",) if frame[0] else ()))
        return changed or any(self._xpub_options.get(name) for name in verbose)
