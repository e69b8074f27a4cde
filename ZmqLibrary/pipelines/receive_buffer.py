"""ReceiveBuffer: what a connection of the WIRE engine has received, and the messages in it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from ..zmtp.runs import Run, runs

_FIRST_SIZE = 1 << 16
_USUAL_SIZE = 1 << 20


class ReceiveBuffer:
    """What came from the peer and is not read yet; it grows with what comes at once, and for a large message.

    Attributes:
        data: The bytes.
        start: Where the unread ones begin.
        end: Where they end.
        offset: Position in the stream of the first byte of `data`.
    """

    def __init__(self, first: bytes, offset: int) -> None:
        self.data = bytearray(max(_FIRST_SIZE, len(first)))
        self.data[: len(first)] = first
        self.start, self.end = 0, len(first)
        self.offset = offset

    def fill(self, transport: socket.socket) -> int | None:
        """Reads what is there, as far as there is room.

        Returns:
            How many bytes; 0 if the peer has closed its side, None if there is nothing now.

        Raises:
            OSError: The connection is broken.
        """
        self._make_room()
        try:
            received = transport.recv_into(memoryview(self.data)[self.end :])
        except BlockingIOError:
            return None
        self.end += received
        return received

    def _make_room(self) -> None:
        """Moves what is unread to the front; a buffer that was filled to its end becomes larger."""
        size, left = len(self.data), self.end - self.start
        if self.end == size and (left > size // 2 or size < _USUAL_SIZE):
            data = bytearray(size * 2)
            data[:left] = self.data[self.start : self.end]
            self.data = data
        elif self.start:
            self.data[:left] = self.data[self.start : self.end]
        self.offset += self.start
        self.start, self.end = 0, left

    def runs(self, largest: int) -> Iterator[Run]:
        """The whole messages and commands that are unread. They stay unread until `start` is moved behind them.

        Raises:
            ProtocolError: The next one breaks a rule.
        """
        position = self.start
        while position < self.end:
            found = runs(self.data, position, self.end, offset=self.offset, largest=largest)
            if not found:
                return
            yield from found
            position = found[-1].end
