"""The ends of a direction: where messages of the proxy's own come in, and where everything is written."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from ..zmtp.transport import unacknowledged_bytes
from .units import Unit, raw

_WRITE_BYTES = 2**18


class Joint:
    """Where messages of the proxy's own come in: between two of the others."""

    def __init__(self, send: Callable[[Unit], None]) -> None:
        self.send = send
        self.held = 0
        self._inside = False
        self._waiting: deque[bytes] = deque()

    def feed(self, unit: Unit) -> None:
        """Passes what others send."""
        self.send(unit)
        if self._inside or unit.cuts:
            self._inside = unit.cuts
            while self._waiting and not self._inside:
                self._send_next()

    def add(self, data: bytes) -> None:
        """Sends something of the proxy's own as soon as no message is under way."""
        self._waiting.append(data)
        self.held += len(data)
        if not self._inside:
            self._send_next()

    def _send_next(self) -> None:
        data = self._waiting.popleft()
        self.held -= len(data)
        self.send(raw(data))


class Outlet:
    """Writes to a socket what it takes, and keeps the rest.

    Args:
        sink: Where bytes go.

    Attributes:
        bytes: How many wait to be written.
    """

    def __init__(self, sink: socket.socket) -> None:
        self._sink = sink
        self._waiting: deque[memoryview] = deque()
        self.bytes = 0

    def feed(self, unit: Unit) -> None:
        """Has a unit written by the next `flush`."""
        self.put(unit.wire)

    def put(self, data: memoryview) -> None:
        """Has bytes written by the next `flush`."""
        self._waiting.append(data)
        self.bytes += len(data)

    def write_through(self, data: memoryview) -> None:
        """Writes bytes at once from where they are, and copies only what the socket does not take.

        Raises:
            OSError: The receiver is gone.
        """
        sent = 0
        if not self._waiting:
            with suppress(BlockingIOError, InterruptedError):
                sent = self._sink.send(data)
        if sent < len(data):
            self.put(memoryview(bytes(data[sent:])))

    def flush(self) -> bool:
        """Writes as much as the socket takes; returns whether that was all.

        Raises:
            OSError: The receiver is gone.
        """
        if self._waiting:
            with suppress(BlockingIOError, InterruptedError):
                while self._waiting:
                    self._write_first()
        return not self._waiting

    def is_taking(self, buffer: bytearray) -> bool:
        """Whether the receiver is there, and its kernel has not taken everything. What it still sends is for nobody.

        Args:
            buffer: Takes that.
        """
        try:
            self._sink.recv_into(buffer)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            return False
        gone = self._sink.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return not gone and unacknowledged_bytes(self._sink) > 0

    def clear(self) -> None:
        """Forgets what was not written."""
        self._waiting.clear()
        self.bytes = 0

    def _write_first(self) -> None:
        first = self._waiting[0]
        if len(self._waiting) > 1 and len(first) < _WRITE_BYTES:
            first = self._joined()
        sent = self._sink.send(first)
        self.bytes -= sent
        if sent < len(first):
            self._waiting[0] = first[sent:]
            raise BlockingIOError
        self._waiting.popleft()

    def _joined(self) -> memoryview:
        """Small pieces together, so that they take one call."""
        parts, size = [], 0
        while self._waiting and size < _WRITE_BYTES:
            part = self._waiting.popleft()
            parts.append(part)
            size += len(part)
        self._waiting.appendleft(memoryview(b"".join(parts)))
        return self._waiting[0]
