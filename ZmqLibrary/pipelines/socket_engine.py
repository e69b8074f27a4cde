"""The SOCKET engine: libzmq moves the messages, with everything that it can: CURVE, inproc, PAIR.

Each lane is a socket of the library, so that failures have the same words. `sent` is what libzmq has taken; with
IMMEDIATE it takes only what is for a peer that is there. But with IMMEDIATE it throws away what a peer has sent that is
gone: a pump that waits for replies is without, and looks itself whether there is a connection. Only `close` with an
unlimited linger shows whether the kernel has taken all of it: where the context is its own, a pump that waits for no
replies closes its sockets at the end.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import zmq

from ..formats import FormatTable
from ..report.words import lines
from ..sockets.context import new_context
from ..sockets.diagnosis import connections
from ..sockets.option_table import find_option
from ..sockets.peers import count_connections, count_peers
from ..sockets.socket_settings import SocketSettings
from ..sockets.socket_types import SocketType
from ..sockets.zmq_socket import ZmqSocket
from ..waiting.threads import is_alive
from .engine import LINGER_SECONDS, Reply
from .socket_io import messages_in, receive_frames, send_each, send_each_whole

if TYPE_CHECKING:
    from ..sockets.context import Context
    from ..waiting.deadline import Deadline
    from .messages import Batch
    from .settings import PeerSettings, PumpSettings

IN, _OUT = int(zmq.POLLIN), int(zmq.POLLOUT)
_DRAIN_NS = 100_000_000
_MOST_DESCRIPTORS = 900  # select takes descriptors below 1024
_LEAST_PART, _MOST_PART = 16, 1024  # messages that are made at once: those that libzmq refuses are for nothing
_MOST_REPLIES = 32  # that are dated at once
_UNCONNECTED_SECONDS = 0.01  # libzmq's descriptor does not show that a connection is there again


class SocketEngine:
    """What pumps and sinks have in common.

    Args:
        settings: Of the pump or sink.
        wakeup: Readable when a wait is to end.
        context: The library's, for inproc and its authenticator; None: one of its own.
    """

    def __init__(self, settings: PeerSettings, wakeup: socket.socket, context: Context | None) -> None:
        self._settings = settings
        self._wakeup = wakeup
        self._owns_context = context is None
        self._context = context or new_context()
        self._type = SocketType[settings.type]
        self._socket_settings = SocketSettings.alone(FormatTable("UTF-8").get("TEXT"))
        self._sockets: list[ZmqSocket] = []
        self._raw: list[zmq.Socket[bytes]] = []
        self._descriptors: list[int] = []
        self._endpoint = settings.endpoint
        self._drained = 0

    @property
    def endpoint(self) -> str:
        """Where it listens, with the port, or what it connects to."""
        return self._endpoint

    @property
    def has_peer(self) -> bool:
        """Whether a handshake is done; for a PUB, whether somebody has subscribed."""
        for zmq_socket in self._sockets:
            zmq_socket.drain()
        if self._type.publishes:
            return any(zmq_socket.count_subscribers() for zmq_socket in self._sockets)
        return any(map(count_peers, self._sockets))

    @property
    def connections(self) -> str:
        """What is known of its connections, in a sentence for each."""
        return lines(*dict.fromkeys(sentence for opened in self._sockets for sentence in connections(opened)))

    def open(self) -> None:
        """Binds, or begins to connect all lanes.

        Raises:
            EndpointFailed: The endpoint is in use, or cannot be used.
            InvalidValue: libzmq does not take an option.
        """
        try:
            for _ in range(self._settings.connections):
                self._add_socket()
        except BaseException:
            self.close()
            raise

    def _add_socket(self) -> None:
        opened = ZmqSocket(self._context, self._settings.name, self._type, self._socket_settings)
        self._sockets.append(opened)
        self._raw.append(raw_socket(opened))
        self._prepare(opened)
        for name, value in self._settings.options:
            opened.set_option(find_option(name), value)
        if self._settings.bind:
            self._endpoint = opened.bind(self._settings.endpoint)
        else:
            opened.connect(self._settings.endpoint)
        self._descriptors.append(int(raw_socket(opened).get(zmq.FD)))

    def _prepare(self, opened: ZmqSocket) -> None:
        """Sets what the user may set differently."""

    def wait_connected(self, deadline: Deadline) -> None:
        """Waits for the handshake of each lane.

        Raises:
            ConnectFailed: It was not done in time.
        """
        for opened in self._sockets:
            opened.wait_connected(opened.places.connected[0], deadline)

    def close(self) -> None:
        """Closes all sockets at once; what is unsent then is lost, but a PUB lingers."""
        linger = round(LINGER_SECONDS * 1000) if self._type.publishes else 0
        for opened in self._sockets:
            if not opened.closed:
                raw_socket(opened).set(zmq.LINGER, linger)
                opened.close()
        if not self._owns_context:
            self._socket_settings.lingering.end()
        elif not self._context.closed:
            self._context.destroy(0)

    def _wait(self, seconds: float, events: int) -> None:
        """Waits for events of the sockets, or for `wakeup`; now and then takes in what the monitors report."""
        now = time.monotonic_ns()
        if now - self._drained > _DRAIN_NS:
            self._drained = now
            for opened in self._sockets:
                opened.drain()
                # libzmq does part of its work in the thread of a socket, such as sending subscriptions.
                raw_socket(opened).get(zmq.EVENTS)
        if not events or len(self._descriptors) > _MOST_DESCRIPTORS:
            self._poll(seconds, events)
            return
        # The descriptor of a libzmq socket only says that something may have changed: EVENTS says what.
        if any(int(raw.get(zmq.EVENTS)) & events for raw in self._raw):
            return
        try:
            select.select([self._wakeup.fileno(), *self._descriptors], [], [], seconds)
        except ValueError:  # a descriptor above 1023, in the process of the library
            self._poll(seconds, events)

    def _poll(self, seconds: float, events: int) -> None:
        if not events:
            select.select([self._wakeup], [], [], seconds)
            return
        watched: list[tuple[Any, int]] = [(raw, events) for raw in self._raw]
        zmq.zmq_poll([*watched, (self._wakeup.fileno(), IN)], int(seconds * 1000) + 1)


class SocketPump(SocketEngine):
    """Sends with libzmq."""

    def __init__(self, settings: PumpSettings, wakeup: socket.socket, context: Context | None = None) -> None:
        super().__init__(settings, wakeup, context)
        self.sent = self.acknowledged = self.dropped = self.payload_bytes = 0
        self.dropped_is_minimum = False
        self._busy: set[int] = set()  # lanes of a REQ that wait for the reply
        self._unconnected: set[int] = set()  # lanes without a connection when they were to send
        self._part = _LEAST_PART  # as many messages as libzmq took last time are made at once
        self._receives = self._type.receives and not self._type.publishes
        self._replies: list[Reply] = []
        self._closing: threading.Thread | None = None
        self._had_peer, self._last_connections = False, ""  # when the closing began

    @property
    def has_peer(self) -> bool:
        """Also one of ZMTP 2.0 or older, whose handshake libzmq does not report: it takes messages."""
        if self._closing:  # the sockets belong to that thread now
            return self._had_peer
        lanes = range(len(self._raw))
        takes = not self._type.publishes and any(self._is_connected(lane) and self._has_room(lane) for lane in lanes)
        return takes or super().has_peer

    @property
    def connections(self) -> str:
        """What is known of its connections; once they close, what was known before."""
        return self._last_connections if self._closing else super().connections

    def _prepare(self, opened: ZmqSocket) -> None:
        opened.set_option(find_option("IMMEDIATE"), not self._settings.replies)
        if self._type.publishes:
            # Else a PUB drops silently: so it refuses, and then drops on request, which is counted.
            opened.set_option(find_option("XPUB_NODROP"), 1)

    def send(self, lane: int, batch: Batch) -> int:
        """Gives messages to libzmq until it refuses one."""
        if not self._is_connected(lane):
            return 0
        if self._type is SocketType.REQ:
            return self._send_request(lane, batch)
        taken, size = 0, self._part
        while taken < len(batch) and self._has_room(lane):
            part = batch.part(taken, size)
            done = self._send_part(lane, part)
            taken += done
            if done < len(part):
                break
            size = _part_size(taken // 4)
        if taken:
            self._part = _part_size(taken)
        self.sent += taken
        return taken

    def _is_connected(self, lane: int) -> bool:
        """Whether there is a peer for what is sent, or libzmq itself waits for one."""
        self._unconnected.discard(lane)
        opened = self._sockets[lane]
        if self._settings.bind or not self._settings.replies or opened.places.inproc:
            return True
        opened.drain()
        if not count_connections(opened):
            self._unconnected.add(lane)
        return lane not in self._unconnected

    def _has_room(self, lane: int) -> bool:
        """Whether libzmq may take messages. To ask costs less than to make some that it refuses."""
        return bool(int(self._raw[lane].get(zmq.EVENTS)) & _OUT)

    def _send_part(self, lane: int, part: Batch) -> int:
        """Gives messages to libzmq until it refuses one; how many it has taken."""
        raw = self._raw[lane]
        if part.shape and not part.shape.before and not self._type.publishes:
            taken = send_each(raw, part.last_frames(), len(part))
            self.payload_bytes += taken * part.shape.last_size
            return taken
        messages = part.messages()
        taken = send_each_whole(raw, messages)
        while taken < len(messages) and self._drop(lane, messages[taken]):
            taken += 1 + send_each_whole(raw, messages[taken + 1 :])
        self.payload_bytes += sum([len(frame) for frames in messages[:taken] for frame in frames])
        return taken

    def _drop(self, lane: int, frames: Sequence[bytes]) -> bool:
        """Whether it is a PUB, which drops what a subscriber has no room for.

        With a single one libzmq need not be asked. With several, those with room get the message; libzmq hides how many
        have none, and that of later messages until they have room again: so this counts the first one only.
        """
        if not self._type.publishes:
            return False
        self.dropped += 1
        if self._sockets[lane].count_subscribers() > 1:
            self.dropped_is_minimum = True
            self._sockets[lane].raw.write_to_those_with_room(frames)
        return True

    def _send_request(self, lane: int, batch: Batch) -> int:
        if lane in self._busy:
            return 0
        frames = batch.messages()[0]
        if not send_each_whole(self._raw[lane], [frames]):
            return 0
        self._busy.add(lane)
        self.sent += 1
        self.payload_bytes += sum(map(len, frames))
        return 1

    def wait(self, seconds: float, writable: bool) -> None:
        """Waits for replies and reads them, so that a REQ can send again; or until libzmq takes messages again."""
        if self._closing:  # the sockets belong to that thread now
            select.select([self._wakeup], [], [], seconds)
            return
        if self._unconnected:
            writable, seconds = False, min(seconds, _UNCONNECTED_SECONDS)
        writable = writable and self._type is not SocketType.REQ
        self._wait(seconds, (IN if self._receives else 0) | (_OUT if writable else 0))
        self._read_replies()

    def replies(self) -> Sequence[Reply]:
        """The replies that have come."""
        self._read_replies()
        found, self._replies = self._replies, []
        return found

    def _read_replies(self) -> None:
        if not self._receives:
            return
        for lane, raw in enumerate(self._raw):
            while replies := messages_in(receive_frames(raw, _MOST_REPLIES)):
                self._busy.discard(lane)
                now = time.monotonic_ns()
                self._replies += [Reply(lane, frames, now) for frames in replies]

    def waits_on(self, lane: int) -> bool:
        """Never: libzmq's REQ reads no second reply."""
        return False

    def renew(self, lane: int) -> None:
        """Lets a lane send again, which a REQ cannot before it has its reply.

        One that connects gets a new socket. One that listens has to stay where its peers find it: from then on its
        requests have a number in their envelope, by which libzmq knows a reply that is late.
        """
        self._busy.discard(lane)
        if self._settings.bind:
            self._raw[lane].set(zmq.REQ_RELAXED, 1)
            self._raw[lane].set(zmq.REQ_CORRELATE, 1)
            return
        self._sockets[lane].close()
        self._add_socket()
        self._sockets[lane], self._raw[lane] = self._sockets.pop(), self._raw.pop()
        self._descriptors[lane] = self._descriptors.pop()

    def finish(self) -> bool:
        """Whether the kernel has taken everything; True where libzmq does not show it."""
        keeps_open = self._receives or self._type.publishes or not self._owns_context
        if not keeps_open and self._closing is None:
            self._had_peer, self._last_connections = self.has_peer, self.connections
            self._closing = threading.Thread(target=self._flush, daemon=True)
            self._closing.start()
        if self._closing is not None and is_alive(self._closing):
            return False
        self.acknowledged = self.sent
        return True

    def _flush(self) -> None:
        """Ends the context when libzmq has given everything to the kernel."""
        for opened in self._sockets:
            raw_socket(opened).set(zmq.LINGER, -1)
            opened.monitor.close()
            opened.raw.close()
        self._context.term()

    def close(self) -> None:
        """Closes all sockets, unless they are closed already."""
        if self._closing is None or not is_alive(self._closing):
            super().close()


def _part_size(messages: int) -> int:
    return min(max(_LEAST_PART, messages), _MOST_PART)


def raw_socket(opened: ZmqSocket) -> zmq.Socket[bytes]:
    """The libzmq socket itself, for loops that move a million messages a second."""
    return opened.raw.socket
