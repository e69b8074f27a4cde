"""The pump of the WIRE engine: gives messages to the kernel, publishes, and reads replies and subscriptions."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from ..waiting.deadline import Deadline
from ..zmtp.runs import Run
from .engine import LINGER_SECONDS, Reply
from .wire_encoding import Encoded, WireEncoder
from .wire_engine import WireEngine
from .wire_link import State, WireLink

if TYPE_CHECKING:
    from .messages import Batch
    from .settings import PumpSettings

_SUBSCRIBER_QUEUE = 1000
_LOOK_NS = 1_000_000
_ACKNOWLEDGED_NS = 20_000_000
_TURNS = 8
_FEW = 2


class WirePump(WireEngine):
    """Sends what a pump gives it. See `engine.PumpEngine`."""

    def __init__(self, settings: PumpSettings, wakeup: socket.socket) -> None:
        super().__init__(settings, wakeup)
        self.sent = self.dropped = self.payload_bytes = 0
        self.dropped_is_minimum = False
        self._encoder = WireEncoder(delimited=settings.type == "REQ")
        self._publishes = settings.type == "PUB"
        self._asks = settings.type == "REQ"
        self._receives = settings.type in ("REQ", "DEALER")
        self._queue = int(settings.option("SNDHWM", _SUBSCRIBER_QUEUE)) or 1 << 62
        self._busy: set[int] = set()  # lanes of a REQ that wait for the reply
        self._asked: dict[int, WireLink] = {}  # by lanes of a REQ: which has the last request
        self._replies: list[Reply] = []
        self._cut: list[tuple[int, Encoded]] = []  # lane and message of which a lost link has sent a part
        self._lost_on_the_way = self._acknowledged = 0
        self._closed = False
        self._turn = 0
        self._looked = self._counted = 0

    @property
    def has_peer(self) -> bool:
        """Whether a handshake is done; for a PUB, whether somebody has subscribed."""
        if self._publishes:
            return any(link.subscriptions for link in self._links.ready)
        return bool(self._links.ready)

    def send(self, lane: int, batch: Batch) -> int:
        """Gives messages to the kernel as far as it takes them."""
        if self._asks:  # looks while it waits for the reply
            return self._request(lane, batch)
        now = time.monotonic_ns()
        if now - self._looked > _LOOK_NS:
            self._look(0.0)
        if self._publishes:
            return self._publish(lane, batch)
        links = [link for link in self._links.of_lane(lane) if link.flush()]
        if not links:
            return 0
        encoded = self._encoder.encode(batch)
        taken = links[0].offer(encoded) if len(links) == 1 else self._deal(links, encoded)
        self._count(encoded, taken)
        return taken

    def _deal(self, links: Sequence[WireLink], encoded: Encoded) -> int:
        """Gives messages to the links in turn; one that takes none is left out."""
        willing = list(links[self._turn % len(links) :]) + list(links[: self._turn % len(links)])
        amount, taken = len(encoded.ends), 0
        share = max(1, amount // (len(links) * _TURNS))
        while taken < amount and willing:
            link = willing.pop(0)
            part = encoded.part(taken, min(taken + share, amount))
            accepted = link.offer(part)
            taken += accepted
            if accepted == len(part.ends):
                willing.append(link)
            self._turn += 1
        return taken

    def _count(self, encoded: Encoded, taken: int) -> None:
        self.sent += taken
        self.payload_bytes += encoded.payload(taken)

    def _request(self, lane: int, batch: Batch) -> int:
        links = () if lane in self._busy else self._links.of_lane(lane)
        if not links:
            return 0
        self._turn += 1
        encoded = self._encoder.encode(batch if len(batch) == 1 else batch.part(0, 1))
        link = links[self._turn % len(links)]
        taken = link.offer(encoded)
        if taken:
            self._busy.add(lane)
            self._asked[lane] = link
            self._count(encoded, taken)
        return taken

    def _publish(self, lane: int, batch: Batch) -> int:
        """Every subscriber gets what it has subscribed to; what its queue has no room for is dropped."""
        encoded = self._encoder.encode(batch)
        firsts: Sequence[bytes] | None = None
        for link in self._links.of_lane(lane):
            topics = link.subscriptions
            if b"" in topics:
                self._publish_to(link, encoded)
            elif topics:
                firsts = [frames[0] for frames in batch.messages()] if firsts is None else firsts
                wanted = tuple(topics)
                self._publish_to(link, _chosen(encoded, [first.startswith(wanted) for first in firsts]))
        self._count(encoded, len(encoded.ends))
        return len(encoded.ends)

    def _publish_to(self, link: WireLink, encoded: Encoded) -> None:
        if encoded.ends:
            self.dropped += len(encoded.ends) - link.offer(encoded, max(0, self._queue - link.queued))

    def wait(self, seconds: float, writable: bool) -> None:
        """Waits until there is something to read, a lane takes messages, or the time is over."""
        self._look(0.0 if self._replies else seconds, writable)

    def _look(self, seconds: float, writable: bool = False) -> None:
        """Waits, and reads replies, subscriptions, pings and the end of connections."""
        waits_for_reply = self._asks and self._busy
        readable = self._links.poll(seconds, writable and not waits_for_reply)
        self._looked = now = self._links.polled
        for link in readable:
            link.read(now)
            self._take(link)
        if now - self._counted > _ACKNOWLEDGED_NS:
            self._count_acknowledged()

    def _on_ready(self, link: WireLink) -> None:
        self._take(link)
        self._send_cut_messages()

    def _on_lost(self, link: WireLink) -> None:
        missing = link.count_acknowledged()
        given_up = self._asks and self._asked.get(link.lane) is not link
        cut = None if self._publishes or given_up else link.cut_message()
        if cut is not None:
            # The peer drops the part that it has; the whole message goes over the next connection.
            self._cut.append((link.lane, cut))
            missing -= 1
            self._send_cut_messages()
        if not self._publishes:
            self._lost_on_the_way += missing

    def _send_cut_messages(self) -> None:
        for lane, message in self._cut[:]:
            links = self._links.of_lane(lane)
            if links and links[0].offer(message, 1):
                self._cut.remove((lane, message))
                self._asked[lane] = links[0]

    def _take(self, link: WireLink) -> None:
        while link.unread:
            run = link.unread.popleft()
            if run.is_command:
                self._take_command(link, run)
            elif self._publishes:
                for (frame,) in link.read_frames(run, run.frames[:1]):
                    self._subscribe(link, frame[1:], frame[:1])
            elif self._receives:
                self._take_replies(link, run)
            link.consume(run.end)

    def _take_command(self, link: WireLink, run: Run) -> None:
        command = link.take_command(run)
        if command is not None and self._publishes and command.name in ("SUBSCRIBE", "CANCEL"):
            self._subscribe(link, command.data, b"\1" if command.name == "SUBSCRIBE" else b"\0")

    def _subscribe(self, link: WireLink, topic: bytes, sign: bytes) -> None:
        wanted = link.subscriptions.get(topic, 0) + {b"\1": 1, b"\0": -1}.get(sign, 0)
        if wanted > 0:
            link.subscriptions[topic] = wanted
        else:
            link.subscriptions.pop(topic, None)

    def _take_replies(self, link: WireLink, run: Run) -> None:
        for frames in link.read_frames(run, run.frames):
            if not self._asks:
                self._replies.append(Reply(link.lane, frames, link.arrived))
            elif len(frames) > 1 and not frames[0] and self._may_reply(link):
                self._busy.discard(link.lane)
                self._replies.append(Reply(link.lane, frames[1:], link.arrived))

    def _may_reply(self, link: WireLink) -> bool:
        """Whether a link is that of the request, or takes the place of one that was lost meanwhile."""
        return not self._settings.bind or self._asked.get(link.lane) is link

    def replies(self) -> Sequence[Reply]:
        """The replies that have come since the last call, and up to this moment."""
        if self._receives and not self._replies:
            self._read_replies()
        if not self._replies:
            return ()
        found, self._replies = self._replies, []
        return found

    def _read_replies(self) -> None:
        """Reads what is there; from few links without asking first, because that costs a fifth of a round trip."""
        if len(self._links.ready) > _FEW:
            self._look(0.0)
            return
        for link in self._links.ready:
            if link.state is State.READY and link.read():
                self._take(link)

    def waits_on(self, lane: int) -> bool:
        """Has a lane of a REQ wait for one more reply, because the last one is to an earlier request."""
        self._busy.add(lane)
        return True

    def renew(self, lane: int) -> None:
        """Closes the connection of a request, so that its reply cannot be taken for that to the next request."""
        self._busy.discard(lane)
        asked = self._asked.pop(lane, None)
        for link in self._links.of_lane(lane):
            if link is asked or not self._settings.bind:
                self._links.renew(link)

    def finish(self) -> bool:
        """Whether the kernels of all peers have taken everything. A PUB waits for no subscriber."""
        return (self._count_acknowledged() == 0 and not self._cut) or self._publishes

    def close(self) -> None:
        """Closes all connections; what the kernel has taken still arrives, and what a PUB keeps, while it lingers.

        Messages that the kernel has only a part of do not count as sent any more.
        """
        deadline = Deadline(LINGER_SECONDS)
        while self._publishes and deadline.remaining() and self._send_kept(deadline.remaining()):
            pass
        links = list(self._links.ready)
        self._links.close(politely=True)
        if self._closed:
            return
        self._count_acknowledged(links)
        self._closed = True
        if not self._publishes:
            unsent = [*(message for _, message in self._cut), *(message for link in links for message in link.unsent())]
            self.sent -= len(unsent)
            self.payload_bytes -= sum(message.payload(1) for message in unsent)
            self._acknowledged = min(self._acknowledged, self.sent)

    def _send_kept(self, seconds: float) -> bool:
        """Sends on what links keep, as soon as the kernel takes it; whether they keep any."""
        kept = [link for link in self._links.ready if link.state is State.READY and link.queued]
        if not kept:
            return False
        with selectors.DefaultSelector() as selector:
            for link in kept:
                selector.register(link, selectors.EVENT_WRITE)
            selector.select(seconds)
        for link in kept:
            link.flush()
        return True

    @property
    def acknowledged(self) -> int:
        """How many messages the kernels of peers have taken up to now; when it is closed, up to then."""
        if not self._closed:
            self._count_acknowledged()
        return self._acknowledged

    def _count_acknowledged(self, links: Sequence[WireLink] | None = None) -> int:
        """How many messages are not acknowledged yet."""
        self._counted = time.monotonic_ns()
        missing = [link.count_acknowledged() for link in (self._links.ready if links is None else links)]
        total = max(missing, default=0) if self._publishes else sum(missing)
        self._acknowledged = max(self._acknowledged, self.sent - total - self._lost_on_the_way)
        return total


def _chosen(encoded: Encoded, chosen: Sequence[bool]) -> Encoded:
    """Some of the messages."""
    if all(chosen):
        return encoded
    bounds = [(encoded.begin(number), encoded.ends[number]) for number, wanted in enumerate(chosen) if wanted]
    data = b"".join(encoded.data[begin:end] for begin, end in bounds)
    ends = list(accumulate(end - begin for begin, end in bounds))
    return Encoded(memoryview(data), ends, ends)
