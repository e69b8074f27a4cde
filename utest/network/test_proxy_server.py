"""What a proxy stands: many connections, large messages, garbage, targets that come and go, clients that die."""

from __future__ import annotations

import os
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import zmq

from utest.network.wires import TEXT, TO_TARGET, happens
from ZmqLibrary.errors import EndpointFailed, InvalidValue, NotOpen, WorkerFailed, WrongUse
from ZmqLibrary.network.event_loop import WRITE
from ZmqLibrary.network.fault_options import LIMIT, ReleaseOrder
from ZmqLibrary.network.faults import Drop, Fault, Hold, Latency, Selection, Silence, Slices
from ZmqLibrary.network.proxy_server import ProxyServer, ProxySettings
from ZmqLibrary.sockets.endpoints import parse_endpoint
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.zmtp.commands import ready
from ZmqLibrary.zmtp.greeting import Greeting, Version
from ZmqLibrary.zmtp.transport import unacknowledged_bytes, unread_bytes


def place_of(proxy):
    host, port = proxy.endpoint[6:].split(":")
    return host, int(port)


@pytest.mark.parametrize("faults", [[], [(Drop(), "never"), (Latency(0.0), "")]], ids=["idle", "never matching"])
def test_an_untouched_stream_is_the_same_frame_by_frame(wire, faults):
    way = wire("PUSH", "PULL", client_options={"SNDHWM": 0}, RCVHWM=0)
    for number, (effect, pattern) in enumerate(faults):
        way.break_it(effect, *([pattern] if pattern else []), name=str(number))
    make = random.Random(1)
    sizes = [0, 1, 5, 5, 5, 254, 255, 256, 300]
    messages = [
        [make.randbytes(make.choice(sizes)) for _ in range(make.choice([1, 1, 1, 2, 3]))] for _ in range(100_000)
    ]

    def send():
        for message in messages:
            way.client.send_multipart(message)
        way.client.send(b"end")

    sender = threading.Thread(target=send)
    sender.start()
    assert way.received(way.target) == messages
    sender.join()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what the other kernel has taken")
