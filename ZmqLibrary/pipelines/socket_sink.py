"""The sink of the SOCKET engine: reads what libzmq has received, in bursts, and answers."""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import zmq

from ..sockets.option_table import find_option
from ..sockets.socket_types import SocketType
from ..sockets.zmq_socket import ZmqSocket
from .engine import BufferedRun
from .socket_engine import IN, SocketEngine
from .socket_io import joined_if_alike, messages_in, receive_frames, send_whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..sockets.context import Context
    from .engine import Intake
    from .settings import SinkSettings

_BURST = 1000
_LEAST_RUN = 8
_FLOW = 8  # messages at once, after which more are on their way
_give_way: Callable[[], object] = getattr(os, "sched_yield", lambda: None)  # where the system has it


class SocketSink(SocketEngine):
    """Reads with libzmq."""

    def __init__(self, settings: SinkSettings, wakeup: socket.socket, context: Context | None = None) -> None:
        super().__init__(settings, wakeup, context)
        self._topics = settings.subscribe
        self._unsent: deque[tuple[int, Sequence[bytes]]] = deque()

    def _prepare(self, opened: ZmqSocket) -> None:
        if self._type.subscribes:
            opened.set_option(find_option("SNDHWM"), 0)  # a high-water mark for subscriptions
        if self._topics:
            opened.subscribe(*self._topics)

    def receive(self, limit: int, intake: Intake) -> int:
        """Hands on what is there, in bursts from each lane in turn, until no lane has a whole burst."""
        received, goes_on = 0, True
        while goes_on and received < limit and self._reply_unsent():
            goes_on = False
            for lane in range(len(self._raw)):
                most = 1 if self._type is SocketType.REP else min(_BURST, limit - received)
                frames, messages = self._receive_burst(lane, most, intake)
                received += messages
                goes_on = goes_on or 0 < most <= frames
        return received

    def _receive_burst(self, lane: int, most: int, intake: Intake) -> tuple[int, int]:
        """Hands on what a lane has, up to `most` frames; how many frames and messages."""
        frames = self._frames_of_burst(self._raw[lane], most) if most else []
        if not frames:
            return 0, 0
        now = time.monotonic_ns()
        data = None if self._settings.replies or len(frames) < _LEAST_RUN else joined_if_alike(frames)
        if data:
            intake.take_run(lane, BufferedRun(data, len(data) // len(frames), 0, len(frames)), now)
            return len(frames), len(frames)
        messages = messages_in(frames)
        intake.take(lane, messages, now)
        self._reply(lane, messages)
        return len(frames), len(messages)

    def _frames_of_burst(self, raw: zmq.Socket[bytes], most: int) -> list[zmq.Frame]:
        """What is there, and while messages flow also what libzmq reads next, if the processor is free for it now.

        Each burst takes as long to check as a hundred messages. Who waits for a reply does not wait for others.
        """
        frames = receive_frames(raw, most)
        found = len(frames)
        while found >= _FLOW and len(frames) < most and not self._settings.replies:
            _give_way()
            frames += (more := receive_frames(raw, most - len(frames)))
            found = len(more)
        return frames

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
