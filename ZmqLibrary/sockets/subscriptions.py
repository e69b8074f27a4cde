"""Subscriptions: what a SUB or XSUB wants to receive."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable

import zmq

from .raw_socket import RawSocket
from .socket_types import SocketType

_HISTORY = 100


class Subscriptions:
    """The topics of a SUB or XSUB.

    Args:
        raw: The socket.
        type: SUB sets options, XSUB sends messages.

    Attributes:
        topics: In the order of subscribing; one that was subscribed to twice is there twice.
        history: When, `SUBSCRIBE` or `CANCEL`, and the topic; the last ones.
    """

    def __init__(self, raw: RawSocket, type: SocketType) -> None:
        self.topics: list[bytes] = []
        self.history: deque[tuple[float, str, bytes]] = deque(maxlen=_HISTORY)
        self._raw = raw
        self._sends = type is SocketType.XSUB

    def add(self, topics: Iterable[bytes]) -> None:
        """Subscribes to all messages whose first frame begins with one of the topics."""
        for topic in topics:
            self._tell(zmq.SUBSCRIBE, b"\x01", topic)
            self.topics.append(topic)
            self.history.append((time.time(), "SUBSCRIBE", topic))

    def missing(self, topics: Iterable[bytes]) -> list[bytes]:
        """Those of these topics to which there are not that many subscriptions."""
        return list(Counter(topics) - Counter(self.topics))

    def remove(self, topics: Iterable[bytes]) -> None:
        """Ends a subscription to each of these topics, none of which is missing."""
        for topic in topics:
            self._tell(zmq.UNSUBSCRIBE, b"\x00", topic)
            self.topics.remove(topic)
            self.history.append((time.time(), "CANCEL", topic))

    def _tell(self, option: int, command: bytes, topic: bytes) -> None:
        if self._sends:
            self._raw.write([command + topic])
        else:
            self._raw.set(option, topic)
