from __future__ import annotations

import socket as sockets
import subprocess
import sys

import pytest
import zmq

from ZmqLibrary.errors import EndpointFailed
from ZmqLibrary.sockets.connect_checks import let_listeners_know
from ZmqLibrary.sockets.option_table import find_option
from ZmqLibrary.waiting.deadline import Deadline

TCP = "tcp://127.0.0.1:*"


def call_next(router, name):
    router.set_option(find_option("CONNECT_ROUTING_ID"), name)


def refused(router, endpoint):
    with pytest.raises(EndpointFailed, match=r"CONNECT_ROUTING_ID 'abc' is in use: (.*), and libzmq ends") as failure:
        router.connect(endpoint)
    return str(failure.value).partition("is in use: ")[2].partition(", and")[0]


@pytest.mark.parametrize(("kind", "listener"), [("ROUTER", "DEALER"), ("STREAM", "STREAM")])
def test_a_routing_id_is_given_to_one_peer_only(opened, kind, listener):
    places = [opened(listener, bind=TCP).address for _ in range(3)]
    router = opened(kind, "r")
    call_next(router, b"abc")
    router.connect(places[0])
    router.connect(places[1])
    call_next(router, b"abc")
    assert refused(router, places[2]) == "this socket has connected with it before"
    assert router.endpoints == places[:2]
    router.disconnect(places[0])
    assert refused(router, places[2])
    call_next(router, b"abcd")
    router.connect(places[2])


def test_over_inproc_too(opened):
    opened("ROUTER", bind="inproc://first")
    opened("ROUTER", bind="inproc://second")
    router = opened("ROUTER")
    for place in ("inproc://first", "inproc://second"):
        call_next(router, b"abc")
        if place == "inproc://first":
            router.connect(place)
        else:
            assert refused(router, place)


def test_a_routing_id_of_a_peer_that_sent_something_is_in_use(opened, raw):
    router = opened("ROUTER", bind=TCP)
    call_next(router, b"abc")
    raw("DEALER", connect=router.address, ROUTING_ID=b"abc").send(b"x")
    router.await_message(Deadline(30))
    place = opened("DEALER", bind=TCP).address
    assert refused(router, place) == "a peer of that routing id has sent messages"
    assert router.receive(Deadline(30)).frames == [b"abc", b"x"]


def test_a_routing_id_of_a_silent_socket_of_the_library_is_in_use(opened):
    router = opened("ROUTER", bind=TCP)
    dealer = opened("DEALER", "d")
    dealer.set_option(find_option("ROUTING_ID"), b"abc")
    dealer.connect(router.address)
    router.wait_for(lambda: router.monitor.links[router.address].peers, Deadline(30))
    call_next(router, b"abc")
    assert refused(router, opened("DEALER", bind=TCP).address) == "socket 'd' has that routing id"


def test_a_socks_proxy_that_cannot_be_reached_is_refused(opened):
    push = opened("PUSH")
    with sockets.create_server(("127.0.0.1", 0)) as server:
        proxy = f"127.0.0.1:{server.getsockname()[1]}"
    push.set_option(find_option("SOCKS_PROXY"), proxy.encode())
    with pytest.raises(EndpointFailed, match=f"the SOCKS proxy {proxy} cannot be reached .* Start the proxy first"):
        push.connect("tcp://127.0.0.1:2")
    push.connect("inproc://without-proxy")


def test_a_socks_proxy_that_listens_is_used():
    script = """
import os, socket
from ZmqLibrary import ZmqLibrary
from ZmqLibrary.sockets.socket_types import SocketType
server = socket.create_server(("127.0.0.1", 0))
z = ZmqLibrary()
z.open_zmq_socket(SocketType.PUSH, socks_proxy=f"127.0.0.1:{server.getsockname()[1]}")
z.connect_to_endpoint("tcp://127.0.0.1:2", lazy=True)
for _ in range(2):
    print("asked", flush=True)
    client = server.accept()
os._exit(0)  # libzmq ends the process where a proxy closes a connection
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert (run.returncode, run.stdout) == (0, "asked\nasked\n"), run.stderr


def test_a_listener_over_inproc_knows_at_once_who_has_connected(opened):
    listener = opened("PUSH", bind="inproc://jobs")
    for _ in range(20):
        pull = opened("PULL", connect="inproc://jobs")
        let_listeners_know(pull, "inproc://jobs")
        listener.raw.socket.send(b"job", zmq.NOBLOCK)
        assert pull.receive(Deadline(30)).frames == [b"job"]
        pull.disconnect("inproc://jobs")
        listener.raw.get(zmq.EVENTS)


def test_a_conflating_socket_connects_over_inproc_only_where_somebody_listens(opened):
    push = opened("PUSH")
    push.set_option(find_option("CONFLATE"), 1)
    with pytest.raises(EndpointFailed, match=r"nobody listens there yet, and libzmq ends the process .* Bind first\."):
        push.connect("inproc://jobs")
    pull = opened("PULL", bind="inproc://jobs")
    push.connect("inproc://jobs")
    push.send([b"job"], Deadline(30))
    assert pull.receive(Deadline(30)).frames == [b"job"]
