"""The sink of the WIRE engine: reads messages in runs, subscribes, and answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

from ..zmtp.commands import subscription
from ..zmtp.greeting import Version
from ..zmtp.runs import Run
from . import engine
from .wire_encoding import Encoded, evenly
from .wire_engine import WireEngine
from .wire_link import State, WireLink

if TYPE_CHECKING:
    from .engine import Intake
    from .settings import SinkSettings

_PING_NS = 20_000_000


class WireSink(WireEngine):
    """Reads messages for a sink. See `engine.SinkEngine`."""

    def __init__(self, settings: SinkSettings, wakeup: socket.socket) -> None:
        super().__init__(settings, wakeup)
        self._topics = settings.subscribe
        self._filter = () if b"" in settings.subscribe or settings.type != "SUB" else settings.subscribe
        self._replies = settings.replies
        self._takes_runs = settings.type != "ROUTER" and not self._filter
        self._numbers = count(1)
        self._answered = 0

    def receive(self, limit: int, intake: Intake) -> int:
        """Hands on what is there, up to `limit` messages, without waiting."""
        links = self._links
        self._date_unread()
        received = self._hand_on_unread(limit, intake)
        if received < limit:
            readable = links.poll(0.0)
            for link in readable:
                # A peer that does not take its replies is not read from.
                if not (self._replies and link.has_outgoing):
                    link.read()
            received += self._hand_on_unread(limit - received, intake)
        return received

    def wait(self, seconds: float, reading: bool) -> None:
        """Waits until there is something to receive, or the time is over; PINGs are answered meanwhile."""
        if reading:
            self._links.poll(seconds)
            return
        self._links.poll(min(seconds, _PING_NS / 1e9), reading=False)
        now = time.monotonic_ns()
        if now - self._answered > _PING_NS:
            self._answered = now
            for link in self._links.ready:
                if link.state is State.READY:  # not one that is only kept for its unread messages
                    link.answer_pings()

    def _date_unread(self) -> None:
        """What a slow consumer has left has come for it when it may take it, not when it left the kernel."""
        for link in self._links.ready:
            if link.unread:
                link.arrived = time.monotonic_ns()

    def _hand_on_unread(self, limit: int, intake: Intake) -> int:
        received = 0
        for link in self._links.ready:
            while link.unread and received < limit:
                received += self._hand_on(link, limit - received, intake)
        return received

    def _hand_on(self, link: WireLink, limit: int, intake: Intake) -> int:
        """Hands on the next run, or as much of it as the limit allows. What is no request is not answered."""
        run = link.unread.popleft()
        if run.is_command:
            link.take_command(run)
            link.consume(run.end)
            return 0
        if run.messages > limit:
            run, rest = _split(run, limit)
            link.unread.appendleft(rest)
        received = self._give(link, run, intake)
        if received and self._replies:
            data = memoryview(run.wire(link.buffer.data))
            ends = evenly(len(data) // run.messages, run.messages)
            link.offer(Encoded(data, ends, ends), len(ends))
        link.consume(run.end)
        return received

    def _give(self, link: WireLink, run: Run, intake: Intake) -> int:
        frames = run.frames[_envelope(run) :] if self._settings.type == "REP" else run.frames
        if not frames:
            return 0
        if self._takes_runs and len(frames) == 1:
            data = memoryview(link.buffer.data)[run.start : run.end]
            offset = frames[0].body - run.start
            intake.take_run(link.lane, engine.BufferedRun(data, run.size, offset, run.messages), link.arrived)
            return run.messages
        messages: list[Sequence[bytes]] = list(link.read_frames(run, frames))
        if self._filter:
            messages = [message for message in messages if message[0].startswith(self._filter)]
        if self._settings.type == "ROUTER":
            messages = [(link.routing_id, *message) for message in messages]
        if messages:
            intake.take(link.lane, messages, link.arrived)
        return len(messages)

    def _on_ready(self, link: WireLink) -> None:
        routing_id = link.peer.routing_id if link.peer else b""
        link.routing_id = routing_id or b"\0" + next(self._numbers).to_bytes(4, "big")
        if self._settings.type == "SUB":
            for topic in self._topics:
                link.say(subscription(topic, Version(link.version)))


def _split(run: Run, messages: int) -> tuple[Run, Run]:
    """The first messages of a run, and the others."""
    shift = messages * run.size
    frames = tuple(
        frame._replace(start=frame.start + shift, body=frame.body + shift, end=frame.end + shift)
        for frame in run.frames
    )
    return run._replace(messages=messages), Run(frames, run.size, run.messages - messages)


def _envelope(run: Run) -> int:
    """How many frames the envelope of a request has, with the empty one at its end; all if it has none."""
    for number, frame in enumerate(run.frames, 1):
        if frame.body == frame.end and number < len(run.frames):
            return number
    return len(run.frames)
