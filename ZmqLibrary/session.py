"""Session: everything that one library instance has open, and Lifetimes, which closes it in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import zmq
from robot.api import logger
from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError

from .crew import Crew
from .errors import WrongUse
from .formats import FormatTable
from .registry import Registry
from .sockets import ZmqSocket
from .watched import SocketSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from robot import result, running

    from .formats import FrameFormats
    from .message import Message
    from .socket_types import SocketType
    from .workers import Worker

_MAX_SOCKETS = 20_000
_BLOCKY = 70  # ZMQ_BLOCKY, which pyzmq does not name: a context without it never waits for ever
_TICK_SECONDS = 0.5
DEFAULT_FORMAT = "TEXT"
_ROUTED_FORMAT = "ROUTING_ID,TEXT,..."


class AutoClose(Enum):
    """When sockets are closed automatically.

    - TEST: at the end of the test in which they were opened; those of a suite setup at the end of the suite.
    - SUITE: at the end of the suite in which they were opened.
    - MANUAL: with `Close Zmq Socket`, `Close All Zmq Sockets` and at the end of the run.
    """

    TEST = "TEST"
    SUITE = "SUITE"
    MANUAL = "MANUAL"


@dataclass(frozen=True)
class Settings:
    """The import arguments; times in seconds, sizes in bytes."""

    timeout: float = 5.0
    linger: float = 1.0
    encoding: str = "UTF-8"
    lazy_connect: bool = False
    auto_close: AutoClose = AutoClose.TEST
    log_limit: int = 512


class Session:
    """What one library instance has: settings, context, sockets, and the message received last.

    Args:
        settings: The import arguments.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.formats = FormatTable(settings.encoding)
        self.sockets: Registry[ZmqSocket] = Registry("socket", "Connect Zmq Socket")
        self.lifetimes = Lifetimes(settings.auto_close)
        self.crew = Crew()
        self.touched: ZmqSocket | None = None
        self.received: tuple[ZmqSocket, Message] | None = None
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._next_tick = 0.0

    @property
    def context(self) -> zmq.Context[zmq.Socket[bytes]]:
        """The one libzmq context, so that inproc works between all sockets of the library."""
        if self._context is None:
            self._context = zmq.Context()
            self._context.set(_BLOCKY, 0)
            self._context.set(zmq.MAX_SOCKETS, min(_MAX_SOCKETS, self._context.get(zmq.SOCKET_LIMIT)))
        return self._context

    def open(self, type: SocketType, alias: str | None) -> ZmqSocket:
        """Opens a socket and makes it current; an older one of the same alias is closed, with a warning."""
        name = self.sockets.new_name(alias, type.name)
        if name in self.sockets:
            logger.warn(f"Socket '{name}' is still open: closing it, because its alias is used again.")
            self.close(name)
        socket = ZmqSocket(self.context, name, type, self._socket_settings())
        self.sockets.add(name, socket)
        self.touched = socket
        self.lifetimes.own(lambda: self.close_owned(socket))
        return socket

    def _socket_settings(self) -> SocketSettings:
        return SocketSettings(
            formats=self.formats.get(DEFAULT_FORMAT),
            linger=self.settings.linger,
            tick=self.tick,
            neighbours=lambda: self.sockets,
        )

    def socket(self, name: str | None) -> ZmqSocket:
        """The socket of that name, or the current one.

        Raises:
            NotOpen: There is none.
        """
        self.touched = self.sockets.get(name)
        return self.touched

    def close(self, name: str) -> None:
        """Closes a socket and forgets its name.

        Raises:
            WrongUse: A worker holds it.
        """
        socket = self.sockets.get(name)
        socket.require_usable()
        self.sockets.remove(name)
        socket.close()

    def close_owned(self, socket: ZmqSocket) -> None:
        """Closes a socket at the end of its lifetime, unless that was done before; first stops who holds it."""
        if holder := self.crew.holder_of(socket):
            self.crew.stop(holder)
        if not socket.closed:
            self.close(socket.name)
        if self.received and self.received[0] is socket:
            self.received = None

    def close_all(self) -> None:
        """Closes all sockets, the last opened first."""
        for name in reversed(self.sockets.names):
            self.close(name)

    def start(self, worker: Worker) -> None:
        """Starts a worker, which is stopped at the end of the test or suite like sockets are closed.

        An older one of its name is stopped, with a warning.

        Raises:
            WrongUse: Another worker has its socket.
            WorkerFailed: Its thread did not get ready.
        """
        registry = self.crew.of(type(worker))
        if worker.name in registry:
            logger.warn(f"{worker.title.capitalize()} is still running: stopping it, because its alias is used again.")
            self.crew.stop(registry.get(worker.name))
        self.crew.start(worker)
        self.lifetimes.own(lambda: self.crew.stop(worker))

    def end(self) -> None:
        """Closes everything; unsent messages are kept for the linger time at most."""
        self.crew.stop_all()
        self.close_all()
        if self._context is not None:
            self._context.term()
            self._context = None

    def remember(self, socket: ZmqSocket, message: Message) -> None:
        """Notes the message that keywords about the received message mean."""
        self.received = (socket, message)

    def last_received(self, name: str | None) -> tuple[ZmqSocket, Message]:
        """The message received last: on the socket of that name, or on whichever socket.

        Raises:
            WrongUse: There is none.
        """
        if name is not None:
            socket = self.socket(name)
            if socket.last is None:
                raise WrongUse(f"Socket {socket.title} has not received a message yet.")
            return socket, socket.last
        if self.received is None:
            raise WrongUse(
                "No message has been received yet. Use `Receive Multipart` or another receiving keyword first."
            )
        self.touched = self.received[0]
        return self.received

    def formats_for(
        self, socket: ZmqSocket, format: str | Sequence[str] | None, *, enveloped: bool = True
    ) -> FrameFormats:
        """The formats that a keyword was given, or else the default ones of the socket.

        Args:
            socket: Whose messages.
            format: What the keyword was given.
            enveloped: Whether messages of a ROUTER or STREAM begin with a routing id, which is often not text.
        """
        if format is not None:
            return self.formats.get(format)
        if enveloped and socket.type.routes and socket.formats.spec == DEFAULT_FORMAT:
            return self.formats.get(_ROUTED_FORMAT)
        return socket.formats

    def tick(self) -> None:
        """Drains the monitors of all sockets now and then, so that none grows while others are used."""
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + _TICK_SECONDS
            for socket in self.sockets:
                if socket.holder is None and socket.monitor is not None:
                    socket.drain()


