"""`zmqlibrary probe`: says what listens at an endpoint, from its first bytes."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from contextlib import suppress
from socket import socket as Socket
from typing import NamedTuple

from ...errors import ConnectFailed, EndpointFailed, ProtocolError
from ...plain_text import printable
from ...report import words
from ...sockets.endpoints import parse_endpoint
from ...waiting.deadline import Deadline
from ...zmtp.commands import ready
from ...zmtp.greeting import Greeting, Version
from ...zmtp.observer import Observer
from ...zmtp.transport import connected
from .command import OK, Subcommand, print_json
from .options import add_common_options
from .talking import require_other_process

_BEGINNING = 11  # of the greeting: the signature and the version, which every peer answers
_VERSION_3 = 3
_PATIENCE = 1.0
_FIRST_OF_A_GREETING = 0xFF
_SHOWN = 100
_LARGEST = 2**20  # bytes of a command of a handshake
_MORE_PATIENCE = 0.5


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
    add_common_options(parser, None, bind=False, formats=False)


def _run(options: Namespace) -> int:
    endpoint = str(parse_endpoint(options.endpoint, "connect"))
    require_other_process(endpoint)
    found = probe(endpoint, options.timeout)
    document: Mapping[str, object] = {**found._asdict(), "endpoint": endpoint}
    if options.json:
        print_json(document)
    else:
        told = printable(found.type) or "socket whose type only clients that it lets in see"
        print(f"{endpoint}: {told}, ZMTP {found.version}, mechanism {found.mechanism or 'none'}")
        print(f"handshake: {found.seconds * 1000:.3g} ms")
    return OK


def probe(endpoint: str, timeout: float) -> Found:
    """Greets whoever listens there and hears what it says of itself.

    Raises:
        ConnectFailed: Nobody listens there, it says nothing, or it does not speak ZeroMQ.
    """
    deadline = Deadline(timeout)
    begun = time.monotonic()
    with _reached(endpoint, timeout) as transport:
        conversation = _Conversation(transport, deadline)
        try:
            return conversation.found(begun)
        except (ProtocolError, OSError) as problem:
            raise ConnectFailed(f"{endpoint}: {conversation.trouble(problem)}") from None


def _reached(endpoint: str, timeout: float) -> Socket:
    try:
        return connected(endpoint, timeout)
    except EndpointFailed as problem:
        cause = problem.__cause__
        if isinstance(cause, (ConnectionRefusedError, FileNotFoundError)):
            why = "refused, nobody listens there."
        elif isinstance(cause, TimeoutError):
            why = f"no answer in {words.seconds(timeout)}: no such host, or something on the way lets nothing through."
        else:
            why = f"the host cannot be resolved or is not reachable ({getattr(cause, 'strerror', None) or cause})."
        raise ConnectFailed(f"{endpoint}: {why}") from None


class _Silent(OSError):
    """It has said nothing in time."""


class _Closed(OSError):
    """It has closed the connection."""


class _Conversation:
    def __init__(self, transport: Socket, deadline: Deadline) -> None:
        self._transport = transport
        self._deadline = deadline
        self._observer = Observer(_LARGEST)
        self._buffer = bytearray()
        self._heard = bytearray()

    def trouble(self, problem: ProtocolError | OSError) -> str:
        """Why the peer could not be heard to the end of the handshake, in the words of keywords."""
        if isinstance(problem, _Silent) and not self._heard:
            self._ask_for_text()
        if self._heard and self._heard[0] != _FIRST_OF_A_GREETING:
            said = printable(self._heard.decode("utf-8", "backslashreplace"))
            return f"it does not speak ZeroMQ (ZMTP 2.0 or newer). It says: {said}"
        if isinstance(problem, _Silent):
            waited = words.seconds(self._deadline.seconds)
            heard = "its greeting and no more" if self._heard else "nothing"
            return (
                f"the connection is there but no ZeroMQ handshake: it has said {heard} in {waited}. It is not a "
                "ZeroMQ peer, or one that is held up."
            )
        if isinstance(problem, OSError):
            return (
                "the peer closed the connection during the handshake: it does not speak ZeroMQ, uses another security "
                "mechanism, or refused us."
            )
        return f"it does not speak ZeroMQ: {problem}"

    def _ask_for_text(self) -> None:
        """Protocols of text, such as HTTP, answer the end of a line; that is too late to hurt a ZeroMQ peer."""
        with suppress(OSError):
            self._say(b"\r\n\r\n")
            self._transport.settimeout(_MORE_PATIENCE)
            self._heard += self._transport.recv(_SHOWN)

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
        if patience is None and self._heard and not deadline.remaining():  # it says much, and nothing of itself
            raise _Silent
        self._transport.settimeout(max(0.001, deadline.remaining()))
        try:
            data = self._transport.recv(4096)
        except TimeoutError:
            if patience is not None:
                return
            raise _Silent from None
        if not data:
            raise _Closed
        self._heard += data[: _SHOWN - len(self._heard)]
        self._buffer += data
        _, position = self._observer.server.read(self._buffer)
        del self._buffer[:position]


COMMAND = Subcommand(
    "probe",
    "say what listens at an endpoint",
    "probe tcp://127.0.0.1:5555 --json",
    _add_options,
    _run,
    uses_library=False,
)
