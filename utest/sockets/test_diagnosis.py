"""Every failure explains itself: each situation with its real cause, and the sentence that it has to give."""

from __future__ import annotations

import re
import socket as tcp
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest
import zmq

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import ZmqLibraryError
from ZmqLibrary.messages.patterns import MatchKind
from ZmqLibrary.sockets.socket_types import SocketType as T

TCP = "tcp://127.0.0.1:*"
NOW = timedelta(0)
SOON = timedelta(milliseconds=100)
SHORT = timedelta(seconds=2)  # so that what the error is about has happened, also on a busy machine
AT = r"(,? seen)? at \d\d:\d\d:\d\d\.\d\d\d"
SITUATIONS: dict[str, tuple[Callable[[ZmqLibrary, SimpleNamespace], object], tuple[str, ...]]] = {}


def situation(*sentences: str) -> Callable:
    """Adds to the table: what has to be found in the error, as regular expressions."""

    def add(provoke: Callable) -> Callable:
        SITUATIONS[provoke.__name__] = provoke, sentences
        return provoke

    return add


def serve(server: tcp.socket) -> None:
    """Answers as a web server does and hangs up, until somebody says `stop`."""
    while True:
        connection, _ = server.accept()
        with connection, suppress(ConnectionError):
            if connection.recv(1000) == b"stop":
                return
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


@pytest.fixture
def http_server() -> Iterator[str]:
    with closing(tcp.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=serve, args=[server])
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with tcp.create_connection(server.getsockname()) as end:
            end.sendall(b"stop")
        thread.join()


