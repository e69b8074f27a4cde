"""KeywordGroup: what all groups of keywords share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from ..errors import DecodeError, InvalidValue
from ..log import logger
from ..messages.message import Message
from ..sockets.connect_checks import let_listeners_know
from ..waiting.deadline import Deadline
from ..waiting.uninterrupted import Uninterrupted

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from ..session.session import Session
    from ..sockets.zmq_socket import ZmqSocket
    from ..workers.worker_registry import W


FormatArgument = str | Sequence[str] | None
"""What a `format=` argument takes; None for the default of the socket."""


class KeywordGroup:
    """Base of the keyword groups."""

    session: Session

    def _deadline(self, timeout: timedelta | None) -> Deadline:
        seconds = self.session.settings.timeout if timeout is None else timeout.total_seconds()
        if seconds < 0:
            raise InvalidValue("The timeout cannot be negative. Use 0 to not wait at all.")
        return Deadline(seconds)

    def _worker(self, kind: type[W], name: str | None) -> W:
        """The worker of that kind and name, which is the current one from then on; or the current one.

        Raises:
            NotOpen: There is none.
            WorkerFailed: It has failed.
        """
        worker = self.session.worker(kind, name)
        worker.check()
        if name is not None:
            self.session.workers.of(kind).switch(name)
        return worker

    def _connect(self, socket: ZmqSocket, endpoint: str, lazy: bool | None, timeout: timedelta | None) -> None:
        lazy = self.session.settings.lazy_connect if lazy is None else lazy
        deadline = self._deadline(timeout)
        before = list(socket.places.connected)
        with Uninterrupted():
            address = socket.connect(endpoint)
            if is_new := address not in before:
                self.session.hand.hold(partial(_leave, socket, address))
        let_listeners_know(socket, address)
        self.session.warn_of_other_imports(address)
        if not lazy:
            socket.wait_connected(address, deadline, leave=is_new)
        logger.info(f"{'Connecting' if lazy else 'Connected'} {socket.title} to {address}.")

    def _bind(self, socket: ZmqSocket, endpoint: str) -> str:
        address = socket.bind(endpoint)
        logger.info(f"Bound {socket.title} to {address}.")
        return address

    @contextmanager
    def _closing_on_failure(self, socket: ZmqSocket) -> Iterator[None]:
        """A socket that could not be set up is not left behind."""
        try:
            yield
        except BaseException:
            self.session.close_owned(socket)
            raise

    @contextmanager
    def _for_worker(self, make_socket: Callable[[], ZmqSocket]) -> Iterator[ZmqSocket]:
        """A socket for a worker that is started in the block; it is closed if none has it at the end.

        A signal may come before the block has begun: then the hand closes it.
        """
        with ExitStack() as closing:
            with Uninterrupted():
                socket = make_socket()
                self.session.hand.hold(closing.callback(partial(_close_unless_taken, socket)))
            yield socket

    def _received(self, socket: ZmqSocket, message: Message, formats: FrameFormats) -> Message:
        """Notes and logs a message before it is decoded, so that it is there even if that fails."""
        message, frames = message.meant_as(formats), message.raw
        self.session.received.remember(socket, message)
        self.session.log.messages.log("Received by", socket, frames, formats)
        try:
            formats.check(frames)
        except DecodeError as error:
            raise DecodeError(_with_format_of(socket, frames, formats, str(error)), error.hint) from error.__cause__
        return message


def _with_format_of(socket: ZmqSocket, frames: Sequence[bytes], formats: FrameFormats, text: str) -> str:
    """An error about frames that adds that they have the format of the socket, if that is another one."""
    own = socket.formats
    if own is formats or own.spec == "TEXT":
        return text
    try:
        own.check(frames)
    except DecodeError:
        return text
    return f"{text} It has the format of the socket, {own.spec}, which format= takes the place of."


def _close_unless_taken(socket: ZmqSocket) -> None:
    if socket.holder is None:
        socket.close()


def _leave(socket: ZmqSocket, address: str) -> None:
    """Leaves a connected endpoint, unless that was done before or a worker has the socket now."""
    if not socket.closed and socket.holder is None and address in socket.places.connected:
        socket.disconnect(address)
