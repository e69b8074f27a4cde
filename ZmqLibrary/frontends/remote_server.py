"""Keywords on another host: serves the library to Robot's Remote library.

    python -m ZmqLibrary remote --port 8270             # where the service runs
    Library    Remote    http://127.0.0.1:8270          # in the suite

Each client has a process of its own with a library of its own (remote_session.py): this one takes connections, looks
at the first line of the request, and hands them over. A client is who comes from one address and names one path:
`http://127.0.0.1:8270/first` and `…/second` share nothing. The process of a client that alone calls takes its
connections itself (remote_arrivals.py).
"""

from __future__ import annotations

import json
import select
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from types import FrameType
from typing import NamedTuple

from ..errors import EndpointFailed
from ..plain_text import address_text, printable
from ..waiting.deadline import Deadline
from .http_call import BadCall, is_loopback, refuse
from .interrupts import INTERRUPTED, TERMINATED
from .remote_arrivals import HANDED_OVER, LENDS, Client, Keeping, Lending, client_of
from .remote_keywords import RemoteKeywords
from .remote_session import RemoteSession

MAX_CLIENTS = 64
_MAX_UNREAD = 256
_REST = 65_536
_SHOWN = 500
_END_SECONDS = 5.0
_PATIENCE = 10.0
_TICK_SECONDS = 1.0
HANDS_OVER = hasattr(socket, "send_fds")
_WARNING = """\
WARNING: {host} can be reached from other machines. XML-RPC has neither encryption nor password: whoever reaches the
port runs keywords here, and with them code. Better let it listen on 127.0.0.1, and tunnel it from where Robot runs:
    ssh -L {port}:127.0.0.1:{port} {name}
    Library    Remote    http://127.0.0.1:{port}"""


class _Session(NamedTuple):
    """The process of a client, and the socket to it."""

    client: Client
    process: subprocess.Popen[bytes]
    control: socket.socket


class _ListeningServer:
    """Listens, and can be stopped from a signal handler.

    Args:
        host: Where to listen.
        port: 0 for any free one.

    Raises:
        EndpointFailed: It cannot listen there.
    """

    def __init__(self, host: str, port: int) -> None:
        self._listener = _listening(host, port)
        self._waker, self._wakes = socket.socketpair()

    @property
    def url(self) -> str:
        """What suites give to the Remote library."""
        return f"http://{address_text(*self._listener.getsockname()[:2])}"

    def stop(self) -> None:
        """Ends `serve`; may be called from a signal handler."""
        with suppress(OSError):
            self._waker.send(b"x")

    def _close(self) -> None:
        for end in (self._listener, self._waker, self._wakes):
            end.close()


