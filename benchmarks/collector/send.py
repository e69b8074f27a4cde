"""Sends messages of two short frames as fast as it can when it is told to."""

import sys

import zmq

with zmq.Context() as context, context.socket(zmq.PUSH) as socket:
    socket.sndhwm = 0
    socket.connect(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(sys.argv[2])):
        socket.send_multipart([b"topic", b"%d" % number])
