"""Faults of connections: what they do to time, bytes and ends, over tcp and ipc."""

from __future__ import annotations

import socket
import time

import pytest

from utest.network.wires import BOTH, TEXT, TO_CLIENT, TO_TARGET, happens
from ZmqLibrary.network.faults import Bandwidth, CloseAfter, Fault, LateClose, Latency, Refusal, Silence, Slices
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.zmtp.connection import Connection
from ZmqLibrary.zmtp.handshake import Null
from ZmqLibrary.zmtp.peer import Peer

TRANSPORTS = pytest.mark.parametrize("transport", ["tcp", "ipc"])


@TRANSPORTS
def test_latency_acts_in_its_direction_only(wire, transport):
    way = wire("REQ", "REP", transport)
    way.client.send(b"warm")
    way.target.send(way.target.recv())
    way.client.recv()
    way.break_it(Latency(0.2, 0.05), to=TO_CLIENT)
    began = time.monotonic()
    way.client.send(b"ask")
    way.target.send(way.target.recv())
    way.client.recv()
    assert time.monotonic() - began >= 0.15
    assert way.fault().acted == 1


@pytest.mark.parametrize("effect", [Latency(0.001), Bandwidth(1e9), Slices(65536)], ids=lambda e: type(e).__name__)
def test_a_fault_of_bytes_acts_once_on_each_message(wire, effect):
    way = wire("PUSH", "PULL")
    way.break_it(effect, to=TO_TARGET)
    way.break_it(Bandwidth(1e9), to=TO_TARGET, name="behind")
    way.client.send_multipart([b"large", bytes(2_000_000)])
    for _ in range(9):
        way.client.send(b"small")
    way.client.send(b"end")
    way.received(way.target)
    assert (way.fault().acted, way.fault("behind").acted) == (11, 11)


