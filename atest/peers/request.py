"""Sends requests and prints the replies: `request.py REQ|DEALER ENDPOINT ROUTING_ID TEXT [TEXT ...]`."""

import sys

import zmq

kind, endpoint, routing_id, *requests = sys.argv[1:]
with zmq.Context() as context, context.socket(getattr(zmq, kind)) as socket:
    socket.routing_id = routing_id.encode()
    socket.connect(endpoint)
    print("ready", flush=True)
    for request in requests:
        socket.send_string(request)
        print(*(frame.decode() for frame in socket.recv_multipart()), flush=True)
    sys.stdin.read()
