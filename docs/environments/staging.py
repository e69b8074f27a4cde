"""An environment with machines of its own: `robot --variable ENVIRONMENT:staging docs/coming-from-storyplayer.md`."""

HOSTS = {
    "queue-1": {
        "roles": ["acme_queue"],
        "ip_address": "10.1.0.17",
        "settings": {"acme_queue.zmq.in": 5000, "acme_queue.zmq.out": 5001},
    },
}
