"""Who subscribes to what, counted from the frames that an XPUB with XPUB_VERBOSER receives.

Subscriptions carry the descriptor of their connection, so a peer that subscribes twice to a topic counts once, as
libzmq sees it. Cancellations carry nothing when the peer is simply gone; then a descriptor that is closed is taken.
Over inproc there are no descriptors, and subscriptions are only counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SUBSCRIBE, UNSUBSCRIBE = 1, 0


@dataclass
class _Topic:
    descriptors: list[int] = field(default_factory=list)
    unknown: int = 0

    @property
    def count(self) -> int:
        return len(self.descriptors) + self.unknown


class Subscribers:
    """The subscriptions of all peers of one publisher."""

    def __init__(self) -> None:
        self._topics: dict[bytes, _Topic] = {}

    def take(self, frame: bytes, descriptor: int | None, open_descriptors: frozenset[int]) -> bool:
        """Takes in one subscription or cancellation.

        Args:
            frame: As received: `\\x01` or `\\x00`, then the topic.
            descriptor: The connection it came from, where known.
            open_descriptors: The connections that are open now.

        Returns:
            Whether it was the first subscription to its topic or the last one cancelled: what an XPUB without
            XPUB_VERBOSER would have reported.
        """
        topic = self._topics.setdefault(frame[1:], _Topic())
        before = topic.count
        if frame[0] == SUBSCRIBE:
            _add(topic, descriptor)
        else:
            _remove(topic, descriptor, open_descriptors)
        if not topic.count:
            del self._topics[frame[1:]]
        return (before == 0) != (topic.count == 0)

    def count(self, topic: bytes | None = None) -> int:
        """How many peers get a message of this topic (None: how many have any subscription)."""
        matching = [t for prefix, t in self._topics.items() if topic is None or topic.startswith(prefix)]
        peers = {descriptor for t in matching for descriptor in t.descriptors}
        return len(peers) + sum(t.unknown for t in matching)

    def topics(self) -> dict[bytes, int]:
        """Number of subscribers by topic."""
        return {name: topic.count for name, topic in self._topics.items()}


def _add(topic: _Topic, descriptor: int | None) -> None:
    if descriptor is None:
        topic.unknown += 1
    elif descriptor not in topic.descriptors:
        topic.descriptors.append(descriptor)


def _remove(topic: _Topic, descriptor: int | None, open_descriptors: frozenset[int]) -> None:
    gone = [d for d in topic.descriptors if d == descriptor or d not in open_descriptors]
    if gone:
        topic.descriptors.remove(descriptor if descriptor in gone else gone[0])
    elif topic.unknown:
        topic.unknown -= 1
    elif topic.descriptors:
        topic.descriptors.pop(0)
