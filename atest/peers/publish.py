"""Publishes as soon as somebody subscribes: `publish.py ENDPOINT TOPIC TEXT [TOPIC TEXT ...]`."""

import sys

import zmq

endpoint, *messages = sys.argv[1:]
with zmq.Context() as context, context.socket(zmq.XPUB) as socket:
    socket.setsockopt(zmq.XPUB_VERBOSER, 1)
    socket.bind(endpoint)
    print("ready", socket.last_endpoint.decode(), flush=True)
    while True:
        if socket.recv()[:1] == b"\x01":
            for topic, text in zip(messages[::2], messages[1::2]):
                socket.send_multipart([topic.encode(), text.encode()])
