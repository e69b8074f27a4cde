"""What odd peers do on a connection, one function for each behaviour.

A performance gets the connection and returns what becomes of it: whether it is closed, and whether it is read from.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from enum import Enum

from ..errors import WaitTimeout
from ..zmtp.commands import Command, ready
from ..zmtp.connection import Connection
from ..zmtp.frames import LONG, header
from ..zmtp.greeting import LENGTH, Greeting, Version
from ..zmtp.handshake import PARTNERS, Null
from ..zmtp.observer import Observer
from ..zmtp.peer import Peer
from .behaviours import Behaviour

DEFAULT_TYPE = "DEALER"
"""What a peer says it is that connects, if the user did not say."""

_SLOW_SECONDS = 0.002
_ANNOUNCED = 2**62
_GARBAGE = bytes(random.Random(20).choices(range(128, 255), k=100))
"""Below 128 libzmq would take it for whole frames of ZMTP 1.0; 255 begins a greeting."""

_TLS_ALERT = bytes.fromhex("15 0303 0002 02 28")  # RFC 8446: fatal, handshake_failure
_VERSION_BYTES = 12
_READ = 65536
_LARGEST = 2**20  # bytes of a command of a handshake
_LEAST_SECONDS = 0.001


class Afterwards(Enum):
    """What becomes of a connection when the behaviour is done."""

    CLOSE = "CLOSE"
    READ = "READ"
    IGNORE = "IGNORE"


class OddConnection:
    """Where a behaviour is performed.

    Args:
        transport: The connection.
        socket_type: What the peer says it is; empty if the user did not say.
        is_server: Whether the other side has connected.
        timeout: Seconds for everything that the other side has to do.
        stop: Set when the peer is to end.
    """

    def __init__(
        self, transport: socket.socket, socket_type: str, is_server: bool, timeout: float, stop: threading.Event
    ) -> None:
        self.transport = transport
        self.given_type = socket_type
        self.is_server = is_server
        self.timeout = timeout
        self.stop = stop
        self._end = time.monotonic() + max(timeout, _LEAST_SECONDS)

    @property
    def socket_type(self) -> str:
        """What the peer says it is."""
        return self.given_type or ("ROUTER" if self.is_server else DEFAULT_TYPE)

    def send(self, data: bytes) -> None:
        """Sends anything.

        Raises:
            WaitTimeout: The other side does not take it, or is gone.
        """
        try:
            self.transport.settimeout(self._left)
            self.transport.sendall(data)
        except OSError as error:
            raise WaitTimeout(f"The other side is gone: {error.strerror or error}.") from error

    def receive(self, what: str) -> bytes:
        """Something that the other side has sent.

        Raises:
            WaitTimeout: Nothing came.
        """
        too_late = f"The other side did not send {what} in {self.timeout:g} seconds."
        if time.monotonic() >= self._end:  # although it sends on and on
            raise WaitTimeout(too_late)
        try:
            self.transport.settimeout(self._left)
            data = self.transport.recv(_READ)
        except OSError as error:
            raise WaitTimeout(too_late) from error
        if not data:
            raise WaitTimeout(f"The other side has closed the connection before it sent {what}.")
        return data

    def shake_hands(self, version: Version = Version.ZMTP_3_1) -> None:
        """Greets, and waits until the other side has said READY.

        Raises:
            WaitTimeout: It has not.
            ConnectFailed: It refuses.
            ProtocolError: It is no ZeroMQ, or does not fit.
        """
        Peer(self.transport, Connection(self.socket_type, Null(), version=version)).wait_for_handshake(self._left)

    def greeting(self, mechanism: str = "NULL") -> bytes:
        """The greeting of a peer of 3.1."""
        return Greeting(Version.ZMTP_3_1, mechanism, as_server=False).encode()

    def ready(self, socket_type: str) -> bytes:
        """READY of the mechanism NULL."""
        return ready({"Socket-Type": socket_type.encode("ascii"), "Identity": b""}).encode()

    def until(self, what: str, done: Callable[[Observer], object]) -> Observer:
        """Reads until something is known of the other side."""
        observer, received = Observer(_LARGEST), b""
        side = observer.client if self.is_server else observer.server
        while not done(observer):
            received += self.receive(what)
            _, position = side.read(received)
            received = received[position:]
        return observer

    @property
    def _left(self) -> float:
        return max(self._end - time.monotonic(), _LEAST_SECONDS)


def client_hello() -> bytes:
    """What a client of TLS 1.2 says first (RFC 5246, 7.4.1.2).

    Its random bytes are such that libzmq, which reads it as frames of ZMTP 1.0, waits for more: others of this length
    would arrive as a message, or end the connection.
    """
    groups = bytes.fromhex("000a 0004 0002 001d")
    algorithms = bytes.fromhex("000d 0006 0004 0403 0804")
    extensions = groups + algorithms
    body = (
        bytes.fromhex("0303")
        + b"\xfe" * 32
        + bytes.fromhex("00 0006 c02b c02f 009c 01 00")
        + len(extensions).to_bytes(2, "big")
        + extensions
    )
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    return bytes.fromhex("160301") + len(handshake).to_bytes(2, "big") + handshake


def _silent(stage: OddConnection) -> Afterwards:
    return Afterwards.READ


def _http(stage: OddConnection) -> Afterwards:
    request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: odd-peer\r\nAccept: */*\r\n\r\n"
    answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"
    stage.send(answer if stage.is_server else request)
    return Afterwards.READ


def _tls(stage: OddConnection) -> Afterwards:
    stage.send(_TLS_ALERT if stage.is_server else client_hello())
    return Afterwards.READ


def _garbage(stage: OddConnection) -> Afterwards:
    stage.send(_GARBAGE)
    return Afterwards.READ


def _zmtp_1(stage: OddConnection) -> Afterwards:
    stage.send(b"\x01\x00")  # RFC 13: the frame of an empty routing id
    return Afterwards.READ


def _zmtp_2(stage: OddConnection) -> Afterwards:
    stage.shake_hands(Version.ZMTP_2)
    return Afterwards.READ


def _wrong_type(stage: OddConnection) -> Afterwards:
    stage.send(stage.greeting())
    socket_type = stage.given_type
    if not socket_type:
        observer = stage.until("READY", lambda seen: seen.client.in_traffic or seen.server.in_traffic)
        theirs = (observer.client if stage.is_server else observer.server).socket_type
        socket_type = next(name for name, partners in PARTNERS.items() if theirs not in partners)
    stage.send(stage.ready(socket_type))
    return Afterwards.READ


def _wrong_mechanism(stage: OddConnection) -> Afterwards:
    stage.send(stage.greeting()[:_VERSION_BYTES])
    received = b""
    while len(received) < LENGTH:
        received += stage.receive("its greeting")
    theirs = received[_VERSION_BYTES:32].rstrip(b"\0")
    stage.send(stage.greeting("NULL" if theirs != b"NULL" else "PLAIN")[_VERSION_BYTES:])
    return Afterwards.READ


def _slow(stage: OddConnection) -> Afterwards:
    for byte in stage.greeting() + stage.ready(stage.socket_type):
        if stage.stop.wait(_SLOW_SECONDS):
            break
        stage.send(bytes((byte,)))
    stage.until("READY", lambda seen: seen.client.in_traffic or seen.server.in_traffic)
    return Afterwards.READ


def _coalesced(stage: OddConnection) -> Afterwards:
    stage.send(stage.greeting() + stage.ready(stage.socket_type))
    stage.until("READY", lambda seen: seen.client.in_traffic or seen.server.in_traffic)
    return Afterwards.READ


def _after_ready(stage: OddConnection) -> Afterwards:
    stage.shake_hands()
    return Afterwards.READ


def _closes_after_ready(stage: OddConnection) -> Afterwards:
    stage.shake_hands()
    return Afterwards.CLOSE


def _unknown_command(stage: OddConnection) -> Afterwards:
    stage.shake_hands()
    stage.send(Command("WHATEVER", b"nobody knows").encode())
    return Afterwards.READ


def _oversize(stage: OddConnection) -> Afterwards:
    stage.shake_hands()
    stage.send(bytes((LONG,)) + _ANNOUNCED.to_bytes(8, "big") + b"and no more")
    return Afterwards.READ


def _half_message(stage: OddConnection) -> Afterwards:
    stage.shake_hands()
    stage.send(header(100) + b"half of the message")
    return Afterwards.CLOSE


def _never_reads(stage: OddConnection) -> Afterwards:
    stage.shake_hands()
    return Afterwards.IGNORE


PERFORMANCES: dict[Behaviour, Callable[[OddConnection], Afterwards]] = {
    Behaviour.SILENT: _silent,
    Behaviour.HTTP: _http,
    Behaviour.TLS: _tls,
    Behaviour.GARBAGE: _garbage,
    Behaviour.ZMTP1: _zmtp_1,
    Behaviour.ZMTP2: _zmtp_2,
    Behaviour.WRONG_TYPE: _wrong_type,
    Behaviour.WRONG_MECHANISM: _wrong_mechanism,
    Behaviour.SLOW: _slow,
    Behaviour.COALESCED: _coalesced,
    Behaviour.SILENT_AFTER_READY: _after_ready,
    Behaviour.CLOSES_AFTER_READY: _closes_after_ready,
    Behaviour.UNKNOWN_COMMAND: _unknown_command,
    Behaviour.OVERSIZE: _oversize,
    Behaviour.HALF_MESSAGE: _half_message,
    Behaviour.NEVER_READS: _never_reads,
    Behaviour.NO_PONG: _after_ready,
}
