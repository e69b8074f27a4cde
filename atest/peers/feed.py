"""Publishes a feed to whoever subscribes: `feed.py ENDPOINT COUNT`, then the message `end`."""

import sys

import zmq

endpoint, count = sys.argv[1], int(sys.argv[2])
with zmq.Context() as context, context.socket(zmq.XPUB) as socket:
    socket.setsockopt(zmq.XPUB_VERBOSER, 1)
    socket.sndhwm = 0
    socket.bind(endpoint)
    print("ready", socket.last_endpoint.decode(), flush=True)
    while True:
        if socket.recv()[:1] == b"\x01":
            for number in range(count):
                socket.send_multipart([b"price", b"%d" % number])
            socket.send(b"end")
