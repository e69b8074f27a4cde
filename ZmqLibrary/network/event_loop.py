"""The loop of the proxy's process: waits for sockets and times, and runs what other threads ask for."""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial

Action = Callable[[], object]
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class EventLoop:
    """One thread for all connections.

    Sockets are registered with a function that is called with what they are ready for.

    Args:
        failed: Called with what a function raises; the loop goes on.
    """

    def __init__(self, failed: Callable[[Exception], object]) -> None:
        self._failed = failed
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Action]] = []
        self._numbers = itertools.count()
        self._asked: deque[Action] = deque()
        self._ear, self._wakeup = socket.socketpair()
        self._ear.setblocking(False)
        self._wakeup.setblocking(False)
        self._selector.register(self._ear, READ, lambda events: self._hear())
        self._ended = False

    def watch(self, sock: socket.socket, events: int, ready: Callable[[int], object]) -> None:
        """From now on `ready` is called when the socket is ready for `events`; 0 means not at all."""
        known = sock.fileno() >= 0 and sock in self._selector.get_map()
        if not events:
            if known:
                self._selector.unregister(sock)
        elif known:
            self._selector.modify(sock, events, ready)
        else:
            self._selector.register(sock, events, ready)

    def forget(self, sock: socket.socket) -> None:
        """The socket is about to be closed."""
        if sock.fileno() >= 0 and sock in self._selector.get_map():
            self._selector.unregister(sock)

    def later(self, due: float, action: Action) -> None:
        """Runs a function at a time of the monotonic clock."""
        heapq.heappush(self._timers, (due, next(self._numbers), action))

    def ask(self, action: Action) -> None:
        """Runs a function soon; may be called in any thread."""
        self._asked.append(action)
        with suppress(OSError):  # It rings already, or the loop has ended.
            self._wakeup.send(b"\0")

    def end(self) -> None:
        """Ends the loop after what it does at present."""
        self._ended = True

    def run(self) -> None:
        """Runs until `end`."""
        while not self._ended:
            for key, events in self._selector.select(self._pause()):
                self._call(partial(key.data, events))
            self._run_due()

    def close(self) -> None:
        """Frees what the loop itself has open."""
        self._selector.close()
        self._ear.close()
        self._wakeup.close()

    def _pause(self) -> float | None:
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _run_due(self) -> None:
        now = time.monotonic()  # What comes due meanwhile has to wait for the sockets.
        while self._timers and self._timers[0][0] <= now:
            self._call(heapq.heappop(self._timers)[2])

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            self._ear.recv(4096)
        while self._asked:
            self._call(self._asked.popleft())

    def _call(self, action: Action) -> None:
        try:
            action()
        except Exception as error:
            self._failed(error)