@pytest.mark.parametrize("ends", ["with unread bytes", "before bytes come"])
def test_what_a_client_sent_before_its_reset_arrives(new_proxy, ends):
    data = random.Random(1).randbytes(300_000)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that bytes are still on their way
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        proxy = new_proxy(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
        client = socket.create_connection(place_of(proxy))
        with listener.accept()[0] as target:
            target.settimeout(60)
            client.sendall(data)
            happens(lambda: not unacknowledged_bytes(client))
            if ends == "with unread bytes":
                target.sendall(b"pong")
                happens(lambda: unread_bytes(client))
            client.close()
            received = bytearray()
            while len(received) < len(data):
                with suppress(OSError):
                    target.send(b"pong")
                received += (piece := target.recv(10_000))
                assert piece, f"{len(received)} bytes came"
            assert received == data
        happens(lambda: not proxy.connections[0].open)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what the other kernel has taken")
def test_a_reset_does_not_wait_for_a_target_that_takes_nothing(new_proxy):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        proxy = new_proxy(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
        client = socket.create_connection(place_of(proxy))
        with listener.accept()[0] as target:
            client.sendall(bytes(300_000))
            target.sendall(b"pong")
            happens(lambda: unread_bytes(client))
            client.close()
            happens(lambda: not proxy.connections[0].open)


def test_200_connections_at_once(wire, raw):
    way = wire("DEALER", "ROUTER", RCVHWM=0)
    clients = [raw("DEALER", connect=way.proxy.endpoint, ROUTING_ID=b"%d" % number) for number in range(200)]
    way.break_it(Drop(), "[0-9]", to=TO_TARGET)
    for number, client in enumerate(clients):
        client.send(b"%d" % (number % 10))
        client.send(b"hello %d" % number)
    seen = {}
    for _ in clients:
        routing_id, text = way.target.recv_multipart()
        seen[routing_id] = text
        way.target.send_multipart([routing_id, text])
    assert seen == {b"%d" % number: b"hello %d" % number for number in range(200)}
    assert [client.recv() for client in clients] == [b"hello %d" % number for number in range(200)]
    assert sum(connection.open for connection in way.proxy.connections) >= 200
    assert way.fault().acted == 200


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit")
def test_without_descriptors_others_go_on_and_who_waits_is_let_in_later(wire, raw):
    way = wire("DEALER", "ROUTER")
    way.client.send(b"first")
    assert way.target.recv_multipart()[1] == b"first"
    pid = way.proxy._child._process.pid
    used = len(os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 4, used + 4))
    clients = [socket.create_connection(place_of(way.proxy)) for _ in range(10)]
    happens(lambda: any("no client can be let in" in note.text for note in way.proxy.take_notes(10)[0]))
    way.client.send(b"second")
    assert way.target.recv_multipart()[1] == b"second"
    for client in clients:
        client.close()
    raw("DEALER", connect=way.proxy.endpoint).send(b"later")
    assert way.target.recv_multipart()[1] == b"later"


def test_a_client_that_reconnects_200_times(wire):
    way = wire("PUSH", "PULL")
    way.client.close()
    for number in range(200):
        with socket.create_connection(place_of(way.proxy)) as peer:
            peer.sendall(opening())
            happens_in_peer(peer)
            peer.sendall(bytes((0, 3)) + b"%03d" % number)
        assert way.target.recv() == b"%03d" % number
    happens(lambda: not any(connection.open for connection in way.proxy.connections[1:]))
    assert len(way.proxy.connections) >= 200


def opening(type=b"PUSH"):
    return Greeting(Version.ZMTP_3_1, "NULL").encode() + ready({"Socket-Type": type}).encode()


def happens_in_peer(peer):
    """The handshake of the other side has come."""
    received = b""
    while b"READY" not in received:
        data = peer.recv(4096)
        assert data, "The other side has closed the connection."
        received += data


def memory_of(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
@pytest.mark.parametrize("effect", [None, Latency(0.01), Drop()], ids=lambda effect: type(effect).__name__)
def test_messages_of_100_mb_pass_in_pieces(wire, effect):
    limit = 8 * 2**20
    way = wire("PUSH", "PULL", limit=limit)
    if effect:
        way.break_it(effect, **({"skip": 1, "times": 1} if isinstance(effect, Drop) else {}))
    large = bytes(100_000_000)
    peak = []
    stop = threading.Event()
    pid = way.proxy._child._process.pid

    def watch():
        while not stop.wait(0.005):
            peak.append(memory_of(pid))

    watcher = threading.Thread(target=watch)
    before = memory_of(pid)
    watcher.start()
    for number in range(2):
        way.client.send_multipart([b"%d" % number, large])
    way.client.send(b"end")
    received = way.received(way.target)
    stop.set()
    watcher.join()
    assert [frames[0] for frames in received] == ([b"0"] if isinstance(effect, Drop) else [b"0", b"1"])
    assert all(frames[1] == large for frames in received)
    assert max(peak) - before < 6 * limit


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_a_large_message_is_cut_slice_by_slice(wire):
    way = wire("PUSH", "PULL")
    way.client.send(b"before")
    assert way.target.recv() == b"before"
    before = memory_of(way.proxy._child._process.pid)
    way.break_it(Slices(1, 0.01))
    large = random.Random(1).randbytes(400_000)
    way.client.send(large)
    happens(lambda: way.fault().acted)
    assert memory_of(way.proxy._child._process.pid) - before < 20_000_000
    way.proxy.remove_fault("fault")
    assert way.target.recv() == large


@pytest.mark.parametrize("pattern", [None, "never"])
def test_multipart_messages_of_a_peer_with_heartbeats_pass(wire, pattern):
    way = wire("PUSH", "PULL", client_options={"HEARTBEAT_IVL": 1, "HEARTBEAT_TIMEOUT": 60_000, "SNDHWM": 0})
    if pattern:
        way.break_it(Drop(), pattern)
    messages = [[b"%d" % number, *[bytes(2000)] * 200] for number in range(100)]
    for message in messages:
        way.client.send_multipart(message)
    way.client.send(b"end")
    assert way.received(way.target) == messages
    assert len(way.proxy.messages(None, TO_TARGET, TEXT)) == 101


def test_a_message_that_is_too_large_to_be_held_passes_and_the_fault_says_so(wire):
    way = wire("PUSH", "PULL", limit=100_000)
    way.break_it(Hold(), "large")
    way.client.send_multipart([b"large", bytes(3_000_000)])
    way.client.send_multipart([b"small"])
    way.client.send(b"end")
    assert [frames[0] for frames in way.received(way.target)] == [b"large", b"small"]
    assert "limit" in way.fault().problem
    assert way.fault().acted == 0


@pytest.mark.parametrize("effect", [Drop(), Hold()], ids=lambda effect: type(effect).__name__)
def test_a_frame_that_is_too_large_to_be_matched_passes_and_the_fault_says_so(wire, effect):
    way = wire("PUSH", "PULL", limit=100_000)
    way.break_it(effect, "large*")
    way.client.send(b"large" + bytes(3_000_000))
    way.client.send(b"end")
    assert [len(frames[0]) for frames in way.received(way.target)] == [3_000_005]
    assert "limit" in way.fault().problem
    assert way.fault().acted == 0


def test_what_faults_hold_is_bounded(wire):
    way = wire("PUSH", "PULL", limit=1_000_000)
    way.break_it(Hold(), "held")
    for _ in range(30):
        way.client.send_multipart([b"held", bytes(100_000)])
    way.client.send(b"end")
    assert 15 <= len(way.received(way.target)) <= 25
    assert "limit" in way.fault().problem
    assert way.proxy.release(None, ReleaseOrder.SAME, "fault") >= 5


def test_a_target_that_comes_later_goes_away_and_comes_back(new_proxy, raw, closed_port):
    proxy = new_proxy(closed_port)
    client = raw("PUSH", connect=proxy.endpoint)
    for _ in range(2):
        with zmq.Context() as context, context.socket(zmq.PULL) as target:
            target.linger = 0
            happens(lambda bound=target: bind(bound, closed_port))
            happens(lambda bound=target: arrives(client, bound))


def arrives(client, target):
    """What is sent while the old connection dies is lost, as without a proxy."""
    if client.poll(100, zmq.POLLOUT):
        client.send(b"here")
    return target.poll(100)


def bind(target, endpoint):
    try:
        target.bind(endpoint)
    except zmq.ZMQError:
        return False
    return True


def test_why_there_is_no_connection_is_known_until_there_is_one(new_proxy, raw, closed_port):
    proxy = new_proxy(closed_port)
    assert proxy.target_problem == ""
    client = raw("PUSH", connect=proxy.endpoint)
    happens(lambda: proxy.target_problem)
    expected = f"the target {closed_port} cannot be reached (Connection refused)"
    assert proxy.target_problem == expected
    happens(lambda: not any(connection.open for connection in proxy.connections))
    target = raw("PULL", bind=closed_port)
    target.rcvtimeo = 60_000
    client.send(b"hello")
    assert target.recv() == b"hello"
    assert proxy.target_problem == ""


def test_a_client_that_dies_in_the_middle_of_a_message_harms_nobody(wire, raw):
    way = wire("PUSH", "PULL")
    way.break_it(Drop(), "never")
    with socket.create_connection(place_of(way.proxy)) as peer:
        peer.sendall(opening())
        happens_in_peer(peer)
        peer.sendall(bytes((1, 4)) + b"half" + bytes((0, 200)) + b"of it")
    way.client.send(b"whole")
    assert way.target.recv_multipart() == [b"whole"]
    assert not way.target.poll(50)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x01\x00" + bytes(300),
        b"\xff" + bytes(200),
        b"\xff" + bytes(8) + b"\x7f" + b"\x03\x01NULL" + bytes(100),
        bytes(range(256)) * 1000,
    ],
    ids=["http", "zmtp 1", "ff", "greeting", "all bytes"],
)
def test_garbage_passes_as_bytes_and_faults_of_connections_work_on_it(new_proxy, data):
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = new_proxy(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        proxy.add_fault(Fault("late", Latency(0.05)))
        proxy.add_fault(Fault("never", Drop()))
        with socket.create_connection(place_of(proxy)) as client:
            accepted = server.accept()[0]
            with accepted:
                for sender, receiver in ((client, accepted), (accepted, client)):
                    sender.sendall(data)
                    received = b""
                    while len(received) < len(data):
                        received += receiver.recv(65536)
                    assert received == data
                assert proxy.faults[0].acted
                assert proxy.cut(True, None) == 1


def test_random_bytes_behind_a_handshake_pass(new_proxy):
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = new_proxy(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        proxy.add_fault(Fault("never", Drop(), selection=Selection(skip=10**9)))
        with socket.create_connection(place_of(proxy)) as client, server.accept()[0] as accepted:
            data = opening() + random.Random(5).randbytes(500_000)
            sender = threading.Thread(target=client.sendall, args=(data,))
            sender.start()
            received = b""
            accepted.sendall(opening(b"PULL"))
            while len(received) < len(data):
                received += accepted.recv(65536)
            sender.join()
            assert received == data


def test_a_connection_that_is_cut_before_its_target_is_there_is_over():
    with socket.create_server(("127.0.0.1", 0)) as target:
        ends = f"tcp://127.0.0.1:{target.getsockname()[1]}", "tcp://127.0.0.1:*"
        settings = ProxySettings("link", parse_endpoint(ends[0], "connect"), parse_endpoint(ends[1], "bind"), LIMIT)
        server = ProxyServer(settings, library=None)
        with socket.create_connection(place_of(server)):
            server._accept()
            (connection,) = server._connections.values()
            assert server.cut(False, None) == 1
            connection._on_connected(WRITE)
        server.close()
        assert [report.open for report in server.connections()] == [False]


def test_what_is_sent_to_a_client_that_is_gone_closes_the_connection(new_proxy):
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = new_proxy(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        socket.create_connection(place_of(proxy)).close()
        with server.accept()[0] as accepted:
            assert accepted.recv(1) == b""

            def is_closed():
                with suppress(OSError):
                    accepted.sendall(b"too late")
                return not proxy.connections[0].open

            happens(is_closed)


def test_faults_can_be_given_before_the_first_connection(new_proxy, raw):
    target = raw("PULL", bind="tcp://127.0.0.1:*")
    proxy = new_proxy(target.last_endpoint.decode())
    proxy.add_fault(Fault("first", Drop()))
    client = raw("PUSH", connect=proxy.endpoint)
    client.send(b"lost")
    happens(lambda: proxy.faults[0].acted)
    proxy.reset()
    client.send(b"found")
    assert target.recv() == b"found"


def test_an_address_in_use_is_an_error(new_proxy):
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(EndpointFailed, match=endpoint):
            new_proxy("tcp://127.0.0.1:5555", endpoint)


def test_what_is_not_there_is_named_with_what_is(wire):
    way = wire("PUSH", "PULL")
    with pytest.raises(NotOpen, match="no fault 'x'"):
        way.proxy.remove_fault("x")
    with pytest.raises(NotOpen, match="No fault holds"):
        way.proxy.release(None, ReleaseOrder.SAME, None)
    way.break_it(Drop())
    with pytest.raises(WrongUse, match="does not hold"):
        way.proxy.release(None, ReleaseOrder.SAME, "fault")
    with pytest.raises(InvalidValue, match="already"):
        way.proxy.name_for("fault", "DROP")
    with pytest.raises(NotOpen, match="connection 7"):
        way.proxy.inject([b"x"], True, 7)


def test_a_proxy_that_is_killed_says_so(wire):
    way = wire("PUSH", "PULL")
    os.kill(way.proxy._child._process.pid, signal.SIGKILL)
    happens(lambda: way.proxy.error)
    with pytest.raises(WorkerFailed, match="ended unexpectedly: its process was killed by signal 9"):
        way.proxy.check()
    with pytest.raises(WorkerFailed, match="ended unexpectedly"):
        assert way.proxy.faults
    way.proxy.stop()


PARENT = """
import sys, threading
from ZmqLibrary.network.fault_proxy import FaultProxy
from ZmqLibrary.sockets.endpoints import parse_endpoint
from ZmqLibrary.workers.journal import Journal
ends = parse_endpoint("tcp://127.0.0.1:5555", "connect"), parse_endpoint("tcp://127.0.0.1:*", "bind")
proxy = FaultProxy("link", *ends, Journal())
proxy.start()
print(proxy._child._process.pid, flush=True)
threading.Event().wait()
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_proxy_ends_with_a_parent_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    happens(lambda: not is_running(pid))


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_hangs_while_everything_is_silent(wire):
    way = wire("PUSH", "PULL")
    way.client.send(b"before")
    assert way.target.recv() == b"before"
    way.break_it(Silence())
    while way.client.poll(0, zmq.POLLOUT):
        way.client.send(bytes(100_000))
    way.proxy.remove_fault("fault")
    assert way.proxy.stop(Deadline(1))
    assert not way.proxy.alive
    assert way.proxy.stop()
