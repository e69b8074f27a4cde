"""SessionContext: the libzmq context of one library instance, made when it is needed, and its bounded end."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import zmq

from ..monitoring.lingering import Lingering

if TYPE_CHECKING:
    from ..sockets.socket_settings import Departed

_MOST_DEPARTED = 100  # are remembered
_MAX_SOCKETS = 20_000
_BLOCKY = 70  # ZMQ_BLOCKY, which pyzmq does not name: a context without it never waits for ever


class SessionContext:
    """One context, so that inproc works between all sockets of the library.

    Attributes:
        lingering: The monitors of closed sockets that still send.
        departed: Closed sockets that had a routing id, the last ones.
    """

    def __init__(self) -> None:
        self.lingering = Lingering()
        self.departed: deque[Departed] = deque(maxlen=_MOST_DEPARTED)
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None

    def get(self) -> zmq.Context[zmq.Socket[bytes]]:
        """The context."""
        if self._context is None:
            self._context = zmq.Context()
            self._context.set(_BLOCKY, 0)
            self._context.set(zmq.MAX_SOCKETS, min(_MAX_SOCKETS, self._context.get(zmq.SOCKET_LIMIT)))
        return self._context

    def end(self) -> None:
        """Waits until what closed sockets still send has gone, and ends the context.

        A socket that is still open has been left by an interrupt while it was made: libzmq would wait for it for ever.
        """
        if self._context is not None:
            self.lingering.end()
            self._context.destroy(linger=0)
            self._context = None
