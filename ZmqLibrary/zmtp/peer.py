"""A ZMTP peer on a TCP or Unix socket, blocking with deadlines: for odd peers, tests, and whoever needs no speed.

with Peer.connect("tcp://127.0.0.1:5555", Connection("PUSH", Null())) as peer:
    peer.wait_for_handshake(timeout=5)
    peer.send([b"frame", b"frame"])
    peer.finish(timeout=5)
"""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Sequence

from ..errors import ConnectFailed, WaitTimeout
from .connection import Connection
from .events import Closed, Event, HandshakeDone, HandshakeRefused, MessageReceived
from .transport import connected, endpoint_of, listening, prepare, stop_listening

_READ_AT_ONCE = 1 << 16
_TOO_LATE = "Nothing came from the peer in time."


class Peer:
    """One end of a connection that exists.

    Args:
        transport: The connected socket; this object owns it.
        connection: What is said and heard on it, at its beginning.

    Attributes:
        transport: The socket, for whoever wants to say what no peer should say.
        connection: What is said and heard on it.
    """

    def __init__(self, transport: socket.socket, connection: Connection) -> None:
        self.transport = transport
        self.connection = connection
        self._events: deque[Event] = deque()

    @classmethod
    def connect(cls, endpoint: str, connection: Connection, timeout: float = 5.0) -> Peer:
        """Connects to an endpoint; the handshake is not begun yet.

        Raises:
            ConnectFailed: Nobody listens there.
        """
        return cls(connected(endpoint, timeout), connection)

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_for_handshake(self, timeout: float = 5.0) -> HandshakeDone:
        """Greets, and waits until messages may be sent.

        Returns:
            What the other side said.

        Raises:
            ConnectFailed: The other side refused, with its reason.
            WaitTimeout: It was not done in time.
            ProtocolError: The other side broke a rule, or does not fit.
        """
        end = time.monotonic() + timeout
        while self.connection.peer is None:
            event = self.receive(end - time.monotonic())
            if isinstance(event, HandshakeRefused):
                raise ConnectFailed(f"The handshake was refused: {event.reason}.")
        return self.connection.peer

    def receive(self, timeout: float = 5.0) -> Event:
        """The next event. Answers that it asks for (READY, PONG) are sent.

        Raises:
            WaitTimeout: There was none in time.
            ProtocolError: The other side broke a rule.
        """
        end = time.monotonic() + timeout
        while not self._events:
            self._say(end)
            if self.connection.failed:
                raise self.connection.failed
            self._events.extend(self.connection.receive(self._hear(end)))
            if not self._events and time.monotonic() >= end:  # bytes come on and on, and make no event
                raise WaitTimeout(_TOO_LATE)
        event = self._events.popleft()
        self._say(end)
        return event

    def receive_message(self, timeout: float = 5.0) -> tuple[bytes, ...]:
        """The frames of the next message; other events before it are passed over.

        Raises:
            WaitTimeout: There was none in time, or the other side closed the connection.
            ProtocolError: The other side broke a rule.
        """
        end = time.monotonic() + timeout
        while True:
            event = self.receive(end - time.monotonic())
            if isinstance(event, MessageReceived):
                return event.frames
            if isinstance(event, Closed):
                raise WaitTimeout("No message came: the peer has closed the connection.")

    def send(self, frames: Sequence[bytes], timeout: float = 5.0) -> None:
        """Sends a message.

        Raises:
            WaitTimeout: The other side did not take it in time; a part of it may be sent.
        """
        self.send_bytes(self.connection.send(frames), timeout)

    def send_bytes(self, data: bytes, timeout: float = 5.0) -> None:
        """Sends anything.

        Raises:
            WaitTimeout: The other side did not take it in time, or is gone; a part of it may be sent.
        """
        self._send(data, time.monotonic() + timeout)

    def finish(self, timeout: float = 5.0) -> bool:
        """Says that nothing more comes, and waits until the other side has closed: then it has taken everything.

        A side that just closes loses what is under way.

        Returns:
            Whether the other side closed in time.
        """
        end = time.monotonic() + timeout
        try:
            self.transport.shutdown(socket.SHUT_WR)
            while self._hear(end):
                if time.monotonic() >= end:
                    return False
        except (OSError, WaitTimeout):
            return False
        return True

    def close(self) -> None:
        """Closes the socket at once."""
        self.transport.close()

    def _say(self, end: float) -> None:
        data = self.connection.bytes_to_send()
        if data:
            self._send(data, end)

    def _send(self, data: bytes, end: float) -> None:
        try:
            self.transport.settimeout(max(end - time.monotonic(), 1e-6))
            self.transport.sendall(data)
        except TimeoutError as error:
            raise WaitTimeout(f"The peer did not take {len(data)} bytes in time.") from error
        except OSError as error:
            raise WaitTimeout(f"The peer is gone: {error.strerror or error}.") from error

    def _hear(self, end: float) -> bytes:
        try:
            self.transport.settimeout(max(end - time.monotonic(), 1e-6))
            return self.transport.recv(_READ_AT_ONCE)
        except TimeoutError as error:
            raise WaitTimeout(_TOO_LATE) from error
        except ConnectionError:
            return b""


class Listener:
    """Takes connections at an endpoint.

    Args:
        endpoint: Where to listen: `tcp://127.0.0.1:*`.

    Raises:
        EndpointFailed: It is in use, or cannot be used.
    """

    def __init__(self, endpoint: str) -> None:
        self._transport = listening(endpoint)
        self.endpoint = endpoint_of(self._transport)

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def accept(self, connection: Connection, timeout: float = 5.0) -> Peer:
        """The next peer that connects; the handshake is not begun yet.

        Raises:
            WaitTimeout: Nobody connected in time.
        """
        self._transport.settimeout(max(timeout, 1e-6))
        try:
            transport, _ = self._transport.accept()
        except TimeoutError as error:
            raise WaitTimeout(f"Nobody connected to '{self.endpoint}' in {timeout:g} seconds.") from error
        prepare(transport)
        return Peer(transport, connection)

    def close(self) -> None:
        """Stops listening; accepted peers stay."""
        stop_listening(self._transport)
