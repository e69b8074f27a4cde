"""The raw socket: whole messages in and out, never torn, never waiting.

Multipart messages are read and written without blocking while Robot's timeout signal is held back (`Uninterrupted`):
an exception between two frames would misframe everything that follows. A `zmq.Frame` has to be gone before that ends:
its destructor lets Python handle signals and loses what the handler raises.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterable, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import zmq

from ..messages.message import Message, PeerProperties, Receipt
from ..monitoring.addresses import ends_of
from ..waiting.uninterrupted import Uninterrupted, done_although_interrupted
from .drops import Drops

if TYPE_CHECKING:
    from ..formats import FrameFormats

BURST = 256
# Plain numbers, because operators on pyzmq's enums take longer than sending a message.
NOWAIT = int(zmq.NOBLOCK)
MORE = NOWAIT | int(zmq.SNDMORE)
READABLE = int(zmq.POLLIN)
_DESCRIPTOR = int(zmq.SRCFD)
_STANDARD_METADATA = ("Socket-Type", "Identity")


class RawSocket:
    """One libzmq socket: whole messages, options and endpoints, without names, waits or words.

    Errors of libzmq come as they are (`zmq.ZMQError`). What needs speed can use it without the rest of `ZmqSocket`.

    Args:
        socket: The libzmq socket; this object owns it.
        receipt: What all messages of the socket have in common.
        metadata_names: Further properties of connections that are read, such as an authenticator's own.

    Attributes:
        closed: Whether it was closed.
        joined: How often it was bound or connected.
        drops: Counts what is dropped where libzmq refuses a message; None: it is refused.
    """

    def __init__(
        self, socket: zmq.Socket[bytes], receipt: Receipt, metadata_names: Callable[[], Iterable[str]] = tuple
    ) -> None:
        self.socket = socket
        self.closed = False
        self.joined = 0
        self.drops: Drops | None = None
        # The method of pyzmq's binding: `Socket.send` is a function around it for what this library does not send.
        self._send: Callable[[bytes, int], object] = super(zmq.Socket, socket).send
        self._receipt = receipt
        self._metadata_names = metadata_names
        self._receipts: dict[int | None, Receipt] = {}

    @property
    def context(self) -> zmq.Context[zmq.Socket[bytes]]:
        """The libzmq context."""
        return self.socket.context

    def get(self, option: int) -> int | bytes:
        """An option as libzmq has it."""
        value: int | bytes = self.socket.get(option)
        return value

    def set(self, option: int, value: int | bytes) -> None:
        """Sets an option."""
        self.socket.set(option, value)

    def bind(self, address: str) -> str:
        """Listens at an address.

        Returns:
            The address as libzmq has it, with the port that it has chosen.
        """
        self.socket.bind(address)
        self.joined += 1
        return bytes(self.socket.getsockopt(zmq.LAST_ENDPOINT)).decode("utf-8").rstrip("\0")

    def unbind(self, address: str) -> None:
        """Stops listening; libzmq drops unsent messages."""
        done_although_interrupted(self.socket.unbind, address)

    def connect(self, address: str) -> None:
        """Connects; libzmq does the rest in the background."""
        self.socket.connect(address)
        self.joined += 1

    def disconnect(self, address: str) -> None:
        """Leaves an address."""
        done_although_interrupted(self.socket.disconnect, address)

    def close(self) -> None:
        """Closes the socket; unsent messages are kept for its LINGER time."""
        self.socket.close()
        self.closed = True

    def is_curve_client(self) -> bool:
        """Whether it connects as a CURVE client."""
        return not self.closed and self.get(zmq.MECHANISM) == zmq.CURVE and not self.get(zmq.CURVE_SERVER)

    def read_as(self, formats: FrameFormats) -> None:
        """Gives these formats to the messages that are read from now on."""
        if self._receipt.formats is not formats:
            self._receipt = self._receipt._replace(formats=formats)
            self._receipts.clear()

    def forget_peers(self) -> None:
        """Connections came or went: descriptors may mean other peers now."""
        self._receipts.clear()

    def readable(self) -> bool:
        """Whether a message can be read at once."""
        return bool(int(self.socket.get(zmq.EVENTS)) & READABLE)

    def read(self, target: Callable[[Message], object], limit: int = 1) -> int:
        """Reads up to `limit` messages that are there and hands each to `target`; never waits.

        Returns:
            How many there were.
        """
        read = 0
        recv, now = self.socket.recv, time.time
        with Uninterrupted():
            try:
                while read < limit:
                    part = recv(NOWAIT, False)
                    descriptor = descriptor_of(part)
                    receipt = self._receipts.get(descriptor) or self._receipt_of(part, descriptor)
                    frames = [part.bytes]
                    while part.more:
                        part = recv(NOWAIT, False)
                        frames.append(part.bytes)
                    del part
                    target(Message(frames, receipt, now()))
                    read += 1
            except zmq.Again:
                pass
        return read

    def read_frames(self, target: Callable[[bytes, int | None], object], seconds: float) -> None:
        """Reads what is there, frame by frame with the descriptor of its connection; for what a PUB receives.

        Args:
            target: Takes a frame and its descriptor.
            seconds: How long at most, where a peer sends without a pause.
        """
        if not self.readable():
            return
        end = time.monotonic() + seconds
        while self._read_burst_of_frames(target) and time.monotonic() < end:
            pass

    def _read_burst_of_frames(self, target: Callable[[bytes, int | None], object]) -> bool:
        """Reads frames that are there; whether there may be more."""
        with Uninterrupted():
            try:
                for _ in range(BURST):
                    part = self.socket.recv(NOWAIT, False)
                    frame, descriptor = part.bytes, descriptor_of(part)
                    del part
                    target(frame, descriptor)
            except zmq.Again:
                return False
        return True

    def write(self, frames: Sequence[bytes], written: Callable[[Sequence[bytes]], object] | None = None) -> bool:
        """Sends one message; never waits.

        Args:
            frames: The message.
            written: Called with it if libzmq took it, before a timeout that was held back is raised.

        Returns:
            Whether libzmq took it.
        """
        with Uninterrupted():
            taken = self._write(frames)
            if taken and written is not None:
                written(frames)
        return taken

    def write_many(
        self, messages: Iterable[Sequence[bytes]], written: Callable[[Sequence[Sequence[bytes]]], object]
    ) -> None:
        """Sends messages until libzmq refuses one; never waits.

        Args:
            messages: A burst of them.
            written: Called with those that libzmq took, before a timeout that was held back is raised.
        """
        taken: list[Sequence[bytes]] = []
        with Uninterrupted():
            try:
                for frames in messages:
                    if not self._write(frames):
                        break
                    taken.append(frames)
            finally:
                written(taken)

    def _write(self, frames: Sequence[bytes], looked: bool = False) -> bool:
        send = self._send
        sent = 0
        try:
            for frame in frames[:-1]:
                send(frame, MORE)
                sent += 1
            send(frames[-1], NOWAIT)
        except zmq.Again:
            if sent:
                self._drop(frames[sent + 1 :])
                return False
            if not looked:
                # libzmq asks once in a millisecond what peers have read, and who has come; until then it refuses.
                return self._look_and_write(frames)
            return self.drops is not None and self._write_to_others(frames, self.drops)
        except zmq.ZMQError as error:
            if error.errno != errno.EHOSTUNREACH:
                raise
            if not looked:
                return self._look_and_write(frames)
            if self.drops is None:
                raise
            self.drops.nobody_has(frames[0])
        return True

    def _look_and_write(self, frames: Sequence[bytes]) -> bool:
        self.get(zmq.EVENTS)
        return self._write(frames, looked=True)

    def _write_to_others(self, frames: Sequence[bytes], drops: Drops) -> bool:
        """A queue is full: a publisher sends to its other subscribers, a ROUTER has no others."""
        drops.queue_was_full(int(self.get(zmq.SNDHWM)))
        if self.socket.get(zmq.TYPE) == zmq.XPUB:
            self.write_to_those_with_room(frames)
        return True

    def write_to_those_with_room(self, frames: Sequence[bytes]) -> None:
        """Sends a message of a publisher that refuses it (XPUB_NODROP), because the queue of a subscriber is full."""
        self.set(zmq.XPUB_NODROP, 0)
        try:
            self._write(frames)
        finally:
            self.set(zmq.XPUB_NODROP, 1)

    def _drop(self, rest: Sequence[bytes]) -> None:
        """The peer went in the middle of a message: libzmq drops all frames up to the end of that message."""
        for number, frame in enumerate(rest, 1):
            self._send(frame, MORE if number < len(rest) else NOWAIT)

    def _receipt_of(self, part: zmq.Frame, descriptor: int | None) -> Receipt:
        if descriptor is None:
            return self._receipt
        receipt = self._receipt._replace(peer=self._peer_of(part, descriptor), descriptor=descriptor)
        self._receipts[descriptor] = receipt
        return receipt

    def _peer_of(self, part: zmq.Frame, descriptor: int) -> PeerProperties:
        names = (*_STANDARD_METADATA, *self._metadata_names())
        metadata = {name: value for name in names if (value := _property(part, name)) is not None}
        ends = ends_of(descriptor)
        return PeerProperties(
            _property(part, "Peer-Address"),
            _property(part, "User-Id"),
            MappingProxyType(metadata),
            ends[1] if ends else None,
        )


def descriptor_of(part: zmq.Frame) -> int | None:
    """The descriptor of the connection that a frame came from; None over inproc."""
    try:
        return int(part.get(_DESCRIPTOR))
    except zmq.ZMQError:
        return None


def _property(part: zmq.Frame, name: str) -> str | None:
    try:
        return str(part.get(name))
    except (zmq.ZMQError, UnicodeDecodeError):
        return None
