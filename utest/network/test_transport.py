"""How a proxy gets to its target, whose name may take long to look up."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack

import pytest

from utest.network.wires import happens
from ZmqLibrary.errors import EndpointFailed
from ZmqLibrary.network import transport
from ZmqLibrary.network.transport import Target
from ZmqLibrary.waiting.deadline import Deadline

LONG = 60


class Names:
    """A name service that may take long."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.hosts: dict[str, str] = {}
        self.asked = 0
        self._find = socket.getaddrinfo

    def find(self, host, port, **options):
        self.asked += 1
        self.answers.wait(LONG)
        if host not in self.hosts:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self._find(self.hosts[host], port, **options)


@pytest.fixture
def names(monkeypatch):
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names.find)
    monkeypatch.setattr(transport, "_PATIENCE", 0.0)
    yield names
    names.answers.set()


@pytest.fixture
def service():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def reached(target):
    deadline = Deadline(LONG)
    while deadline.remaining():
        try:
            return target.connect()
        except EndpointFailed:
            pass
    raise AssertionError("it was not reached")


def test_nobody_waits_for_a_name_and_it_is_looked_up_once_at_a_time(names, service):
    names.hosts["service.example"] = "127.0.0.1"
    target = Target(f"tcp://service.example:{service.getsockname()[1]}")
    for _ in range(3):
        with pytest.raises(EndpointFailed, match=r"service\.example.*still being looked up"):
            target.connect()
    assert names.asked == 1
    names.answers.set()
    reached(target).close()


def test_a_name_that_is_not_known_is_told_and_looked_up_again(names, service):
    names.answers.set()
    target = Target(f"tcp://service.example:{service.getsockname()[1]}")
    deadline = Deadline(LONG)
    while deadline.remaining():
        with pytest.raises(EndpointFailed) as failed:
            target.connect()
        if "not known" in str(failed.value):
            break
    names.hosts["service.example"] = "127.0.0.1"
    reached(target).close()


def test_an_address_is_looked_up_once(names, service):
    names.answers.set()
    names.hosts["127.0.0.1"] = "127.0.0.1"
    target = Target(f"tcp://127.0.0.1:{service.getsockname()[1]}")
    reached(target).close()
    before = names.asked
    target.connect().close()
    assert names.asked == before


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there is no ipc")
def test_a_target_that_lets_nobody_in_for_a_while_is_connected_to_later(new_proxy, new_endpoint):
    """Over ipc the system does not let wait more than the target has asked for."""
    endpoint = new_endpoint("ipc")
    with socket.socket(socket.AF_UNIX) as target, ExitStack() as stack:
        target.bind(endpoint.removeprefix("ipc://"))
        target.listen(0)
        target.settimeout(60)
        proxy = new_proxy(endpoint)
        host, port = proxy.endpoint[6:].split(":")
        for number in range(4):
            client = stack.enter_context(socket.create_connection((host, int(port))))
            client.sendall(b"%d" % number)
        happens(lambda: proxy.connections)
        found = []
        for _ in range(4):
            accepted = stack.enter_context(target.accept()[0])
            accepted.settimeout(60)
            found.append(accepted.recv(1))
        assert sorted(found) == [b"0", b"1", b"2", b"3"]
