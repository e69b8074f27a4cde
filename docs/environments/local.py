"""The environment of this machine: everything on loopback, on free ports. `staging.py` beside it has others."""

import random
import socket


def free_port() -> int:
    """None of the ports that the system gives out by itself: another process would get it before the queue is there."""
    while True:
        port = random.randrange(10_000, 32_768)
        with socket.socket() as holder:
            if holder.connect_ex(("127.0.0.1", port)) != 0:
                return port


HOSTS = {
    "queue-1": {
        "roles": ["acme_queue"],
        "ip_address": "127.0.0.1",
        "settings": {"acme_queue.zmq.in": free_port(), "acme_queue.zmq.out": free_port()},
    },
}
