"""A PULL that throws everything away. Prints where it listens."""

from __future__ import annotations

import zmq

with zmq.Context() as context, context.socket(zmq.PULL) as socket:
    socket.bind("tcp://127.0.0.1:*")
    print(socket.last_endpoint.decode(), flush=True)
    while True:
        socket.recv()
