"""The sink of the SOCKET engine: reads what libzmq has received, in bursts, and answers."""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import zmq

from ..sockets.option_table import find_option
from ..sockets.socket_types import SocketType
from ..sockets.zmq_socket import ZmqSocket
from .engine import BufferedRun
from .socket_engine import IN, NOWAIT, SocketEngine, send_whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .engine import Intake
    from .settings import SinkSettings
    from .socket_engine import Context

_BURST = 1000
_LEAST_RUN = 8


class SocketSink(SocketEngine):
    """Reads with libzmq."""

    def __init__(self, settings: SinkSettings, wakeup: socket.socket, context: Context | None = None) -> None:
        super().__init__(settings, wakeup, context)
        self._topics = settings.subscribe
        self._unsent: deque[tuple[int, Sequence[bytes]]] = deque()

    def _prepare(self, opened: ZmqSocket) -> None:
        if self._type.subscribes:
            opened.set_option(find_option("SNDHWM"), 0)  # a high-water mark for subscriptions
        for topic in self._topics:
            opened.subscribe(topic)

    def receive(self, limit: int, intake: Intake) -> int:
        """Hands on what is there, in bursts from each lane in turn."""
        received = 0
        while received < limit and self._reply_unsent():
            before = received
            for lane, raw in enumerate(self._raw):
                messages = _burst(raw, min(_BURST, limit - received, 1 if self._type is SocketType.REP else _BURST))
                if messages:
                    _hand_on(lane, messages, intake)
                    received += len(messages)
                    self._reply(lane, messages)
            if received == before:
                break
        return received

    def wait(self, seconds: float, reading: bool) -> None:
        """Waits for messages, or until a peer takes replies."""
        self._wait(min(seconds, 0.001) if self._unsent else seconds, IN if reading else 0)

    def _reply(self, lane: int, messages: Iterable[Sequence[bytes]]) -> None:
        if self._settings.replies:
            self._unsent.extend((lane, frames) for frames in messages)
            self._reply_unsent()

    def _reply_unsent(self) -> bool:
        """Whether all replies were sent; while not, nothing is read."""
        while self._unsent:
            lane, frames = self._unsent[0]
            try:
                send_whole(self._raw[lane], frames)
            except zmq.Again:
                return False
            except zmq.ZMQError:  # a ROUTER's peer is gone
                pass
            self._unsent.popleft()
        return True


def _hand_on(lane: int, messages: Sequence[Sequence[bytes]], intake: Intake) -> None:
    """Hands messages on; many of one frame and equal size as a run, which is checked in fewer steps."""
    now = time.monotonic_ns()
    if len(messages) >= _LEAST_RUN and set(map(len, messages)) == {1}:
        sizes = set(map(len, chain.from_iterable(messages)))
        if len(sizes) == 1 and 0 not in sizes:
            data = b"".join(chain.from_iterable(messages))
            intake.take_run(lane, BufferedRun(memoryview(data), sizes.pop(), 0, len(messages)), now)
            return
    intake.take(lane, messages, now)


def _burst(raw: zmq.Socket[bytes], limit: int) -> list[Sequence[bytes]]:
    """Messages that are there, up to `limit`."""
    messages: list[Sequence[bytes]] = []
    recv, append = raw.recv, messages.append
    try:
        while len(messages) < limit:
            part = recv(NOWAIT, False)  # a frame knows whether more follow; asking the socket takes longer than recv
            if not part.more:
                append((part.bytes,))
                continue
            frames = [part.bytes]
            while part.more:
                part = recv(NOWAIT, False)
                frames.append(part.bytes)
            append(frames)
    except zmq.Again:
        pass
    except zmq.ZMQError as error:
        if error.errno != zmq.EFSM:  # a REP whose reply is not sent yet
            raise
    return messages
