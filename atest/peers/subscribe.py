"""Prints what is published: `subscribe.py ENDPOINT TOPIC [TOPIC ...]`, one line for each message."""

import sys

import zmq

endpoint, *topics = sys.argv[1:]
with zmq.Context() as context, context.socket(zmq.SUB) as socket:
    for topic in topics:
        socket.subscribe(topic)
    socket.connect(endpoint)
    print("ready", flush=True)
    while True:
        print(*(frame.decode() for frame in socket.recv_multipart()), flush=True)
