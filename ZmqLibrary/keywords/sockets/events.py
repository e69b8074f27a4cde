"""Keywords about connections and their events."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from robot.api.deco import keyword

from ...errors import CheckFailed, WaitTimeout
from ...log import logger
from ...monitoring.event_meanings import event_name
from ...monitoring.history import HISTORY
from ...sockets import diagnosis
from ...sockets import peers as connections
from ..arguments import require_count
from ..base import KeywordGroup

if TYPE_CHECKING:
    from ...monitoring.socket_event import SocketEvent
    from ...sockets.zmq_socket import ZmqSocket


class EventKeywords(KeywordGroup):
    """Waiting for peers, and what happened to connections."""

    @keyword
    def wait_until_connected(
        self,
        *,
        endpoint: str | None = None,
        count: int = 1,
        timeout: timedelta | None = None,
        socket: str | None = None,
    ) -> None:
        """Waits until the ZeroMQ handshake with peers is done, on a connecting or a bound socket.

        Over inproc a socket counts as connected at once, because there is no handshake.

        Args:
            endpoint: Only peers at this endpoint count; default is all endpoints of the socket.
            count: How many peers.

        Raises:
            CheckFailed: The socket has no such endpoint.
            WaitTimeout: They did not come in time; the message says what is known of every endpoint.

        Example:
        | Bind Zmq Socket         tcp://127.0.0.1:*    PULL    sink
        | ${address}=             Get Zmq Endpoint
        | Connect Zmq Socket      ${address}    PUSH    source    lazy=yes
        | Wait Until Connected    socket=sink

        Tags: Connection, Waiting
        """
        zmq_socket = self.session.socket(socket)
        deadline = self._deadline(timeout)
        require_count(count)
        connections.require_endpoint(zmq_socket, endpoint)
        if not zmq_socket.observe(lambda: connections.count_peers(zmq_socket, endpoint) >= count, deadline):
            raise WaitTimeout(diagnosis.not_connected(zmq_socket, count, endpoint, deadline.seconds))
        zmq_socket.ask(lambda: connections.forget_losses(zmq_socket, endpoint))
        logger.info(f"Socket {zmq_socket.title} is connected.")

    @keyword
    def wait_until_disconnected(
        self,
        *,
        count: int | None = None,
        endpoint: str | None = None,
        timeout: timedelta | None = None,
        socket: str | None = None,
    ) -> None:
        """Waits until the socket has no peer left, or until so many of its peers have gone.

        Args:
            count: How many peers have to go, whichever these are; others may stay. Those count that have gone since the
                last `Wait Until Connected` of the socket and that no earlier wait has counted, so that it does not
                matter whether they went before this keyword began.
            endpoint: Only peers at this endpoint count; default is all endpoints of the socket.

        Raises:
            CheckFailed: The socket does not have the endpoint, and without ``count`` has not had it.
            WaitTimeout: Peers are still there.
            WrongUse: All endpoints are inproc, which reports no connections.

        Example:
        | Bind Zmq Socket            tcp://127.0.0.1:*    PULL    sink
        | ${address}=                Get Zmq Endpoint
        | Connect Zmq Socket         ${address}    PUSH    source
        | Wait Until Connected       socket=sink
        | Close Zmq Socket           source
        | Wait Until Disconnected    socket=sink

        Example:
        | Bind Zmq Socket            tcp://127.0.0.1:*    ROUTER    broker
        | ${address}=                Get Zmq Endpoint
        | FOR    ${name}    IN    anna    bert    carl
        |     Connect Zmq Socket     ${address}    DEALER    ${name}
        | END
        | Wait Until Connected       count=3    socket=broker
        | Close Zmq Socket           bert
        | Wait Until Disconnected    count=1    socket=broker

        Tags: Connection, Waiting
        """
        zmq_socket = self.session.socket(socket)
        deadline = self._deadline(timeout)
        require_count(count)
        connections.require_events(zmq_socket)
        connections.require_endpoint(zmq_socket, endpoint, or_left=count is None)

        def gone() -> bool:
            if count is None:
                return connections.count_connections(zmq_socket, endpoint) == 0
            return connections.take_losses(zmq_socket, count, endpoint)

        if not zmq_socket.observe(gone, deadline):
            raise WaitTimeout(diagnosis.still_connected(zmq_socket, deadline.seconds, count, endpoint))
        logger.info(f"Socket {zmq_socket.title} is disconnected.")

    @keyword
    def get_connection_state(self, *, endpoint: str | None = None, socket: str | None = None) -> str | dict[str, str]:
        """Returns the state of the socket's connection.

        The states are ``CONNECTED``, ``CONNECTING``, ``HANDSHAKING``, ``FAILED``, ``DISCONNECTED`` and ``LISTENING``;
        see `States`.

        Args:
            endpoint: One of the socket's endpoints.

        Returns:
            The state of that endpoint, or without one that of the socket's only endpoint. With several endpoints a
            dictionary from endpoint to state.

        Raises:
            CheckFailed: The socket has no such endpoint.

        Example:
        | Bind Zmq Socket         tcp://127.0.0.1:*    PULL
        | ${state}=               Get Connection State
        | Should Be Equal         ${state}    LISTENING

        Tags: Connection, Getter
        """
        zmq_socket = self.session.socket(socket)
        states = connections.states(zmq_socket)
        if endpoint is not None:
            return connections.state_of(zmq_socket, states, endpoint)
        return next(iter(states.values())) if len(states) == 1 else states

    @keyword
    def wait_for_zmq_event(
        self, *events: str, timeout: timedelta | None = None, socket: str | None = None
    ) -> SocketEvent:
        """Waits for one of these connection events and returns it.

        Takes the first one that is new since the socket was opened or since the last such wait.

        Args:
            events: Names as in the libzmq manual of `zmq_socket_monitor`, such as ``HANDSHAKE_SUCCEEDED`` or
                ``DISCONNECTED``; none means any event.

        Returns:
            The event, with the attributes ``name``, ``endpoint``, ``meaning``, ``value`` and ``time``.

        Raises:
            WaitTimeout: None of them happened in time; the message lists the last events.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL    sink
        | ${event}=             Wait For Zmq Event    LISTENING
        | Should Be Equal       ${event.name}    LISTENING

        Tags: Connection, Waiting
        """
        zmq_socket = self.session.socket(socket)
        names = [event_name(event) for event in events]
        deadline = self._deadline(timeout)
        monitor = zmq_socket.monitor
        self.session.hand.hold(partial(setattr, monitor, "event_cursor", monitor.event_cursor))
        event = zmq_socket.observe(lambda: monitor.take_event(names), deadline)
        if event is None:
            raise WaitTimeout(diagnosis.no_event(zmq_socket, names, deadline.seconds))
        logger.info(f"Socket {zmq_socket.title}: {event}.")
        return event

    @keyword
    def get_zmq_events(self, *, event: str | None = None, socket: str | None = None) -> list[SocketEvent]:
        """Returns the connection events of the socket, the last 200 at most, the oldest first.

        Args:
            event: Only events of this name: the last 200 of them, whatever else has happened since.

        Example:
        | Bind Zmq Socket    tcp://127.0.0.1:*    PULL
        | Wait For Zmq Event    LISTENING
        | @{events}=         Get Zmq Events
        | Should Be Equal    ${events[0].name}    LISTENING

        Tags: Connection, Getter
        """
        if event is not None:
            return self._happened(self.session.socket(socket), event)[-HISTORY:]
        zmq_socket = self.session.socket(socket)
        zmq_socket.ask(zmq_socket.drain)
        return list(zmq_socket.monitor.history)

    @keyword
    def zmq_event_should_have_happened(
        self, event: str, *, reason: str | None = None, socket: str | None = None
    ) -> None:
        """Fails unless the event has happened on the socket; shows what has happened.

        Args:
            event: Name as in `Wait For Zmq Event`.
            reason: Glob that the meaning of the event has to match, such as ``*MECHANISM_MISMATCH*``.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL
        | Wait For Zmq Event    LISTENING
        | Zmq Event Should Have Happened    LISTENING

        Tags: Assertion, Connection
        """
        zmq_socket = self.session.socket(socket)
        happened = self._happened(zmq_socket, event)
        if not any(connections.has_reason(e.meaning, reason) for e in happened):
            wanted = event_name(event) + (f" with reason {reason}" if reason else "")
            raise CheckFailed(
                f"{wanted} has not happened on socket {zmq_socket.title}.\n{diagnosis.history(zmq_socket)}"
            )

    @keyword
    def zmq_event_should_not_have_happened(self, event: str, *, socket: str | None = None) -> None:
        """Fails if the event has happened on the socket.

        Args:
            event: Name as in `Wait For Zmq Event`.

        Example:
        | Bind Zmq Socket       tcp://127.0.0.1:*    PULL
        | Zmq Event Should Not Have Happened    DISCONNECTED

        Tags: Assertion, Connection
        """
        zmq_socket = self.session.socket(socket)
        if happened := self._happened(zmq_socket, event):
            raise CheckFailed(f"On socket {zmq_socket.title} this has happened: {happened[-1]}.")

    @keyword
    def handshake_should_fail(
        self, reason: str | None = None, *, timeout: timedelta | None = None, socket: str | None = None
    ) -> str:
        """Passes when the ZeroMQ handshake with a peer fails, on a connecting or a bound socket.

        Takes the first failure that is new since the socket was opened or since the last such check. A connecting
        socket that has given up stays failed. Connect with ``lazy=yes``, because an eager connect fails itself. A
        connection that is there but has no handshake until the timeout counts as ``NOT_ZEROMQ``, unless messages come:
        libzmq reports no handshake with ZMTP 2.0 and older. A server of another process that wants another
        mechanism may close the connection before it says so: then the first failure is ``NOT_ZEROMQ``, too.
        ``INCOMPATIBLE_TYPE`` is what libzmq drops without a reason; a peer that sends other bytes than ZeroMQ can
        look the same. ``MAXMSGSIZE``: the handshake itself is longer than this socket takes.

        Args:
            reason: Glob that the failure has to match: ``CRYPTOGRAPHIC``, ``MECHANISM_MISMATCH``, ``AUTH 400``,
                ``INCOMPATIBLE_TYPE``, ``MAXMSGSIZE``, ``NOT_ZEROMQ``, ``CLOSED_BY_PEER`` or the text that explains it.

        Returns:
            The failure: its reason and what it means.

        Raises:
            CheckFailed: The handshake did not fail in time, or for other reasons; the message lists them.

        Example:
        | Bind Zmq Socket          tcp://127.0.0.1:*    PULL    sink
        | ${address}=              Get Zmq Endpoint
        | Connect Zmq Socket       ${address}    REP    lazy=yes
        | Handshake Should Fail    INCOMPATIBLE_TYPE

        Tags: Assertion, Connection, Waiting
        """
        zmq_socket = self.session.socket(socket)
        deadline = self._deadline(timeout)
        monitor = zmq_socket.monitor
        self.session.hand.hold(partial(setattr, monitor, "failure_cursor", monitor.failure_cursor))
        failure = connections.wait_for_failure(zmq_socket, reason, deadline)
        if failure is None:
            raise CheckFailed(diagnosis.no_failure(zmq_socket, reason, deadline.seconds))
        logger.info(f"Socket {zmq_socket.title}: {failure}.")
        return failure

    def _happened(self, socket: ZmqSocket, event: str) -> list[SocketEvent]:
        name = event_name(event)
        socket.ask(socket.drain)
        return socket.monitor.events(name)
