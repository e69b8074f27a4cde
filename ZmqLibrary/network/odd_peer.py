"""An odd peer: a thread with plain sockets that speaks badly on purpose, to a service or to clients."""

from __future__ import annotations

import selectors
import socket as tcp
import threading
from contextlib import suppress

from ..errors import Hint, WorkerFailed, ZmqLibraryError
from ..waiting.deadline import Deadline
from ..waiting.threads import has_ended, is_alive, is_set_by
from ..waiting.uninterrupted import Uninterrupted
from ..zmtp.transport import connected, endpoint_of, listening, prepare, stop_listening
from .behaviours import Behaviour
from .performances import PERFORMANCES, Afterwards, OddConnection

_START_SECONDS = 10.0
_STOP_SECONDS = 10.0
_READ = 65536


class OddPeer:
    """A peer that speaks badly on purpose.

    Args:
        name: Its alias or generated name.
        endpoint: What it connects to, or where it listens.
        behaviour: What it does on each connection.
        socket_type: What it says it is; empty for what fits.
        bind: Whether it waits for clients.
        timeout: Seconds for everything that the other side has to do.

    Attributes:
        endpoint: Where it listens, with the port, or what it is connected to.
        reported: Whether its failure was reported.
    """

    kind = "odd peer"
    opener = Hint.START_ODD_PEER
    is_server = False
    keeps_results = False
    socket = None

    def __init__(
        self, name: str, endpoint: str, behaviour: Behaviour, socket_type: str, bind: bool, timeout: float
    ) -> None:
        self.name = name
        self.endpoint = endpoint
        self.behaviour = behaviour
        self.reported = False
        self.error: ZmqLibraryError | None = None
        self._socket_type = socket_type
        self._bind = bind
        self._timeout = timeout
        self._performed = threading.Event()
        self._stopping = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._ear, self._wakeup = tcp.socketpair()
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._listener: tcp.socket | None = None
        self._open: list[tcp.socket] = []
        self._thread = threading.Thread(target=self._run, name=f"zmq-{name}", daemon=True)

    @property
    def heading(self) -> str:
        """How errors call it."""
        return f"Odd peer '{self.name}'"

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return is_alive(self._thread)

    running = alive

    @property
    def unreported_error(self) -> ZmqLibraryError | None:
        """Why it could not do what it should, if that was not reported yet."""
        return None if self.reported else self.error

    def check(self) -> None:
        """Raises why it could not do what it should."""
        if self.error:
            self.reported = True
            raise self.error

    def start(self) -> None:
        """Starts it, and waits until it listens, or until its behaviour is done as far as it goes by itself.

        Raises:
            ConnectFailed: Nobody listens there.
            EndpointFailed: It cannot listen there.
            WaitTimeout: The other side did not do its part.
            WorkerFailed: The behaviour was not done in time.
        """
        try:
            if self._bind:
                self._listener = listening(self.endpoint)
                self.endpoint = endpoint_of(self._listener)
                self._selector.register(self._listener, selectors.EVENT_READ)
            else:
                self._add(connected(self.endpoint, self._timeout))
        except BaseException:
            self._release()
            raise
        with Uninterrupted():
            self._thread.start()
        deadline = Deadline(self._timeout + _START_SECONDS)
        if not is_set_by(self._performed, deadline):
            raise WorkerFailed(f"{self.heading} was not done in {deadline.seconds:g} seconds.")
        self.check()

    def ask_to_stop(self) -> None:
        """Lets it end by itself, without waiting for it."""
        self._stopping.set()
        with suppress(OSError):
            self._wakeup.send(b"\0")
        for transport in list(self._open):
            with suppress(OSError):
                transport.shutdown(tcp.SHUT_RDWR)

    def stop(self, deadline: Deadline | None = None) -> bool:
        """Ends it, bounded; stopping twice does nothing. Returns whether it has ended."""
        self.ask_to_stop()
        ended = has_ended(self._thread, Deadline(_STOP_SECONDS))
        if ended:
            self._release()
        return ended

    def _release(self) -> None:
        for transport in self._open:
            transport.close()
        self._open.clear()
        if self._listener:
            stop_listening(self._listener)
        self._selector.close()
        self._ear.close()
        self._wakeup.close()

    # In the thread

    def _run(self) -> None:
        if self._listener is None:
            self._perform(self._open[0])
        self._performed.set()
        while not self._stopping.is_set():
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is not self._ear:
                    self._read(key.fileobj)

    def _accept(self) -> None:
        assert self._listener
        with suppress(OSError):
            transport, _ = self._listener.accept()
            prepare(transport)
            self._add(transport)
            if not self._stopping.is_set():  # `ask_to_stop` has not shut it
                self._perform(transport)

    def _add(self, transport: tcp.socket) -> None:
        self._open.append(transport)

    def _perform(self, transport: tcp.socket) -> None:
        stage = OddConnection(transport, self._socket_type, self._bind, self._timeout, self._stopping)
        try:
            afterwards = PERFORMANCES[self.behaviour](stage)
        except ZmqLibraryError as error:
            afterwards = Afterwards.CLOSE
            if not self._bind and not self._stopping.is_set():
                self.error = error
        if afterwards is Afterwards.READ:
            self._selector.register(transport, selectors.EVENT_READ)
        elif afterwards is Afterwards.CLOSE:
            self._close(transport)

    def _read(self, transport: object) -> None:
        assert isinstance(transport, tcp.socket)
        data = b""
        with suppress(OSError):
            data = transport.recv(_READ)
        if not data:
            self._selector.unregister(transport)
            self._close(transport)

    def _close(self, transport: tcp.socket) -> None:
        self._open.remove(transport)
        transport.close()
