"""Wakeup: wakes a thread that waits for its sockets."""

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
        self._context = context
        self._lock = threading.Lock()
        self._ends: list[zmq.Socket[bytes]] = []

    @property
    def ear(self) -> zmq.Socket[bytes]:
        """What the thread waits for, once the bell is open."""
        return self._ends[0]

    def open(self) -> None:
        """Comes before the thread starts; what rang before is heard then. Who opens it closes it.

        A signal that came while pyzmq makes a socket would leave one that nobody closes, and `Context.term` would wait
        for that for ever.
        """
        address = f"inproc://zmqlibrary-bell-{urandom(16).hex()}"
        with Uninterrupted(), self._lock:
            for join in (zmq.Socket.bind, zmq.Socket.connect):
                end = self._context.socket(zmq.PAIR)
                self._ends.append(end)
                end.set(zmq.LINGER, 0)
                end.set(zmq.SNDHWM, 0)
                end.set(zmq.RCVHWM, 0)
                join(end, address)
            end.send(b"", zmq.NOBLOCK)

    def ring(self) -> None:
        """Makes `ear` readable; does nothing while the bell is not open."""
        with Uninterrupted(), self._lock:
            for button in self._ends[1:]:
                button.send(b"", zmq.NOBLOCK)

    def heard(self) -> None:
        """Makes `ear` silent again."""
        while int(self.ear.get(zmq.EVENTS)) & READABLE:
            self.ear.recv(zmq.NOBLOCK)

    def close(self) -> None:
        """Comes after the thread has ended; closing twice does nothing."""
        with Uninterrupted(), self._lock:
            while self._ends:
                self._ends.pop().close()
