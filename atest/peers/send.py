"""Sends a message a number of times to a bound socket and ends: `send.py ENDPOINT COUNT FRAME...`."""

import sys

import zmq

endpoint, count, *frames = sys.argv[1:]
with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
    socket.connect(endpoint)
    for _ in range(int(count)):
        socket.send_multipart([frame.encode() for frame in frames])
