"""A REP service that answers each request with itself. Prints where it listens."""

from __future__ import annotations

import zmq

with zmq.Context() as context, context.socket(zmq.REP) as socket:
    socket.bind("tcp://127.0.0.1:*")
    print(socket.last_endpoint.decode(), flush=True)
    while True:
        socket.send(socket.recv())
