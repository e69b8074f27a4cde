"""What a tester writes: a thread that receives and keeps, with pyzmq alone."""

import sys
from threading import Thread

import zmq
from measuring import Measurement

COUNT, QUEUED = int(sys.argv[1]), sys.argv[2] == "queued"
with zmq.Context() as context, context.socket(zmq.PULL) as socket:
    if QUEUED:
        socket.rcvhwm = 0
    socket.bind("tcp://127.0.0.1:*")
    kept = []

    def receive() -> None:
        while len(kept) < COUNT:
            kept.append(socket.recv_multipart())

    with Measurement(socket.last_endpoint.decode(), COUNT, QUEUED):
        thread = Thread(target=receive)
        thread.start()
        thread.join()