class Lifetimes:
    """A Robot listener that closes at the end of a test what was opened in it, and at the end of a suite the rest.

    Args:
        auto_close: When to close.
    """

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, auto_close: AutoClose) -> None:
        self._auto_close = auto_close
        self._owned: dict[tuple[str, str | None], list[Callable[[], None]]] = {}
        self.at_end: list[Callable[[], None]] = []

    def own(self, close: Callable[[], None]) -> None:
        """Has something closed at the end of the running test or suite."""
        if self._auto_close is not AutoClose.MANUAL and (scope := self._scope()):
            self._owned.setdefault(scope, []).append(close)

    def _scope(self) -> tuple[str, str | None] | None:
        try:
            suite = BuiltIn().get_variable_value("${SUITE NAME}")
            test = BuiltIn().get_variable_value("${TEST NAME}")
        except RobotNotRunningError:
            return None
        return (suite, test if self._auto_close is AutoClose.TEST else None)

    def end_test(self, data: running.TestCase, result: result.TestCase) -> None:
        """Closes what was opened in the test, after its teardown."""
        self._close((data.parent.full_name if data.parent else "", data.name))

    def end_suite(self, data: running.TestSuite, result: result.TestSuite) -> None:
        """Closes what was opened in the suite, after its teardown."""
        for scope in [s for s in self._owned if s[0] == data.full_name]:
            self._close(scope)

    def close(self) -> None:
        """Closes what is left at the end of the run."""
        for close in self.at_end:
            _warn_on_failure(close)

    def _close(self, scope: tuple[str, str | None]) -> None:
        for close in reversed(self._owned.pop(scope, [])):
            _warn_on_failure(close)


def _warn_on_failure(close: Callable[[], None]) -> None:
    try:
        close()
    except Exception as error:
        logger.warn(f"Closing failed: {error}")
