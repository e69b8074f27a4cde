"""ZeroMQ users for Locust: requests with true latencies, and pumps.

    from locust import task
    from ZmqLibrary.frontends.locust_user import ZmqUser

    class Customer(ZmqUser):
        host = "tcp://127.0.0.1:5555"
        zmq_type = "REQ"
        format = "JSON"

        @task
        def order(self):
            self.request({"command": "order", "item": "apple", "count": 1}, name="order")

Whoever imports this needs Locust: `pip install 'robotframework-zmqlibrary[locust]'`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import InvalidValue, MissingPackage, WrongUse, ZmqLibraryError

try:
    import locust
except ImportError as problem:
    raise MissingPackage("A ZeroMQ user of Locust", "locust", "locust") from problem

import gevent
from locust.env import Environment
from robot.utils import timestr_to_secs

from ..keywords.arguments import encoded_frames
from ..messages.message import Message
from ..sockets.socket_types import SocketType
from ..sockets.zmq_socket import ZmqSocket
from ..waiting.deadline import Deadline
from .green_poll import Receiver
from .load import Load
from .pump_user import PumpUser

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from .load_report import LoadReport

__all__ = ["PumpUser", "ZmqUser"]

FormatName = str | Sequence[str] | None
_SLICE = 1.0
_ASKING = (SocketType.REQ, SocketType.DEALER)
_ALIAS = r"'(\w+)-\d+' \(\1(\)|, )"
_TRIES = r" \(tried again [^)]*\)"
_LINES_FOR_ALL = 2  # what was tried, and what is known of the endpoint


class _Whole(Deadline):
    """A deadline that is waited for at once: no signal has to get through, and others run meanwhile."""

    __slots__ = ()

    def slice(self) -> float:
        return min(self.remaining(), _SLICE)


class ZmqUser(locust.User):
    """A user with one socket, which reports what it does to Locust.

    A request that fails is reported with its reason and returns None; the next one has a fresh connection.

    Attributes:
        host: The endpoint to connect to.
        zmq_type: The type of the socket, such as `REQ`, `DEALER`, `PUSH` or `SUB`.
        format: Of all messages, unless a method is given another one; None means TEXT.
        timeout: For connecting, and for each request, send and receive.
        subscribe: A topic or a list of topics, for SUB.
        zmq_options: What `Connect Zmq Socket` takes by name besides, such as `curve_server_key` and socket options.
    """

    abstract = True

    zmq_type: str = "REQ"
    format: FormatName = None
    timeout: str | float = "2s"
    subscribe: object = None
    zmq_options: ClassVar[Mapping[str, object]] = {}

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._load = Load.of(environment)
        self._session = self._load.library.session
        self._socket: ZmqSocket | None = None
        self._type = _type_of(self.zmq_type)
        self._request_type = self._type.name  # enums take their time to say it
        self._seconds = _seconds_of(self.timeout)
        self._owner: gevent.Greenlet | None = None

    @property
    def library(self) -> Any:
        """The library that all users of this process share: its keywords are methods, `define_message_layout` too."""
        return self._load.library

    def request(
        self,
        *frames: object,
        name: str | None = None,
        format: FormatName = None,
        reply_format: FormatName = None,
        layout: str | None = None,
    ) -> Message | None:
        """Sends a request and returns the reply as `Send Request` would, or None if there was none.

        Args:
            frames: As with `Send Multipart`.
            name: Under which Locust counts it; default is the endpoint.
            format: Of the request and the reply; default is that of the class.
            reply_format: Of the reply if it is another one.
            layout: A layout instead of a format.

        Raises:
            WrongUse: The socket is neither REQ nor DEALER.
            EncodeError: A frame does not fit the format; nothing was sent.
        """
        if self._type not in _ASKING:
            raise WrongUse(f"zmq_type {self._type.name} sends no requests: only REQ and DEALER do.")
        with self._reported(name) as done:
            socket = self._connected()
            formats = self._formats_for(socket, format, layout)
            encoded = encoded_frames(frames, {}, formats)
            reply_formats = formats if reply_format is None else self._session.formats.get(reply_format)
            deadline = _Whole(self._seconds)
            done.start()
            socket.send(encoded, deadline)
            message = self._receiver.receive(deadline)
            done.stop(message.raw)
            return message.read_as(reply_formats)
        return None

    def send(
        self, *frames: object, name: str | None = None, format: FormatName = None, layout: str | None = None
    ) -> bool:
        """Sends a message as `Send Multipart` would, and counts how long it took until it was taken.

        Returns:
            Whether it was sent.

        Raises:
            EncodeError: A frame does not fit the format; nothing was sent.
        """
        with self._reported(name) as done:
            socket = self._connected()
            formats = self._formats_for(socket, format, layout)
            encoded = encoded_frames(frames, {}, formats)
            done.start()
            socket.send(encoded, _Whole(self._seconds))
            done.stop(encoded)
            return True
        return False

    def receive(
        self, *, name: str | None = None, format: FormatName = None, layout: str | None = None
    ) -> Message | None:
        """Returns the next message as `Receive Multipart` would, or None if none came in time.

        What is counted is how long it was waited for.
        """
        with self._reported(name) as done:
            socket = self._connected()
            formats = self._formats_for(socket, format, layout)
            done.start()
            message = self._receiver.receive(_Whole(self._seconds))
            done.stop(message.raw)
            return message.read_as(formats)
        return None

    def _formats_for(self, socket: ZmqSocket, format: FormatName, layout: str | None) -> FrameFormats:
        return self._session.formats_for(socket, format or (None if layout else self.format), layout=layout)

    def _connected(self) -> ZmqSocket:
        """The socket with its connection.

        Raises:
            ConnectFailed: The peer was not reached in time.
        """
        if self._socket is None:
            if not self.host:
                raise InvalidValue(f"{type(self).__name__} has no host: give the endpoint to connect to.")
            self._end_with_greenlet()
            named = {"timeout": self._seconds, "subscribe": self.subscribe, **self.zmq_options}
            given = {name: value for name, value in named.items() if value is not None}
            name = self._load.call("Connect Zmq Socket", self.host, self._type, **given)
            self._socket = self._session.sockets.get(name)
            self._receiver = Receiver(self._socket)
        return self._socket

    def _end_with_greenlet(self) -> None:
        """Users end in several ways, and their `on_stop` is for those who write them."""
        current = gevent.getcurrent()
        if self._owner is None and isinstance(current, gevent.Greenlet):
            self._owner = current
            current.link(lambda _: self.disconnect())

    def disconnect(self) -> None:
        """Closes the connection; the next request has a fresh one."""
        socket, self._socket = self._socket, None
        if socket is not None and not socket.closed:
            self._receiver.close()
            self._session.close(socket.name)

    def _reported(self, name: str | None) -> _Call:
        return _Call(self, self._load.report, self._request_type, name or str(self.host))


class _Call:
    """Reports one request to Locust and to the load report. What fails between two processes ends here.

    It closes the connection, unless a reply has come, and so does the end of the user. A mistake of the locustfile
    (InvalidValue) goes through.

    Args:
        user: Who makes it.
        report: The load report.
        type: Of the request.
        name: Under which it counts.
    """

    __slots__ = ("_begun", "_bytes", "_ended", "_name", "_report", "_type", "_user")

    def __init__(self, user: ZmqUser, report: LoadReport, type: str, name: str) -> None:
        self._user = user
        self._report = report
        self._type = type
        self._name = name
        self._begun = time.perf_counter_ns()
        self._ended = 0
        self._bytes = 0

    def start(self) -> None:
        """From here on it is measured."""
        self._begun = time.perf_counter_ns()

    def stop(self, frames: Sequence[bytes]) -> None:
        """It has brought these frames."""
        self._ended = time.perf_counter_ns()
        self._bytes = sum(map(len, frames))

    def __enter__(self) -> _Call:
        return self

    def __exit__(self, kind: object, problem: BaseException | None, traceback: object) -> bool:
        nanoseconds = (self._ended or time.perf_counter_ns()) - self._begun
        failed = isinstance(problem, ZmqLibraryError) and not isinstance(problem, InvalidValue)
        if (failed and not self._ended) or isinstance(problem, gevent.GreenletExit):
            self._user.disconnect()
        if problem is None:
            self._report.requests(self._type, self._name).succeeded(nanoseconds)
        elif failed:
            self._report.requests(self._type, self._name).failed()
        else:
            return False
        self._user.environment.events.request.fire(
            request_type=self._type,
            name=self._name,
            response_time=nanoseconds / 1e6,
            response_length=self._bytes,
            exception=_for_all_users(problem) if isinstance(problem, ZmqLibraryError) else None,
            context=self._user.context(),
        )
        return failed


def _for_all_users(problem: ZmqLibraryError) -> ZmqLibraryError:
    """The error without what is only of this user, because Locust has a row for each text."""
    lines = re.sub(_TRIES, "", str(problem)).split("\n")[:_LINES_FOR_ALL]
    text = re.sub(_ALIAS, lambda found: found[1] if found[2] == ")" else f"{found[1]} (", "\n".join(lines))
    same = type(problem).__new__(type(problem))
    same.args = (text,)
    return same


def _type_of(text: object) -> SocketType:
    try:
        return SocketType[str(text).upper()]
    except KeyError:
        known = ", ".join(SocketType.__members__)
        raise InvalidValue(f"zmq_type {text!r} is no type of socket. Types are: {known}.") from None


def _seconds_of(time: object) -> float:
    try:
        seconds = float(timestr_to_secs(time))
    except ValueError as problem:
        raise InvalidValue(f"timeout {time!r}: {problem}") from None
    if seconds < 0:
        raise InvalidValue(f"timeout {time!r} cannot be negative.")
    return seconds
