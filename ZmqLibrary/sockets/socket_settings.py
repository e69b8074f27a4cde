"""SocketSettings: what a socket gets from its library."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..monitoring.lingering import Lingering
from ..plain_text import printable
from ..waiting.hand import Hand
from .traffic import REMEMBERED

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from .places import Places
    from .raw_socket import RawSocket
    from .socket_options import SocketOptions
    from .socket_types import SocketType
    from .subscriptions import Subscriptions


class Neighbour(Protocol):
    """Another socket of the library, as its neighbours see it."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> SocketType: ...
    @property
    def role(self) -> str: ...
    @property
    def raw(self) -> RawSocket: ...
    @property
    def places(self) -> Places: ...
    @property
    def options(self) -> SocketOptions: ...
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def holder(self) -> str | None: ...


class Departed(NamedTuple):
    """A socket that had a routing id and was closed.

    Attributes:
        title: As errors name it.
        routing_id: The name by which ROUTERs knew it.
        endpoints: Where it was connected.
        time: When it was closed, in seconds since the epoch.
    """

    title: str
    routing_id: bytes
    endpoints: tuple[str, ...]
    time: float


class SocketSettings(NamedTuple):
    """What a socket gets from its library.

    Attributes:
        formats: How the values of received messages are decoded unless said otherwise.
        lingering: Takes the monitors of closed sockets that still send.
        hand: Holds what the running call has taken and not yet returned.
        departed: Sockets with a routing id that were closed, to explain why a ROUTER ignores their successors.
        linger: Seconds for which unsent messages are kept at close.
        tick: Called in each slice of a wait, so that others can be looked after.
        neighbours: All sockets, also of other imports, to explain failures.
        worker_at: Names the worker that listens at an address, if one does: without a socket of the library. One that
            has done its work may have left the address.
        metadata_names: Properties of connections to read besides libzmq's own.
        remembered: How many messages are kept as evidence.
    """

    formats: FrameFormats
    lingering: Lingering
    hand: Hand
    departed: deque[Departed]
    linger: float = 1.0
    tick: Callable[[], object] = lambda: None
    neighbours: Callable[[], Iterable[Neighbour]] = tuple
    worker_at: Callable[[str], str | None] = lambda address: None
    metadata_names: Callable[[], Iterable[str]] = tuple
    remembered: int = REMEMBERED

    def listener_at(self, address: str, *sockets: Neighbour) -> str | None:
        """Names who listens at an address: one of these sockets, or another socket or worker of the library."""
        return self.socket_at(address, *sockets) or self.worker_at(address)

    def socket_at(self, address: str, *sockets: Neighbour) -> str | None:
        """Names the socket that is bound to an address: one of these, or another one of the library."""
        for socket in (*sockets, *self.neighbours()):
            if socket.places.has(address):
                held = f", which {socket.holder} holds" if socket.holder else ""
                return f"socket '{printable(socket.name)}'{held}"
        return None

    @classmethod
    def alone(cls, formats: FrameFormats) -> SocketSettings:
        """The settings of sockets that belong to no library."""
        return cls(formats, Lingering(), Hand(), deque(maxlen=0))
