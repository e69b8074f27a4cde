"""Sends numbered messages: `push.py ENDPOINT COUNT FRAMES`, from a bound PUSH, each with that many equal frames."""

import sys

import zmq

endpoint, count, frames = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
    socket.bind(endpoint)
    print("ready", socket.last_endpoint.decode(), flush=True)
    for number in range(count):
        socket.send_multipart([b"%d" % number] * frames)
    sys.stdin.read()  # until the process is stopped: what is queued goes out
