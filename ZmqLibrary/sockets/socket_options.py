"""SocketOptions: the options of a socket, and those that the library has to know of."""

from __future__ import annotations

from .drops import Drops
from .handshake_size import dropped_cause
from .option_table import SocketOption
from .raw_socket import RawSocket
from .socket_types import SocketType
from .turn import Turn

_XPUB_VERBOSITY = ("XPUB_VERBOSE", "XPUB_VERBOSER")
_DEFAULT_LIMIT = 1000
_REFUSING = ("XPUB_NODROP", "ROUTER_MANDATORY")
_MECHANISMS = {
    "CURVE_SERVER": "CURVE",
    "CURVE_SERVERKEY": "CURVE",
    "PLAIN_SERVER": "PLAIN",
    "PLAIN_USERNAME": "PLAIN",
}
_SERVERS = ("CURVE_SERVER", "PLAIN_SERVER")
_FOR_ALL_MECHANISMS = ("ZAP_DOMAIN", "ZAP_ENFORCE_DOMAIN")


class SocketOptions:
    """Sets and reads options. What libzmq refuses comes as `zmq.ZMQError`, `TypeError` or `OverflowError`.

    Args:
        raw: The socket.
        type: What the user asked for.
        turn: Learns of REQ_RELAXED.

    Attributes:
        mechanism: `NULL`, `PLAIN` or `CURVE`, by the options that were set.
        serves: Whether it is the server of that mechanism.
        security: The options about security that were set, and whether they are on.
        raw_peers: Whether its peers speak plain TCP: of a STREAM, and with ROUTER_RAW.
        max_message_size: MAXMSGSIZE as it was set; libzmq closes a connection on which a longer frame comes. -1: no
            limit.
        receive_limit: RCVHWM: how many messages from each peer wait to be received; 0: no limit.
        raw_peers: Whether its peers speak plain TCP: of a STREAM, and with ROUTER_RAW.
        routing_id: ROUTING_ID as it was set.
        next_routing_id: CONNECT_ROUTING_ID as it was set: the peer of the next connect gets it. Empty: none.
        given_routing_ids: Those that peers of earlier connects got.
        hands_over: ROUTER_HANDOVER: whether a peer that comes with the routing id of another takes its place.
    """

    def __init__(self, raw: RawSocket, type: SocketType, turn: Turn) -> None:
        self._conflate_from: int | None = None
        self.mechanism = "NULL"
        self.serves = False
        self.security: dict[str, bool] = {}
        self.max_message_size = -1
        self.receive_limit = _DEFAULT_LIMIT
        self.routing_id = b""
        self.next_routing_id = b""
        self.given_routing_ids: set[bytes] = set()
        self.hands_over = True
        self._raw = raw
        self._type = type
        self._turn = turn
        self._reported = (False, False)  # as XPUB_VERBOSE and XPUB_VERBOSER have it: subscriptions, cancellations
        self._manual = False
        self._secret: set[str] = set()
        self.raw_peers = type is SocketType.STREAM

    def set(self, option: SocketOption, value: int | bytes) -> None:
        """Sets an option."""
        if option.secret:
            self._secret.add(option.name)
        if self._type.publishes and option.name in _XPUB_VERBOSITY:  # inside, XPUB_VERBOSER is always on
            self._reported = (bool(value), bool(value) and option.name == "XPUB_VERBOSER")
            return
        if option.name in _REFUSING:  # inside, libzmq always refuses, so that what is dropped can be counted
            self._raw.drops = None if value else self._raw.drops or Drops()
            return
        self._raw.set(option.number, value)
        if option.secures:
            self._note_security(option.name, bool(value))
        if option.name == "CONFLATE":
            since = self._raw.joined if self._conflate_from is None else self._conflate_from
            self._conflate_from = since if value else None
        elif option.name == "ROUTING_ID" and isinstance(value, bytes):
            self.routing_id = value
        elif option.name == "CONNECT_ROUTING_ID" and isinstance(value, bytes):
            self.next_routing_id = value
        elif option.name == "ROUTER_HANDOVER":
            self.hands_over = bool(value)
        elif option.name == "XPUB_MANUAL":
            self._manual = bool(value)
        elif option.name == "REQ_RELAXED":
            self._turn.relaxed = bool(value)
        elif option.name == "ROUTER_RAW":
            self.raw_peers = bool(value)
        elif option.name == "RCVHWM":
            self.receive_limit = int(value)
        elif option.name == "MAXMSGSIZE":
            self.max_message_size = int(value)

    @property
    def conflates(self) -> bool:
        """Whether an endpoint has CONFLATE, or the first one will have it: only the last frame of a message is kept."""
        return self._conflate_from is not None and (self._conflate_from == 0 or self._raw.joined > self._conflate_from)

    def _note_security(self, name: str, on: bool) -> None:
        self.security[name] = on
        if name in _SERVERS and not on and self.security.keys() <= {name, *_FOR_ALL_MECHANISMS}:
            del self.security[name]  # as if it had never been on
        if name in _MECHANISMS:
            self.mechanism = _MECHANISMS[name] if on else "NULL"
            self.serves = on and name in _SERVERS

    def connected(self) -> None:
        """The socket has connected: the peer has the routing id that was set for it."""
        if self.next_routing_id:
            self.given_routing_ids.add(self.next_routing_id)
            self.next_routing_id = b""

    def get(self, option: SocketOption) -> int | bytes:
        """Reads an option."""
        value = self._raw.get(option.number)
        return int(self._type.value) if option.name == "TYPE" else value

    def is_secret(self, option: SocketOption) -> bool:
        """Whether its value must not be read: all values of some options, and those that were given as secrets."""
        return option.secret or option.name in self._secret

    def dropped_cause(self) -> tuple[str, str]:
        """Why a connection was dropped in the handshake: a reason, and the same in words."""
        return dropped_cause(self.max_message_size, self._type, self.mechanism, self.serves)

    def reports(self, subscribes: bool) -> bool:
        """Whether an XPUB with the user's options reports each subscription, or each cancellation."""
        return self._manual or self._reported[not subscribes]
