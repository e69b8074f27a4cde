"""The environment of this machine: everything on loopback, on free ports. `staging.py` beside it has others."""

import socket


def free_port() -> int:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        return holder.getsockname()[1]


HOSTS = {
    "queue-1": {
        "roles": ["acme_queue"],
        "ip_address": "127.0.0.1",
        "settings": {"acme_queue.zmq.in": free_port(), "acme_queue.zmq.out": free_port()},
    },
}
