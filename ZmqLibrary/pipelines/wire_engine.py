"""The WIRE engine: speaks ZMTP itself, over tcp and ipc, without security or as a PLAIN client.

It keeps no queues of its own, except for the subscribers of a PUB: what a pump has sent is in its kernel, and
what a sink has not read holds up its peer. So it disturbs what it measures less than libzmq, at the speed of programs
in C.
"""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import ConnectFailed, EndpointFailed
from ..sockets.descriptors import lasting_shortage
from ..waiting.deadline import Deadline
from ..zmtp.frames import LARGEST
from ..zmtp.greeting import Version
from ..zmtp.handshake import Handshake, Null, PlainClient
from ..zmtp.opening import Opening
from .wire_link import WireLink
from .wire_links import Links

if TYPE_CHECKING:
    from .settings import PeerSettings

OPTIONS = frozenset(
    {
        "MAXMSGSIZE",
        "PLAIN_PASSWORD",
        "PLAIN_USERNAME",
        "RCVBUF",
        "RECONNECT_IVL",
        "RECONNECT_IVL_MAX",
        "ROUTING_ID",
        "SNDBUF",
    }
)
"""Socket options that mean the same here as in libzmq. A PUB has SNDHWM besides."""

_TYPES = ("PUSH", "PUB", "DEALER", "REQ", "PULL", "SUB", "REP", "ROUTER")
_TCP = r"tcp://(\*|localhost|[0-9.]+|\[[0-9a-fA-F:]+\]):(\*|[0-9]+)"
_TCP_PEER = r"tcp://([A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):[0-9]+"
_EXPLAIN_SECONDS = 2.0  # of the timeout; a busy machine may take long to find out that nobody listens
_LEAST_EXPLAIN_SECONDS = 0.2  # libzmq finds out nothing in less, so a short timeout is exceeded
_LAST_LOOK_SECONDS = 0.1
_MOST_AT_ONCE = 60.0  # seconds; `select` takes no number of them that a user may think of


def why_not_wire(settings: PeerSettings) -> str:
    """Why the WIRE engine cannot do it; empty if it can."""
    if settings.type not in _TYPES:
        return f"{settings.type} needs libzmq"
    if not re.fullmatch(rf"(?s){_TCP if settings.bind else _TCP_PEER}|ipc://(?!\*$).+", settings.endpoint):
        return f"the endpoint {settings.endpoint} needs libzmq"
    if settings.endpoint.startswith("ipc:") and not hasattr(socket, "AF_UNIX"):
        return "Unix sockets of this system need libzmq"
    others = {name for name, _ in settings.options} - OPTIONS - ({"SNDHWM"} if settings.type == "PUB" else set())
    return f"{', '.join(sorted(others))} of sockets needs libzmq" if others else ""


class WireEngine:
    """What pumps and sinks have in common.

    Args:
        settings: Of the pump or sink.
        wakeup: Readable when a wait is to end.
    """

    def __init__(self, settings: PeerSettings, wakeup: socket.socket) -> None:
        self._settings = settings
        self._wakeup = wakeup
        largest = int(settings.option("MAXMSGSIZE", -1))
        largest = LARGEST if largest < 0 else largest
        self._links = Links(settings, wakeup, self._new_opening, self._on_ready, self._on_lost, largest)

    @property
    def endpoint(self) -> str:
        """Where it listens, with the port, or what it connects to."""
        return self._links.endpoint

    @property
    def has_peer(self) -> bool:
        """Whether a handshake is done; for a PUB, whether somebody has subscribed."""
        return bool(self._links.ready)

    @property
    def connections(self) -> str:
        """What is known of its connections, in a sentence for each."""
        return self._links.condition

    def open(self) -> None:
        """Listens, or begins to connect all lanes.

        Raises:
            EndpointFailed: The endpoint is in use, or cannot be used.
        """
        self._require_descriptors()
        try:
            self._links.open()
        except EndpointFailed:
            self._require_descriptors()
            # The same failure in the words of `ZmqSocket`, which knows more of its cause.
            self._let_libzmq_explain(min(_EXPLAIN_SECONDS, self._settings.timeout), self._settings.timeout)
            raise

    def _require_descriptors(self) -> None:
        if problem := lasting_shortage():
            raise EndpointFailed(f"Cannot open '{self._settings.name}' ({self._settings.type}): {problem}")

    def wait_connected(self, deadline: Deadline) -> None:
        """Waits for the handshake of each lane.

        Raises:
            ConnectFailed: It was not done in time, with what is known about the cause.
        """
        if self._are_ready(deadline, reserve=min(_EXPLAIN_SECONDS, deadline.seconds / 2)):
            return
        self._require_no_refusal()
        self._let_libzmq_explain(deadline.remaining(), deadline.seconds)
        # It got through: the peer is only slow.
        if not self._are_ready(Deadline(max(deadline.remaining(), _LAST_LOOK_SECONDS))):
            raise ConnectFailed(f"Connecting to '{self.endpoint}' was not done in time: {self._links.problem}.")

    def _require_no_refusal(self) -> None:
        """Raises what the peer has said in its ERROR; libzmq reads nothing there but a status of ZAP."""
        problem = self._links.problem
        is_refusal = isinstance(problem, ConnectionRefusedError) and problem.errno is None
        if is_refusal and not re.search(r": (\d{3})?$", str(problem)):
            name, type = self._settings.name, self._settings.type
            raise ConnectFailed(f"Cannot connect '{name}' ({type}) to {self.endpoint}: {problem}.")

    def _are_ready(self, deadline: Deadline, reserve: float = 0.0) -> bool:
        """Waits for all lanes until some time before the deadline."""
        while len(self._links.ready) < self._settings.connections:
            left = deadline.remaining() - reserve
            if left <= 0:
                return False
            self._links.poll(min(left, _MOST_AT_ONCE), reading=False)
        return True

    def close(self) -> None:
        """Closes all connections at once; closing twice does nothing."""
        self._links.close()

    def _let_libzmq_explain(self, seconds: float, given: float) -> None:
        """Tries the same with a socket of the library, which knows more about why it fails, and says so.

        Args:
            seconds: How long it tries, if that is enough to find out anything.
            given: The timeout that the user has given, which the error names.
        """
        from .socket_engine import SocketEngine

        options = (*self._settings.options, ("LINGER", 0))  # else closing waits for a silent peer
        probe = SocketEngine(replace(self._settings, options=options), self._wakeup, None)
        deadline = Deadline(max(seconds, _LEAST_EXPLAIN_SECONDS))
        deadline.seconds = given
        try:
            probe.open()
            probe.wait_connected(deadline)
        finally:
            probe.close()

    def _new_opening(self) -> Opening:
        routing_id = self._settings.option("ROUTING_ID", b"")
        version = Version.ZMTP_3_1
        return Opening(self._settings.type, self._new_handshake(), version, routing_id=_as_bytes(routing_id))

    def _new_handshake(self) -> Handshake:
        username = self._settings.option("PLAIN_USERNAME", b"")
        password = self._settings.option("PLAIN_PASSWORD", b"")
        return PlainClient(_as_bytes(username), _as_bytes(password)) if username else Null()

    def _on_ready(self, link: WireLink) -> None:
        """A handshake is done."""

    def _on_lost(self, link: WireLink) -> None:
        """A connection is gone, and what came from it was read."""


def _as_bytes(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
