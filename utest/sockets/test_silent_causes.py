"""What ZeroMQ drops without an error is named by the failure that comes of it."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
import zmq

from ZmqLibrary.errors import WaitTimeout, ZmqLibraryError
from ZmqLibrary.sockets.socket_types import SocketType as T
from ZmqLibrary.waiting.deadline import Deadline

TCP = "tcp://127.0.0.1:*"
NOW = timedelta(0)
SHORT = timedelta(milliseconds=100)
LARGE = "x" * 300_000
TIME = r"\d\d:\d\d:\d\d\.\d\d\d"


@pytest.fixture
def explains():
    """Runs a keyword that has to fail, and looks for sentences in its error."""

    def check(action, *sentences: str) -> str:
        with pytest.raises(ZmqLibraryError) as caught:
            action()
        text = str(caught.value)
        for sentence in sentences:
            assert re.search(sentence, text), text
        return text

    return check


@pytest.fixture
def feed(library):
    """A PUB `feed` and a SUB `reader`, as given by the options of both."""

    def start(
        publisher: dict | None = None, subscriber: dict | None = None, endpoint: str = TCP, type: T = T.PUB
    ) -> None:
        library.bind_zmq_socket(endpoint, type, "feed", **(publisher or {}))
        address = library.get_zmq_endpoint(socket="feed")
        library.connect_zmq_socket(address, T.SUB, "reader", **{"subscribe": "", **(subscriber or {})})
        library.wait_for_subscriber(socket="feed")

    return start


def receive_all_that_was_not_dropped(library) -> None:
    """Publishes marks until one gets through, after which nothing older can come."""
    for number in count():
        library.discard_messages(socket="reader")
        library.send_message(f"mark {number}", socket="feed")
        with suppress(WaitTimeout):
            library.wait_for_message(f"mark {number}", socket="reader", timeout=timedelta(seconds=1))
            break
    library.discard_messages(socket="reader")


FULL = rf"Socket 'feed' \(\w+\) dropped messages.* at {TIME}: a subscriber was too slow, .*high-water mark \(SNDHWM: 2 "


@pytest.mark.parametrize("type", [T.PUB, T.XPUB])
@pytest.mark.parametrize("endpoint", [TCP, "inproc://feed"])
def test_what_a_publisher_drops_is_named_by_its_subscriber(library, feed, explains, type, endpoint):
    feed({"send_hwm": 2}, {"receive_hwm": 2}, endpoint, type)
    for _ in range(100):
        library.send_message(LARGE, socket="feed")
    explains(lambda: library.receive_messages(100, socket="reader", timeout=SHORT), FULL)
    receive_all_that_was_not_dropped(library)
    explains(lambda: library.receive_message(socket="reader", timeout=NOW), FULL)
    explains(lambda: library.wait_for_message("y", socket="reader", timeout=NOW), FULL)


def test_where_nothing_was_dropped_nothing_is_said(library, feed, explains):
    feed()
    library.send_message("x", socket="feed")
    library.receive_message(socket="reader")
    assert "dropped" not in explains(lambda: library.receive_message(socket="reader", timeout=NOW))


def test_the_others_get_what_a_slow_subscriber_does_not(library, feed, raw):
    feed({"send_hwm": 10}, {"receive_hwm": 1})
    other = raw("SUB", connect=library.get_zmq_endpoint(socket="feed"), RCVHWM=0, SUBSCRIBE=b"")
    library.wait_for_subscriber(count=2, socket="feed")
    for number in range(100):
        library.send_multipart("a", str(number), LARGE, socket="feed")
        assert other.recv_multipart()[1] == b"%d" % number
    assert library.session.sockets.get("feed").raw.drops.full


def test_who_reads_everything_at_once_loses_nothing_although_another_subscriber_is_slow(library, feed, raw):
    feed({"send_hwm": 10}, {"receive_hwm": 1})
    other = raw("SUB", connect=library.get_zmq_endpoint(socket="feed"), RCVHWM=0, SUBSCRIBE=b"")
    library.wait_for_subscriber(count=2, socket="feed")
    publisher = library.session.sockets.get("feed")
    for number in range(2000):
        filling = b"" if publisher.raw.drops.full else LARGE.encode()
        publisher.send([b"a", b"%d" % number, filling], Deadline(30))
        assert other.recv_multipart()[1] == b"%d" % number
    assert publisher.raw.drops.full


def test_a_publisher_that_may_not_drop_waits(library, feed, explains):
    feed({"send_hwm": 1, "xpub_nodrop": "yes"}, {"receive_hwm": 1})

    def send_on():
        while True:
            library.send_message(LARGE, socket="feed", timeout=SHORT)

    explains(send_on, "high-water mark", r"Socket 'reader' \(SUB\) of this library has to receive")
    library.set_zmq_socket_option("xpub_nodrop", "no", socket="feed")
    for _ in range(20):
        library.send_message(LARGE, socket="feed", timeout=SHORT)


def test_what_a_router_drops_for_a_slow_peer_is_named(library, explains):
    library.bind_zmq_socket(TCP, T.ROUTER, "server", send_hwm=1, router_mandatory="no")
    library.connect_zmq_socket(library.get_zmq_endpoint(), T.DEALER, "client", routing_id="x", receive_hwm=1)
    library.send_message("hello", socket="client")
    library.receive_multipart(socket="server")
    for _ in range(60):
        library.send_multipart("x", LARGE, socket="server")
    explains(
        lambda: library.receive_messages(60, socket="client", timeout=SHORT),
        r"Socket 'server' \(ROUTER\) dropped messages.*SNDHWM: 1 message for each peer",
    )


def test_what_a_router_drops_for_an_unknown_peer_is_named(library, explains):
    library.bind_zmq_socket(TCP, T.ROUTER, "server", router_mandatory="no")
    library.connect_zmq_socket(library.get_zmq_endpoint(), T.DEALER, "client", routing_id="x")
    for _ in range(2):
        library.send_multipart("y\n", "hello", socket="server")
    explains(
        lambda: library.receive_message(socket="client", timeout=NOW),
        r"Socket 'server' \(ROUTER\) dropped 2 messages because no peer had the routing id, last 'y\\n'",
    )


def test_a_subscriber_of_another_program_names_its_own_limit(library, raw, explains):
    publisher = raw("XPUB", bind=TCP)
    address = publisher.last_endpoint.decode()
    library.connect_zmq_socket(address, T.SUB, subscribe="", receive_hwm=3)
    assert publisher.recv() == b"\1"
    for _ in range(3):
        publisher.send(b"x")
    library.receive_messages(3)
    explains(
        lambda: library.receive_message(timeout=NOW),
        r"no more than 3 messages wait here \(RCVHWM, the high-water mark\)",
    )


@pytest.mark.parametrize("endpoint", [TCP, "inproc://full"])
def test_a_full_queue_names_both_limits_and_who_has_to_receive(library, explains, endpoint):
    library.bind_zmq_socket(endpoint, T.PULL, "sink", receive_hwm=1)
    library.connect_zmq_socket(library.get_zmq_endpoint(), T.PUSH, "source", send_hwm=2)

    def send_on():
        while True:
            library.send_message(LARGE, timeout=SHORT)

    explains(
        send_on,
        r"The high-water mark \(2 messages for each peer\) is reached",
        "SNDHWM of this socket is 2",
        r"Socket 'sink' \(PULL\) of this library has to receive \(its RCVHWM is 1\)",
    )


def test_conflate_is_named_where_frames_are_missing(library, explains):
    library.bind_zmq_socket(TCP, T.PULL, "sink", conflate="yes")
    library.connect_zmq_socket(library.get_zmq_endpoint(), T.PUSH)
    library.send_multipart("a", "b")
    library.receive_multipart(socket="sink")
    named = "CONFLATE is set: only the last frame of the last message is kept"
    explains(lambda: library.received_message_should_have_frames(2, socket="sink"), named)
    explains(lambda: library.received_message_should_equal("a", "b", socket="sink"), named)
    explains(lambda: library.received_message_should_match("a", "b", socket="sink"), named)
    library.send_multipart("a", "b")
    explains(lambda: library.wait_for_message("a", "b", socket="sink", timeout=timedelta(seconds=2)), named)
    explains(lambda: library.receive_messages(2, socket="sink", timeout=SHORT), named)


def test_conflate_is_named_where_a_topic_was_dropped_with_its_frame(library, feed, explains):
    feed(subscriber={"conflate": "yes", "subscribe": "news"})
    library.send_multipart("news", "today", socket="feed")
    explains(
        lambda: library.receive_multipart(socket="reader", timeout=SHORT),
        "CONFLATE is set: only the last frame .* is kept, and subscriptions are held against that frame",
    )


def test_maxmsgsize_of_a_connecting_socket_is_named(library, explains):
    library.bind_zmq_socket(TCP, T.PULL)
    address = library.get_zmq_endpoint()
    text = explains(
        lambda: library.connect_zmq_socket(address, T.PUSH, maxmsgsize="10"),
        "handshake failed: MAXMSGSIZE: MAXMSGSIZE of this socket is 10, and the handshake has commands of 26 bytes",
        "Give this socket a larger maxmsgsize=",
    )
    assert "socket types" not in text


def test_maxmsgsize_of_a_bound_socket_is_named_by_both(library, explains):
    library.bind_zmq_socket(TCP, T.PULL, "sink", maxmsgsize="20")
    library.connect_zmq_socket(library.get_zmq_endpoint(), T.PUSH, "source", lazy=True, reconnect_ivl="5ms")
    assert library.handshake_should_fail(reason="MAXMSGSIZE", socket="sink").startswith("MAXMSGSIZE: ")
    explains(
        lambda: library.receive_message(socket="sink", timeout=NOW),
        "MAXMSGSIZE of this socket is 20",
    )
    explains(
        lambda: library.wait_until_connected(count=2, socket="source", timeout=NOW),
        r"MAXMSGSIZE of Socket 'sink' \(PULL\) is 20, so it drops every connection: .* commands of 26 bytes",
    )


def test_a_mock_server_is_named_by_the_type_that_it_plays(library, explains):
    library.start_mock_server(TCP, T.REP, "service", maxmsgsize="20")
    library.connect_zmq_socket(library.get_mock_endpoint(), T.REQ, "client", lazy=True)
    explains(
        lambda: library.wait_until_connected(count=2, socket="client", timeout=NOW),
        r"MAXMSGSIZE of Socket 'service' \(REP\) is 20",
    )


def test_a_routing_id_that_is_too_long_for_maxmsgsize_is_named(library, raw, explains):
    library.bind_zmq_socket(TCP, T.ROUTER, maxmsgsize="60")
    raw("DEALER", connect=library.get_zmq_endpoint(), ROUTING_ID=b"x" * 30)
    library.handshake_should_fail(reason="INCOMPATIBLE_TYPE")
    explains(lambda: library.receive_message(timeout=NOW), "or the peer's routing id is too long .*MAXMSGSIZE of 60")


def test_two_sockets_with_one_routing_id_are_named_on_both_sides(library, explains):
    library.bind_zmq_socket(TCP, T.ROUTER, "server", router_handover="no")
    address = library.get_zmq_endpoint()
    for name in ("one", "two"):
        library.connect_zmq_socket(address, T.DEALER, name, routing_id="same")
        library.send_message("hello", socket=name)
    library.receive_multipart(socket="server")
    explains(
        lambda: library.receive_multipart(socket="server", timeout=SHORT),
        r"Socket 'one' \(DEALER\), Socket 'two' \(DEALER\) have the same routing id 'same': without ROUTER_HANDOVER",
    )
    explains(
        lambda: library.receive_message(socket="two", timeout=NOW),
        r"The routing id 'same' is also that of Socket 'one' \(DEALER\), connected to the same endpoint",
    )


def test_two_peers_of_other_programs_with_one_routing_id_are_told_by_their_number(library, raw, explains):
    library.bind_zmq_socket(TCP, T.ROUTER, "server", router_handover="no")
    for _ in range(2):
        raw("DEALER", connect=library.get_zmq_endpoint(), ROUTING_ID=b"same").send(b"hello")
    library.wait_until_connected(count=2)
    library.receive_multipart()
    explains(
        lambda: library.receive_multipart(timeout=SHORT),
        "2 peers came, but messages of 1 routing id: without",
    )


def test_a_router_that_hands_over_is_not_suspected(library, explains):
    library.bind_zmq_socket(TCP, T.ROUTER, "server")
    address = library.get_zmq_endpoint()
    for name in ("one", "two"):
        library.connect_zmq_socket(address, T.DEALER, name, routing_id="same")
    assert "ROUTER_HANDOVER" not in explains(lambda: library.receive_message(socket="two", timeout=NOW))


def test_a_routing_id_that_was_just_closed_is_named_by_its_successor(library, raw, explains):
    router = raw("ROUTER", bind=TCP)
    address = router.last_endpoint.decode()
    library.connect_zmq_socket(address, T.DEALER, "first", routing_id="same")
    library.send_message("hello")
    router.recv_multipart()
    library.close_zmq_socket("first")
    library.connect_zmq_socket(address, T.DEALER, "second", routing_id="same")
    explains(
        lambda: library.receive_message(timeout=NOW),
        r"Socket 'first' \(DEALER\) had the same routing id 'same' and was closed .* ago: without ROUTER_HANDOVER",
    )


def send_until_refused(library, routing_id: str, socket: str | None = None) -> None:
    """libzmq reports that a peer has gone before a ROUTER has dropped it."""
    deadline = Deadline(30)
    while deadline.remaining():
        library.send_multipart(routing_id, "hello", socket=socket)


def test_a_router_names_the_socket_that_had_a_routing_id(library, explains):
    library.bind_zmq_socket(TCP, T.ROUTER, "server")
    library.connect_zmq_socket(library.get_zmq_endpoint(), T.DEALER, "client", routing_id="x")
    library.send_message("hello")
    library.receive_multipart(socket="server")
    library.close_zmq_socket("client")
    library.wait_until_disconnected(socket="server")
    explains(
        lambda: send_until_refused(library, "x", "server"),
        rf"knows no peer with the routing id 'x'. Socket 'client' \(DEALER\) had it and was closed at {TIME}",
    )


def test_a_router_says_that_a_peer_has_gone(library, raw, explains):
    library.bind_zmq_socket(TCP, T.ROUTER, "server")
    client = raw("DEALER", connect=library.get_zmq_endpoint(), ROUTING_ID=b"x")
    client.send(b"hello")
    library.receive_multipart()
    client.close()
    library.wait_until_disconnected()
    explains(lambda: send_until_refused(library, "x"), "has sent messages before, so it has gone")


def test_two_subscriptions_and_one_cancel(library, feed, explains, caplog):
    feed(subscriber={"subscribe": ["a", "a", "b"]})
    caplog.set_level("INFO")
    library.unsubscribe_from_topics("b", socket="reader")
    assert "still receives" not in caplog.text
    library.subscribe_to_topics("a", socket="reader")
    library.unsubscribe_from_topics("a", socket="reader")
    twice = r"Subscribed to: 'a' \(2 times\)\. Each subscription needs a cancellation of its own\."
    assert re.search(rf"Socket 'reader' \(SUB\) still receives 'a'. {twice}", caplog.text)
    library.send_message("abc", socket="feed")
    explains(lambda: library.no_message_should_be_received(socket="reader", within=timedelta(seconds=30)), twice)


def test_a_message_after_the_last_cancel_was_on_its_way(library, feed, explains):
    feed(subscriber={"subscribe": "a"}, endpoint="inproc://feed")
    library.send_message("abc", socket="feed")
    found = library.session.sockets.get("reader")
    assert found.inbox.has_message()
    library.unsubscribe_from_topics("a", socket="reader")
    explains(
        lambda: library.no_message_should_be_received(socket="reader"),
        "All subscriptions were cancelled",
    )


def knock(library, peer, key: str) -> None:
    peer("knock", library.get_zmq_endpoint(socket="sink"), key)
    for _ in range(3):
        library.wait_for_zmq_event("HANDSHAKE_FAILED_PROTOCOL", socket="sink")


def test_a_curve_peer_that_tries_again_and_again_is_counted(library, peer, explains):
    library.start_authenticator()
    library.bind_zmq_socket(TCP, T.PULL, "sink", curve_keypair=library.generate_curve_keypair())
    wrong, _ = zmq.curve_keypair()
    knock(library, peer, wrong.decode())
    failed = rf"the handshake failed \d+ times.*, last at {TIME}"
    explains(lambda: library.receive_message(socket="sink", timeout=NOW), failed, "CRYPTOGRAPHIC: ")


def test_a_plain_peer_that_tries_again_and_again_is_named_beside_those_let_in(library, raw, explains):
    library.start_authenticator()
    library.allow_plain_user("alice", "right")
    library.bind_zmq_socket(TCP, T.PULL, "sink", plain_server=True)
    address = library.get_zmq_endpoint(socket="sink")
    library.connect_zmq_socket(address, T.PUSH, plain_username="alice", plain_password="right")
    for _ in range(3):
        raw("PUSH", connect=address, PLAIN_USERNAME=b"alice", PLAIN_PASSWORD=b"wrong")
        library.wait_for_zmq_event("HANDSHAKE_FAILED_AUTH", socket="sink")
    explains(
        lambda: library.receive_message(socket="sink", timeout=NOW),
        rf"accepted 1 peer; 3 handshakes failed, last at {TIME}: AUTH 400",
    )


def test_a_collector_names_what_was_dropped(library, feed, explains):
    feed({"send_hwm": 2}, {"receive_hwm": 2})
    for _ in range(100):
        library.send_message(LARGE, socket="feed")
    library.start_collecting_messages("reader")
    library.collected_message_count_should_be(">", 0, timeout=timedelta(seconds=10))
    explains(lambda: library.wait_for_collected_message("y", timeout=SHORT), FULL)


def test_a_mock_server_names_conflate(library, explains):
    library.start_mock_server(TCP, T.PULL, "mock", conflate="yes")
    library.connect_zmq_socket(library.get_mock_endpoint(), T.PUSH)
    library.send_multipart("a", "b")
    library.mock_should_have_received()
    explains(lambda: library.wait_for_mock_request("a", "b", timeout=SHORT), "CONFLATE is set: only the last frame")


def test_what_a_mock_publisher_drops_is_named(library, explains):
    library.start_mock_server(TCP, T.PUB, "mock", send_hwm=1)
    library.connect_zmq_socket(library.get_mock_endpoint(), T.SUB, "reader", subscribe="", receive_hwm=1)
    library.mock_publishes(LARGE, every=timedelta(milliseconds=1))
    [worker] = library.session.workers.all
    assert worker.wait_for(lambda: worker.socket.raw.drops.full, Deadline(30))
    explains(
        lambda: library.receive_messages(10_000, socket="reader", timeout=SHORT),
        r"Socket 'mock' \(PUB\) dropped messages",
    )


def test_maxmsgsize_of_a_curve_server_is_named_by_its_client(library, explains):
    keys = library.generate_curve_keypair()
    library.start_authenticator()
    library.bind_zmq_socket(TCP, T.PULL, "sink", curve_keypair=keys, maxmsgsize="100")
    address = library.get_zmq_endpoint()
    explains(
        lambda: library.connect_zmq_socket(address, T.PUSH, curve_server_key=keys.public, timeout=timedelta(seconds=2)),
        r"MAXMSGSIZE of Socket 'sink' \(PULL\) is 100, so it drops every connection: .* commands of 277 bytes",
    )


@pytest.mark.parametrize("endpoint", [TCP, "inproc://pair"])
def test_a_pair_that_a_second_peer_has_come_to_is_named_on_both_sides(library, explains, endpoint):
    library.bind_zmq_socket(endpoint, T.PAIR, "one")
    address = library.get_zmq_endpoint()
    library.connect_zmq_socket(address, T.PAIR, "first")
    library.wait_until_connected(socket="one")
    said = "takes one peer at a time"
    assert said not in explains(lambda: library.receive_message(timeout=NOW, socket="one"))
    library.connect_zmq_socket(address, T.PAIR, "second")
    if endpoint == TCP:
        library.send_message("x", socket="second")
        library.wait_until_connected(count=2, socket="one")
    for name in ("one", "second"):
        explains(lambda name=name: library.receive_message(timeout=NOW, socket=name), rf"'one' \(PAIR\) {said}")


def test_a_second_peer_of_a_pair_that_cannot_send_is_told_why(library, explains):
    for name in ("one", "first", "second"):
        (library.bind_zmq_socket if name == "one" else library.connect_zmq_socket)("inproc://pair", T.PAIR, name)
    while library.try_to_send_message("x", socket="second"):  # until libzmq tells it that it was turned away
        pass
    explains(
        lambda: library.send_message("x", timeout=NOW, socket="second"), r"'one' \(PAIR\) takes one peer at a time"
    )


def test_a_pair_whose_peer_comes_again_is_not_suspected(library, explains):
    library.bind_zmq_socket(TCP, T.PAIR, "one")
    address = library.get_zmq_endpoint()
    for _ in range(3):
        library.connect_zmq_socket(address, T.PAIR, "peer")
        library.wait_until_connected(socket="one")
        library.close_zmq_socket("peer")
        library.wait_until_disconnected(socket="one")
    assert "at a time" not in explains(lambda: library.receive_message(timeout=NOW, socket="one"))


def test_an_xsub_that_has_subscribed_by_sending_is_not_said_to_get_nothing(library, explains):
    library.bind_zmq_socket(TCP, T.PUB, "feed")
    library.connect_zmq_socket(library.get_zmq_endpoint(), T.XSUB, "reader")
    library.send_message(b"\x01abc", socket="reader")
    library.wait_for_subscriber("abc", socket="feed")
    said = "subscribed to nothing but what it has sent as messages"
    assert "Subscribe To Topics" not in explains(lambda: library.receive_message(timeout=NOW, socket="reader"), said)
    explains(lambda: library.unsubscribe_from_topics("abc", socket="reader"), said)
    library.send_message("abcd", socket="feed")
    library.wait_for_message("abcd", socket="reader")
    library.send_message("abcd", socket="feed")
    explains(lambda: library.no_message_should_be_received(socket="reader", within=timedelta(seconds=30)), said)
