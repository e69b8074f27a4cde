"""WatchedSocket: a libzmq socket with its name, monitor, options, one waiting loop and a real close."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

import zmq

from ..errors import NotOpen, WrongUse
from ..messages.message import Receipt
from ..monitoring.lingering import Lingering
from ..monitoring.monitor import Monitor
from ..plain_text import printable
from ..waiting.deadline import Deadline
from ..waiting.uninterrupted import Uninterrupted
from .raw_socket import Wire
from .socket_types import SocketType
from .subscribers import Subscribers
from .turn import Turn

if TYPE_CHECKING:
    from ..formats import FrameFormats

CLOSE_SECONDS = 1.0
_PAUSE = 0.005
Result = TypeVar("Result")


class Holder(Protocol):
    """A worker that has taken a socket."""

    @property
    def title(self) -> str: ...

    def consult(self, action: Callable[[], Result]) -> Result: ...

    def wait_for(self, condition: Callable[[], Result], deadline: Deadline) -> Result | None: ...


@dataclass(frozen=True)
class SocketSettings:
    """What a socket gets from its library.

    Attributes:
        formats: How the values of received messages are decoded unless said otherwise.
        linger: Seconds for which unsent messages are kept at close.
        tick: Called in each slice of a wait, so that others can be looked after.
        neighbours: Names and bound endpoints of the library's other sockets, to explain an address in use.
        metadata_names: Properties of connections to read besides libzmq's own.
        lingering: Takes the monitors of closed sockets that still send.
    """

    formats: FrameFormats
    linger: float = 1.0
    tick: Callable[[], object] = lambda: None
    neighbours: Callable[[], Iterable[WatchedSocket]] = tuple
    metadata_names: Callable[[], Iterable[str]] = tuple
    lingering: Lingering = field(default_factory=Lingering)


class WatchedSocket:
    """One open libzmq socket whose connections are watched.

    Args:
        context: The libzmq context.
        name: The user's alias, or a generated name.
        type: What the user asked for; a PUB is an XPUB inside, because only that one tells its subscribers.
        settings: What the library gives to all its sockets.

    Attributes:
        title: The socket as errors name it: `'orders' (DEALER)`.
    """

    def __init__(
        self, context: zmq.Context[zmq.Socket[bytes]], name: str, type: SocketType, settings: SocketSettings
    ) -> None:
        self.name = name
        self.type = type
        self.title = f"'{printable(name)}' ({type.name})"
        self.formats = settings.formats
        self.bound: dict[str, str] = {}
        self.connected: list[str] = []
        self.monitor: Monitor | None = None
        self.subscribers = Subscribers()
        self.turn = Turn(type)
        self.conflates = False
        self._settings = settings
        self._holder: Holder | None = None
        self._thread: int | None = None
        self._xpub_options: dict[str, bool] = {}
        self._zmq: zmq.Socket[bytes] = context.socket(type.libzmq_type)
        self._zmq.set(zmq.LINGER, round(settings.linger * 1000))
        if type.publishes:
            self._zmq.set(zmq.XPUB_VERBOSER, 1)
        if type is SocketType.ROUTER:
            self._zmq.set(zmq.ROUTER_MANDATORY, 1)
            self._zmq.set(zmq.ROUTER_HANDOVER, 1)
        self._wire = Wire(self._zmq, Receipt(name, settings.formats), settings.metadata_names)

    @property
    def closed(self) -> bool:
        """Whether the socket was closed."""
        return bool(self._zmq.closed)

    # Who may use it

    def take(self, holder: Holder) -> None:
        """Gives the socket to a worker: until `give_back`, only the worker's thread may use it.

        Raises:
            WrongUse: Another worker has it.
        """
        self.require_usable()
        self._holder = holder

    def enter_thread(self) -> None:
        """The worker's thread begins to use the socket."""
        self._thread = threading.get_ident()

    def give_back(self) -> None:
        """The worker's thread has ended."""
        self._holder = self._thread = None

    @property
    def free_neighbours(self) -> list[WatchedSocket]:
        """The library's other sockets that no worker has."""
        others = [other for other in self._settings.neighbours() if other is not self]
        return [other for other in others if other.holder is None and not other.closed]

    @property
    def holder(self) -> str | None:
        """The worker that has taken the socket, as errors name it; None if it is free."""
        return self._holder.title if self._holder else None

    def require_usable(self) -> None:
        """Two threads on one libzmq socket abort the process, and so does a closed one.

        Raises:
            WrongUse: A worker has the socket.
            NotOpen: The socket was closed.
        """
        if self._holder is not None and threading.get_ident() != self._thread:
            raise WrongUse(f"Socket {self.title} is held by {self.holder}. Stop that first, then use the socket again.")
        if self._zmq.closed:
            raise NotOpen(f"Socket {self.title} is closed.")

    # Waiting

    def drain(self) -> None:
        """Takes in what the monitor and the subscribers have told since the last time; never waits."""
        if self.monitor is not None and self.monitor.readable():
            self._take_events()
        if self.type is SocketType.PUB:
            self._wire.read_frames(self._take_subscription)

    def _take_events(self) -> None:
        if self.monitor is not None and self.monitor.drain():
            self._wire.forget_peers()
            self.subscribers.forget(self.monitor.take_gone())

    def ask(self, action: Callable[[], Result]) -> Result:
        """Runs a function that only looks at the socket, in the thread that may do so.

        Raises:
            NotOpen: The socket was closed.
            WorkerFailed: The worker that holds the socket did not come to it.
        """
        if self._holder is not None and threading.get_ident() != self._thread:
            return self._holder.consult(action)
        self.require_usable()
        return action()

    def observe(
        self,
        condition: Callable[[], Result],
        deadline: Deadline,
        flags: int = 0,
        serve: Iterable[WatchedSocket] = (),
    ) -> Result | None:
        """As `wait_for`, also while a worker holds the socket: for conditions that only look."""
        holder = self._holder
        if holder is not None and threading.get_ident() != self._thread:
            return holder.wait_for(lambda: holder.consult(condition), deadline)
        return self.wait_for(condition, deadline, flags, serve)

    def wait_for(
        self,
        condition: Callable[[], Result],
        deadline: Deadline,
        flags: int = 0,
        serve: Iterable[WatchedSocket] = (),
    ) -> Result | None:
        """The one waiting loop: looks at the condition whenever something has happened.

        Args:
            condition: What is waited for; its first true result is returned.
            deadline: The end of the wait; one that is over means a single look.
            flags: `zmq.POLLIN` or `zmq.POLLOUT` where messages matter; connection events always do.
            serve: Other sockets that have to get on meanwhile: libzmq does part of their work in their own thread.

        Returns:
            What the condition returned, or None at the deadline.
        """
        self.require_usable()
        useless = False  # a ROUTER is writable as soon as any peer is, even if another one is meant
        while True:
            self.drain()
            result = condition()
            if result:
                return result
            step = deadline.slice()
            if not step:
                return None
            if useless:
                self.poll(0, min(step, _PAUSE), serve=serve)
                useless = False
            else:
                useless = bool(self.poll(flags, step, serve=serve) & zmq.POLLOUT)
            if self._holder is None:
                self._settings.tick()

    @property
    def context(self) -> zmq.Context[zmq.Socket[bytes]]:
        """The libzmq context, for a worker's own sockets."""
        return self._zmq.context

    def poll(
        self,
        flags: int,
        seconds: float,
        also: zmq.Socket[bytes] | None = None,
        serve: Iterable[WatchedSocket] = (),
    ) -> int:
        """Waits for a message or a connection event; for `wait_for` and workers.

        Args:
            flags: `zmq.POLLIN` or `zmq.POLLOUT` where messages matter.
            seconds: How long at most.
            also: Another socket whose messages end the wait.
            serve: Sockets that have to get on meanwhile; their messages do not end the wait.

        Returns:
            Those of the flags that hold.
        """
        watched = [(self._zmq, flags)]  # also without flags: pyzmq does not wait for an empty list
        if self.monitor is not None:
            watched.append((self.monitor.pair, zmq.POLLIN))
        if also is not None:
            watched.append((also, zmq.POLLIN))
        # POLLPRI never comes, but to look for it libzmq does the work that waits for the socket's own thread.
        watched += [(socket._zmq, zmq.POLLPRI) for socket in serve]
        ready = dict(zmq.zmq_poll(watched, int(seconds * 1000) + 1))
        return int(ready.get(self._zmq, 0))

    def _take_subscription(self, frame: bytes, descriptor: int | None) -> bool:
        """Takes in what a peer of a PUB or XPUB has sent.

        Events first, because a descriptor is used again by the next connection.
        """
        self._take_events()
        return frame[:1] in (b"\x00", b"\x01") and self.subscribers.take(frame, descriptor)

    def watch(self, address: str) -> None:
        """Attaches the monitor before the first endpoint; inproc has no events."""
        if self.monitor is None and not address.startswith("inproc:"):
            self.monitor = Monitor(self._zmq, self._is_curve_client)

    def _is_curve_client(self) -> bool:
        return not self.closed and self._zmq.get(zmq.MECHANISM) == zmq.CURVE and not self._zmq.get(zmq.CURVE_SERVER)

    def close(self) -> None:
        """Closes the socket; its addresses are free when this returns, unsent messages are kept for the linger time.

        It is not unbound first, because that loses unsent messages. Closing twice does nothing.
        """
        if self.closed:
            return
        listeners = [address for address in self.bound if not address.startswith("inproc:")]
        if int(self._zmq.get(zmq.LINGER)) < 0:  # without a limit a run would never end
            self._zmq.set(zmq.LINGER, round(self._settings.linger * 1000))
        linger = int(self._zmq.get(zmq.LINGER))
        with Uninterrupted():
            if self.monitor and not listeners:
                self.monitor.close()
            self._zmq.close()
        if self.monitor and listeners:
            try:
                self.monitor.wait_closed(listeners, Deadline(CLOSE_SECONDS))
            finally:
                self._settings.lingering.add(self.monitor, linger / 1000 + CLOSE_SECONDS)
