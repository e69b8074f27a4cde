"""SessionContext: the libzmq context of one library instance, made when it is needed, and its bounded end."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ..monitoring.lingering import Lingering
from ..sockets.context import Context, new_context

if TYPE_CHECKING:
    from ..sockets.socket_settings import Departed

_MOST_DEPARTED = 100  # are remembered


class SessionContext:
    """One context, so that inproc works between all sockets of the library.

    Attributes:
        lingering: The monitors of closed sockets that still send.
        departed: Closed sockets that had a routing id, the last ones.
    """

    def __init__(self) -> None:
        self.lingering = Lingering()
        self.departed: deque[Departed] = deque(maxlen=_MOST_DEPARTED)
        self._context: Context | None = None

    def get(self) -> Context:
        """The context."""
        if self._context is None:
            self._context = new_context()
        return self._context

    def end(self) -> None:
        """Waits until what closed sockets still send has gone, and ends the context.

        A socket that is still open has been left by an interrupt while it was made: libzmq would wait for it for ever.
        """
        if self._context is not None:
            self.lingering.end()
            self._context.destroy(linger=0)
            self._context = None
