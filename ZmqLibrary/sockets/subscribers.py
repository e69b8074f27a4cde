"""Who subscribes to what, counted from the frames that an XPUB with XPUB_VERBOSER receives.

Subscriptions carry the descriptor of their connection, so a peer that subscribes twice to a topic counts once, as
libzmq sees it, and what it cancels without having it takes nothing from others. When a peer is gone, its cancellations
come later and carry nothing; it no longer counts from the moment the monitor reports, and the cancellations that it
still owes change nothing. Over inproc there are no descriptors, and subscriptions are only counted.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..messages.message import Message

SUBSCRIBE, UNSUBSCRIBE = 1, 0
_HISTORY = 100


class _Topic:
    def __init__(self) -> None:
        self.descriptors: list[int] = []
        self.unknown = 0
        self.owed: list[int] = []  # the descriptors that peers which are gone had

    @property
    def count(self) -> int:
        return len(self.descriptors) + self.unknown

    @property
    def empty(self) -> bool:
        return not self.count and not self.owed


class Subscribers:
    """The subscriptions of all peers of one publisher.

    Attributes:
        history: When they came, as received, with the descriptor of the connection; the last ones.
    """

    def __init__(self) -> None:
        self._topics: dict[bytes, _Topic] = {}
        self.history: deque[tuple[float, bytes, int | None]] = deque(maxlen=_HISTORY)

    def forget(self, descriptors: Iterable[int]) -> None:
        """Connections are gone; their cancellations are still to come."""
        for descriptor in descriptors:
            for topic in self._topics.values():
                if descriptor in topic.descriptors:
                    topic.descriptors.remove(descriptor)
                    topic.owed.append(descriptor)

    def take(self, frame: bytes, descriptor: int | None) -> bool:
        """Takes in one subscription or cancellation.

        Args:
            frame: As received: `\\x01` or `\\x00`, then the topic.
            descriptor: The connection it came from, where known.

        Returns:
            Whether it was the first subscription to its topic, the last one cancelled, or one cancelled that its peer
            did not have: what an XPUB without XPUB_VERBOSER would have reported.
        """
        self.history.append((time.time(), frame, descriptor))
        topic = self._topics.setdefault(frame[1:], _Topic())
        if frame[0] == SUBSCRIBE:
            is_first = topic.empty
            _add(topic, descriptor)
            return is_first
        had_it = _remove(topic, descriptor)
        if topic.empty:
            del self._topics[frame[1:]]
        return topic.empty or not had_it

    def count(self, topic: bytes | None = None) -> int:
        """How many peers get a message of this topic (None: how many have any subscription)."""
        matching = [t for prefix, t in self._topics.items() if topic is None or topic.startswith(prefix)]
        peers = {descriptor for t in matching for descriptor in t.descriptors}
        return len(peers) + sum(t.unknown for t in matching)

    def topics(self) -> dict[bytes, int]:
        """Number of subscribers by topic."""
        return {name: topic.count for name, topic in self._topics.items() if topic.count}


class ReportFilter:
    """Whether an XPUB with the user's options would report a message; inside, XPUB_VERBOSER is always on.

    Args:
        take: Takes in a subscription or cancellation; whether it was the first or last one of its topic.
        reports: Whether the user has asked for each subscription (True) or each cancellation (False).
    """

    def __init__(self, take: Callable[[bytes, int | None], bool], reports: Callable[[bool], bool]) -> None:
        self._take = take
        self._reports = reports

    def __call__(self, message: Message) -> bool:
        frame = message.raw[0]
        if len(message.raw) != 1 or not frame or frame[0] not in (SUBSCRIBE, UNSUBSCRIBE):
            return True
        changed = self._take(frame, message.receipt.descriptor)
        return changed or self._reports(frame[0] == SUBSCRIBE)


def _add(topic: _Topic, descriptor: int | None) -> None:
    if descriptor is None:
        topic.unknown += 1
    elif descriptor not in topic.descriptors:
        topic.descriptors.append(descriptor)


def _remove(topic: _Topic, descriptor: int | None) -> bool:
    """Whether there was one to remove."""
    if descriptor is not None:
        held = next((held for held in (topic.descriptors, topic.owed) if descriptor in held), None)
        if held is not None:
            held.remove(descriptor)
        return held is not None
    if topic.owed:
        topic.owed.pop()
        return True
    if topic.unknown:
        topic.unknown -= 1
        return True
    return False
