"""Session: everything that one library instance has open."""

from __future__ import annotations

import os
import time
import weakref
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import zmq

from ..errors import Hint, NotOpen, WorkerFailed
from ..formats import FormatTable
from ..plain_text import printable
from ..registry import Registry
from ..security.keys import SecretKeys
from ..sockets.endpoints import is_inproc
from ..waiting.hand import Hand
from ..waiting.uninterrupted import Uninterrupted
from ..workers.service_thread import require_threads
from ..workers.worker import Worker
from ..workers.worker_registry import W, WorkerRegistry
from .chosen_formats import DEFAULT_FORMAT, chosen_formats
from .lifetimes import Lifetimes, running_step
from .received import ReceivedMessage
from .recordings import Recordings
from .sequence_checks import SequenceChecks
from .session_context import SessionContext
from .settings import LibrarySettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..formats import FrameFormats
    from ..log.session_log import SessionLog
    from ..messages.message import Message
    from ..messages.sequences import SequenceCheck
    from ..sockets.socket_settings import SocketSettings
    from ..sockets.socket_types import SocketType
    from ..sockets.zmq_socket import ZmqSocket
    from ..workers.background import Background
    from .imports import NeighbourOfOther


def _let_go_in_children(session: weakref.ref[Session]) -> None:
    def let_go() -> None:
        if found := session():
            found.let_go()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=let_go)


_TICK_SECONDS = 0.1
_SHARE = _TICK_SECONDS / 10
T = TypeVar("T")


