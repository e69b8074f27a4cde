from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from ZmqLibrary.errors import EndpointFailed, InvalidValue
from ZmqLibrary.sockets.reservations import (
    ReservableTransport,
    _ephemeral_ports,
    _FileLock,
    _in_turn,
    _ports_by_choice,
    reserve,
)

TCP, IPC = ReservableTransport.TCP, ReservableTransport.IPC
RESERVES = """
import sys
from ZmqLibrary.sockets.reservations import ReservableTransport, reserve
kept = [reserve(ReservableTransport[sys.argv[1]], "127.0.0.1") for _ in range(int(sys.argv[2]))]
print(*(one.endpoint for one in kept), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A temporary folder of its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def reserving() -> Iterator:
    """Starts processes that reserve endpoints and keep them."""
    with ExitStack() as stack:

        def start(transport: str, count: int) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", RESERVES, transport, str(count)]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


@pytest.fixture
def reserved() -> Iterator:
    with ExitStack() as stack:

        def make(transport: ReservableTransport = TCP, host: str = "127.0.0.1"):
            reservation = reserve(transport, host)
            stack.callback(reservation.release)
            return reservation

        yield make


def port_of(endpoint: str) -> int:
    return int(endpoint.rpartition(":")[2])


def locks_of(folder: Path) -> list[str]:
    return [path.name for path in (folder / "zmqlibrary-reserved").iterdir()]


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["TCP", "IPC"])
def test_four_processes_at_the_same_time_get_no_endpoint_twice(folder, reserving, transport):
    processes = [reserving(transport, 200) for _ in range(4)]
    endpoints = [endpoint for process in processes for endpoint in process.stdout.readline().split()]
    assert len(endpoints) == len(set(endpoints)) == 800


def test_a_killed_process_leaves_nothing_reserved(folder, reserving):
    process = reserving("TCP", 200)
    endpoints = process.stdout.readline().split()
    files = [folder / "zmqlibrary-reserved" / f"tcp-{port_of(endpoint)}" for endpoint in endpoints]
    assert not any(_FileLock(file).acquire() for file in files)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for file in files:
        lock = _FileLock(file)
        assert lock.acquire()
        lock.release()


def test_a_reserved_port_can_be_bound_by_the_service(reserved, raw):
    reservation = reserved()
    pull = raw("PULL", bind=reservation.endpoint)
    raw("PUSH", connect=reservation.endpoint).send(b"x")
    assert pull.recv() == b"x"


def test_what_was_released_leaves_no_file_and_can_be_released_again(folder, reserved):
    reservation = reserved()
    assert locks_of(folder) == [f"tcp-{port_of(reservation.endpoint)}"]
    reservation.release()
    reservation.release()
    assert locks_of(folder) == []


def test_the_port_is_none_that_the_system_gives_out_by_itself(reserved):
    assert port_of(reserved().endpoint) not in _ephemeral_ports()


@pytest.mark.parametrize(
    ("given_out", "chosen"),
    [
        (range(32_768, 61_000), [*range(10_000, 32_768), *range(61_000, 65_536)]),
        (range(1_024, 65_536), list(range(10_000, 65_536))),  # too few are left: any
        (range(1_024, 5_000), list(range(10_000, 65_536))),
        (range(60_000, 70_000), list(range(10_000, 60_000))),
    ],
)
def test_each_port_is_tried_once_from_a_random_one_on(monkeypatch, given_out, chosen):
    monkeypatch.setattr("ZmqLibrary.sockets.reservations._ephemeral_ports", lambda: given_out)
    tried = [list(_in_turn(_ports_by_choice())) for _ in range(3)]
    assert [sorted(ports) for ports in tried] == [chosen] * 3
    assert len({ports[0] for ports in tried}) > 1


def test_a_port_in_use_is_passed_over(folder, reserved, monkeypatch):
    free = port_of(reserved().endpoint)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        taken = server.getsockname()[1]
        other = port_of(reserved().endpoint)
        monkeypatch.setattr(
            "ZmqLibrary.sockets.reservations._ports_by_choice",
            lambda: [range(port, port + 1) for port in (taken, free)],
        )
        with pytest.raises(EndpointFailed, match=r"all 2 that were tried are reserved or in use"):
            reserve(TCP, "127.0.0.1")
    assert sorted(locks_of(folder)) == sorted([f"tcp-{free}", f"tcp-{other}"])


def test_a_lock_on_a_file_that_was_removed_meanwhile_does_not_count(tmp_path):
    first, second = _FileLock(tmp_path / "lock"), _FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    (tmp_path / "lock").unlink()
    third = _FileLock(tmp_path / "lock")
    assert third.acquire()
    second.release()
    third.release()


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    assert not _FileLock(tmp_path / "lock").acquire()
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(("host", "start"), [("*", "tcp://*:"), ("localhost", "tcp://localhost:")])
def test_hosts_are_written_as_they_were_given(reserved, host, start):
    assert reserved(TCP, host).endpoint.startswith(start)


@pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="This machine has no IPv6.")
def test_a_port_of_an_ipv6_address_can_be_reserved(reserved):
    assert reserved(TCP, "[::1]").endpoint.startswith("tcp://[::1]:")


def test_a_host_that_this_machine_does_not_have_is_refused(folder):
    with pytest.raises(EndpointFailed, match=r"Cannot reserve a port of 192\.0\.2\.1: .*an address of this machine"):
        reserve(TCP, "192.0.2.1")
    assert locks_of(folder) == []


@pytest.mark.parametrize("host", ["", "a b", "::1"])
def test_what_is_no_host_is_refused(host):
    with pytest.raises(InvalidValue, match="Cannot bind to 'tcp://"):
        reserve(TCP, host)


def test_an_ipc_path_can_be_bound_and_is_removed_in_the_end(folder, reserved, raw):
    reservation = reserved(IPC)
    path = Path(reservation.endpoint.removeprefix("ipc://"))
    assert path.parent == folder
    raw("PULL", bind=reservation.endpoint)
    assert path.is_socket()
    reservation.release()
    assert not path.exists()


def test_a_temporary_folder_that_cannot_be_had_is_told(folder, monkeypatch):
    (folder / "zmqlibrary-reserved").write_text("")
    with pytest.raises(EndpointFailed, match="zmqlibrary-reserved"):
        reserve(TCP, "127.0.0.1")
