"""The authenticator with real sockets: libzmq's own requests, and whatever else may come over inproc."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
import zmq
from robot.api.types import Secret

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import InvalidValue, NotOpen, WaitTimeout, WorkerFailed, WrongUse
from ZmqLibrary.security.authenticator import Authenticator
from ZmqLibrary.security.zap_names import ZAP_ENDPOINT, Mechanism, SpecialAnswer
from ZmqLibrary.sockets import send_diagnosis
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline

PULL, PUSH, DEALER, ROUTER = SocketType.PULL, SocketType.PUSH, SocketType.DEALER, SocketType.ROUTER
TCP = "tcp://127.0.0.1:*"
PASSWORD = "open sesame"
CLIENTS = 200
MALFORMED = 1_500


@pytest.fixture
def authenticator(library: ZmqLibrary) -> Authenticator:
    library.start_authenticator()
    return library.session.workers.of(Authenticator).get()


@pytest.fixture
def asker(library: ZmqLibrary, authenticator: Authenticator):
    """A plain pyzmq socket that talks to the authenticator as libzmq does."""
    with library.session.context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.rcvtimeo = 30_000
        socket.connect(ZAP_ENDPOINT)
        yield socket


def plain_server(library: ZmqLibrary, **options: object) -> str:
    name = library.bind_zmq_socket(TCP, PULL, plain_server=True, **options)
    return library.get_zmq_endpoint(socket=name)


def fails(library: ZmqLibrary, socket: str, reason: str | None = None) -> str:
    return library.handshake_should_fail(socket=socket, reason=reason)


def test_two_hundred_clients_at_once_get_the_right_verdicts(library, authenticator, open_things):
    server_keys = library.generate_curve_keypair()
    pairs = [library.generate_curve_keypair() for _ in range(CLIENTS)]
    for pair in pairs[::2]:
        library.allow_curve_client(pair.public)
    server = library.bind_zmq_socket(TCP, ROUTER, curve_keypair=server_keys)
    address = library.get_zmq_endpoint()
    before = open_things()
    began = time.monotonic()
    names = [
        library.connect_zmq_socket(
            address, DEALER, curve_server_key=server_keys.public, curve_keypair=pair, lazy=True, handshake_ivl=600
        )
        for pair in pairs
    ]
    for number, name in enumerate(names):
        if number % 2:
            assert fails(library, name) == "AUTH 400: authentication refused"
        else:
            library.wait_until_connected(socket=name)
    print(f"{CLIENTS} handshakes took {time.monotonic() - began:.2f} s")
    requests = library.get_authentication_requests()
    verdicts = {request.key: request.status for request in requests}
    assert verdicts == {pair.public: 400 if number % 2 else 200 for number, pair in enumerate(pairs)}
    assert len(requests) == CLIENTS
    monitor = library.session.socket(server).monitor
    library.wait_until_connected(count=CLIENTS // 2, socket=server)
    assert library.session.socket(server).wait_for(lambda: len(monitor.failures) >= CLIENTS // 2, Deadline(30))
    assert Counter(failure.reason for failure in monitor.failures) == {"AUTH 400": CLIENTS // 2}
    for name in names:
        library.close_zmq_socket(name)
    # libzmq closes connections in the background.
    assert library.session.socket(server).wait_for(lambda: open_things() <= before, library._deadline(None))


def test_malformed_requests_do_not_harm(library, authenticator, asker):
    noise = random.Random(27)
    words = [b"", b"1.0", b"2.0", b"1", b"NULL", b"PLAIN", b"CURVE", b"127.0.0.1", bytes(32), b"\xff" * 300]
    answered = silent = 0
    for number in range(MALFORMED):
        count = noise.randrange(1, 10)
        frames = [noise.choice([*words, noise.randbytes(noise.randrange(40))]) for _ in range(count)]
        asker.send_multipart([b"", b"9.9", b"%d" % number, *frames] if number % 3 == 0 else [b"x", *frames])
        if number % 3 == 0:
            while (reply := asker.recv_multipart())[2] != b"%d" % number:
                pass
            assert reply[:2] == [b"", b"1.0"]
            assert reply[3] == b"400"
            answered += 1
        else:
            silent += 1
    library.allow_plain_user("alice", PASSWORD)
    asker.send_multipart([b"", b"1.0", b"last", b"", b"127.0.0.1", b"", b"PLAIN", b"alice", PASSWORD.encode()])
    while (reply := asker.recv_multipart())[2] != b"last":
        assert reply[3] in (b"200", b"400")
    assert reply[3:6] == [b"200", b"OK", b"alice"]
    assert (answered, silent) == (MALFORMED // 3, MALFORMED - MALFORMED // 3)
    assert authenticator.alive


def test_real_handshakes_go_on_between_malformed_requests(library, authenticator, asker):
    library.allow_plain_user("alice", PASSWORD)
    address = plain_server(library)
    for number in range(50):
        asker.send_multipart([b"", b"1.0", b"%d" % number])
        name = library.connect_zmq_socket(address, PUSH, plain_username="alice", plain_password=PASSWORD)
        library.close_zmq_socket(name)
    assert authenticator.alive


def test_an_exception_in_the_thread_is_shown_by_every_keyword_that_touches_it(library, authenticator):
    authenticator.post(lambda: 1 // 0)
    with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
        library.wait_for_authentication_request()
    with pytest.raises(WorkerFailed, match="Authenticator 'authenticator-1' has failed"):
        library.allow_curve_client("any")
    with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
        plain_server(library)
    with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
        library.stop_authenticator()
    library.start_authenticator()


def test_an_exception_that_no_keyword_has_shown_is_kept_for_the_end_of_the_suite(library, authenticator):
    authenticator.post(lambda: 1 // 0)
    authenticator._thread.join(30)
    assert isinstance(authenticator.unreported_error, ZeroDivisionError)


def test_it_can_be_stopped_and_started_again_at_once(library):
    for _ in range(30):
        library.start_authenticator()
        library.stop_authenticator()
    library.stop_authenticator()


def test_there_is_one_at_a_time(library, authenticator):
    with pytest.raises(WrongUse, match="'authenticator-1' is running"):
        library.start_authenticator("other")


def test_without_one_keywords_tell_what_to_do(library):
    with pytest.raises(NotOpen, match="Use `Start Authenticator` first"):
        library.allow_curve_client("any")


def test_the_endpoint_of_another_handler_is_not_taken(library):
    library.bind_zmq_socket(ZAP_ENDPOINT, SocketType.REP, "mine")
    with pytest.raises(WorkerFailed, match="in use by socket 'mine'"):
        library.start_authenticator()
    plain_server(library)


def test_it_answers_what_is_asked_after_a_rule_by_that_rule(library, authenticator):
    address = plain_server(library)
    for user in ("alice", "bob"):
        library.allow_plain_user(user, Secret(PASSWORD), user_id=user.title())
        name = library.connect_zmq_socket(address, PUSH, plain_username=user, plain_password=Secret(PASSWORD))
        library.send_message("hello", socket=name)
        library.receive_message(socket="PULL-1")
        library.received_message_should_come_from_user(user.title())


def test_metadata_comes_with_the_messages(library, authenticator):
    library.set_authenticator_answer(200, metadata={"Role": "admin", "Team": "ops"}, mechanism=Mechanism.PLAIN)
    address = plain_server(library)
    library.connect_zmq_socket(address, PUSH, plain_username="alice", plain_password="any")
    library.send_message("hello")
    library.receive_message(socket="PULL-1")
    library.received_message_should_come_from_user("alice", metadata={"Role": "admin", "Team": "ops"})
    with pytest.raises(AssertionError, match="Role: 'admin', not 'guest'"):
        library.received_message_should_come_from_user("alice", metadata={"Role": "guest"})
    with pytest.raises(AssertionError, match="User-Id: 'alice', not 'bob'"):
        library.received_message_should_come_from_user("bob")


def test_a_late_answer_is_an_answer(library, authenticator):
    library.allow_plain_user("alice", PASSWORD)
    library.set_authenticator_answer(SpecialAnswer.RULES, delay=timedelta(milliseconds=200))
    address = plain_server(library)
    began = time.monotonic()
    library.connect_zmq_socket(address, PUSH, plain_username="alice", plain_password=PASSWORD)
    assert time.monotonic() - began >= 0.2


def test_a_late_answer_to_somebody_who_has_left_does_no_harm(library, authenticator):
    library.set_authenticator_answer(200, delay=timedelta(milliseconds=100))
    address = plain_server(library)
    name = library.connect_zmq_socket(address, PUSH, plain_username="a", plain_password="b", lazy=True)
    library.wait_for_authentication_request()
    library.close_zmq_socket(name)
    library.close_zmq_socket("PULL-1")
    answered = []
    authenticator.call(lambda: authenticator.later(0.15, lambda: answered.append(1) or authenticator.notify()))
    assert authenticator.wait_for(lambda: answered, library._deadline(None))
    assert authenticator.alive


@pytest.mark.parametrize(
    ("answer", "server", "client"),
    [
        (300, "AUTH 300", None),
        (400, "AUTH 400", "AUTH 400"),
        (500, "AUTH 500", "AUTH 500"),
        (SpecialAnswer.MALFORMED, "ZAP_MALFORMED_REPLY", "NOT_ZEROMQ"),
        (SpecialAnswer.WRONG_VERSION, "ZAP_BAD_VERSION", "NOT_ZEROMQ"),
        (SpecialAnswer.WRONG_REQUEST_ID, "ZAP_BAD_REQUEST_ID", "NOT_ZEROMQ"),
        (SpecialAnswer.WRONG_STATUS, "ZAP_INVALID_STATUS_CODE", "NOT_ZEROMQ"),
        (SpecialAnswer.WRONG_METADATA, "ZAP_INVALID_METADATA", "NOT_ZEROMQ"),
    ],
)
def test_each_answer_is_seen_as_documented(library, authenticator, answer, server, client):
    library.set_authenticator_answer(answer)
    address = plain_server(library)
    library.connect_zmq_socket(address, PUSH, plain_username="a", plain_password="b", lazy=True)
    fails(library, "PULL-1", server)
    if client:
        fails(library, "PUSH-1", client)
    else:
        library.zmq_event_should_not_have_happened("HANDSHAKE_FAILED_AUTH", socket="PUSH-1")
        library.zmq_event_should_not_have_happened("HANDSHAKE_SUCCEEDED", socket="PUSH-1")


def test_without_an_answer_both_sides_wait(library, authenticator):
    library.set_authenticator_answer(SpecialAnswer.NONE)
    address = plain_server(library)
    library.connect_zmq_socket(address, PUSH, plain_username="a", plain_password="b", lazy=True)
    assert library.wait_for_authentication_request().status is None
    assert library.get_connection_state(socket="PUSH-1") == "HANDSHAKING"
    assert library.get_connection_state(socket="PULL-1") == "HANDSHAKING"


def test_each_request_is_waited_for_once(library, authenticator):
    library.allow_plain_user("alice", PASSWORD)
    address = plain_server(library, routing_id="server", zap_domain="orders")
    for _ in range(2):
        library.connect_zmq_socket(address, PUSH, plain_username="alice", plain_password=PASSWORD)
    first, second = (library.wait_for_authentication_request(username="alice") for _ in range(2))
    assert first is not second
    assert (first.mechanism, first.domain, first.address, first.routing_id) == (
        "PLAIN",
        "orders",
        "127.0.0.1",
        "server",
    )
    assert (first.status, first.text, first.user_id, first.key) == (200, "OK", "alice", None)
    with pytest.raises(WaitTimeout, match=r"No PLAIN authentication request about user alice in .*\n.*come: 2"):
        library.wait_for_authentication_request(
            mechanism=Mechanism.PLAIN, username="alice", timeout=timedelta(milliseconds=50)
        )
    assert PASSWORD not in repr(library.get_authentication_requests())


def test_peers_over_ipc_have_an_address_too(library, authenticator, tmp_path):
    library.deny_address("localhost:*")
    library.bind_zmq_socket(f"ipc://{tmp_path}/s", PULL, zap_domain="test")
    library.connect_zmq_socket(f"ipc://{tmp_path}/s", PUSH, lazy=True)
    fails(library, "PUSH-1", "AUTH 400")
    assert library.wait_for_authentication_request(address="localhost:*").text == "Address is denied"


def test_a_rule_about_no_address_is_refused(library, authenticator):
    for rule in (library.allow_address, library.deny_address):
        with pytest.raises(InvalidValue, match="No address was given"):
            rule()


def test_null_is_only_asked_about_with_a_domain(library, authenticator):
    library.deny_address("127.0.0.0/8")
    library.bind_zmq_socket(TCP, PULL)
    library.connect_zmq_socket(library.get_zmq_endpoint(), PUSH)
    assert library.get_authentication_requests() == []


def test_an_authenticator_that_starts_after_the_bind_is_asked_all_the_same(library):
    keys = library.generate_curve_keypair()
    library.bind_zmq_socket(TCP, PULL, curve_keypair=keys)
    address = library.get_zmq_endpoint()
    library.connect_zmq_socket(address, PUSH, curve_server_key=keys)
    library.start_authenticator()
    library.connect_zmq_socket(address, PUSH, curve_server_key=keys, lazy=True)
    fails(library, "PUSH-2", "AUTH 400")


def test_nothing_is_kept_of_the_frames(library, authenticator):
    address = plain_server(library)
    library.connect_zmq_socket(address, PUSH, plain_username="alice", plain_password=PASSWORD, lazy=True)
    fails(library, "PUSH-1", "AUTH 400")
    assert authenticator.socket.traffic.recent == []
    assert authenticator.socket.inbox.last is None
    assert PASSWORD not in repr(authenticator.journal.take())


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"curve_keypair": True}, "needs curve_server_key"),
        ({"plain_username": "alice"}, "both plain_username and plain_password"),
        ({"plain_password": "x"}, "both plain_username and plain_password"),
        ({"curve_server_key": "x", "plain_username": "alice"}, "either CURVE .* or PLAIN"),
        ({"curve_server_key": "x" * 39}, "curve_server_key: .* this one has 39"),
        ({"curve_server_key": Secret("x" * 40 + "y")}, "curve_server_key"),
    ],
)
def test_clients_that_cannot_be_are_refused(library, options, problem):
    with pytest.raises(InvalidValue, match=problem):
        library.connect_zmq_socket("tcp://127.0.0.1:5555", PUSH, **options)
    assert library.get_zmq_sockets() == []


def test_servers_that_cannot_be_are_refused(library):
    keys = library.generate_curve_keypair()
    with pytest.raises(InvalidValue, match=r"either CURVE .* or PLAIN"):
        library.bind_zmq_socket(TCP, PULL, curve_keypair=keys, plain_server=True)
    with pytest.raises(WrongUse, match="Start Authenticator"):
        plain_server(library)
    with pytest.raises(InvalidValue, match="inproc has no handshake"):
        library.bind_zmq_socket("inproc://x", PULL, curve_keypair=keys)
    assert library.get_zmq_sockets() == []


def test_a_secret_key_is_refused_wherever_a_public_one_belongs(library, authenticator):
    keys = library.generate_curve_keypair()
    library.open_zmq_socket(PUSH)
    for attempt in (
        lambda key: library.allow_curve_client(key),
        lambda key: library.deny_curve_client(key),
        lambda key: library.set_authenticator_answer(key=key),
        lambda key: library.wait_for_authentication_request(key=key),
        lambda key: library.connect_zmq_socket("tcp://127.0.0.1:1", PUSH, curve_server_key=key),
        lambda key: library.set_zmq_socket_option("curve_serverkey", key),
    ):
        for key in (keys.secret, keys.secret.value):
            with pytest.raises(InvalidValue, match="secret key") as caught:
                attempt(key)
            assert keys.secret.value not in str(caught.value)


def test_security_options_come_before_the_endpoint(library):
    library.bind_zmq_socket(TCP, PULL)
    for name in ("curve_server", "PLAIN_SERVER", "zap domain"):
        with pytest.raises(WrongUse, match="does nothing for the endpoints"):
            library.set_zmq_socket_option(name, "yes")


def test_it_stops_at_once_although_refused_clients_keep_knocking(library, authenticator, peer):
    keys = library.generate_curve_keypair()
    library.bind_zmq_socket(TCP, PULL, curve_keypair=keys)
    for _ in range(2):
        peer("knock", library.get_zmq_endpoint(), keys.public)
    assert authenticator.wait_for(lambda: len(authenticator._requests) >= 200, Deadline(120))
    library.stop_authenticator()  # raises if it does not end in time
    library.start_authenticator()


def test_answers_to_those_who_are_gone_are_cheap(library, authenticator, monkeypatch):
    """With the text that users get when they send to nobody, one of them takes longer than a millisecond."""
    texts_for_users: list[object] = []
    monkeypatch.setattr(send_diagnosis, "send_refused", lambda *refused: texts_for_users.append(refused) or "")
    released = threading.Event()
    authenticator.post(released.wait)
    for number in range(1000):
        with library.session.context.socket(zmq.DEALER) as asker:
            asker.linger = -1
            asker.connect(ZAP_ENDPOINT)
            asker.send_multipart([b"", b"1.0", b"%d" % number, b"", b"127.0.0.1", b"", b"NULL"])
    released.set()
    assert authenticator.wait_for(lambda: len(authenticator._requests) == 1000, Deadline(300))
    assert texts_for_users == []
    texts = [entry.text for entry in library.session.workers.journal.take()[0]]
    assert any("was not sent: the asker is gone" in text for text in texts)


def test_one_that_has_not_ended_is_named_instead_of_another_program(library, authenticator):
    released = threading.Event()
    authenticator.post(released.wait)
    with pytest.raises(WorkerFailed, match="Authenticator 'authenticator-1' did not stop in time"):
        library.stop_authenticator()
    with pytest.raises(WrongUse, match="Authenticator 'authenticator-1' was stopped but is still busy"):
        library.start_authenticator()
    released.set()
    authenticator._thread.join(30)
    assert authenticator.socket.closed
    library.start_authenticator()