class Session:
    """What one library instance has: settings, sockets, workers, and the message received last.

    Args:
        settings: The import arguments.
        log: Where it writes what is not part of a keyword.
    """

    def __init__(self, settings: LibrarySettings, log: SessionLog) -> None:
        self.settings = settings
        self.log = log
        self.formats = FormatTable(settings.encoding)
        self.lifetimes = Lifetimes(settings.auto_close)
        self.secret_keys = SecretKeys()
        self.metadata_names: dict[str, None] = {}
        self.hand = Hand(running_step)
        self._of_parent: object = None
        self._have_nothing()
        self.lifetimes.at_failure.append(lambda: log.diagram(self.recordings.flow(settings.log_limit)))
        self.lifetimes.at_test_end += [self._conclude, self.look_after, log.messages.end_test, self.recordings.end_test]
        self.lifetimes.at_suite_end.append(lambda suite: self._conclude())
        self.lifetimes.at_suite_end.append(lambda suite: log.end_suite(self.workers, suite))
        _let_go_in_children(weakref.ref(self))

    def _have_nothing(self) -> None:
        self.sockets: Registry[ZmqSocket] = Registry("socket", Hint.OPEN_SOCKET)
        self.recordings = Recordings()
        self.sequences = SequenceChecks()
        self.workers = WorkerRegistry(self.lifetimes.forget, self._listener_at)
        self.touched: ZmqSocket | None = None
        self.formats_used: FrameFormats | None = None
        self.received = ReceivedMessage()
        self._context = SessionContext()
        self._newest_server: tuple[ZmqSocket, str | None] | None = None  # and what was the current socket then
        self._next_tick = 0.0
        self._to_look_after: list[ZmqSocket] = []

    def let_go(self) -> None:
        """In a forked child: nothing is open there.

        The sockets, their files and the threads are the parent's. They are kept, because their ends would touch them.
        """
        self._of_parent = dict(vars(self))
        self.lifetimes.let_go()
        self._have_nothing()

    @property
    def context(self) -> zmq.Context[zmq.Socket[bytes]]:
        """The libzmq context of all sockets."""
        return self._context.get()

    def open(self, type: SocketType, alias: str | None) -> ZmqSocket:
        """Opens a socket and makes it current; an older one of the same alias is closed, with a warning.

        The hand holds it: a signal that ends the keyword closes it again.
        """
        name = self.sockets.new_name(alias, type.name)
        if name in self.sockets:
            older = self.sockets.get(name)
            holder = f"taking it from {older.holder} and " if older.holder else ""
            self.log.warn(
                f"Socket '{printable(name)}' is still open: {holder}closing it, because its alias is used again."
            )
            self.close_owned(older)
        with Uninterrupted():
            socket = self._new_socket(type, name, self._socket_settings())
            self.sockets.add(name, socket)
            self.touched = socket
            close = partial(self.close_owned, socket)
            self.lifetimes.own(close, socket)
            self.hand.hold(close)
        return socket

    def _socket_settings(self) -> SocketSettings:
        from ..sockets.socket_settings import SocketSettings

        return SocketSettings(
            formats=self.formats.get(DEFAULT_FORMAT),
            linger=self.settings.linger,
            tick=self.tick,
            neighbours=lambda: [*self.all_sockets(), *self._neighbours()],
            worker_at=self.workers.listening_at,
            lingering=self._context.lingering,
            metadata_names=lambda: self.metadata_names,
            hand=self.hand,
            departed=self._context.departed,
        )

    def all_sockets(self) -> list[ZmqSocket]:
        """The sockets, and those that workers have."""
        return [*self.sockets, *self._private_sockets(self.workers.left_behind)]

    def _neighbours(self) -> list[NeighbourOfOther]:
        from .imports import neighbours

        return neighbours(self)

    def _listener_at(self, address: str) -> str | None:
        return self._socket_settings().listener_at(address)

    @property
    def private_settings(self) -> SocketSettings:
        """Of sockets that workers own: they look after no others while they wait."""
        return self._socket_settings()._replace(tick=lambda: None)

    def private_socket(self, type: SocketType, name: str, role: SocketType | None = None) -> ZmqSocket:
        """Opens a socket for a worker, which is not among the sockets; `role` is what it is to users, if not `type`.

        Raises:
            WrongUse: There are no threads for workers.
        """
        require_threads()
        return self._new_socket(type, name, self.private_settings, role)

    def _new_socket(
        self, type: SocketType, name: str, settings: SocketSettings, role: SocketType | None = None
    ) -> ZmqSocket:
        from ..sockets.zmq_socket import ZmqSocket  # with all that it is made of, when the first one is opened

        return self.recordings.added(ZmqSocket(self.context, name, type, settings, role))

    def _private_sockets(self, others: Sequence[Background] = ()) -> list[ZmqSocket]:
        """The sockets that workers have."""
        return [worker.socket for worker in (*self.workers.all, *others) if worker.socket is not None]

    def socket(self, name: str | None) -> ZmqSocket:
        """The socket of that name, also that of a mock server; or the current one.

        Raises:
            NotOpen: There is none.
        """
        socket = self.sockets.find(name)
        if socket is None:
            private = (socket for socket in self._private_sockets() if socket.name == name)
            socket = next(private, None) or self._known(self.sockets, name)
        self.touched = socket
        return socket

    def _known(self, registry: Registry[T], name: str | None) -> T:
        """What a registry has of that name, or the current one; what else has that name is part of the error."""
        try:
            return registry.get(name)
        except NotOpen as error:
            from .imports import with_namesake

            raise with_namesake(error, self, registry.kind, name) from None

    def kind_of(self, name: str | None) -> str | None:
        """What has that name, such as `socket` or `sink`; None if nothing has."""
        if name in self.sockets:
            return self.sockets.kind
        return next((worker.kind for worker in self.workers.all if worker.name == name), None)

    def warn_of_other_imports(self, address: str) -> None:
        """Warns of an inproc endpoint that only another import has: no message will ever go there."""
        if not is_inproc(address) or any(socket.places.has(address) for socket in self.all_sockets()):
            return
        for neighbour in self._neighbours():
            if neighbour.places.has(address):
                where = f"socket '{printable(neighbour.name)}' of {neighbour.holder}"
                self.log.warn(
                    f"{address} is bound by {where}, and inproc connects sockets of one import: no message will get "
                    "there. Use ipc or tcp between two imports, or import the library once."
                )

    def addressed_socket(self, name: str | None) -> ZmqSocket:
        """As `socket`; but without a name a mock server counts, too, if nothing was opened or switched to since.

        Raises:
            NotOpen: There is none.
        """
        newest = self._newest_server
        if name is None and newest is not None and newest[1] == self.sockets.current_name and not newest[0].closed:
            return newest[0]
        return self.socket(name)

    def close(self, name: str) -> None:
        """Closes a socket and forgets its name; the hand closes it where a signal comes between the two.

        Raises:
            WrongUse: A worker holds it.
        """
        socket = self.sockets.get(name)
        socket.require_usable()
        with Uninterrupted():
            self._forget(socket)
            self.hand.hold(socket.close)
        socket.close()

    def _forget(self, socket: ZmqSocket) -> None:
        self.sockets.remove(socket.name)
        self.lifetimes.forget(socket)

    def close_owned(self, socket: ZmqSocket) -> None:
        """Closes a socket, unless that was done before; first stops its holder. What was collected can still be read.

        Raises:
            WorkerFailed: Its holder did not stop in time, and closes it when it ends.
        """
        late = self.workers.release(socket)
        self.received.forget(socket)
        if self.sockets.find(socket.name) is socket:
            if self.workers.bequeath(socket):
                self._forget(socket)
            else:
                self.close(socket.name)
        if late:
            raise late

    def close_all(self) -> None:
        """Closes all sockets, the last opened first, and before each stops its holder.

        Raises:
            WorkerFailed: Workers did not stop in time; all others are closed all the same.
        """
        problems = []
        for socket in reversed(list(self.sockets)):
            try:
                self.close_owned(socket)
            except WorkerFailed as problem:
                problems.append(str(problem))
        if problems:
            raise WorkerFailed("\n".join(problems))

    def worker(self, kind: type[W], name: str | None) -> W:
        """The worker of that kind and name, or the current one.

        Raises:
            NotOpen: There is none.
            WorkerFailed: It has failed and was not stopped since.
        """
        worker = self._known(self.workers.of(kind), name)
        self.touched = worker.socket
        self.formats_used = worker.shown_formats if isinstance(worker, Worker) else None
        if worker in self.workers.all:
            worker.check()
        return worker

    def start(self, worker: Background) -> None:
        """Starts a worker, which is stopped at the end of the test or suite, as sockets are closed.

        An older one of its name is stopped, with a warning.

        Raises:
            AddressTaken: Somebody listens where it should.
            WrongUse: Another worker has its socket.
            WorkerFailed: Its thread did not get ready.
        """
        self.make_room(type(worker), worker.name)
        self.workers.start(worker, partial(self.lifetimes.own, thing=worker))
        if worker.is_server and worker.socket is not None:
            self._newest_server = worker.socket, self.sockets.current_name

    def make_room(self, kind: type[Background], name: str) -> None:
        """Stops a worker whose name is used again, with a warning if it is running."""
        registry = self.workers.of(kind)
        if name in registry:
            older = registry.get(name)
            if older.alive:
                self.log.warn(f"{older.heading} is still running: stopping it, because its alias is used again.")
            self.workers.stop(older)

    def end(self) -> None:
        """Closes everything; unsent messages are kept for the linger time at most."""
        with ExitStack() as steps:  # each is done whatever comes of those before it
            steps.callback(self._terminate)
            steps.callback(self.close_all)
            steps.callback(self.workers.stop_all)
            steps.callback(self.recordings.stop_all)

    def _terminate(self) -> None:
        """A worker whose thread does not end keeps its socket, and libzmq would wait for that for ever."""
        if not self.workers.left_behind:
            self._context.end()

    def _conclude(self) -> None:
        self.workers.conclude()

    def look_after(self) -> None:
        """What is done at the end of each keyword and test: logs what workers did since the last time, and ticks."""
        if self.workers.journal.added:
            self.log.journal(self.workers.journal)
        self.tick()

    def add_sequence(self, check: SequenceCheck, socket: ZmqSocket) -> None:
        """Has a check called with each message of a socket, as `SequenceChecks.start` does; an older one ends."""
        self.sequences.start(check, socket, self.workers.holder_of(socket))
        self.lifetimes.own(lambda: self.sequences.end(check.name, check))

    def last_received(self, name: str | None) -> tuple[ZmqSocket, Message]:
        """The message received last: on the socket of that name, or on whichever socket.

        Raises:
            WrongUse: There is none.
        """
        if name is not None:
            socket = self.socket(name)
            return socket, self.received.of(socket)
        self.touched, message = self.received.last()
        return self.touched, message

    def formats_for(
        self,
        socket: ZmqSocket,
        format: str | Sequence[str] | None,
        *,
        layout: str | None = None,
        enveloped: bool = True,
    ) -> FrameFormats:
        """The formats that a keyword means, as `chosen_formats` finds them."""
        self.formats_used = chosen_formats(self.formats, socket, format, layout, enveloped)
        return self.formats_used

    def tick(self) -> None:
        """Looks after all sockets now and then, so that the monitor of none grows while others are used.

        However many they are, it takes a tenth of the time at most: what it does not come to is done next time, and if
        storms of events are the reason, such sockets may no longer report refused attempts to connect.
        """
        started = time.monotonic()
        if started < self._next_tick:
            return
        self._context.lingering.tidy()
        waiting = self._to_look_after or list(self.sockets)
        stormy = False
        while waiting and time.monotonic() < started + _SHARE:
            socket = waiting.pop()
            if socket.holder is None and not socket.closed:
                stormy |= socket.loop.look_after()
                if socket.type.subscribes:
                    socket.raw.get(zmq.EVENTS)  # libzmq subscribes again after a reconnect in this thread only
        for socket in waiting if stormy else ():
            if time.monotonic() > started + 2 * _SHARE:
                break
            if socket.holder is None and not socket.closed:
                socket.monitor.ignore_refusals()
        self._to_look_after = waiting
        ended = time.monotonic()
        self._next_tick = ended + max(_TICK_SECONDS, 10 * (ended - started))
