"""One client of the remote server: a process that runs its keywords and ends with what it has open.

`python -m ZmqLibrary.frontends.remote_session DESCRIPTORS GRACE NOTE [ARGUMENT …]` is started by the server. Over the
first of these sockets come the client's connections, one for each call, because Robot's Remote library makes a new one
each time; the others are the server's listener and an epoll that waits for it while the server lends it. So only
silence shows that a client is gone: after GRACE seconds all that it has open is closed. One that goes away in the
middle of a keyword closes its connection; the keyword is interrupted then as by Robot's timeouts.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType
from xmlrpc.client import Fault, loads

from ..errors import WrongUse
from ..waiting.deadline import Deadline
from .http_call import BadCall, read_body, refuse, send_answer
from .remote_arrivals import HANDED_OVER, Client, client_of
from .remote_keywords import RemoteKeywords
from .remote_values import response

if sys.platform != "win32":
    import fcntl

_REQUEST_SECONDS = 30.0
_NEVER = 1e6


class ClientGone(BaseException):
    """Nobody waits any more for the keyword that runs."""


class RemoteSession:
    """Serves the calls of one client, one after the other, in the main thread.

    Args:
        arguments: Import arguments of the library.
        note: What the client's first keyword logs, if the client was here before.
        ended: Returns whether the server has ended.
    """

    def __init__(self, arguments: Sequence[str], note: str = "", ended: Callable[[], bool] = lambda: False) -> None:
        self._keywords = RemoteKeywords(arguments)
        self._note = note
        self._ended = ended
        self._waiting: socket.socket | None = None
        self._takes_signals = False
        self._methods: Mapping[str, Callable[..., object]] = {
            "get_library_information": self._information,
            "get_keyword_names": lambda: self._keywords.names,
            "get_keyword_arguments": lambda name: self._about(name, "args"),
            "get_keyword_types": lambda name: self._about(name, "types"),
            "get_keyword_documentation": lambda name: self._about(name, "doc"),
            "get_keyword_tags": lambda name: self._about(name, "tags"),
            "run_keyword": self._run_keyword,
        }

    def serve(self, connection: socket.socket) -> None:
        """Answers one call and closes the connection."""
        with connection:
            try:
                answer = self.answer(read_body(connection, _REQUEST_SECONDS), connection)
                connection.settimeout(_REQUEST_SECONDS)
                send_answer(connection, answer)
            except BadCall as problem:
                with suppress(OSError):
                    refuse(connection, problem)
            except (OSError, ClientGone):  # the client went away, or was too slow
                self._no_more()

    def answer(self, body: bytes, connection: socket.socket) -> bytes:
        """What is answered to the body of a call."""
        try:
            params, method = loads(body, use_builtin_types=True)
            if method is None or method not in self._methods:
                raise WrongUse(f"The server has no method '{method}'.")
            self._interrupt_when_closed(connection)
            try:
                return response(self._methods[method](*params))
            finally:
                self._no_more()
        except Exception as error:
            return response(Fault(1, f"{type(error).__name__}: {error}"))

    def end(self) -> list[str]:
        """Closes all that the client has open; returns the names."""
        return self._keywords.end()

    def _information(self) -> object:
        self._note = ""  # a new run, which misses nothing
        return self._keywords.information()

    def _about(self, name: str, what: str) -> object:
        return self._keywords.about(name)[what]

    def _run_keyword(self, name: str, args: Sequence[object], named: Mapping[str, object] | None = None) -> object:
        result = self._keywords.run(name, args, named)
        if self._note:
            result["output"] = f"*WARN* {self._note}\n{result.get('output', '')}"
            self._note = ""
        return result

    def _interrupt_when_closed(self, connection: socket.socket) -> None:
        """From now on a signal reports that client or server is gone, until `_no_more`; if signals are taken at all."""
        if not self._takes_signals:
            return
        self._waiting = connection
        send_signals(connection)
        if self._ended() or is_closed(connection):  # before that
            raise ClientGone

    def _no_more(self) -> None:
        self._waiting = None

    def take_signals(self) -> None:
        """Raises `ClientGone` in a keyword whose client is gone, by the signal that Robot's timeouts use, too.

        The library holds that one back while it reads or writes a message, if the timer runs. Windows has no such
        signal: there a keyword whose client is gone goes on to its own timeout.
        """
        if sys.platform != "win32":
            self._takes_signals = True
            signal.signal(signal.SIGALRM, self._leave)
            signal.signal(signal.SIGIO, self._look)
            signal.setitimer(signal.ITIMER_REAL, _NEVER)

    def _look(self, number: int, frame: FrameType | None) -> None:
        if self._waiting is not None and (self._ended() or is_closed(self._waiting)):
            signal.raise_signal(signal.SIGALRM)

    def _leave(self, number: int, frame: FrameType | None) -> None:
        if self._waiting is not None:
            raise ClientGone


def send_signals(end: socket.socket) -> None:
    """Has the system send SIGIO when something comes, or when the other end is closed.

    A timer that looks now and then would do harm: under a periodic signal pyzmq's poll takes far longer than it
    should (seen with 27.3: 0.9 seconds for 0.1, with a signal each 0.1 seconds).
    """
    if sys.platform != "win32":
        fcntl.fcntl(end, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(end, fcntl.F_SETFL, os.O_ASYNC if end.getblocking() else os.O_ASYNC | os.O_NONBLOCK)


def is_closed(connection: socket.socket) -> bool:
    """Whether the other end was closed, or has died."""
    try:
        return bool(select.select([connection], [], [], 0)[0]) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def has_hung_up(end: socket.socket) -> bool:
    """Whether the other end of a local socket is gone, also where something that it has sent was not read yet."""
    hung_up = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)
    poll = select.poll()
    poll.register(end, hung_up)
    return any(events & hung_up for _, events in poll.poll(0))


class _Server:
    """The end of the server's socket in the client's process."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    def connection(self, deadline: Deadline) -> socket.socket | None:
        """The next connection; None if none came until then.

        Raises:
            EOFError: The server has ended, or has let this process go.
        """
        return self.handed_over() if select.select([self._control], [], [], deadline.remaining())[0] else None

    def handed_over(self) -> socket.socket:
        """The next connection that the server hands over.

        Raises:
            EOFError: The server has ended, or has let this process go.
        """
        data, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        if not data:
            raise EOFError
        return socket.socket(fileno=descriptors[0])

    def ended(self) -> bool:
        return has_hung_up(self._control)

    def send(self, text: str) -> None:
        self._control.sendall(text.encode() + b"\n")


