from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ZmqLibrary.frontends.remote_arrivals import LENDS, Client, Keeping, Lending, client_of

FIRST, SECOND = Client("127.0.0.1", "/first"), Client("127.0.0.1", "/second")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def connection(listener) -> Iterator[socket.socket]:
    with socket.create_connection(listener.getsockname()) as connection:
        yield connection


@pytest.mark.parametrize(
    ("sent", "client"),
    [
        (b"POST /first HTTP/1.1\r\nHost: x\r\n", FIRST),
        (b"POST /second HTTP/1.1", SECOND),
        (b"POST /\xff HTTP/1.1\r\n", Client("127.0.0.1", "/ÿ")),
        (b"POST\r\n", None),
        (b"\x00" * 10_000, None),
    ],
)
def test_a_client_is_an_address_and_a_path(listener, connection, sent, client):
    connection.sendall(sent)
    taken = listener.accept()[0]
    with taken:
        select.select([taken], [], [])
        assert client_of(taken, "127.0.0.1") == client
        assert taken.recv(len(sent)) == sent[:10_000]


def test_whose_connection_it_is_does_not_show_before_something_has_come(listener, connection):
    taken = listener.accept()[0]
    with taken:
        with pytest.raises(BlockingIOError):
            client_of(taken, "127.0.0.1")
        connection.close()
        select.select([taken], [], [])
        assert client_of(taken, "127.0.0.1") is None


class Arrivals:
    """A lending listener with a connection that nobody takes."""

    def __init__(self, listener: socket.socket) -> None:
        self.lending = Lending(listener)
        self._shared = {client: self.lending.shared_with(client) for client in (FIRST, SECOND)}
        self._port = listener.fileno()

    def hear_of_it(self) -> list[Client]:
        """Which processes do."""
        found = []
        for client, (listener, epoll) in self._shared.items():
            assert listener == self._port
            if select.select([epoll], [], [], 0)[0]:
                found.append(client)
        return found

    def close(self) -> None:
        self.lending.forget(FIRST)
        self.lending.forget(SECOND)
        self.lending.close()


@pytest.fixture
def arrivals(listener, connection) -> Iterator[Arrivals]:
    arrivals = Arrivals(listener)
    yield arrivals
    arrivals.close()


def state_of(thread: threading.Thread) -> str:
    """`S` if it sleeps (proc(5))."""
    return Path(f"/proc/self/task/{thread.native_id}/stat").read_text().rpartition(") ")[2][0]


lends = pytest.mark.skipif(not LENDS, reason="Only Linux wakes one of two processes that wait for a connection.")


@lends
def test_the_server_hears_of_all_connections(arrivals):
    assert select.select([arrivals.lending], [], [], 60)[0]
    assert arrivals.hear_of_it() == []


@lends
def test_who_calls_three_times_in_a_row_borrows_the_listener(arrivals):
    for client in (FIRST, FIRST, SECOND, FIRST, SECOND, SECOND):
        arrivals.lending.called(client)
        assert arrivals.hear_of_it() == []
    arrivals.lending.called(SECOND)
    assert arrivals.hear_of_it() == [SECOND]


@lends
def test_the_listener_goes_from_one_client_to_another(arrivals):
    for client in (FIRST, SECOND):
        for _ in range(4):
            arrivals.lending.called(client)
    assert arrivals.hear_of_it() == [SECOND]


@lends
def test_the_listener_is_taken_back_and_lent_again(arrivals):
    for _ in range(2):
        for _ in range(3):
            arrivals.lending.called(FIRST)
        assert arrivals.hear_of_it() == [FIRST]
        arrivals.lending.take_back()
        assert arrivals.hear_of_it() == []


@lends
def test_a_connection_that_the_borrower_was_woken_for_and_left_shows_when_the_listener_is_taken_back(listener):
    lending = Lending(listener)
    epoll = select.epoll.fromfd(os.dup(lending.shared_with(FIRST)[1]))
    for _ in range(3):
        lending.called(FIRST)
    woken: list[object] = []
    borrower = threading.Thread(target=lambda: woken.extend(epoll.poll(60)))
    borrower.start()
    while state_of(borrower) != "S":
        threading.Event().wait(0.01)
    with socket.create_connection(listener.getsockname()):
        borrower.join(120)
        assert woken
        lending.take_back()
        assert select.select([lending], [], [], 60)[0]
    epoll.close()
    lending.forget(FIRST)
    lending.close()


@lends
def test_a_borrower_that_ends_gives_the_listener_back_and_nobody_listens_after_the_server(listener, connection):
    lending = Lending(listener)
    for _ in range(2):
        lending.shared_with(FIRST)
        for _ in range(3):
            lending.called(FIRST)
        lending.forget(FIRST)
    assert select.select([lending], [], [], 60)[0]
    lending.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(listener.getsockname())


def test_where_nothing_can_be_lent_the_server_keeps_the_listener(listener, connection):
    keeping = Keeping(listener)
    assert keeping.shared_with(FIRST) == []
    for _ in range(5):
        keeping.called(FIRST)
    keeping.take_back()
    assert select.select([keeping], [], [], 60)[0]
    keeping.forget(FIRST)
    keeping.close()
