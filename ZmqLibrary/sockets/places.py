"""ConnectingSocket: binds, connects, leaves endpoints, and says why where libzmq only gives a number."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import zmq

from ..errors import ConnectFailed, EndpointFailed
from ..plain_text import printable
from ..waiting.deadline import Deadline
from . import diagnosis
from .endpoints import Purpose, connectable, parse_endpoint, same_endpoint
from .socket_options import ConfiguredSocket
from .socket_types import SocketType
from .watched import CLOSE_SECONDS, SocketSettings

_ANSWER_MS = 5
_BIND_HINTS = {
    errno.EADDRINUSE: "the address is in use{holder}. Take another port, or `tcp://127.0.0.1:*` for a free one.",
    errno.EADDRNOTAVAIL: "this machine does not have that address. Use 127.0.0.1 or an address of this machine.",
    errno.ENODEV: "there is no such network interface. Use 127.0.0.1 or the name of an interface of this machine.",
    errno.EAGAIN: "there is no such network interface, and no host of that name was found. Use 127.0.0.1.",
    errno.EACCES: "permission denied. Ports below 1024 and some directories are for privileged users only.",
    errno.ENOENT: "the directory does not exist. Create it, or use another path.",
    errno.EMFILE: "too many sockets or files are open. Close sockets with `Close Zmq Socket`.",
}


class ConnectingSocket(ConfiguredSocket):
    """A socket with its endpoints."""

    def __init__(
        self, context: zmq.Context[zmq.Socket[bytes]], name: str, type: SocketType, settings: SocketSettings
    ) -> None:
        super().__init__(context, name, type, settings)
        self._files: dict[str, _SocketFile] = {}

    @property
    def endpoints(self) -> list[str]:
        """All endpoints, bound ones first."""
        return [*self.bound.values(), *self.connected]

    @property
    def address(self) -> str:
        """The connectable address of the last bind, or else the last connected endpoint.

        Raises:
            EndpointFailed: There is neither.
        """
        places = list(self.bound.values()) or self.connected
        if not places:
            raise EndpointFailed(
                f"Socket {self.title} has no endpoint. Use `Bind To Endpoint` or `Connect To Endpoint` first."
            )
        return places[-1]

    def bind(self, endpoint: str) -> str:
        """Listens at an endpoint.

        Returns:
            The address that peers connect to.

        Raises:
            InvalidValue: The endpoint is malformed.
            EndpointFailed: libzmq refuses, for example because the address is in use.
        """
        self.require_usable()
        address = self._prepare(endpoint, "bind")
        self._require_free_path(address)
        self.watch(address)
        try:
            self._zmq.bind(address)
        except zmq.ZMQError as error:
            raise EndpointFailed(f"Cannot bind {self.title} to {address}: {self._bind_hint(address, error)}") from error
        actual = bytes(self._zmq.getsockopt(zmq.LAST_ENDPOINT)).decode("utf-8").rstrip("\0")
        self.bound[actual] = connectable(actual)
        self._files[actual] = _SocketFile.at(actual)
        if self.monitor and not actual.startswith("inproc:"):
            self.monitor.expect(actual, bound=True)
        return self.bound[actual]

    def connect(self, endpoint: str) -> str:
        """Connects to an endpoint; libzmq does the rest in the background.

        Returns:
            The endpoint as libzmq has it.

        Raises:
            InvalidValue: The endpoint is malformed.
            EndpointFailed: libzmq refuses.
        """
        self.require_usable()
        address = self._prepare(endpoint, "connect")
        self.watch(address)
        if self.monitor and not address.startswith("inproc:"):
            self.monitor.expect(address, bound=False)
        try:
            self._zmq.connect(address)
        except zmq.ZMQError as error:
            raise EndpointFailed(f"Cannot connect {self.title} to {address}: {error.strerror}.") from error
        if address not in self.connected:
            self.connected.append(address)
        return address

    def wait_connected(self, address: str, deadline: Deadline) -> None:
        """Waits until the handshake on a connected endpoint is done; inproc has none.

        Raises:
            ConnectFailed: It is not done in time, or libzmq has given up. The endpoint is left again.
        """
        link = self.monitor.links.get(address) if self.monitor else None
        if link is None:
            return
        try:
            # A peer that came and went while nobody looked was there all the same.
            self.wait_for(lambda: link.had_peer or (link.failure is not None and link.failure.final), deadline)
            if not link.had_peer:
                raise ConnectFailed(diagnosis.connect_failed(self.title, self.type, link, deadline.seconds))
        except BaseException:
            self.disconnect(address)
            raise

    def disconnect(self, endpoint: str) -> None:
        """Leaves a connected endpoint.

        Raises:
            EndpointFailed: The socket is not connected to it.
        """
        self.require_usable()
        address = self._find(endpoint, self.connected, "connected to")
        self.drain()
        with_peers = address in self._links_in_use()
        self._zmq.disconnect(address)
        self.connected.remove(address)
        if self.monitor:
            self.monitor.forget(address)
        if with_peers:
            self._tell_peers()

    def unbind(self, endpoint: str) -> None:
        """Stops listening at an endpoint; the address is free when this returns. libzmq drops unsent messages.

        Raises:
            EndpointFailed: The socket is not bound to it.
        """
        self.require_usable()
        actual = {shown: actual for actual, shown in self.bound.items()}
        shown = self._find(endpoint, [*actual, *self.bound], "bound to")
        self._unbind(actual.get(shown, shown))

    def _unbind(self, actual: str) -> None:
        self.drain()
        monitor = self.monitor
        with_peers = actual in self._links_in_use()
        before = monitor.next_number if monitor else 0
        self._zmq.unbind(actual)
        del self.bound[actual]
        if monitor and not actual.startswith("inproc:"):
            self.wait_for(lambda: monitor.since(before, ["CLOSED"], actual), Deadline(CLOSE_SECONDS))
            monitor.forget(actual)
        self._files.pop(actual).remove()
        if with_peers:
            self._tell_peers()

    def _links_in_use(self) -> set[str]:
        links = self.monitor.links.values() if self.monitor else ()
        return {link.endpoint for link in links if link.descriptors}

    def _tell_peers(self) -> None:
        """libzmq closes a connection that was left only after this side has taken in its answer."""
        for _ in range(2):
            self._zmq.get(zmq.EVENTS)
            zmq.zmq_poll([(int(self._zmq.get(zmq.FD)), zmq.POLLIN)], _ANSWER_MS)
        self._zmq.get(zmq.EVENTS)

    def _prepare(self, endpoint: str, purpose: Purpose) -> str:
        parsed = parse_endpoint(endpoint, purpose)
        if parsed.needs_ipv6:
            self._zmq.set(zmq.IPV6, 1)
        return str(parsed)

    def _find(self, endpoint: str, choices: Sequence[str], relation: str) -> str:
        for choice in choices:
            if choice == endpoint or same_endpoint(choice, endpoint):
                return choice
        raise EndpointFailed(
            f"Socket {self.title} is not {relation} {endpoint}. {diagnosis.places(self.bound.values(), self.connected)}"
        )

    def _require_free_path(self, address: str) -> None:
        """libzmq takes an ipc path away from other sockets, and deletes what else is there, without a word."""
        if not address.startswith("ipc://") or address.startswith("ipc://@"):
            return
        if holder := self._neighbour_at(address):
            raise EndpointFailed(
                f"Cannot bind {self.title} to {address}: {holder} is bound to that path and would lose it. "
                "Close that socket first, or use another path."
            )
        path = Path(address.removeprefix("ipc://"))
        if path.exists() and not path.is_socket():
            raise EndpointFailed(
                f"Cannot bind {self.title} to {address}: something that is no socket is there, and binding would "
                "delete it. Use another path."
            )

    def _bind_hint(self, address: str, error: zmq.ZMQError) -> str:
        holder = self._neighbour_at(address)
        hint = _BIND_HINTS.get(error.errno or 0, f"{error.strerror}.")
        if address.startswith("inproc:"):
            hint = "the address is in use{holder}. Take another name."
        unknown = "another socket" if address.startswith("inproc:") else "another program"
        return hint.format(holder=f" by {holder or unknown}")

    def _neighbour_at(self, address: str) -> str | None:
        for socket in (self, *self._settings.neighbours()):
            if any(same_endpoint(address, taken) for taken in (*socket.bound, *socket.bound.values())):
                held = f", which {socket.holder} holds" if socket.holder else ""
                return f"socket '{printable(socket.name)}'{held}"
        return None

    def close(self) -> None:
        """Closes the socket; its addresses are free when this returns. Closing twice does nothing."""
        for actual in [] if self.closed else self.bound:
            if actual.startswith("inproc:"):
                self._zmq.unbind(actual)
        try:
            super().close()
        finally:
            for file in self._files.values():
                file.remove()
            self._files.clear()


class _SocketFile(NamedTuple):
    """The file of a bound ipc socket, which libzmq leaves behind."""

    path: Path | None = None
    inode: int = 0

    @classmethod
    def at(cls, endpoint: str) -> _SocketFile:
        if not endpoint.startswith("ipc://") or endpoint.startswith("ipc://@"):
            return cls()
        path = Path(endpoint.removeprefix("ipc://")).absolute()
        return cls(path, path.stat().st_ino if path.exists() else 0)

    def remove(self) -> None:
        """Removes the file unless another socket has made a new one there."""
        if self.path and self.path.exists() and self.path.stat().st_ino == self.inode:
            self.path.unlink()