class _LendingServer(_Server):
    """A server that lends its listener at times: then the connections of this client are taken here.

    Args:
        control: The socket to the server.
        listener: Where it listens.
        epoll: What the server makes wait for the listener as long as it lends it.
    """

    def __init__(self, control: socket.socket, listener: socket.socket, epoll: select.epoll) -> None:
        super().__init__(control)
        self._listener = listener
        self._epoll = epoll
        self._epoll.register(control, select.EPOLLIN)
        self._client: Client | None = None

    def connection(self, deadline: Deadline) -> socket.socket | None:
        while True:
            ready = self._epoll.poll(deadline.remaining())
            if not ready:
                return None
            connection = self.handed_over() if ready[0][0] == self._control.fileno() else self._taken()
            if connection is not None:
                return connection

    def handed_over(self) -> socket.socket:
        connection = super().handed_over()
        if self._client is None:
            with suppress(OSError):
                self._client = client_of(connection, connection.getpeername()[0])
        return connection

    def _taken(self) -> socket.socket | None:
        """A connection of this client; one of another client is handed over."""
        try:
            connection, (address, *_) = self._listener.accept()
        except OSError:
            return None
        try:
            if client_of(connection, address) == self._client:
                return connection
        except OSError:
            pass
        with connection, suppress(OSError):  # the server has ended
            socket.send_fds(self._control, [HANDED_OVER], [connection.fileno()])
        return None


def main(inherited: str, grace: str, note: str, *arguments: str) -> None:
    """Serves one client until it has been silent for the grace period, or the server ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server, which ends this process
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    descriptor, *shared = descriptors = [int(number) for number in inherited.split(",")]
    for number in descriptors:
        os.set_inheritable(number, False)
    with socket.socket(fileno=descriptor) as control:
        send_signals(control)
        server = _server(control, *shared)
        session = RemoteSession(arguments, note, server.ended)
        session.take_signals()
        gc.freeze()  # each call leaves garbage: what was imported need not be looked through for it
        try:
            _serve(server, session, float(grace))
        except EOFError:
            pass
        finally:
            session.end()


def _server(control: socket.socket, listener: int = -1, epoll: int = -1) -> _Server:
    if listener < 0:
        return _Server(control)
    return _LendingServer(control, socket.socket(fileno=listener), select.epoll.fromfd(epoll))


def _serve(server: _Server, session: RemoteSession, grace: float) -> None:
    while connection := server.connection(Deadline(grace)):
        session.serve(connection)
    server.send(json.dumps(session.end()))
    # Connections that the server has handed over before it read that are served; then it lets this process go.
    while True:
        session.serve(server.handed_over())


if __name__ == "__main__":
    main(*sys.argv[1:])
