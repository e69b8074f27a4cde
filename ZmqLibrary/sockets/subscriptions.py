"""Subscriptions: what a SUB or XSUB wants to receive."""

from __future__ import annotations

import time
from collections import deque

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

    def add(self, topic: bytes) -> None:
        """Subscribes to all messages whose first frame begins with `topic`."""
        self._tell(zmq.SUBSCRIBE, b"\x01", topic)
        self.topics.append(topic)
        self.history.append((time.time(), "SUBSCRIBE", topic))

    def remove(self, topic: bytes) -> bool:
        """Ends one subscription.

        Returns:
            Whether there was such a subscription.
        """
        if topic not in self.topics:
            return False
        self._tell(zmq.UNSUBSCRIBE, b"\x00", topic)
        self.topics.remove(topic)
        self.history.append((time.time(), "CANCEL", topic))
        return True

    def _tell(self, option: int, command: bytes, topic: bytes) -> None:
        if self._sends:
            self._raw.write([command + topic])
        else:
            self._raw.set(option, topic)