def test_a_fault_acts_once_on_all_that_is_no_message(new_proxy):
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = new_proxy(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        proxy.add_fault(Fault("slices", Slices(1)))
        proxy.add_fault(Fault("end", LateClose(0.01)))
        host, port = proxy.endpoint[6:].split(":")
        with socket.create_connection((host, int(port))) as client, server.accept()[0] as accepted:
            client.sendall(b"no ZeroMQ")
            assert accepted.recv(9, socket.MSG_WAITALL) == b"no ZeroMQ"
            client.shutdown(socket.SHUT_WR)
            assert accepted.recv(1) == b""
            accepted.shutdown(socket.SHUT_WR)
            assert client.recv(1) == b""
        assert [report.acted for report in proxy.faults] == [1, 1]


@TRANSPORTS
def test_bandwidth_is_what_it_says(wire, transport):
    way = wire("PUSH", "PULL", transport)
    way.break_it(Bandwidth(100_000), to=TO_TARGET)
    began = time.monotonic()
    for _ in range(30):
        way.client.send(bytes(1000))
    way.client.send(b"end")
    assert len(way.received(way.target)) == 30
    assert time.monotonic() - began >= 0.29


@TRANSPORTS
def test_sliced_data_is_the_same_data(wire, transport):
    way = wire("PUSH", "PULL", transport)
    way.break_it(Slices(5, 0.002))
    began = time.monotonic()
    way.client.send_multipart([b"x" * 100, b"", b"y" * 300])
    assert way.target.recv_multipart() == [b"x" * 100, b"", b"y" * 300]
    assert time.monotonic() - began >= 400 / 5 * 0.002


@pytest.mark.parametrize("effect", [Slices(3, 0.001), Bandwidth(1000)], ids=lambda effect: type(effect).__name__)
def test_a_subscription_that_arrives_in_pieces_is_waited_for(wire, effect):
    way = wire("SUB", "PUB")
    way.break_it(effect)
    way.client.subscribe("prices")
    assert way.proxy.wait_subscription(b"prices", 1, Deadline(60))
    assert way.proxy.subscriptions(b"news")[:2] == (0, [(1, [b"prices"])])
    way.target.send(b"prices 1")
    assert way.client.recv() == b"prices 1"


@pytest.mark.parametrize("effect", [Slices(1, 600.0), Bandwidth(1)], ids=lambda effect: type(effect).__name__)
def test_what_comes_while_others_wait_costs_no_more_than_its_bytes(wire, effect):
    way = wire("PUSH", "PULL")
    way.client.send(b"first")
    assert way.target.recv() == b"first"
    way.break_it(effect, to=TO_TARGET)
    timers = []
    for number in range(2, 22):
        way.client.send(b"x" * 10)
        way.sees(number)
        timers.append(way.proxy._child.call("loop._timers.__len__"))
    assert max(timers) - timers[0] <= 1
    way.proxy.remove_fault("fault")
    way.client.send(b"end")
    assert way.received(way.target) == [[b"x" * 10]] * 20


def test_a_slice_arrives_by_itself(new_proxy):
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = new_proxy(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        host, port = proxy.endpoint[6:].split(":")
        with socket.create_connection((host, int(port))) as client, server.accept()[0] as accepted:
            proxy.add_fault(Fault("slices", Slices(5, 600.0)))
            client.sendall(b"x" * 20)
            assert len(accepted.recv(100)) == 5
            proxy.reset()
            rest = b""
            while len(rest) < 15:
                rest += accepted.recv(100)
            assert rest == b"x" * 15


@TRANSPORTS
@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_is_closed_after_so_many_bytes_and_again(wire, transport, reset):
    way = wire("PUSH", "PULL", transport)
    way.client.send(b"first")
    assert way.target.recv() == b"first"
    way.break_it(CloseAfter(2000, reset), to=TO_TARGET)
    way.client.send(bytes(1000))
    assert len(way.target.recv()) == 1000
    way.client.send(bytes(1500))
    happens(lambda: way.fault().acted)
    happens(lambda: len(way.proxy.connections) == 2 and way.proxy.connections[1].open)
    way.client.send(b"after")
    assert way.target.recv() == b"after"
    assert [connection.open for connection in way.proxy.connections] == [False, True]


def test_the_message_in_which_a_connection_closes_is_marked(wire):
    way = wire("PUSH", "PULL")
    with Peer.connect(way.proxy.endpoint, Connection("PUSH", Null())) as peer:
        peer.wait_for_handshake(60)
        way.break_it(CloseAfter(12), to=TO_TARGET)
        peer.send_bytes(b"".join(peer.connection.send([b"%d234" % number]) for number in range(3)), 60)
        assert way.target.recv() == b"0234"
        happens(lambda: way.fault().acted)
    assert [message.faults for message in way.proxy.messages(None, BOTH, TEXT)] == [[], ["fault"], []]


@TRANSPORTS
@pytest.mark.parametrize("reset", [False, True])
def test_cut_connections_come_back(wire, transport, reset):
    way = wire("REQ", "REP", transport)
    way.client.send(b"ask")
    way.target.send(way.target.recv())
    way.client.recv()
    assert way.proxy.cut(reset, None) == 1
    happens(lambda: len(way.proxy.connections) == 2)
    way.client.send(b"ask")
    way.target.send(way.target.recv())
    assert way.client.recv() == b"ask"


@TRANSPORTS
def test_silence_keeps_what_is_sent_and_connections_stay(wire, transport):
    way = wire("PUSH", "PULL", transport)
    way.client.send(b"before")
    assert way.target.recv() == b"before"
    way.break_it(Silence())
    for number in range(20):
        way.client.send(b"%d" % number)
    assert not way.target.poll(100)
    assert all(connection.open for connection in way.proxy.connections)
    way.proxy.remove_fault("fault")
    way.client.send(b"end")
    assert way.received(way.target) == [[b"%d" % number] for number in range(20)]


def test_the_end_of_one_side_reaches_the_other_later(new_proxy):
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = new_proxy(f"tcp://127.0.0.1:{server.getsockname()[1]}")

        proxy.add_fault(Fault("late", LateClose(0.3)))
        host, port = proxy.endpoint[6:].split(":")
        client = socket.create_connection((host, int(port)))
        accepted = server.accept()[0]
        client.sendall(b"bye")
        began = time.monotonic()
        client.close()
        assert accepted.recv(100) == b"bye"
        assert accepted.recv(100) == b""
        assert time.monotonic() - began >= 0.3
        accepted.close()
        assert proxy.faults[0].acted


def test_silence_holds_the_end_of_one_side_too(new_proxy):
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = new_proxy(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        host, port = proxy.endpoint[6:].split(":")
        client = socket.create_connection((host, int(port)))
        with server.accept()[0] as accepted:
            proxy.add_fault(Fault("dark", Silence()))
            client.close()
            happens(lambda: proxy.faults[0].acted)
            accepted.settimeout(0.1)
            with pytest.raises(TimeoutError):
                accepted.recv(100)
            assert proxy.connections[0].open
            proxy.remove_fault("dark")
            accepted.settimeout(60)
            assert accepted.recv(100) == b""


@TRANSPORTS
def test_refused_connections_are_not_let_in_and_others_stay(wire, transport, raw):
    way = wire("PUSH", "PULL", transport)
    way.client.send(b"before")
    assert way.target.recv() == b"before"
    way.break_it(Refusal(), times=2)
    other = raw("PUSH", connect=way.proxy.endpoint)
    other.send(b"other")
    way.client.send(b"stays")
    assert {way.target.recv(), way.target.recv()} == {b"other", b"stays"}
    assert way.fault().acted == 2


def test_a_fault_by_source_leaves_other_clients_alone(wire, raw):
    way = wire("DEALER", "ROUTER", client_options={"ROUTING_ID": b"slow-1"})
    way.break_it(Latency(60.0), client="slow-*")
    other = raw("DEALER", connect=way.proxy.endpoint, ROUTING_ID=b"fast-1")
    way.client.send(b"slow")
    other.send(b"fast")
    assert way.target.recv_multipart() == [b"fast-1", b"fast"]
    way.sees(2)
    assert not way.target.poll(50)
    way.proxy.reset()
    assert way.target.recv_multipart() == [b"slow-1", b"slow"]
    assert {connection.routing_id for connection in way.proxy.connections} == {"slow-1", "fast-1"}


@TRANSPORTS
def test_a_router_behind_a_proxy_sees_what_it_would_see_without(wire, transport):
    way = wire("DEALER", "ROUTER", transport, client_options={"ROUTING_ID": b"me"})
    way.client.send_multipart([b"a", b""])
    assert way.target.recv_multipart() == [b"me", b"a", b""]
    way.target.send_multipart([b"me", b"b"])
    assert way.client.recv() == b"b"
    (connection,) = way.proxy.connections
    assert (connection.client_type, connection.target_type, connection.mechanism) == ("DEALER", "ROUTER", "NULL")


@pytest.mark.parametrize("limit", [2**20, 64 * 2**20])
@pytest.mark.parametrize("effect", [None, Latency(0.01), Silence()], ids=lambda e: type(e).__name__)
def test_large_messages_pass_whole(wire, limit, effect):
    way = wire("PUSH", "PULL", limit=limit)
    if effect:
        way.break_it(effect, lasting=0.3)
    frames = [b"head", bytes(range(256)) * 20_000, b"", b"tail" * 1000]
    way.client.send_multipart(frames)
    way.client.send(b"end")
    assert way.received(way.target) == [frames]
    (message, end) = way.proxy.messages(None, BOTH, TEXT)
    assert (message.raw[0], message.size, message.whole) == (b"head", sum(map(len, frames)), False)
    assert end.whole
