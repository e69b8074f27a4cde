"""What goes over the wire between two libzmq sockets."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

CLIENT, SERVER = "client", "server"


class Wiretap:
    """Relays one TCP connection to `port` and keeps what each side sent, in order.

    Attributes:
        port: Where it listens.
        heard: Who sent (`client`: who connected) and what, in the order in which it came.
    """

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._changed = threading.Condition()
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._relay, daemon=True)
        self._thread.start()

    def _relay(self) -> None:
        if self._listener not in select.select([self._listener, self._stopped], [], [])[0]:
            return
        with self._listener.accept()[0] as client, socket.create_connection(("127.0.0.1", self._target)) as server:
            ways = {client: (CLIENT, server), server: (SERVER, client)}
            while True:
                readable = select.select([*ways, self._stopped], [], [])[0]
                if self._stopped in readable:
                    return
                for side in readable:
                    name, other = ways[side]
                    data = side.recv(65536)
                    if not data:
                        return
                    with self._changed:
                        self.heard.append((name, data))
                        self._changed.notify_all()
                    other.sendall(data)

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Waits until the condition holds; looks at it whenever something was heard."""
        with self._changed:
            assert self._changed.wait_for(condition, 60), self.heard

    def close(self) -> None:
        self._stop.send(b"x")
        self._thread.join(60)
        for thing in (self._listener, self._stop, self._stopped):
            thing.close()


@pytest.fixture
def wiretap() -> Iterator[Callable[[str], Wiretap]]:
    """Starts a wiretap in front of an endpoint."""
    with ExitStack() as stack:

        def start(endpoint: str) -> Wiretap:
            tap = Wiretap(int(endpoint.rpartition(":")[2]))
            stack.callback(tap.close)
            return tap

        yield start
