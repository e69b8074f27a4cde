"""Connections of the WIRE engine where there are no file descriptors, or very many."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from ZmqLibrary.errors import EndpointFailed
from ZmqLibrary.pipelines import wire_link
from ZmqLibrary.pipelines.settings import PumpSettings
from ZmqLibrary.pipelines.wire_links import _poll_with_selector, _select
from ZmqLibrary.pipelines.wire_pump import WirePump
from ZmqLibrary.waiting.deadline import Deadline

LONG = 60
resource = pytest.importorskip("resource")


@contextmanager
def descriptors(more: int) -> Iterator[None]:
    """So many more descriptors can be opened."""
    with ExitStack() as stack:
        spare = [stack.enter_context(open(os.devnull)) for _ in range(more + 1)]
        limit = spare[-1].fileno()
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        for file in spare:
            file.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, before[1]))
        yield


@pytest.fixture
def pump():
    """Makes WIRE pumps: `pump(endpoint)`."""
    with ExitStack() as stack:
        wakeup, other = socket.socketpair()
        stack.callback(wakeup.close)
        stack.callback(other.close)

        def make(endpoint: str, **values: object) -> WirePump:
            engine = WirePump(PumpSettings("source", endpoint, "PUSH", **values), wakeup)
            stack.callback(engine.close)
            return engine

        yield make


def test_without_descriptors_a_lost_peer_is_connected_again_later(raw, pump):
    target = raw("PULL", bind="tcp://127.0.0.1:*")
    endpoint = target.last_endpoint.decode()
    source = pump(endpoint)
    source.open()
    source.wait_connected(Deadline(LONG))
    target.close()
    deadline = Deadline(LONG)
    while "connected to 1 peer" in source.connections:
        assert deadline.remaining()
        source.wait(0.01, True)
    with descriptors(0):
        while "Too many open files" not in source.connections:
            assert deadline.remaining(), source.connections
            source.wait(0.01, True)
    raw("PULL", bind=endpoint)
    source.wait_connected(Deadline(LONG))


@pytest.mark.parametrize(
    ("endpoint", "values", "more"),
    [
        ("tcp://127.0.0.1:*", {"bind": True}, 0),
        ("tcp://127.0.0.1:9", {}, 0),
        ("tcp://127.0.0.1:9", {"connections": 40}, 20),
    ],
)
def test_without_descriptors_the_error_says_so(pump, endpoint, values, more):
    source = pump(endpoint, **values)
    with descriptors(more), pytest.raises(EndpointFailed, match="file descriptors of this process"):
        source.open()


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4096:
        pytest.skip("so many connections are not allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_descriptors")
def test_a_thousand_connections_are_waited_for(raw, pump):
    target = raw("PULL", bind="tcp://127.0.0.1:*")
    source = pump(target.last_endpoint.decode(), connections=1000)
    try:
        source.open()
        source.wait_connected(Deadline(LONG))
    finally:
        source.close()


@pytest.mark.usefixtures("many_descriptors")
def test_few_connections_with_high_descriptors_come_and_go(raw, pump):
    with ExitStack() as stack:
        for _ in range(1100):
            stack.enter_context(open(os.devnull))
        target = raw("PULL", bind="tcp://127.0.0.1:*", RCVTIMEO=LONG * 1000)
        endpoint = target.last_endpoint.decode()
        source = pump(endpoint, connections=2, options=(("RECONNECT_IVL", 20),))
        source.open()
        source.wait_connected(Deadline(LONG))
        target.close()
        deadline = Deadline(LONG)
        while source.has_peer or not source.connections.endswith("Connection refused."):
            assert deadline.remaining(), source.connections
            source.wait(0.01, True)
        raw("PULL", bind=endpoint)
        source.wait_connected(Deadline(LONG))
        source.close()


@pytest.mark.usefixtures("many_descriptors")
def test_of_1200_connections_those_are_found_that_something_has_come_on():
    with ExitStack() as stack:
        ends = [end for _ in range(1200) for end in socket.socketpair()]
        for end in ends:
            stack.callback(end.close)
        ends[1].send(b"!")
        ends[2].close()
        watched = [ends[0], *ends[3:-1]], [ends[-1]], 0.0
        for look in (_select, _poll_with_selector):
            readable, writable = look(*watched)
            assert ({*readable}, writable) == ({ends[0], ends[3]}, [ends[-1]])


def test_the_kernel_is_not_asked_about_connections_that_have_sent_nothing(raw, pump, monkeypatch):
    target = raw("PULL", bind="tcp://127.0.0.1:*")
    source = pump(target.last_endpoint.decode(), connections=3)
    source.open()
    source.wait_connected(Deadline(LONG))
    asked = []
    monkeypatch.setattr(wire_link, "unacknowledged_bytes", lambda transport: asked.append(transport) or 0)
    assert source.finish()
    assert not asked
