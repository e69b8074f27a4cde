"""ConfiguredSocket: a socket with its options."""

from __future__ import annotations

import zmq

from ..errors import InvalidValue
from .option_table import SocketOption
from .watched import WatchedSocket

_XPUB_VERBOSITY = ("XPUB_VERBOSE", "XPUB_VERBOSER")


class ConfiguredSocket(WatchedSocket):
    """A socket whose options can be set and read."""

    max_message_size = -1
    """MAXMSGSIZE as it was set; libzmq closes a connection on which a longer message comes. -1: no limit."""

    def set_option(self, option: SocketOption, value: int | bytes) -> None:
        """Sets a socket option.

        Raises:
            InvalidValue: libzmq refuses the value.
        """
        self.require_usable()
        if self.type.publishes and option.name in _XPUB_VERBOSITY:
            self._xpub_options[option.name] = bool(value)
            return
        try:
            self._zmq.set(option.number, value)
        except (zmq.ZMQError, TypeError, OverflowError) as error:
            shown = "this value" if option.secret else repr(value)
            raise InvalidValue(
                f"Socket {self.title} does not take {shown} for option {option.name}: {error}."
            ) from error
        if option.name == "CONFLATE":
            self.conflates = bool(value)
        elif option.name == "XPUB_MANUAL":
            self._xpub_options[option.name] = bool(value)
        elif option.name == "REQ_RELAXED":
            self.turn.relaxed = bool(value)
        elif option.name == "MAXMSGSIZE":
            self.max_message_size = int(value)

    def get_option(self, option: SocketOption) -> int | bytes:
        """Reads a socket option.

        Raises:
            InvalidValue: libzmq does not tell it.
        """
        self.require_usable()
        try:
            value: int | bytes = self._zmq.get(option.number)
        except zmq.ZMQError as error:
            raise InvalidValue(f"Option {option.name} of socket {self.title} cannot be read: {error}.") from error
        return self.type.value if option.name == "TYPE" else value
