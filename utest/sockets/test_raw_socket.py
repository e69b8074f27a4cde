from __future__ import annotations

import os
import signal
from collections.abc import Sequence

import pytest
import zmq

from ZmqLibrary.formats import FormatTable
from ZmqLibrary.messages.message import Receipt
from ZmqLibrary.sockets.raw_socket import RawSocket


class Timeout(BaseException):
    pass


class Alarming(Sequence[bytes]):
    """Frames that let Robot's timeout come between the first and the last one."""

    def __init__(self, *frames: bytes) -> None:
        self._frames = list(frames)

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index):
        if index == -1:
            signal.raise_signal(signal.SIGALRM)
        return self._frames[index]


@pytest.fixture(autouse=True)
def alarm_raises():
    def interrupt(number, frame):
        raise Timeout

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 600)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def pair(raw):
    """A wire and the plain socket at its other end."""
    peer = raw("PAIR", bind="inproc://wire")
    return RawSocket(raw("PAIR", connect="inproc://wire"), Receipt("x", FormatTable().get("TEXT"))), peer


def read_all(wire: RawSocket, limit: int = 100) -> list[list[bytes]]:
    messages = []
    wire.read(lambda message: messages.append(message.frames), limit)
    return messages


def test_messages_come_whole_and_in_order(pair):
    wire, peer = pair
    sent = [[b"%d" % n] * (n + 1) for n in range(20)]
    for frames in sent:
        peer.send_multipart(frames)
    assert read_all(wire) == sent


def test_no_more_than_the_limit_is_read(pair):
    wire, peer = pair
    for n in range(3):
        peer.send(b"%d" % n)
    assert wire.read(lambda message: None, 2) == 2
    assert wire.readable()
    assert read_all(wire) == [[b"2"]]
    assert read_all(wire) == []


def test_a_timeout_while_reading_comes_after_the_message_was_handed_on(pair):
    wire, peer = pair
    peer.send_multipart([b"a", b"b"])
    peer.send_multipart([b"c"])
    messages = []

    def take(message):
        signal.raise_signal(signal.SIGALRM)
        messages.append(message.frames)

    with pytest.raises(Timeout):
        wire.read(take)
    assert messages == [[b"a", b"b"]]
    assert read_all(wire) == [[b"c"]]


def test_a_timeout_while_writing_comes_after_the_message_was_sent(pair):
    wire, peer = pair
    written = []
    with pytest.raises(Timeout):
        wire.write(Alarming(b"a", b"b", b"c"), lambda frames: written.append(True))
    assert written, "what depends on the send knows of it"
    assert peer.recv_multipart() == [b"a", b"b", b"c"]


def test_writing_tells_when_nobody_takes_the_message(raw):
    wire = RawSocket(raw("PUSH"), Receipt("x", FormatTable().get("TEXT")))
    assert not wire.write([b"a", b"b"])


@pytest.mark.parametrize(
    "endpoint", ["tcp://127.0.0.1:*", f"ipc://@zmqlibrary-utest-{os.getpid()}-wire"], ids=["tcp", "ipc"]
)
def test_messages_know_their_peer(raw, endpoint):
    socket = raw("PULL", bind=endpoint)
    wire = RawSocket(socket, Receipt("x", FormatTable().get("TEXT")))
    peer = raw("PUSH", connect=socket.last_endpoint.decode(), ROUTING_ID=b"me")
    peer.send(b"hello")
    assert socket.poll(30_000)
    messages = []
    wire.read(messages.append)
    [message] = messages
    assert message.peer_address.startswith("127.0.0.1" if endpoint.startswith("tcp") else "localhost:")
    assert message.peer.metadata["Socket-Type"] == "PUSH"
    assert message.user_id is None
    assert message.receipt.descriptor > 0


def test_over_inproc_there_is_nothing_to_know_of_a_peer(pair):
    wire, peer = pair
    peer.send(b"hello")
    messages = []
    wire.read(messages.append)
    assert messages[0].peer_address is None
    assert messages[0].receipt.descriptor is None


def test_what_a_publisher_reads_comes_frame_by_frame_and_survives_a_timeout(raw):
    publisher = raw("XPUB", bind="tcp://127.0.0.1:*", XPUB_VERBOSER=1)
    subscriber = raw("SUB", connect=publisher.last_endpoint.decode())
    for topic in (b"a", b"b"):
        subscriber.subscribe(topic)
    wire = RawSocket(publisher, Receipt("x", FormatTable().get("TEXT")))
    frames = []

    def take(frame, descriptor):
        signal.raise_signal(signal.SIGALRM)
        frames.append(frame)
        assert descriptor > 0

    while len(frames) < 2:
        assert publisher.poll(5000, zmq.POLLIN)
        with pytest.raises(Timeout):
            wire.read_frames(take, 30)
    assert frames == [b"\x01a", b"\x01b"]
