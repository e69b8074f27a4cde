"""Lingering: what closed sockets still have to send is looked after until it is sent or its time is over.

Workers close sockets, too: so all threads may come here, one at a time.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import zmq

from ..waiting.deadline import SLICE, Deadline
from ..waiting.uninterrupted import Uninterrupted

if TYPE_CHECKING:
    from .monitor import Monitor


class Lingering:
    """Monitors of closed sockets that still have messages to send."""

    def __init__(self) -> None:
        self._monitors: list[tuple[Monitor, Deadline]] = []
        self._lock = threading.RLock()

    def add(self, monitor: Monitor, seconds: float) -> None:
        """Keeps a monitor until its socket is really gone, at most so long."""
        with Uninterrupted(), self._lock:
            self._monitors.append((monitor, Deadline(seconds)))
            self.tidy()

    def tidy(self) -> None:
        """Closes those whose sockets are gone; never waits."""
        with Uninterrupted(), self._lock:
            for entry in list(self._monitors):
                monitor, deadline = entry
                if monitor.stopped or not deadline.remaining():
                    self._monitors.remove(entry)
                    monitor.close()

    def end(self) -> None:
        """Waits until all are gone."""
        while self._monitors:
            with Uninterrupted(), self._lock:
                sources = [monitor.source for monitor, _ in self._monitors]
                polled = [pair for source in sources for pair in source.to_poll()]
                ready = dict(zmq.zmq_poll(polled, round(SLICE * 1000)))
                for source in sources:
                    source.found(ready)
                self.tidy()
