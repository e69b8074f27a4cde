"""The sizes of handshakes are those that libzmq has: one byte less in MAXMSGSIZE, and it drops the connection."""

from __future__ import annotations

import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from ZmqLibrary.sockets.handshake_size import dropped_cause, least_handshake
from ZmqLibrary.sockets.socket_types import SocketType

PAIRS = ("PULL PUSH", "PUSH PULL", "ROUTER REQ", "DEALER REP", "PUB SUB", "XSUB PUB", "PAIR PAIR", "REQ REP")


@pytest.mark.parametrize("curve", [False, True])
@pytest.mark.parametrize("missing", [0, 1])
@pytest.mark.parametrize("pair", PAIRS)
def test_the_least_size_is_what_libzmq_needs(raw, pair, missing, curve):
    type, peer = pair.split()
    public, secret = zmq.curve_keypair()
    server = {"CURVE_SERVER": 1, "CURVE_SECRETKEY": secret} if curve else {}
    client = {"CURVE_SERVERKEY": public, "CURVE_PUBLICKEY": public, "CURVE_SECRETKEY": secret} if curve else {}
    least = least_handshake(SocketType[type], "CURVE" if curve else "NULL", serves=curve)
    socket = raw(type, MAXMSGSIZE=least - missing, **server)
    monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
    monitor.rcvtimeo = 30_000
    socket.bind("tcp://127.0.0.1:*")
    raw(peer, connect=socket.last_endpoint.decode(), **client)
    event = recv_monitor_message(monitor)["event"]
    socket.disable_monitor()
    monitor.close()
    assert event == (zmq.EVENT_DISCONNECTED if missing else zmq.EVENT_HANDSHAKE_SUCCEEDED)


@pytest.mark.parametrize(
    ("limit", "type", "reason"),
    [
        (-1, "PULL", "INCOMPATIBLE_TYPE"),
        (25, "PULL", "MAXMSGSIZE"),
        (26, "PULL", "INCOMPATIBLE_TYPE"),
        (0, "STREAM", "MAXMSGSIZE"),
        (300, "ROUTER", "INCOMPATIBLE_TYPE"),
    ],
)
def test_a_limit_that_fits_is_not_the_cause(limit, type, reason):
    found, text = dropped_cause(limit, SocketType[type], "NULL", serves=False)
    assert found == reason
    assert "socket types" in text or reason == "MAXMSGSIZE"
