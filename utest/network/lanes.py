"""Ways of messages through a proxy for each pair of socket types: sent at one end, received at the other.

All clients are connected, and have exchanged something, before a test breaks anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import zmq

from utest.network.wires import TO_CLIENT, TO_TARGET, Wire
from ZmqLibrary.network.fault_options import FaultDirection
from ZmqLibrary.network.fault_proxy import FaultProxy

Message = list[bytes]
Open = Callable[[str], "zmq.Socket[bytes]"]
END = [b"end"]


class Lane(Wire):
    """A way of messages.

    Args:
        client: Opens a client that is connected to the proxy.
        target: The socket behind the proxy.
        proxy: The proxy.
        count: How many messages will be sent.
    """

    types: tuple[str, str]
    direction: FaultDirection

    def __init__(self, open_client: Open, target: zmq.Socket[bytes], proxy: FaultProxy, count: int) -> None:
        super().__init__(open_client(self.types[0]), target, proxy)
        self.open_client = open_client
        self.prepare(count)

    def prepare(self, count: int) -> None:
        """Exchanges something, so that the handshake is done."""
        raise NotImplementedError

    def send(self, messages: Sequence[Message]) -> None:
        """Sends messages."""
        raise NotImplementedError

    def gets(self, expected: Sequence[Message]) -> None:
        """Asserts that these messages come, and nothing else before what is sent now."""
        raise NotImplementedError


class OneWay(Lane):
    """One end sends, the other receives."""

    @property
    def ends(self) -> tuple[zmq.Socket[bytes], zmq.Socket[bytes]]:
        """Sender and receiver."""
        return (self.client, self.target) if self.direction is TO_TARGET else (self.target, self.client)

    def prepare(self, count: int) -> None:
        self.send([END])
        self.gets([END])

    def send(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self.ends[0].send_multipart(message)

    def receive(self) -> Message:
        return self.ends[1].recv_multipart()

    def gets(self, expected: Sequence[Message]) -> None:
        assert [self.receive() for _ in expected] == list(expected)
        self.send([END])
        assert self.receive() == END


class Pushed(OneWay):
    types, direction = ("PUSH", "PULL"), TO_TARGET


class Published(OneWay):
    types, direction = ("SUB", "PUB"), TO_CLIENT

    def prepare(self, count: int) -> None:
        """A subscription that is hidden by CURVE is there when something comes."""
        while not self.client.poll(10):
            self.target.send(b"is it there?")
        self.target.send_multipart(END)
        while self.client.recv_multipart() != END:
            pass


class Dealt(OneWay):
    types, direction = ("DEALER", "ROUTER"), TO_TARGET

    def receive(self) -> Message:
        return self.target.recv_multipart()[1:]


class Routed(OneWay):
    types, direction = ("DEALER", "ROUTER"), TO_CLIENT

    def prepare(self, count: int) -> None:
        self.client.send_multipart(END)
        self.routing_id = self.target.recv_multipart()[0]

    def send(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self.target.send_multipart([self.routing_id, *message])


class Requested(Lane):
    """Each request has a client of its own, because a REQ that gets no reply sends no more."""

    types, direction = ("REQ", "REP"), TO_TARGET

    def prepare(self, count: int) -> None:
        self.clients = [self.client, *(self.open_client("REQ") for _ in range(count))]
        for client in self.clients:
            self.exchange(client, END)

    def exchange(self, client: zmq.Socket[bytes], request: Message) -> None:
        client.send_multipart(request)
        assert self.target.recv_multipart() == request
        self.target.send_multipart(END)
        assert client.recv_multipart() == END

    def send(self, messages: Sequence[Message]) -> None:
        for client, message in zip(self.clients[1:], messages, strict=True):
            client.send_multipart(message)

    def gets(self, expected: Sequence[Message]) -> None:
        found = []
        for _ in expected:
            found.append(self.target.recv_multipart())
            self.target.send_multipart(END)
        assert sorted(found) == sorted(expected)
        self.exchange(self.client, END)


class Replied(Requested):
    """The replies to requests that get through."""

    direction = TO_CLIENT

    def send(self, messages: Sequence[Message]) -> None:
        for client, message in zip(self.clients[1:], messages, strict=True):
            client.send_multipart(END)
            assert self.target.recv_multipart() == END
            self.target.send_multipart(message)

    def gets(self, expected: Sequence[Message]) -> None:
        poller = zmq.Poller()
        for client in self.clients[1:]:
            poller.register(client, zmq.POLLIN)
        found: list[Message] = []
        while len(found) < len(set(map(tuple, expected))):  # A REQ throws further copies of its reply away.
            ready = dict(poller.poll(60_000))
            assert ready, f"Of {expected} came {found} only."
            found += [client.recv_multipart() for client in ready]
        self.exchange(self.client, END)
        assert not poller.poll(0)
        assert sorted(found) == sorted({tuple(message): message for message in expected}.values())


LANES = (Pushed, Published, Dealt, Routed, Requested, Replied)


def curve_options() -> tuple[dict[str, Any], dict[str, Any]]:
    """Options of clients and of the target under CURVE."""
    server, client = zmq.curve_keypair(), zmq.curve_keypair()
    return (
        {"CURVE_SERVERKEY": server[0], "CURVE_PUBLICKEY": client[0], "CURVE_SECRETKEY": client[1]},
        {"CURVE_SERVER": 1, "CURVE_SECRETKEY": server[1]},
    )
