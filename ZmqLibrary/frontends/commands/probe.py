"""`zmqlibrary probe`: says what listens at an endpoint, from its first bytes."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from socket import socket as Socket
from typing import NamedTuple

from ...errors import ConnectFailed, ProtocolError
from ...sockets.endpoints import parse_endpoint
from ...sockets.socket_types import SocketType
from ...waiting.deadline import Deadline
from ...zmtp.commands import ready
from ...zmtp.greeting import Greeting, Version
from ...zmtp.observer import Observer
from ...zmtp.transport import connected
from .command import OK, Subcommand, add_common_options, library, print_json

_BEGINNING = 11  # of the greeting: the signature and the version, which every peer answers
_VERSION_3 = 3
_PATIENCE = 1.0


class Found(NamedTuple):
    """What listens there.

    Attributes:
        version: Of ZMTP.
        mechanism: `NULL`, `PLAIN`, `CURVE`.
        type: Its socket type; empty where only clients that it lets in see it.
        seconds: How long greeting and handshake took.
    """

    version: str
    mechanism: str
    type: str
    seconds: float


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("endpoint", help="such as tcp://127.0.0.1:5555")
    add_common_options(parser, None, bind=False)


def _run(options: Namespace) -> int:
    endpoint = str(parse_endpoint(options.endpoint, "connect"))
    try:
        found = probe(endpoint, options.timeout)
    except (ConnectFailed, ProtocolError, OSError) as problem:
        with library(min(options.timeout, 1.0)) as opened:
            # What keywords say of such a peer is what is said here.
            opened.connect_zmq_socket(endpoint, SocketType.DEALER)
        raise ConnectFailed(f"{endpoint} does not speak ZeroMQ: {problem}") from None
    document: Mapping[str, object] = {**found._asdict(), "endpoint": endpoint}
    if options.json:
        print_json(document)
    else:
        told = found.type or "socket whose type only clients that it lets in see"
        print(f"{endpoint}: {told}, ZMTP {found.version}, mechanism {found.mechanism or 'none'}")
        print(f"handshake: {found.seconds * 1000:.3g} ms")
    return OK


def probe(endpoint: str, timeout: float) -> Found:
    """Greets whoever listens there and hears what it says of itself.

    Raises:
        ConnectFailed: Nobody listens there, or it says nothing.
        ProtocolError: It does not speak ZeroMQ.
    """
    deadline = Deadline(timeout)
    begun = time.monotonic()
    with connected(endpoint, timeout) as transport:
        return _Conversation(transport, deadline).found(begun)


class _Conversation:
    def __init__(self, transport: Socket, deadline: Deadline) -> None:
        self._transport = transport
        self._deadline = deadline
        self._observer = Observer()
        self._buffer = bytearray()

    def found(self, begun: float) -> Found:
        """What the peer says of itself."""
        own = Greeting(Version.ZMTP_3_1, "NULL").encode()
        self._say(own[:_BEGINNING])
        peer = self._observer.server
        while peer.revision is None:
            self._hear()
        if peer.revision >= _VERSION_3:
            self._say(own[_BEGINNING:])
        while peer.greeting is None:
            self._hear()
        greeting = peer.greeting
        if greeting.version is Version.ZMTP_1:
            raise ProtocolError(0, "a greeting begins with FF, and this one does not")
        if greeting.mechanism == "NULL":
            self._hear_handshake()
        return Found(greeting.version.value, greeting.mechanism, peer.socket_type, time.monotonic() - begun)

    def _hear_handshake(self) -> None:
        """libzmq says what it is, and closes the connection when it hears of a type that does not go with its own."""
        peer = self._observer.server
        patience = Deadline(min(_PATIENCE, self._deadline.remaining() / 2))
        while not peer.in_traffic and patience.remaining():
            self._hear(patience)
        if not peer.in_traffic:
            self._say(ready({"Socket-Type": b"DEALER", "Identity": b""}).encode())
        while not peer.in_traffic:
            self._hear()

    def _say(self, data: bytes) -> None:
        self._transport.sendall(data)

    def _hear(self, patience: Deadline | None = None) -> None:
        deadline = patience or self._deadline
        self._transport.settimeout(max(0.001, deadline.remaining()))
        try:
            data = self._transport.recv(4096)
        except TimeoutError:
            if patience is not None:
                return
            raise ConnectFailed(f"it has said nothing that ends a handshake in {self._deadline.seconds:g} s") from None
        if not data:
            raise ConnectFailed("it has closed the connection during the handshake")
        self._buffer += data
        _, position = self._observer.server.read(self._buffer)
        del self._buffer[:position]


COMMAND = Subcommand(
    "probe",
    "say what listens at an endpoint",
    "probe tcp://127.0.0.1:5555 --json",
    _add_options,
    _run,
)
