"""Places: the endpoints of a socket, bound and connected."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterable
from math import inf

import zmq

from ..monitoring.link import Link, Reconnecting
from ..monitoring.monitor import Monitor
from ..waiting.uninterrupted import Uninterrupted
from .endpoints import Endpoint, connectable, matching, reports_connections
from .ipc_files import SocketFile
from .raw_socket import RawSocket

_ANSWER_MS = 5


class Places:
    """Where a socket listens and where it connects to. What libzmq refuses comes as `zmq.ZMQError`.

    No signal comes between what libzmq does and what is noted of it.

    Args:
        raw: The socket.
        monitor: Is attached before the first endpoint, and keeps a link for each.
        once: Whether a second connect to an endpoint does nothing: libzmq does so for DEALER, PUB, REQ and SUB, but not
            for the XPUB that a PUB is inside. Not over inproc.

    Attributes:
        bound: Addresses as libzmq has them, each with the one that peers connect to.
        connected: Addresses.
        since: When it last came to each, in seconds since the epoch, also to those that it has left; bound ones are
            there as peers know them.
        until: When the socket was closed.
    """

    def __init__(self, raw: RawSocket, monitor: Monitor, once: bool = False) -> None:
        self.bound: dict[str, str] = {}
        self.connected: list[str] = []
        self.since: dict[str, float] = {}
        self.until = inf
        self._files: dict[str, SocketFile] = {}
        self._raw = raw
        self._monitor = monitor
        self._once = once

    @property
    def endpoints(self) -> list[str]:
        """All endpoints, bound ones first."""
        return [*self.bound.values(), *self.connected]

    @property
    def inproc(self) -> list[str]:
        """Those whose connections libzmq does not report."""
        return [endpoint for endpoint in self.endpoints if not reports_connections(endpoint)]

    @property
    def listeners(self) -> list[str]:
        """Bound addresses of which libzmq reports when they are free again."""
        return [actual for actual in self.bound if reports_connections(actual)]

    @property
    def address(self) -> str | None:
        """The connectable address of the last bind, or else the last connected endpoint; None without either."""
        places = list(self.bound.values()) or self.connected
        return places[-1] if places else None

    def bind(self, endpoint: Endpoint) -> str:
        """Listens at an endpoint.

        Returns:
            The address that peers connect to.
        """
        self._prepare(endpoint)
        with Uninterrupted():
            actual = self._raw.bind(str(endpoint))
            self.bound[actual] = shown = connectable(actual)
            self.since[shown] = time.time()
            self._files[actual] = SocketFile.at(actual)
            if reports_connections(actual):
                self._monitor.expect(actual, bound=True)
        return shown

    def connect(self, endpoint: Endpoint) -> str:
        """Connects to an endpoint.

        Returns:
            The endpoint as libzmq has it.
        """
        address = str(endpoint)
        if self._once and address in self.connected and reports_connections(address):
            return address
        self._prepare(endpoint)
        if reports_connections(address):
            self._monitor.expect(address, bound=False).reconnecting = self._reconnecting()
        with Uninterrupted():
            self._raw.connect(address)
            if address not in self.connected:
                self.connected.append(address)
                self.since[address] = time.time()
        return address

    def _reconnecting(self) -> Reconnecting:
        try:
            stops = int(self._raw.get(zmq.RECONNECT_STOP))
        except zmq.ZMQError:  # libzmq before 4.3.3
            stops = 0
        return Reconnecting(int(self._raw.get(zmq.RECONNECT_IVL)), stops)

    def _prepare(self, endpoint: Endpoint) -> None:
        if endpoint.needs_ipv6:
            self._raw.set(zmq.IPV6, 1)
        if reports_connections(str(endpoint)):
            self._monitor.attach()
        else:
            self._monitor.bypassed = True

    def find_bound(self, endpoint: str) -> str | None:
        """The address, as libzmq has it, at which the socket listens; None if it does not."""
        actual = {shown: actual for actual, shown in self.bound.items()}
        found = _find(endpoint, [*actual, *self.bound])
        return None if found is None else actual.get(found, found)

    def find_connected(self, endpoint: str) -> str | None:
        """The endpoint as the socket was connected to it; None if it was not."""
        return _find(endpoint, self.connected)

    def has(self, endpoint: str) -> bool:
        """Whether the socket listens at an endpoint."""
        return self.find_bound(endpoint) is not None

    def was_at(self, endpoint: str) -> bool:
        """Whether the socket is or was at an endpoint."""
        return _find(endpoint, self.since) is not None

    def link(self, address: str) -> Link | None:
        """What is known of the connections of an address; None over inproc."""
        return self._monitor.links.get(address)

    def descriptors_at(self, address: str) -> frozenset[int]:
        """Those of the connections of an address, as far as libzmq reports them."""
        link = self.link(address)
        return frozenset() if link is None else link.descriptors

    def unbind(self, actual: str) -> None:
        """Stops listening. libzmq frees the address a little later, see `forget_bound`."""
        with Uninterrupted():
            self._raw.unbind(actual)
            del self.bound[actual]

    def forget_bound(self, actual: str) -> None:
        """The address is free: removes what libzmq leaves behind."""
        self._monitor.forget(actual)
        self._files.pop(actual).remove()

    def disconnect(self, address: str) -> None:
        """Leaves a connected endpoint, also one that libzmq has ended itself (RECONNECT_STOP)."""
        with Uninterrupted():
            try:
                self._raw.disconnect(address)
            except zmq.ZMQError as error:
                if error.errno != errno.ENOENT:
                    raise
            self.connected.remove(address)
            self._monitor.forget(address)

    def let_peers_go(self) -> None:
        """libzmq closes a connection that was left only after this side has taken in its answer."""
        for _ in range(2):
            self._raw.get(zmq.EVENTS)
            zmq.zmq_poll([(int(self._raw.get(zmq.FD)), zmq.POLLIN)], _ANSWER_MS)
        self._raw.get(zmq.EVENTS)

    def leave_inproc(self) -> None:
        """Before a close: libzmq would keep inproc names until later. A second time does nothing."""
        with Uninterrupted():
            names = [actual for actual in self.bound if not reports_connections(actual)] if self.until == inf else []
            self.until = min(self.until, time.time())
            for name in names:
                self._raw.unbind(name)

    def remove_files(self) -> None:
        """After a close: removes what libzmq leaves behind."""
        for file in self._files.values():
            file.remove()
        self._files.clear()


def _find(endpoint: str, choices: Iterable[str]) -> str | None:
    return next(iter(matching(endpoint, choices)), None)
