"""SendingWorker: a worker that sends unasked: at once, as soon as a peer takes it, and again and again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..errors import InvalidValue, WrongUse
from ..messages.message import envelope_size
from ..report.frames import preview
from ..report.words import count_of
from ..sockets import send_diagnosis
from ..sockets.outbox import Unsendable
from ..sockets.socket_types import SocketType
from ..waiting.timers import Retry
from .worker import Worker

if TYPE_CHECKING:
    from ..sockets.zmq_socket import ZmqSocket
    from .journal import Journal

_MOST_UNSENT = 100_000
_MOST_CLIENTS = 10_000
_SHOWN = 60


class Template(Protocol):
    """What makes the frames of a message that is sent again and again."""

    def published(self, number: int) -> Sequence[bytes]:
        """The frames of the message of that number, from 1."""


@dataclass(frozen=True, eq=False)
class RepeatedMessage:
    """A message that is sent again and again.

    Attributes:
        template: What.
        every: Seconds between two of them.
        count: How many; None for no end.
        to: The client of a ROUTER; None for all.
    """

    template: Template
    every: float
    count: int | None = None
    to: bytes | None = None


class SendingWorker(Worker):
    """A worker that sends. Its methods are for its own thread."""

    def __init__(self, name: str, socket: ZmqSocket, journal: Journal, owns_socket: bool = False) -> None:
        super().__init__(name, socket, journal, owns_socket)
        self._clients: dict[bytes, tuple[bytes, ...]] = {}
        self._forgotten = 0
        self._unsent: dict[bytes, deque[Sequence[bytes]]] = {}
        self._retry = Retry(self.later, self._send_unsent)
        self._repeating: set[RepeatedMessage] = set()

    def remember_client(self, way: tuple[bytes, ...]) -> None:
        """A client of a ROUTER has sent something; these frames go before what it is sent unasked."""
        self._clients.pop(way[0], None)
        self._clients[way[0]] = way
        if len(self._clients) > _MOST_CLIENTS:
            del self._clients[next(iter(self._clients))]
            self._forgotten += 1

    def forget_clients(self) -> None:
        """All connections are gone, and with them what was to be sent."""
        self._clients.clear()
        self._forgotten = 0
        self._unsent.clear()

    def send(self, frames: Sequence[bytes]) -> None:
        """Sends a message, now or as soon as a peer takes it.

        Messages to one peer keep their order; other peers of a ROUTER do not wait for it.

        Raises:
            WrongUse: The socket cannot send such a message.
            Unsendable: The routing id is not known.
        """
        self.socket.require_sender(frames)
        peer = frames[0] if self.socket.type is SocketType.ROUTER else b""
        if peer not in self._unsent:
            if self.socket.outbox.offer(frames):
                self._note_sent(frames)
                return
            self._unsent[peer] = deque()
        if len(self._unsent[peer]) >= _MOST_UNSENT:
            self.warn("a message was dropped, too many wait to be sent:", frames)
            return
        self._unsent[peer].append(frames)
        self._retry.soon()

    def send_to(self, frames: Sequence[bytes], to: bytes | None) -> int:
        """Sends without having been asked; on a ROUTER to one client, or to all that have sent something.

        Returns:
            To how many; 1 where it is not known.

        Raises:
            WrongUse: The client is not known.
        """
        if self.socket.type is SocketType.ROUTER and to is None:
            return self._send_to_all(frames)
        message = self._addressed(frames, to)
        try:
            self.send(message)
        except Unsendable as refusal:
            raise self.socket.explained(refusal, message) from refusal
        return 1

    def _addressed(self, frames: Sequence[bytes], to: bytes | None) -> Sequence[bytes]:
        return frames if to is None else [*self._clients.get(to, (to,)), *frames]

    def _send_to_all(self, frames: Sequence[bytes]) -> int:
        sent = 0
        self._warn_of_forgotten()
        for client, way in list(self._clients.items()):
            try:
                self.send([*way, *frames])
                sent += 1
            except Unsendable:
                del self._clients[client]
                self.note(f"client {preview(client, _SHOWN)} is gone")
        return sent

    def _warn_of_forgotten(self) -> None:
        if self._forgotten:
            self.warn(
                f"sends to the last {count_of(_MOST_CLIENTS, 'client')} only: it has forgotten "
                f"{self._forgotten:,} that sent something before them"
            )
            self._forgotten = 0

    def _note_sent(self, frames: Sequence[bytes]) -> None:
        self.note("sent", frames, envelope=envelope_size(frames) if self.socket.type is SocketType.ROUTER else 0)

    def _send_unsent(self) -> None:
        for peer, waiting in list(self._unsent.items()):
            try:
                while waiting and self.socket.outbox.offer(waiting[0]):
                    self._note_sent(waiting.popleft())
            except Unsendable:
                self.note(f"could not send {count_of(len(waiting), 'message')}, the client is gone")
                waiting.clear()
            if not waiting:
                del self._unsent[peer]
        if self._unsent:
            self._retry.soon()

    def repeat(self, frames: RepeatedMessage) -> None:
        """Sends a message now, and again and again."""
        self._repeating.add(frames)
        self._send_next(frames, 1, time.monotonic())

    def stop_sending(self) -> int:
        """Ends all that is sent again and again.

        Returns:
            How many messages that were.
        """
        count = len(self._repeating)
        self._repeating.clear()
        return count

    def _send_next(self, frames: RepeatedMessage, number: int, due: float) -> None:
        if frames not in self._repeating:
            return
        try:
            self._send_again(frames.template.published(number), frames.to)
        except (WrongUse, InvalidValue) as problem:
            self.warn(f"could not send: {problem}")
        if number == frames.count:
            self._repeating.discard(frames)
            self.note(f"has sent all {count_of(number, 'message')}")
            return
        # Late by more than one interval: go on from here rather than make up for it in a burst.
        now = time.monotonic()
        due = due + frames.every if due + 2 * frames.every > now else now + frames.every
        self.later(max(0.0, due - now), lambda: self._send_next(frames, number + 1, due))

    def _send_again(self, frames: Sequence[bytes], to: bytes | None) -> None:
        if self.socket.type is SocketType.ROUTER and to is None:
            self._send_to_all(frames)
            return
        message = self._addressed(frames, to)
        try:
            self.send(message)
        except Unsendable as refusal:
            self.warn(f"could not send: {send_diagnosis.refused(self.socket, message, refusal)}")
