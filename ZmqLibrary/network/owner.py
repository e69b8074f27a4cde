"""What a direction asks of the connection that it belongs to."""

from __future__ import annotations

from typing import Protocol

from .active_fault import ActiveFault
from .event_loop import EventLoop
from .seen import CopyBudget
from .units import Chunk, Unit


class Owner(Protocol):
    """The connection that a direction belongs to."""

    number: int
    loop: EventLoop
    limit: int
    buffer: bytearray
    copies: CopyBudget

    @property
    def enveloped(self) -> bool:
        """Whether an end is REQ or REP."""

    @property
    def awaits_pong(self) -> bool:
        """Whether a PING of the proxy itself was not answered yet."""

    def note(self, chunk: Chunk) -> None:
        """Messages came in."""

    def passed(self, unit: Unit) -> None:
        """A command has passed all faults on messages."""

    def takes(self, unit: Unit) -> bool:
        """Whether a command is for the proxy itself and goes no further."""

    def refuse(self, active: ActiveFault, problem: str) -> None:
        """A fault could not act."""

    def meet(self) -> None:
        """The handshake of a side went on; if both are done, faults that need to know the peers act from now on."""

    def went_on(self) -> None:
        """Something was read, written or ended: looks at what to wait for next."""

    def close(self, reset: bool) -> None:
        """Ends both sides at once."""
