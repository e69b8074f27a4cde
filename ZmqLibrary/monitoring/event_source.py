"""EventSource: the PAIR from which a monitor reads, and which events come through it.

libzmq reports refused attempts to connect as fast as it makes them, thousands in a second, and what nobody reads grows.
So a socket that nobody waits for can be listened to without them. libzmq changes to another PAIR for that, at one
moment: what it had reported before is read from the older one first, and nothing else is missed.
"""

from __future__ import annotations

import os
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import zmq

from ..waiting.uninterrupted import Uninterrupted, done_although_interrupted

_READABLE = int(zmq.POLLIN)  # a plain number: operators on pyzmq's enums are slow
_REFUSALS = int(zmq.EVENT_CONNECT_DELAYED | zmq.EVENT_CLOSED | zmq.EVENT_CONNECT_RETRIED)
_RECORD = struct.Struct("=HI")


class EventSource:
    """What libzmq reports of one socket, record by record.

    Args:
        socket: The socket to watch.

    Attributes:
        quiet: Whether refused attempts are not reported.
        polled: What to poll; nothing until it is attached.
        readable: Whether there is something to read.
    """

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self.quiet = False
        self.polled: list[tuple[zmq.Socket[bytes], int]] = []
        self.readable: Callable[[], object] = bool
        self._socket = socket
        self._pairs: deque[zmq.Socket[bytes]] = deque()

    @property
    def pair(self) -> zmq.Socket[bytes]:
        """The PAIR that libzmq writes to now."""
        return self._pairs[-1]

    def attach(self) -> None:
        """Begins to watch; before the first bind or connect that is not inproc."""
        try:
            self._change(int(zmq.EVENT_ALL))
        except BaseException:
            self._socket.disable_monitor()
            raise

    def hear(self, refusals: bool) -> None:
        """From now on refused attempts are reported, or not. Where libzmq cannot change, it stays as it is."""
        if self._pairs and self.quiet is refusals and not self._socket.closed:
            with suppress(zmq.ZMQError):  # no descriptors left
                self._change(int(zmq.EVENT_ALL) & ~(0 if refusals else _REFUSALS))
                self.quiet = not refusals

    def _change(self, events: int) -> None:
        address = f"inproc://zmqlibrary-monitor-{os.urandom(16).hex()}"
        with Uninterrupted():
            # The reading end first: a monitor that nobody reads blocks libzmq at each close that follows.
            pair = self._socket.context.socket(zmq.PAIR)
            try:
                pair.setsockopt(zmq.RCVHWM, 0)
                pair.setsockopt(zmq.LINGER, 0)
                done_although_interrupted(self._socket.monitor, address, events)
                pair.connect(address)
            except BaseException:
                pair.close()
                raise
            self._pairs.append(pair)
            self._watch()

    def _watch(self) -> None:
        self.polled = [(pair, _READABLE) for pair in self._pairs]
        # Whether there is something to read. Takes half the time of reading the socket's EVENTS.
        self.readable = partial(zmq.zmq_poll, self.polled, 0)

    def read(self) -> tuple[int, int, str] | None:
        """The next record: event, value and endpoint. None where there is none."""
        while True:
            try:
                record, endpoint = self._pairs[0].recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                # The watched socket was closed just now, and took with it what it had not reported.
                return None
            event, value = _RECORD.unpack(record)
            if event != zmq.EVENT_MONITOR_STOPPED or len(self._pairs) == 1:
                return event, value, endpoint.decode("utf-8", "replace")
            self._pairs.popleft().close()
            self._watch()

    def close(self) -> None:
        """Stops watching. Comes before the socket is closed."""
        if self._pairs:
            if not self._socket.closed:
                self._socket.disable_monitor()
            for pair in self._pairs:
                pair.close()
