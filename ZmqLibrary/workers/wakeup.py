"""Wakeup, Timers and Retry: what wakes a thread that waits for its sockets."""

from __future__ import annotations

import threading
from os import urandom

import zmq

from ..sockets.raw_socket import READABLE
from ..waiting.uninterrupted import Uninterrupted


class Wakeup:
    """A pair of inproc sockets: any thread rings, one thread hears.

    Args:
        context: The libzmq context of the sockets that the thread waits for.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        address = f"inproc://zmqlibrary-bell-{urandom(16).hex()}"
        self._lock = threading.Lock()
        self._button, self.ear = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
        for end in (self._button, self.ear):
            end.set(zmq.LINGER, 0)
            end.set(zmq.SNDHWM, 0)
            end.set(zmq.RCVHWM, 0)
        self.ear.bind(address)
        self._button.connect(address)

    def ring(self) -> None:
        """Makes `ear` readable; does nothing once the bell is closed."""
        with Uninterrupted(), self._lock:
            if not self._button.closed:
                self._button.send(b"", zmq.NOBLOCK)

    def heard(self) -> None:
        """Makes `ear` silent again."""
        while int(self.ear.get(zmq.EVENTS)) & READABLE:
            self.ear.recv(zmq.NOBLOCK)

    def close(self) -> None:
        """Comes after the thread has ended; closing twice does nothing."""
        with Uninterrupted(), self._lock:
            self._button.close()
            self.ear.close()
