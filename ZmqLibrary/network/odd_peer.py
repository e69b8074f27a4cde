"""An odd peer: plain sockets that speak badly on purpose, to a service or to clients.

One thread accepts and reads. What a behaviour does on a connection it does in a thread of its own, which ends with it.
"""

from __future__ import annotations

import selectors
import socket as tcp
import threading
from collections import deque
from contextlib import suppress

from ..errors import Hint, WaitTimeout, WorkerFailed, ZmqLibraryError, described
from ..waiting.deadline import Deadline
from ..waiting.threads import has_ended, is_alive, is_set_by
from ..waiting.uninterrupted import Uninterrupted
from ..workers.background import Titled
from ..zmtp.transport import connected, endpoint_of, listening, prepare, stop_listening
from .behaviours import Behaviour
from .performances import DEFAULT_TYPE, PERFORMANCES, Afterwards, OddConnection

_START_SECONDS = 10.0
_STOP_SECONDS = 10.0
_READ = 65536
_MOST_CONNECTIONS = 100


class OddPeer(Titled):
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
        self.error: BaseException | None = None
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
        self._to_read: deque[tcp.socket] = deque()
        self._performing: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._run, name=f"zmq-{name}", daemon=True)

    @property
    def listens_at(self) -> str:
        """Its endpoint; empty if it connects."""
        return self.endpoint if self._bind else ""

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return is_alive(self._thread)

    @property
    def running(self) -> bool:
        """Whether it may still use a connection."""
        return any(map(is_alive, [self._thread, *self._performing]))

    @property
    def unreported_error(self) -> BaseException | None:
        """Why it could not do what it should, if that was not reported yet."""
        return None if self.reported else self.error

    def check(self) -> None:
        """Raises why it could not do what it should.

        Raises:
            WaitTimeout: The other side did not do its part.
            WorkerFailed: Something that was not foreseen has happened.
        """
        if self.error is None:
            return
        self.reported = True
        if isinstance(self.error, ZmqLibraryError):
            raise self.error
        raise WorkerFailed(f"{self.heading} has failed: {described(self.error)}") from self.error

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
                self._open.append(connected(self.endpoint, self._timeout))
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
        self._wake()
        for transport in list(self._open):
            with suppress(OSError):
                transport.shutdown(tcp.SHUT_RDWR)

    def stop(self, deadline: Deadline | None = None) -> bool:
        """Ends it, bounded; stopping twice does nothing. Returns whether it has ended."""
        self.ask_to_stop()
        deadline = Deadline(_STOP_SECONDS)
        ended = has_ended(self._thread, deadline) and all(has_ended(thread, deadline) for thread in self._performing)
        if ended:
            self._release()
        return ended

    def _wake(self) -> None:
        with suppress(OSError):
            self._wakeup.send(b"\0")

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
        try:
            if self._listener is None:
                self._begin(self._open[0])
            else:
                self._performed.set()
            while not self._stopping.is_set():
                for key, _ in self._selector.select():
                    if key.fileobj is self._listener:
                        self._accept()
                    elif key.fileobj is self._ear:
                        self._take_over()
                    else:
                        self._read(key.fileobj)
        except BaseException as error:
            self._fail(error)

    def _accept(self) -> None:
        assert self._listener
        with suppress(OSError):
            transport, _ = self._listener.accept()
            if len(self._open) == _MOST_CONNECTIONS:
                transport.close()
                return
            self._open.append(transport)
            if not self._stopping.is_set():  # `ask_to_stop` has not shut it
                self._begin(transport)

    def _begin(self, transport: tcp.socket) -> None:
        """Performs in a thread of its own, so that a client that does not do its part keeps no other waiting."""
        name = f"{self._thread.name}-performs"
        thread = threading.Thread(target=self._perform, args=[transport], name=name, daemon=True)
        self._performing = [*filter(is_alive, self._performing), thread]
        thread.start()

    def _take_over(self) -> None:
        self._ear.recv(_READ)
        while self._to_read:
            self._selector.register(self._to_read.popleft(), selectors.EVENT_READ)

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

    def _fail(self, error: BaseException) -> None:
        self.error = self.error or error
        self._performed.set()

    # In the thread of a connection

    def _worded(self, error: ZmqLibraryError) -> str:
        """Which peer got no further, where and why."""
        head = f"{self.heading} ({self.behaviour.name}) got no further at {self.endpoint}. {error}"
        if self._socket_type or self.behaviour is Behaviour.WRONG_TYPE or isinstance(error, WaitTimeout):
            return head
        return f"{head} It said that it is a {DEFAULT_TYPE}: give type= if that does not fit the other side."

    def _perform(self, transport: tcp.socket) -> None:
        afterwards = Afterwards.CLOSE
        try:
            with suppress(OSError):
                prepare(transport)
            stage = OddConnection(transport, self._socket_type, self._bind, self._timeout, self._stopping)
            afterwards = PERFORMANCES[self.behaviour](stage)
        except ZmqLibraryError as error:
            if not self._bind and not self._stopping.is_set():
                error.args = (self._worded(error),)
                self._fail(error)
        except BaseException as error:
            self._fail(error)
        if afterwards is Afterwards.READ:
            self._to_read.append(transport)
            self._wake()
        elif afterwards is Afterwards.CLOSE:
            self._close(transport)
        self._performed.set()