class RemoteServer(_ListeningServer):
    """Takes the connections of clients and hands each to the process of its client.

    Args:
        host: Where to listen.
        port: 0 for any free one.
        grace: After how many seconds of silence what a client has open is closed.
        arguments: Import arguments of the library.

    Raises:
        EndpointFailed: It cannot listen there.
    """

    def __init__(self, host: str, port: int, grace: float, arguments: Sequence[str] = ()) -> None:
        super().__init__(host, port)
        self._grace = grace
        self._arguments = list(arguments)
        self._sessions: dict[Client, _Session] = {}
        self._notes: dict[Client, str] = {}
        self._unread: dict[socket.socket, Deadline] = {}
        self._listener.setblocking(False)
        self._arrivals: Keeping = (Lending if LENDS else Keeping)(self._listener)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._arrivals, selectors.EVENT_READ, self._accept)
        self._selector.register(self._wakes, selectors.EVENT_READ, None)
        self._handover: dict[subprocess.Popen[bytes], Deadline] = {}

    def serve(self) -> None:
        """Serves until `stop`, then ends the processes of all clients."""
        try:
            while True:
                ready = self._selector.select(_TICK_SECONDS)
                for key, _ in ready:
                    if key.data is None:
                        return
                    key.data(key.fileobj)
                if not ready:  # the process that borrows the listener may have stopped as it was woken
                    self._accept(self._arrivals)
                self._drop_silent()
                self._reap()
        finally:
            self._close()

    def _accept(self, _: Keeping) -> None:
        with suppress(OSError):
            self._take(self._listener.accept()[0])

    def _take(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        if not self._hand_over(connection):
            self._wait_for(connection, self._read)

    def _wait_for(self, connection: socket.socket, then: Callable[[socket.socket], None]) -> None:
        self._unread[connection] = Deadline(_PATIENCE)
        self._selector.register(connection, selectors.EVENT_READ, then)

    def _read(self, connection: socket.socket) -> None:
        self._forget(connection)
        if not self._hand_over(connection):
            connection.close()

    def _drop_silent(self) -> None:
        """Who connects and sends nothing is let go, the oldest first if they are many."""
        spare = len(self._unread) - _MAX_UNREAD
        for number, (connection, deadline) in enumerate(list(self._unread.items())):
            if number < spare or not deadline.remaining():
                self._forget(connection)
                connection.close()

    def _forget(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._unread[connection]

    def _hand_over(self, connection: socket.socket) -> bool:
        """Whether something has come; then the connection is handed over or refused, and closed here."""
        try:
            client = client_of(connection, connection.getpeername()[0])
        except BlockingIOError:
            return False
        except OSError:
            client = None
        try:
            if client is not None:
                self._give(connection, client)
        except BadCall as problem:
            self._refuse(connection, problem)
        except BaseException:
            connection.close()
            raise
        else:
            connection.close()
        return True

    def _refuse(self, connection: socket.socket, problem: BadCall) -> None:
        """Answers, and reads what the client still sends: closing before that would lose the answer (RFC 9112, 9.6)."""
        try:
            refuse(connection, problem)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            connection.close()
        else:
            self._wait_for(connection, self._read_rest)

    def _read_rest(self, connection: socket.socket) -> None:
        try:
            rest = connection.recv(_REST)
        except BlockingIOError:
            return
        except OSError:
            rest = b""
        if not rest:
            self._forget(connection)
            connection.close()

    def _give(self, connection: socket.socket, client: Client) -> None:
        session = self._sessions.get(client) or self._start(client)
        try:
            socket.send_fds(session.control, [HANDED_OVER], [connection.fileno()])
        except BlockingIOError:
            raise BadCall(503, "Too many keywords of this client wait for the one that runs.") from None
        except OSError:
            self._let_go(session)
            raise BadCall(500, "The process that ran the keywords of this client has died.") from None
        self._arrivals.called(client)

    def _start(self, client: Client) -> _Session:
        if len(self._sessions) >= MAX_CLIENTS:
            raise BadCall(503, f"The server has {MAX_CLIENTS} clients, and takes no more.")
        try:
            session = self._sessions[client] = self._with_process(client)
        except OSError as problem:  # the system has no process or descriptor left
            raise BadCall(503, f"The server cannot start a process for this client: {problem}.") from None
        self._selector.register(session.control, selectors.EVENT_READ, lambda _: self._heard_from(session))
        return session

    def _with_process(self, client: Client) -> _Session:
        control, other = socket.socketpair()
        control.setblocking(False)
        with other, ExitStack() as undone:
            undone.callback(control.close)
            inherited = [other.fileno(), *self._arrivals.shared_with(client)]
            undone.callback(self._arrivals.forget, client)
            command = [sys.executable, "-m", "ZmqLibrary.frontends.remote_session", ",".join(map(str, inherited))]
            command += [str(self._grace), self._notes.pop(client, ""), *self._arguments]
            # In a session of its own: Ctrl-C is for the server, which then ends the processes of its clients.
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=inherited, start_new_session=True)
            undone.pop_all()
        return _Session(client, process, control)

    def _heard_from(self, session: _Session) -> None:
        """It took the connection of another client; or its client was silent for the grace period; or it has died."""
        if self._sessions.get(session.client) is not session:  # a call has shown before that it has died
            return
        try:
            said, descriptors, _, _ = socket.recv_fds(session.control, 65_536, 1)
        except OSError:
            said, descriptors = b"", []
        if said != HANDED_OVER:
            self._note(session.client, json.loads(said) if said.endswith(b"\n") else [])
            self._let_go(session)
            return
        self._arrivals.take_back()
        for descriptor in descriptors:
            self._take(socket.socket(fileno=descriptor))

    def _note(self, client: Client, closed: Sequence[str]) -> None:
        if closed and len(self._notes) < MAX_CLIENTS:
            self._notes[client] = (
                f"No keyword was called from here for {self._grace:g} seconds, and so the server has closed what was "
                f"open: {printable(', '.join(closed)[:_SHOWN])}. Give the server a longer --grace."
            )

    def _let_go(self, session: _Session) -> None:
        del self._sessions[session.client]
        self._arrivals.forget(session.client)
        self._selector.unregister(session.control)
        session.control.close()
        self._handover[session.process] = Deadline(_END_SECONDS)

    def _reap(self) -> None:
        for process, deadline in list(self._handover.items()):
            if not deadline.remaining():
                process.kill()
            if process.poll() is not None:
                del self._handover[process]

    def _close(self) -> None:
        self._arrivals.close()
        for connection in list(self._unread):
            self._forget(connection)
            connection.close()
        for session in list(self._sessions.values()):
            self._let_go(session)
        for process, deadline in self._handover.items():
            _end(process, deadline)
        self._selector.close()
        super()._close()


class SerialServer(_ListeningServer):
    """As `RemoteServer` where connections cannot be handed over (Windows): all clients share one library.

    It serves one call after the other, in this process.
    """

    def __init__(self, host: str, port: int, grace: float, arguments: Sequence[str] = ()) -> None:
        super().__init__(host, port)
        self._grace = grace
        self._session = RemoteSession(arguments)

    def serve(self) -> None:
        """Serves until `stop`."""
        try:
            while True:
                ready = select.select([self._listener, self._wakes], [], [], self._grace)[0]
                if self._wakes in ready:
                    return
                if ready:
                    self._session.serve(self._listener.accept()[0])
                else:
                    self._session.end()
        finally:
            self._session.end()
            self._close()


def _end(process: subprocess.Popen[bytes], deadline: Deadline) -> None:
    try:
        process.wait(deadline.remaining())
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=128)
    except OSError as problem:
        raise EndpointFailed(f"Cannot listen on {host}, port {port}: {problem.strerror or problem}.") from None
    if sys.platform == "linux":
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)  # a connection comes with what it sends
    return listener


def serve(host: str, port: int, grace: float, arguments: Sequence[str]) -> int:
    """Serves keywords until Ctrl-C or SIGTERM.

    Returns:
        The exit code: 130 after Ctrl-C, 143 after SIGTERM.

    Raises:
        EndpointFailed: It cannot listen there.
        InvalidValue: The library does not take the import arguments.
    """
    RemoteKeywords(arguments)  # wrong arguments show before anybody calls
    server = (RemoteServer if HANDS_OVER else SerialServer)(host, port, grace, arguments)
    got: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        got.append(number)
        server.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if not is_loopback(host):
        name = socket.gethostname()
        print(_WARNING.format(host=host, port=server.url.rpartition(":")[2], name=name), file=sys.stderr, flush=True)
    print(f"ZmqLibrary is served at {server.url}", flush=True)
    server.serve()
    return INTERRUPTED if signal.SIGINT in got else TERMINATED
