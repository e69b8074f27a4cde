"""SocketOptions: the options of a socket, and those that the library has to know of."""

from __future__ import annotations

from .option_table import SocketOption
from .raw_socket import RawSocket
from .socket_types import SocketType
from .turn import Turn

_XPUB_VERBOSITY = ("XPUB_VERBOSE", "XPUB_VERBOSER")
_MECHANISMS = {
    "CURVE_SERVER": "CURVE",
    "CURVE_SERVERKEY": "CURVE",
    "PLAIN_SERVER": "PLAIN",
    "PLAIN_USERNAME": "PLAIN",
}
_REPORTING = ("XPUB_VERBOSER", "XPUB_MANUAL")


class SocketOptions:
    """Sets and reads options. What libzmq refuses comes as `zmq.ZMQError`, `TypeError` or `OverflowError`.

    Args:
        raw: The socket.
        type: What the user asked for.
        turn: Learns of REQ_RELAXED.

    Attributes:
        conflates: CONFLATE as it was set: only the last frame of a message is kept.
        mechanism: `NULL`, `PLAIN` or `CURVE`, by the options that were set.
        max_message_size: MAXMSGSIZE as it was set; libzmq closes a connection on which a longer message comes. -1: no
            limit.
    """

    def __init__(self, raw: RawSocket, type: SocketType, turn: Turn) -> None:
        self.conflates = False
        self.mechanism = "NULL"
        self.max_message_size = -1
        self._raw = raw
        self._type = type
        self._turn = turn
        self._xpub: dict[str, bool] = {}

    def set(self, option: SocketOption, value: int | bytes) -> None:
        """Sets an option."""
        if self._type.publishes and option.name in _XPUB_VERBOSITY:  # inside, XPUB_VERBOSER is always on
            self._xpub[option.name] = bool(value)
            return
        self._raw.set(option.number, value)
        if option.name == "CONFLATE":
            self.conflates = bool(value)
        elif option.name == "XPUB_MANUAL":
            self._xpub[option.name] = bool(value)
        elif option.name == "REQ_RELAXED":
            self._turn.relaxed = bool(value)
        elif option.name in _MECHANISMS and value:
            self.mechanism = _MECHANISMS[option.name]
        elif option.name == "MAXMSGSIZE":
            self.max_message_size = int(value)

    def get(self, option: SocketOption) -> int | bytes:
        """Reads an option."""
        value = self._raw.get(option.number)
        return int(self._type.value) if option.name == "TYPE" else value

    def reports(self, subscribes: bool) -> bool:
        """Whether an XPUB with the user's options reports each subscription, or each cancellation."""
        names = (*_REPORTING, "XPUB_VERBOSE") if subscribes else _REPORTING
        return any(self._xpub.get(name) for name in names)
