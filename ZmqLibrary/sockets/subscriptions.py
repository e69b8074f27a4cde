"""SubscribingSocket: what a SUB or XSUB wants to receive."""

from __future__ import annotations

import zmq

from ..errors import InvalidValue, WrongUse
from ..report.frames import preview
from . import diagnosis
from .option_table import SocketOption
from .places import ConnectingSocket
from .socket_types import SocketType
from .watched import SocketSettings

_SHOWN = 60


class SubscribingSocket(ConnectingSocket):
    """A socket with its subscriptions."""

    def __init__(
        self, context: zmq.Context[zmq.Socket[bytes]], name: str, type: SocketType, settings: SocketSettings
    ) -> None:
        super().__init__(context, name, type, settings)
        self.subscriptions: list[bytes] = []

    def set_option(self, option: SocketOption, value: int | bytes) -> None:
        """Sets a socket option; subscriptions that are set as options count like others.

        Raises:
            InvalidValue: libzmq refuses the value.
        """
        if option.name == "SUBSCRIBE" and isinstance(value, bytes):
            self.subscribe(value)
        elif option.name == "UNSUBSCRIBE" and isinstance(value, bytes):
            self.unsubscribe(value)
        else:
            super().set_option(option, value)

    def subscribe(self, topic: bytes) -> None:
        """Subscribes to all messages whose first frame begins with `topic`.

        Raises:
            WrongUse: The socket is neither SUB nor XSUB.
        """
        self._subscription(zmq.SUBSCRIBE, b"\x01", topic)
        self.subscriptions.append(topic)

    def unsubscribe(self, topic: bytes) -> None:
        """Ends one subscription.

        Raises:
            WrongUse: The socket is neither SUB nor XSUB.
            InvalidValue: There is no such subscription.
        """
        self._subscription(zmq.UNSUBSCRIBE, b"\x00", topic)
        self.subscriptions.remove(topic)

    def _subscription(self, option: int, command: bytes, topic: bytes) -> None:
        self.require_usable()
        if not self.type.subscribes:
            raise WrongUse(f"Socket {self.title} has no subscriptions: only SUB and XSUB sockets subscribe to topics.")
        if option == zmq.UNSUBSCRIBE and topic not in self.subscriptions:
            raise InvalidValue(
                f"Socket {self.title} has no subscription to {preview(topic, _SHOWN)}. "
                f"{diagnosis.subscribed(self.subscriptions)}"
            )
        if self.type is SocketType.SUB:
            self._zmq.set(option, topic)
        else:
            self._wire.write([command + topic])
