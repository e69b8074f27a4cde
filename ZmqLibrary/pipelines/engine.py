"""What moves the messages of pumps and sinks: two engines, one interface.

WIRE speaks ZMTP itself over tcp and ipc; SOCKET is libzmq and can do all. The loops of `pump` and `sink` decide
what is sent and read when, and count it; an engine only moves it and never waits longer than asked.
A *lane* is one of the `connections` of a pump or sink, numbered from 0. All times are those of `time.monotonic_ns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from ..waiting.deadline import Deadline
    from .messages import Batch

LINGER_SECONDS = 1.0
"""How long a PUB that is closed keeps what its subscribers have not taken yet: it is done before they are."""


class Reply(NamedTuple):
    """A reply that a pump got: on which lane, without an envelope, and when."""

    lane: int
    frames: Sequence[bytes]
    arrived: int


class EngineBase(Protocol):
    """What both kinds of engines have in common."""

    @property
    def endpoint(self) -> str:
        """Where it listens, with the port, or what it connects to."""

    @property
    def has_peer(self) -> bool:
        """Whether a handshake is done; for a PUB, whether somebody has subscribed."""

    @property
    def connections(self) -> str:
        """What is known of its connections, in a sentence for each."""

    def open(self) -> None:
        """Binds, or begins to connect all lanes. It connects again after a lost connection, as libzmq does.

        Raises:
            EndpointFailed: The endpoint is in use, or cannot be used.
        """

    def wait_connected(self, deadline: Deadline) -> None:
        """Waits for the handshake of each lane that connects.

        Raises:
            ConnectFailed: It was not done in time; the error is that of `ZmqSocket`.
        """

    def close(self) -> None:
        """Closes all connections; only a PUB lingers. Closing twice does nothing."""


class PumpEngine(EngineBase, Protocol):
    """Sends what a pump gives it.

    Attributes:
        sent: Whole messages that the kernel (WIRE) or libzmq (SOCKET) has taken; of a PUB: that were published.
        dropped: By a PUB, because the queue of a subscriber was full; summed over the subscribers.
        dropped_is_minimum: Whether there may be more, because that cannot be known.
        payload_bytes: Bytes of all frames that were sent, without the framing of ZMTP.
    """

    sent: int
    dropped: int
    dropped_is_minimum: bool
    payload_bytes: int

    @property
    def acknowledged(self) -> int:
        """How many of the messages that were sent the peer's kernel has acknowledged, as far as it can be known."""

    def send(self, lane: int, batch: Batch) -> int:
        """Gives the messages of a batch to a lane, in order, without waiting.

        What it does not take is offered again later, maybe to another lane. A message is taken as a whole: if the
        kernel takes a part of one, the engine keeps the rest and sends it first. No more than that one is kept, so that
        what was taken is on its way. A PUB takes everything.

        Returns:
            How many it has taken.
        """

    def wait(self, seconds: float, writable: bool) -> None:
        """Waits until there is something to read, until `wakeup` is readable, or until the time is over.

        Meanwhile does what connections need (handshakes, subscriptions, pongs, reconnecting), and sends on the rest of
        messages that were taken in part. The resolution is that of the system, well below a millisecond.

        Args:
            seconds: At most so long; 0 only looks.
            writable: Whether to return also when a lane can take messages that could not before.
        """

    def replies(self) -> Sequence[Reply]:
        """The replies that have come since the last call."""

    def waits_on(self, lane: int) -> bool:
        """Has a lane of a REQ wait for one more reply, because the last one is to an earlier request.

        Returns:
            Whether it does; with False the last one has to do, as libzmq's REQ reads no second one.
        """

    def renew(self, lane: int) -> None:
        """Gives up the request that is under way on a lane of a REQ, because its reply is overdue."""

    def finish(self) -> bool:
        """Called again and again after the last message, with `wait` between.

        Returns:
            Whether everything was taken: by the peer's kernel, as far as it can be known.
        """


class Intake(Protocol):
    """Takes the messages that a sink's engine reads."""

    def take(self, lane: int, messages: Sequence[Sequence[bytes]], arrived: int) -> None:
        """Takes messages as they came, a ROUTER's with the routing id as the first frame."""

    def take_run(self, lane: int, run: BufferedRun, arrived: int) -> None:
        """Takes messages of one frame and of equal size, which lie in a buffer at equal distances."""


class BufferedRun(NamedTuple):
    """Messages of one frame and of equal size in a buffer, which is the engine's again after `Intake.take_run`.

    Attributes:
        buffer: Holds `number` times `stride` bytes: each time a frame's header and the frame.
        stride: From the beginning of one header to that of the next.
        offset: Of the frame from the beginning of its header; the frame goes on until the next header.
        number: How many messages.
    """

    buffer: bytes | memoryview
    stride: int
    offset: int
    number: int


class SinkEngine(EngineBase, Protocol):
    """Reads messages for a sink; with `replies` it answers each message with itself, in its envelope."""

    def receive(self, limit: int, intake: Intake) -> int:
        """Hands on what is there, up to `limit` messages, without waiting.

        Returns:
            How many messages.
        """

    def wait(self, seconds: float, reading: bool) -> None:
        """Waits until there is something to receive, until `wakeup` is readable, or until the time is over.

        Args:
            seconds: At most so long; 0 only looks.
            reading: Whether to look for messages; if not, nothing is read, so that peers feel it.
        """


def missing_peer(engine: EngineBase) -> str:
    """What is known of why it has no peer; empty if it has one."""
    return "" if engine.has_peer else engine.connections
