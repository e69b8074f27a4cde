"""The libzmq context as this library makes it."""

from __future__ import annotations

import zmq

Context = zmq.Context[zmq.Socket[bytes]]

_MAX_SOCKETS = 20_000
_BLOCKY = 70  # ZMQ_BLOCKY, which pyzmq does not name: a context without it never waits for ever


def new_context() -> Context:
    """A context of its own, for many sockets, whose end does not wait for what they have not sent."""
    context: Context = zmq.Context()
    context.set(_BLOCKY, 0)
    context.set(zmq.MAX_SOCKETS, min(_MAX_SOCKETS, context.get(zmq.SOCKET_LIMIT)))
    return context