@pytest.fixture
def silent_server() -> Iterator[str]:
    with closing(tcp.create_server(("127.0.0.1", 0))) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def refusing_server() -> Iterator[str]:
    """A CURVE server that refuses a client as JeroMQ 0.6 does: with an ERROR that has no reason."""
    with closing(tcp.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(30)
        thread = threading.Thread(target=refuse, args=[server])
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        thread.join(60)


def refuse(server: tcp.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.settimeout(30)
        connection.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"CURVE".ljust(20, b"\0") + bytes(32))
        with connection.makefile("rb") as received:
            received.read(64 + 202)  # greeting and HELLO, in however many pieces they come
        connection.sendall(b"\x04\x07\x05ERROR\x00")
        while connection.recv(1000):
            pass


@situation("Cannot connect 'x' .PULL. to tcp.* in 2 seconds", r"refused, nobody listens there \(tried again \d+ times?")
def nobody_listens(z, at):
    z.connect_zmq_socket(at.closed_port, T.PULL, "x", reconnect_ivl="5ms", timeout=SHORT)


@situation("No message from 'x' .PULL, tcp://nosuch.invalid:5", r"host cannot be resolved .*\(tried again \d+ time")
def the_host_is_unknown(z, at):
    z.connect_zmq_socket("tcp://nosuch.invalid:5", T.PULL, "x", lazy=True, reconnect_ivl="5ms")
    z.wait_for_zmq_event("CONNECT_RETRIED")
    z.receive_message(timeout=NOW)


@situation("handshake failed: NOT_ZEROMQ: .*does not speak ZeroMQ")
def the_peer_is_a_web_server(z, at):
    z.connect_zmq_socket(at.http_server, T.DEALER, lazy=True, handshake_ivl="200ms", reconnect_ivl="-1")
    z.handshake_should_fail(reason="NOT_ZEROMQ")
    z.receive_message(timeout=NOW)


@situation("connection is there but no ZeroMQ handshake: it is not a ZeroMQ peer, or it speaks ZMTP 2.0", "lazy=yes")
def the_peer_says_nothing(z, at):
    z.connect_zmq_socket(at.silent_server, T.DEALER, timeout=SHORT)


@situation("INCOMPATIBLE_TYPE: ", "two socket types do not go together", "PULL goes together with PUSH")
def the_types_do_not_go_together(z, at):  # a reset may have come before the greeting in a first attempt
    z.connect_zmq_socket(at.raw("REP", bind=TCP).last_endpoint.decode(), T.PULL)


@situation("CLOSED_BY_PEER: .*wrong server key.*or the two socket types do not", "PULL goes together with PUSH")
def the_types_do_not_go_together_under_curve(z, at):
    public, secret = zmq.curve_keypair()
    peer = at.raw("REP", bind=TCP, CURVE_SERVER=1, CURVE_SECRETKEY=secret)
    z.connect_zmq_socket(peer.last_endpoint.decode(), T.PULL, curve_server_key=public, timeout=SHORT)


@situation("NOT_ZEROMQ: .* or refused us, as with a socket type that does not go together with this one")
def the_types_do_not_go_together_under_plain(z, at):
    z.start_authenticator()
    z.allow_plain_user("alice", "right")
    z.bind_zmq_socket(TCP, T.REP, plain_server=True)
    z.connect_zmq_socket(z.get_zmq_endpoint(), T.PULL, plain_username="alice", plain_password="right", timeout=SHORT)


@situation("failed: CLOSED_BY_PEER: the peer refused this socket .* a wrong key", "Check the server's key, and")
def a_foreign_curve_server_refuses_without_a_reason(z, at):
    z.connect_zmq_socket(at.refusing_server, T.REQ, curve_server_key=zmq.curve_keypair()[0])


@situation("handshake failed: AUTH 400: authentication refused", "Check the credentials")
def the_authenticator_refuses(z, at):
    z.start_authenticator()
    z.allow_plain_user("alice", "right")
    z.bind_zmq_socket(TCP, T.PULL, plain_server=True)
    z.connect_zmq_socket(z.get_zmq_endpoint(), T.PUSH, plain_username="alice", plain_password="wrong")


@situation(
    "use different security mechanisms|uses another security mechanism", "se the security options that (it|the peer) u"
)
def the_mechanisms_differ(z, at):  # libzmq tells the one or the other, as the race between reset and greeting ends
    z.connect_zmq_socket(at.raw("PULL", bind=TCP, PLAIN_SERVER=1).last_endpoint.decode(), T.PUSH, timeout=SHORT)


@situation("handshake failed: MECHANISM_MISMATCH: the two sides use different security mechanisms")
def the_mechanisms_of_two_sockets_of_the_library_differ(z, at):
    z.start_authenticator()
    z.bind_zmq_socket(TCP, T.PULL, plain_server=True)
    z.connect_zmq_socket(z.get_zmq_endpoint(), T.PUSH, lazy=True)
    z.handshake_should_fail(reason="MECHANISM_MISMATCH")
    z.send_message("x")
    z.wait_until_connected(timeout=NOW)


@situation(rf"tcp\S+: the peer disconnected{AT} \(tried again \d+ time", "3 messages came before")
def the_peer_went_after_three_messages(z, at):
    push = at.raw("PUSH", bind=TCP)
    z.connect_zmq_socket(push.last_endpoint.decode(), T.PULL, reconnect_ivl="5ms")
    for _ in range(3):
        push.send(b"x")
    z.receive_messages(3)
    push.close()
    z.wait_until_disconnected()
    z.wait_for_zmq_event("CONNECT_RETRIED")
    z.receive_message(timeout=NOW)


def send_what_is_too_long(z, at, times):
    z.bind_zmq_socket(TCP, T.PULL, "x", maxmsgsize="100")
    push = at.raw("PUSH", connect=z.get_zmq_endpoint(), RECONNECT_IVL=5)
    for _ in range(times):
        push.send(b"x" * 101)
        z.wait_for_zmq_event("DISCONNECTED")
        z.wait_for_zmq_event("HANDSHAKE_SUCCEEDED")
    return push


@situation(
    rf"tcp\S+: accepted 1 peer; a peer disconnected{AT}\.\nNo message came before\.\nMAXMSGSIZE is 100: "
    "a message with a longer frame does not come, and closes the connection"
)
def a_message_was_longer_than_maxmsgsize(z, at):
    send_what_is_too_long(z, at, 1)
    z.receive_message(timeout=NOW)


@situation(rf"tcp\S+: accepted 1 peer; peers disconnected 3 times, last{AT}\.\n1 message came before\.\nMAXMSGSIZE")
def three_messages_were_longer_than_maxmsgsize(z, at):
    send_what_is_too_long(z, at, 3).send(b"short")
    z.receive_message()
    z.receive_message(timeout=NOW)


@situation(rf"tcp\S+: connected to 1 peer; the peer disconnected 2 times, last{AT}\.\nNo message came before\.$")
def the_peer_went_and_came_back_twice(z, at):
    z.bind_zmq_socket(TCP, T.PUSH, "y")
    address = z.get_zmq_endpoint()
    z.connect_zmq_socket(address, T.PULL, "x", reconnect_ivl="5ms")
    for _ in range(2):
        z.close_zmq_socket("y")
        z.wait_until_disconnected(socket="x")
        z.bind_zmq_socket(address, T.PUSH, "y")
        z.wait_until_connected(socket="x")
    z.receive_message(timeout=NOW, socket="x")


@situation(rf"handshake failed: INCOMPATIBLE_TYPE: .*; the peer disconnected{AT}\.\n")
def the_peer_came_back_as_another(z, at):
    z.bind_zmq_socket(TCP, T.PUSH, "y")
    address = z.get_zmq_endpoint()
    z.connect_zmq_socket(address, T.PULL, "x", reconnect_ivl="5ms")
    z.close_zmq_socket("y")
    z.wait_until_disconnected(socket="x")
    z.bind_zmq_socket(address, T.REP, "y")
    z.handshake_should_fail(socket="x")
    z.receive_message(timeout=NOW, socket="x")


@situation(rf"the peer disconnected{AT}", "No peer takes messages: up to 2 messages", r"\d messages sent before")
def the_peer_was_killed_after_two_messages(z, at):
    z.bind_zmq_socket(TCP, T.PULL, "here")
    address = z.get_zmq_endpoint()
    z.close_zmq_socket("here")
    process = at.peer("pull", address)
    z.connect_zmq_socket(address, T.PUSH, send_hwm=2)
    for text in ("one", "two"):
        z.send_message(text)
        assert process.line() == text
    process.kill()
    z.wait_until_disconnected()
    while True:
        z.send_message("x", timeout=NOW)


@situation("It has no subscription, so it receives nothing.", "Use `Subscribe To Topics`")
def a_sub_without_a_subscription(z, at):
    z.connect_zmq_socket(at.raw("PUB", bind=TCP).last_endpoint.decode(), T.SUB)
    z.receive_message(timeout=NOW)


@situation(r"Subscribed to: 'sun\\x00', 'rain'\.", r"Topics seen last: 'rain.rome', 'rain.\\xff'\.", "3 messages came")
def a_sub_with_other_topics_than_it_hopes(z, at):
    publisher = at.raw("XPUB", bind=TCP)
    z.connect_zmq_socket(publisher.last_endpoint.decode(), T.SUB, subscribe=[b"sun\x00", "rain"])
    assert {publisher.recv(), publisher.recv()} == {b"\x01sun\x00", b"\x01rain"}
    for topic in (b"rain.rome", b"sun", b"rain.\xff", b"rain.rome"):
        publisher.send_multipart([topic, b"21"])
    z.receive_messages(3, format="BYTES")
    z.receive_multipart(timeout=NOW)


@situation("REQ socket 'x' has not sent a request yet")
def a_req_that_has_not_sent(z, at):
    z.open_zmq_socket(T.REQ, "x")
    z.receive_message()


@situation(r"The reply to the request sent \d+\.\d s ago has not come")
def a_req_without_a_reply(z, at):
    z.connect_zmq_socket(at.raw("ROUTER", bind=TCP).last_endpoint.decode(), T.REQ)
    z.send_request("x", timeout=SOON)


@situation(
    "'x' .ROUTER. knows no peer with the routing id 'carol'", r"Routing ids seen: '(ali|bo)\\x00', '(ali|bo)\\x00'"
)
def a_router_with_an_unknown_peer(z, at):
    z.bind_zmq_socket(TCP, T.ROUTER, "x")
    for name in (b"ali\0", b"bo\0"):
        at.raw("DEALER", connect=z.get_zmq_endpoint(), ROUTING_ID=name).send(b"hello")
    z.receive_messages(2)
    z.send_multipart("carol", "hello")


@situation("No peer takes messages: with IMMEDIATE none waits for the connection")
def an_immediate_push_without_a_peer(z, at):
    z.connect_zmq_socket(at.closed_port, T.PUSH, lazy=True, immediate="yes")
    z.send_message("x", timeout=NOW)


@situation("'x' .STREAM. knows no peer with the routing id 'carol'", r"Routing ids seen: '.+'\.\n(?!Set)")
def a_stream_with_an_unknown_peer(z, at):
    z.bind_zmq_socket(TCP, T.STREAM, "x")
    at.raw("STREAM", connect=z.get_zmq_endpoint())
    z.receive_multipart(format="BYTES")
    z.send_multipart("carol", "hello")


@situation("'x' .STREAM. cannot send a message of 3 frames: .* the second one its bytes, and there is no other")
def a_stream_that_sends_several_frames(z, at):
    z.bind_zmq_socket(TCP, T.STREAM, "x")
    at.raw("STREAM", connect=z.get_zmq_endpoint())
    z.receive_multipart(format="BYTES")
    z.reply("a", "b")


@situation(r"No peer takes messages: up to 2 messages \(the high-water mark\)", "refused, nobody listens there")
def the_high_water_mark_without_a_peer(z, at):
    z.connect_zmq_socket(at.closed_port, T.PUSH, lazy=True, send_hwm=2, reconnect_ivl="5ms")
    z.wait_for_zmq_event("CONNECT_RETRIED")
    for _ in range(3):
        z.send_message("x", timeout=NOW)


@situation(r"high-water mark \(1 message for each peer\) is reached: the peer is too slow", "connected to 1 peer")
def the_high_water_mark_with_a_slow_peer(z, at):
    z.connect_zmq_socket(at.raw("PULL", bind=TCP, RCVHWM=1).last_endpoint.decode(), T.PUSH, send_hwm=1)
    while True:
        z.send_message("x" * 1_000_000, timeout=SOON)


@situation(
    r"No message 'done' from",
    "4 messages came but do not match; to be received later. The last 3:",
    r"Frame 0: 'dame' is not 'done' \(first difference at offset 1\)\n",
    r"Frame 0: 'dote' .*offset 2\)\n  Frame 0: 'dont' .*offset 3",
)
def messages_that_do_not_match(z, at):
    push = at.raw("PUSH", bind=TCP)
    z.connect_zmq_socket(push.last_endpoint.decode(), T.PULL)
    for text in (b"x", b"dame", b"dote", b"dont", b"last"):
        push.send(text)
    z.wait_for_message("last")
    z.wait_for_message("done", match=MatchKind.EXACT, timeout=NOW)


@situation(
    "1 message came but does not match; to be received later. It is:",
    r"\$\.state: expected \"done\", received \"busy\"",
)
def a_json_message_that_does_not_match(z, at):
    push = at.raw("PUSH", bind=TCP)
    z.connect_zmq_socket(push.last_endpoint.decode(), T.PULL)
    push.send(b'{"state": "busy"}')
    push.send(b"last")
    z.wait_for_message("last")
    z.wait_for_json_message({"state": "done"}, timeout=NOW)


@situation(
    r"Only 4 messages came from .* in 0 seconds, none of them JSON with {\"state\": \"done\"}; they can be rec",
    "\nThe last 3:\n",
    r"Frame 0: '{\"n\": 3}': \$\.state is missing",
)
def many_messages_without_the_last_one(z, at):
    push = at.raw("PUSH", bind=TCP)
    z.connect_zmq_socket(push.last_endpoint.decode(), T.PULL)
    for number in range(4):
        push.send(b'{"n": %d}' % number)
    push.send(b"end")
    z.wait_for_message("end")
    z.receive_messages(until={"state": "done"}, format="JSON", timeout=NOW)


@situation(
    "received a message within",
    "Cancelled less often than subscribed to, each needs a cancellation of its own: 'new'.",
    "Subscribed to: 'new', 'sport', 'sun'.",
)
def a_topic_that_was_subscribed_to_twice_and_cancelled_once(z, at):
    pub = at.raw("XPUB", bind=TCP)
    z.connect_zmq_socket(pub.last_endpoint.decode(), T.SUB, subscribe=["new", "sport"])
    z.unsubscribe_from_topics("sport")
    z.subscribe_to_topics("new", "sport", "sun")
    z.unsubscribe_from_topics("new")
    while pub.recv() != b"\x01sun":
        pass
    pub.send(b"news")
    z.no_message_should_be_received(within=timedelta(seconds=30))


@situation("has not had 2 subscribers of 'news'", r"Subscriptions: 'new' \(1\)")
def a_publisher_with_too_few_subscribers(z, at):
    z.bind_zmq_socket(TCP, T.PUB)
    at.raw("SUB", connect=z.get_zmq_endpoint()).subscribe("new")
    z.wait_for_subscriber("news")
    z.wait_for_subscriber("news", count=2, timeout=SOON)


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_failure_explains_itself(request, library, raw, peer, name):
    provoke, sentences = SITUATIONS[name]
    needed = set(provoke.__code__.co_names) & {"closed_port", "http_server", "refusing_server", "silent_server"}
    stage = SimpleNamespace(raw=raw, peer=peer, **{each: request.getfixturevalue(each) for each in needed})
    with pytest.raises(ZmqLibraryError) as caught:
        provoke(library, stage)
    text = str(caught.value)
    for sentence in sentences:
        assert re.search(sentence, text), text
    assert len(text.splitlines()) <= 6
