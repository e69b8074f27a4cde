"""Recordings that are played again to peers that are there."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta

import pytest
from robot.api.types import Secret

from ZmqLibrary.sockets.socket_types import SocketType

LONG = timedelta(seconds=60)


class Interrupted(Exception):
    pass


@pytest.fixture
def recorded(library, tmp_path):
    """Three messages: 1, 2 and 3."""
    library.bind_zmq_socket("inproc://recorded", SocketType.PULL, "in")
    library.connect_zmq_socket("inproc://recorded", SocketType.PUSH, "out")
    library.start_recording(tmp_path / "run.jsonl", sockets="out")
    for text in "123":
        library.send_message(text)
    library.stop_recording()


@pytest.fixture
def interrupted():
    """SIGALRM raises, as Robot's timeouts do."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.signal(signal.SIGALRM, before)


def test_that_secrets_cannot_be_sent_again_is_a_warning(library, tmp_path, caplog):
    library.start_mock_server("inproc://real", "REP", "real")
    library.when_mock_receives("login", reply=Secret("p4ssw0rd"))
    library.connect_zmq_socket("inproc://real", "REQ", "client")
    library.start_recording(tmp_path / "run.jsonl", sockets="client")
    library.send_request("login", "me")
    library.send_request("login", Secret("s3cr3t"))
    library.stop_recording()
    caplog.clear()
    library.replay_recording(socket="client", speed="MAX", count=1, timeout=LONG)
    assert "in place of a secret" not in caplog.text
    library.replay_recording(socket="client", speed="MAX", timeout=LONG)
    assert "What 'client' (REQ) replays has 1 message with <secret> in place of a secret" in caplog.text
    library.start_mock_server("inproc://copy", "REP", "copy")
    library.mock_replies_from_recording(mock="copy")
    assert "has 2 messages with <secret> in place of a secret" in caplog.text


@pytest.mark.usefixtures("recorded", "interrupted")
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="signals of POSIX")
def test_replies_of_a_replay_that_was_interrupted_are_not_taken_for_later_ones(library, raw):
    service = raw("REP", bind="tcp://127.0.0.1:*")
    library.connect_zmq_socket(service.last_endpoint.decode(), SocketType.REQ, "client")
    main = threading.main_thread().ident

    def answer_two() -> None:
        for _ in range(2):
            service.send(b"reply to " + service.recv())
        service.recv()
        signal.pthread_kill(main, signal.SIGALRM)

    answering = threading.Thread(target=answer_two)
    answering.start()
    with pytest.raises(Interrupted):
        library.replay_recording(speed="MAX", timeout=LONG)
    answering.join()
    service.send(b"reply to 3")
    assert library.receive_message() == "reply to 3"


@pytest.mark.usefixtures("recorded")
def test_a_router_sends_to_a_peer_whose_message_the_test_has_not_received_yet(library, raw):
    library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.ROUTER, "service")
    peer = raw("DEALER", connect=library.get_zmq_endpoint(socket="service"))
    peer.send(b"here I am")
    assert library.replay_recording(socket="service", speed="MAX", timeout=LONG) == 3
    assert [peer.recv() for _ in range(3)] == [b"1", b"2", b"3"]
    assert library.receive_multipart(socket="service")[1:] == ["here I am"]


def test_a_request_that_ends_with_an_empty_frame_gets_its_recorded_reply(library, tmp_path):
    library.start_mock_server("inproc://real", "ROUTER", "real")
    library.when_mock_receives("SET", reply="done")
    library.connect_zmq_socket("inproc://real", "DEALER", "client")
    library.start_recording(tmp_path / "run.jsonl", sockets="client")
    library.send_request("SET", "key", "")
    library.stop_recording()
    library.start_mock_server("inproc://copy", "ROUTER", "copy")
    library.mock_replies_from_recording(mock="copy")
    library.connect_zmq_socket("inproc://copy", "DEALER", "other")
    assert library.send_request("SET", "key", "") == ["done"]
