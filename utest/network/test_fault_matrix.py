"""Each fault on each pair of socket types, over tcp and ipc, and under CURVE where it applies."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
import zmq

from utest.network.lanes import LANES, Lane, Replied, Requested, curve_options
from utest.network.wires import TO_CLIENT, TO_TARGET, happens
from ZmqLibrary.network.corruption import corrupted
from ZmqLibrary.network.fault_options import Corruption, DroppableCommand
from ZmqLibrary.network.fault_proxy import FaultProxy
from ZmqLibrary.network.faults import (
    Bandwidth,
    CloseAfter,
    Corrupt,
    Delay,
    Drop,
    DropCommands,
    Duplicate,
    Hold,
    LateClose,
    Latency,
    Refusal,
    Reorder,
    Replace,
    Silence,
    Slices,
)
from ZmqLibrary.sockets.endpoints import parse_endpoint
from ZmqLibrary.workers.journal import Journal

JOBS = [[b"job", b"%d" % number, b"x" * 100] for number in range(5)]
OTHERS = JOBS[:2] + JOBS[3:]


class Network(NamedTuple):
    """A target of each type with a proxy before it, which stay for all tests."""

    context: zmq.Context[zmq.Socket[bytes]]
    client_options: Mapping[str, Any]
    proxies: Mapping[str, tuple[zmq.Socket[bytes], FaultProxy]]


@pytest.fixture(scope="module", params=["tcp", "ipc", "curve"])
def network(request, tmp_path_factory) -> Iterator[Network]:
    client_options, target_options = curve_options() if request.param == "curve" else ({}, {})
    directory = tmp_path_factory.mktemp("ipc")

    def endpoint(name: str) -> str:
        return f"ipc://{directory / name}" if request.param == "ipc" else "tcp://127.0.0.1:*"

    with zmq.Context() as context, ExitStack() as stack:
        proxies = {}
        for type in sorted({lane.types[1] for lane in LANES}):
            target = stack.enter_context(opened(context, type, target_options))
            target.bind(endpoint(type))
            ends = (
                parse_endpoint(target.last_endpoint.decode(), "connect"),
                parse_endpoint(endpoint(f"{type}-proxy"), "bind"),
            )
            proxy = FaultProxy(type, *ends, Journal())
            stack.callback(proxy.stop)
            proxy.start()
            proxies[type] = target, proxy
        yield Network(context, client_options, proxies)


def opened(context: zmq.Context[zmq.Socket[bytes]], type: str, options: Mapping[str, Any]) -> zmq.Socket[bytes]:
    socket = context.socket(getattr(zmq, type))
    socket.rcvtimeo, socket.linger = 60_000, 0
    for option, value in options.items():
        socket.set(getattr(zmq, option), value)
    if type == "SUB":
        socket.subscribe("")
    return socket


@pytest.fixture(params=LANES, ids=lambda lane: lane.__name__)
def lane(request, network) -> Iterator[Lane]:
    target, proxy = network.proxies[request.param.types[1]]
    with ExitStack() as stack:

        def open_client(type: str) -> zmq.Socket[bytes]:
            socket = stack.enter_context(opened(network.context, type, network.client_options))
            socket.connect(proxy.endpoint)
            return socket

        yield request.param(open_client, target, proxy, len(JOBS))
        proxy.reset()
    happens(lambda: not any(connection.open for connection in proxy.connections))


readable = pytest.mark.parametrize("network", ["tcp", "ipc"], indirect=True)


def test_an_idle_proxy_changes_nothing(lane):
    lane.send(JOBS)
    lane.gets(JOBS)


@pytest.mark.parametrize(
    "effect", [Latency(0.05), Bandwidth(50_000), Slices(7), Slices(50, 0.001)], ids=lambda effect: type(effect).__name__
)
def test_slow_connections_change_nothing_but_the_time(lane, effect):
    lane.break_it(effect)
    lane.send(JOBS)
    lane.gets(JOBS)
    assert lane.fault().acted


def test_silence_holds_everything_until_it_ends(lane):
    lane.break_it(Silence(), to=lane.direction)
    lane.send(JOBS)
    happens(lambda: lane.fault().acted)
    receivers = (
        lane.clients if isinstance(lane, Replied) else [lane.target if lane.direction is TO_TARGET else lane.client]
    )
    assert not any(receiver.poll(20) for receiver in receivers)
    lane.proxy.remove_fault("fault")
    lane.gets(JOBS)


@pytest.mark.parametrize("reset", [False, True])
def test_the_message_in_which_a_connection_closes_does_not_arrive(lane, reset):
    lane.break_it(CloseAfter(20, reset), to=lane.direction)
    lane.send(JOBS[:1] if not isinstance(lane, Requested) else JOBS)
    happens(lambda: lane.fault().acted)
    receiver = lane.target if lane.direction is TO_TARGET else lane.client
    assert not receiver.poll(20)


def test_connections_that_are_cut_come_back(lane):
    count = len([connection for connection in lane.proxy.connections if connection.open])
    assert lane.proxy.cut(True, None) == count
    happens(lambda: sum(connection.open for connection in lane.proxy.connections) == count)


def test_the_end_of_a_client_comes_late(lane):
    lane.break_it(LateClose(0.1))
    lane.client.close()
    happens(lambda: lane.fault().acted)


def test_new_connections_are_refused_and_the_old_ones_stay(lane):
    lane.break_it(Refusal(), times=2)
    lane.open_client(lane.types[0])
    happens(lambda: lane.fault().over)
    lane.proxy.remove_fault("fault")
    lane.send(JOBS)
    lane.gets(JOBS)


def test_a_message_is_lost_by_its_number(lane):
    """Under CURVE each frame counts; and requests have connections of their own, so all of them are lost."""
    jobs = [job[1:2] for job in JOBS]
    if isinstance(lane, Requested):
        frames = 2 if lane.proxy.connections[-1].mechanism == "CURVE" else 1
        choice, expected = {"times": frames * len(jobs)}, []
    else:
        choice, expected = {"skip": 2, "times": 1}, jobs[:2] + jobs[3:]
    lane.break_it(Drop(), to=lane.direction, **choice)
    lane.send(jobs)
    happens(lambda: lane.fault().acted == choice["times"])
    lane.gets(expected)


@readable
def test_a_message_is_lost(lane):
    lane.break_it(Drop(), "job", "2")
    lane.send(JOBS)
    lane.gets(OTHERS)
    assert lane.fault().acted == 1


@readable
@pytest.mark.parametrize("effect", [Delay(60.0), Hold()], ids=["Delay", "Hold"])
def test_a_message_comes_after_those_behind_it(lane, effect):
    lane.break_it(effect, "job", "2")
    lane.send(JOBS)
    lane.gets(OTHERS)
    lane.proxy.remove_fault("fault")
    lane.gets([JOBS[2]])


@readable
def test_a_message_comes_twice(lane):
    lane.break_it(Duplicate(), "job", "2")
    lane.send(JOBS)
    lane.gets(JOBS[:3] + JOBS[2:])


@readable
def test_messages_come_in_another_order(lane):
    """A client that waits for each reply sends no second message: its window ends by itself."""
    patience = 1.0 if isinstance(lane, Requested) else 60.0
    lane.break_it(Reorder(patience=patience), "job", "[12]")
    lane.send(JOBS)
    lane.gets([JOBS[0], JOBS[2], JOBS[1], JOBS[3], JOBS[4]])


@readable
@pytest.mark.parametrize("how", list(Corruption), ids=lambda how: how.name)
def test_a_message_is_damaged_as_is_said(lane, how):
    lane.break_it(Corrupt(how, 0), "job", "2", seed=3)
    lane.send(JOBS)
    damaged = corrupted(JOBS[2], Corrupt(how, 0), random.Random(3))
    assert damaged != JOBS[2]
    lane.gets([*JOBS[:2], damaged, *JOBS[3:]])


@readable
def test_another_message_comes_instead(lane):
    lane.break_it(Replace((b"other", b"")), "job", "2")
    lane.send(JOBS)
    lane.gets([*JOBS[:2], [b"other", b""], *JOBS[3:]])


@readable
def test_one_more_message_comes(lane):
    """Into the last connection, which is that of the last message."""
    if isinstance(lane, Replied):
        lane.clients[-1].send(b"end")
        assert lane.target.recv() == b"end"
    lane.proxy.inject([b"one", b"more"], lane.direction is TO_TARGET, None)
    if isinstance(lane, Replied):
        assert lane.clients[-1].recv_multipart() == [b"one", b"more"]
        lane.target.send(b"too late")
    else:
        lane.gets([[b"one", b"more"]])


@readable
@pytest.mark.parametrize("command", list(DroppableCommand), ids=lambda command: command.name)
def test_messages_are_no_commands(lane, command):
    lane.break_it(DropCommands(command), to=TO_CLIENT if command is DroppableCommand.PONG else TO_TARGET)
    lane.send(JOBS)
    lane.gets(JOBS)
    assert not lane.fault().acted
