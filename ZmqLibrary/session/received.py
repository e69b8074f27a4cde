"""The received message: the one that is meant where none is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Hint, WrongUse

if TYPE_CHECKING:
    from ..messages.message import Message
    from ..sockets.zmq_socket import ZmqSocket


class ReceivedMessage:
    """Which message was received last, in all and on each socket."""

    def __init__(self) -> None:
        self._last: tuple[ZmqSocket, Message] | None = None

    def remember(self, socket: ZmqSocket, message: Message) -> None:
        """Takes note of a message that is returned."""
        self._last = (socket, message)
        socket.inbox.last = message

    def forget(self, socket: ZmqSocket) -> None:
        """The socket is closed, and its messages with it."""
        if self._last and self._last[0] is socket:
            self._last = None

    def last(self) -> tuple[ZmqSocket, Message]:
        """The message received last, and its socket.

        Raises:
            WrongUse: There is none.
        """
        if self._last is None:
            raise WrongUse("No message has been received yet.", Hint.RECEIVE_FIRST)
        return self._last

    def of(self, socket: ZmqSocket) -> Message:
        """The message received last on one socket.

        Raises:
            WrongUse: There is none.
        """
        if socket.inbox.last is None:
            raise WrongUse(f"Socket {socket.title} has not received a message yet.", Hint.RECEIVE_FIRST)
        return socket.inbox.last
