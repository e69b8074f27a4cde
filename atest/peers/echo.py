"""Sends every message back: `echo.py REP|ROUTER|DEALER|PAIR ENDPOINT`, with a bound socket."""

import sys

import zmq

kind, endpoint = sys.argv[1:]
with zmq.Context() as context, context.socket(getattr(zmq, kind)) as socket:
    socket.bind(endpoint)
    print("ready", socket.last_endpoint.decode(), flush=True)
    while True:
        socket.send_multipart(socket.recv_multipart())
