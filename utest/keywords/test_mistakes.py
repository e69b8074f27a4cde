"""Mistakes that users make, and that each is answered with the way out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ZmqLibrary.errors import ZmqLibraryError
from ZmqLibrary.socket_types import SocketType

NOW = timedelta(0)
T = SocketType

MISTAKES = {
    "no socket is open": (lambda z: z.send_message("x"), "No socket is open. Use `Connect Zmq Socket` first"),
    "unknown alias": (lambda z: z.switch_zmq_socket("b"), "There is no socket 'b'"),
    "empty alias": (lambda z: z.open_zmq_socket(T.PULL, ""), "alias of a socket cannot be empty"),
    "no transport": (lambda z: z.bind_zmq_socket("localhost:1", T.PULL), "no transport"),
    "no port": (lambda z: z.connect_zmq_socket("tcp://host", T.PULL), "has no port"),
    "port too large": (lambda z: z.connect_zmq_socket("tcp://host:70000", T.PULL), "port 70000 is too large"),
    "connect to port 0": (lambda z: z.connect_zmq_socket("tcp://host:0", T.PULL), "port 0 is for bind"),
    "connect to any port": (lambda z: z.connect_zmq_socket("tcp://host:*", T.PULL), "connect needs the number"),
    "unknown transport": (lambda z: z.bind_zmq_socket("http://x:1", T.PULL), "there is no transport 'http'"),
    "other transport": (lambda z: z.bind_zmq_socket("udp://x:1", T.PULL), "udp is not supported"),
    "long ipc path": (lambda z: z.bind_zmq_socket("ipc:///" + "x" * 200, T.PULL), "path has 201 bytes"),
    "non-ASCII host": (lambda z: z.connect_zmq_socket("tcp://müller:1", T.PULL), "must be ASCII"),
    "unknown option": (lambda z: z.open_zmq_socket(T.PULL, None, nosuch="1"), "nosuch"),
    "bad option value": (lambda z: z.open_zmq_socket(T.PULL, None, ipv6="perhaps"), "perhaps"),
    "send on PULL": (lambda z: (z.open_zmq_socket(T.PULL), z.send_message("x")), "PULL sockets only receive"),
    "receive on PUSH": (lambda z: (z.open_zmq_socket(T.PUSH), z.receive_message()), "PUSH sockets only send"),
    "receive on PUB": (lambda z: (z.open_zmq_socket(T.PUB), z.receive_message()), "PUB sockets only send"),
    "REQ out of turn": (lambda z: (z.open_zmq_socket(T.REQ), z.receive_message()), "has not sent a request yet"),
    "REP out of turn": (lambda z: (z.open_zmq_socket(T.REP), z.send_message("x")), "Receive a request first"),
    "subscribe on PULL": (lambda z: (z.open_zmq_socket(T.PULL), z.subscribe_to_topics("a")), "has no subscriptions"),
    "wait on PULL for subscribers": (
        lambda z: (z.open_zmq_socket(T.PULL), z.wait_for_subscriber()),
        "only PUB and XPUB",
    ),
    "request on PUSH": (lambda z: (z.open_zmq_socket(T.PUSH), z.send_request("x")), "only REQ and DEALER"),
    "nothing received yet": (lambda z: z.get_received_message(), "No message has been received yet"),
    "no frames": (lambda z: (z.open_zmq_socket(T.PUSH), z.send_multipart()), "at least one frame"),
    "None as text": (lambda z: (z.open_zmq_socket(T.PUSH), z.send_message(None)), "Nothing was sent"),
    "unknown format": (lambda z: (z.open_zmq_socket(T.PUSH), z.send_message("x", format="JSN")), "JSON"),
    "count of 0": (lambda z: (z.open_zmq_socket(T.PULL), z.receive_messages(0)), "count of 1 or more"),
    "no endpoint": (lambda z: (z.open_zmq_socket(T.PULL), z.get_zmq_endpoint()), "has no endpoint"),
    "no such endpoint": (
        lambda z: (z.open_zmq_socket(T.PULL), z.unbind_from_endpoint("inproc://x")),
        "not bound to inproc://x. It has no endpoint",
    ),
    "unknown event": (lambda z: (z.open_zmq_socket(T.PULL), z.get_zmq_events(event="X")), "There is no event 'X'"),
    "nobody to send to": (
        lambda z: (z.bind_zmq_socket("tcp://127.0.0.1:*", T.PUSH), z.send_message("x", timeout=NOW)),
        "There is no peer to send to",
    ),
    "closed socket": (
        lambda z: (z.open_zmq_socket(T.PULL, "a"), z.close_zmq_socket("a"), z.receive_message(socket="a")),
        "was closed",
    ),
    "bad topic": (lambda z: (z.open_zmq_socket(T.SUB), z.subscribe_to_topics(5)), "A topic is text or bytes"),
    "bad pattern": (
        lambda z: (
            z.bind_zmq_socket("inproc://m", T.PAIR, "a"),
            z.connect_zmq_socket("inproc://m", T.PAIR),
            z.send_message("x"),
            z.receive_message(socket="a"),
            z.received_message_should_match_regexp("("),
        ),
        "is not a regular expression",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_explained(library, mistake):
    make, answer = MISTAKES[mistake]
    with pytest.raises(ZmqLibraryError) as caught:
        make(library)
    assert answer.lower() in str(caught.value).lower()


def test_a_failed_connect_leaves_no_socket(library, closed_port):
    with pytest.raises(ZmqLibraryError, match="refused, nobody listens there"):
        library.connect_zmq_socket(closed_port, T.PUSH, timeout=timedelta(milliseconds=200))
    assert library.get_zmq_sockets() == []
