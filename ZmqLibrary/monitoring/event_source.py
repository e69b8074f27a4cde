"""EventSource: the PAIR from which a monitor reads, and which events come through it.

libzmq reports refused attempts to connect as fast as it makes them, thousands in a second, and what nobody reads grows.
So a socket that nobody waits for can be listened to without them. libzmq changes to another PAIR for that, at one
moment: what it had reported before is read from the older one first, and nothing else is missed.

Whether something was reported is asked very often. libzmq's descriptor of the PAIR answers in the least time, but
only once for what has come: the next look, or a poll of the PAIR, finds it silent (libzmq manual, ZMQ_FD). So it is
remembered that something may be there, until a read has found nothing.
"""

from __future__ import annotations

import os
import select
import struct
import sys
from collections import deque
from collections.abc import Callable, Container
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
        pending: Whether there may be something to read, as far as is known without a look.
    """

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self.quiet = False
        self.polled: list[tuple[zmq.Socket[bytes], int]] = []
        self.pending = False
        self._signalled: Callable[[], object] = bool
        self._socket = socket
        self._pairs: deque[zmq.Socket[bytes]] = deque()

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
        self._signalled = _looking_at([int(pair.get(zmq.FD)) for pair in self._pairs])
        self.pending = True

    def readable(self) -> bool:
        """Whether there may be something to read; never waits."""
        if not self.pending:
            self.pending = bool(self._signalled())
        return self.pending

    def to_poll(self) -> list[tuple[zmq.Socket[bytes], int]]:
        """What to poll; the caller then reports what it `found`, unless a signal ends the poll."""
        self.pending = bool(self.polled)
        return self.polled

    def found(self, ready: Container[object]) -> bool:
        """Takes what a poll has found; returns whether there is something to read."""
        self.pending = any(pair in ready for pair, _ in self.polled)
        return self.pending

    def wait(self, seconds: float) -> bool:
        """Waits until there is something to read; returns whether there is."""
        return self.found(dict(zmq.zmq_poll(self.to_poll(), int(seconds * 1000) + 1)))

    def read(self) -> tuple[int, int, str] | None:
        """The next record: event, value and endpoint. None where there is none."""
        while True:
            try:
                record, endpoint = self._pairs[0].recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                self.pending = False
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


def _looking_at(descriptors: list[int]) -> Callable[[], object]:
    """What looks whether libzmq has signalled something at one of its descriptors."""
    if not hasattr(select, "poll") or "gevent.monkey" in sys.modules:  # not on Windows; gevent's lets others run
        return partial(zmq.zmq_poll, [(descriptor, _READABLE) for descriptor in descriptors], 0)
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return partial(poll.poll, 0)
