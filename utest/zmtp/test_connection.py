from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ZmqLibrary.errors import InvalidValue, ProtocolError, WrongUse
from ZmqLibrary.zmtp import commands
from ZmqLibrary.zmtp.commands import Command
from ZmqLibrary.zmtp.connection import Connection
from ZmqLibrary.zmtp.events import (
    Cancelled,
    Closed,
    CommandReceived,
    GreetingReceived,
    HandshakeDone,
    HandshakeRefused,
    MessageReceived,
    PingReceived,
    PongReceived,
    Subscribed,
)
from ZmqLibrary.zmtp.frames import encode
from ZmqLibrary.zmtp.greeting import SIGNATURE, Greeting, Version
from ZmqLibrary.zmtp.handshake import PARTNERS, Null, PlainClient, PlainServer

VERSIONS = [Version.ZMTP_3_1, Version.ZMTP_3, Version.ZMTP_2]
GREETING = Greeting(Version.ZMTP_3_1, "NULL").encode()
READY = commands.ready({"Socket-Type": b"PUSH"}).encode()


def meet(one, other):
    """Lets two connections talk until none has more to say."""
    events = {one: [], other: []}
    while True:
        said = {one: one.bytes_to_send(), other: other.bytes_to_send()}
        if not any(said.values()):
            return events[one], events[other]
        for speaker, hearer in ((one, other), (other, one)):
            if said[speaker]:
                events[hearer] += hearer.receive(said[speaker])


def pull(data=b"", **options):
    """A PULL that has heard that and what it made of it."""
    connection = Connection("PULL", Null(), **options)
    return connection, connection.receive(data) if data else []


def ready_pull(**options):
    connection, _ = pull(GREETING + READY, **options)
    connection.bytes_to_send()
    return connection


@pytest.mark.parametrize("one", PARTNERS)
@pytest.mark.parametrize("other", PARTNERS)
def test_types_that_go_together_shake_hands_and_others_do_not(one, other):
    a, b = Connection(one, Null()), Connection(other, Null())
    if other in PARTNERS[one]:
        meet(a, b)
        assert (a.peer.socket_type, b.peer.socket_type) == (other, one)
    else:
        with pytest.raises(ProtocolError, match=f"talks to .* not to '({one}|{other})'"):
            meet(a, b)


@pytest.mark.parametrize("mine", VERSIONS)
@pytest.mark.parametrize("theirs", VERSIONS)
def test_the_lower_version_is_spoken(mine, theirs):
    a = Connection("DEALER", Null(), version=mine, routing_id=b"me")
    b = Connection("ROUTER", Null(), version=theirs)
    meet(a, b)
    assert a.version is b.version is min(mine, theirs, key=lambda version: version.value)
    assert (a.peer.socket_type, b.peer.socket_type, b.peer.routing_id) == ("ROUTER", "DEALER", b"me")
    assert b.receive(a.send([b"", b"x" * 300])) == [MessageReceived((b"", b"x" * 300))]


def test_what_a_peer_tells_of_itself_is_in_the_event():
    a = Connection("REQ", Null(), routing_id=b"till", metadata={"X-Name": b"shop"})
    _, heard = meet(a, Connection("REP", Null()))
    metadata = {"Socket-Type": b"REQ", "Identity": b"till", "X-Name": b"shop"}
    assert heard == [
        GreetingReceived(Greeting(Version.ZMTP_3_1, "NULL")),
        HandshakeDone("REQ", b"till", metadata),
    ]


def test_a_peer_that_does_not_say_what_it_is_is_taken():
    connection = Connection("PULL", Null())
    _, done, message = connection.receive(GREETING + Command("READY").encode() + encode([b"job"]))
    assert (done, message) == (HandshakeDone(""), MessageReceived((b"job",)))


def test_a_plain_server_lets_in_who_has_the_password():
    client = Connection("PUSH", PlainClient(b"admin", b"secret"))
    server = Connection("PULL", PlainServer(lambda user, password: (user, password) == (b"admin", b"secret")))
    meet(client, server)
    assert (server.peer.username, server.peer.socket_type, client.peer.socket_type) == ("admin", "PUSH", "PULL")


def test_a_plain_server_refuses_others_with_an_error():
    client = Connection("PUSH", PlainClient(b"admin", b"wrong"))
    server = Connection("PULL", PlainServer(lambda user, password: password == b"secret"))
    at_client, at_server = meet(client, server)
    assert at_client[-1] == HandshakeRefused("Invalid username or password", by_peer=True)
    assert at_server[-1] == HandshakeRefused("Invalid username or password", by_peer=False)
    assert client.peer is server.peer is None
    assert client.receive(b"") == [Closed()]


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        (Null, lambda: PlainClient(b"u", b"p"), "the same mechanism; here it is (NULL|PLAIN), there (NULL|PLAIN)"),
        (
            lambda: PlainClient(b"u", b"p"),
            lambda: PlainClient(b"u", b"p"),
            "next command .* is WELCOME, and it is 'HELLO'",
        ),
        (lambda: PlainServer(bool), lambda: PlainServer(bool), "both are servers"),
    ],
)
def test_mechanisms_that_do_not_fit_are_an_error(one, other, rule):
    with pytest.raises(ProtocolError, match=rule):
        meet(Connection("PUSH", one()), Connection("PULL", other()))


def test_subscriptions_are_events_in_every_version():
    for version in VERSIONS:
        subscriber, publisher = Connection("SUB", Null()), Connection("PUB", Null(), version=version)
        meet(subscriber, publisher)
        heard = publisher.receive(subscriber.subscribe(b"EUR") + subscriber.cancel(b""))
        assert heard == [Subscribed(b"EUR"), Cancelled(b"")]


def test_a_ping_is_answered_with_its_context():
    a, b = Connection("PAIR", Null()), Connection("PAIR", Null())
    meet(a, b)
    assert b.receive(a.ping(1.5, b"ctx")) == [PingReceived(1.5, b"ctx")]
    assert a.receive(b.bytes_to_send()) == [PongReceived(b"ctx")]


def test_a_ping_between_the_frames_of_a_message_is_answered_at_once():
    connection = ready_pull()
    assert connection.receive(b"\1\1a" + commands.ping(1, b"ctx").encode()) == [PingReceived(1, b"ctx")]
    assert connection.bytes_to_send() == Command("PONG", b"ctx").encode()
    assert connection.receive(b"\0\1b") == [MessageReceived((b"a", b"b"))]


def test_an_unknown_command_is_an_event():
    connection = ready_pull()
    assert connection.receive(Command("DANCE", b"x").encode()) == [CommandReceived(Command("DANCE", b"x"))]


def test_a_closed_peer_is_an_event_between_messages_and_an_error_inside_one():
    assert ready_pull().receive(b"") == [Closed()]
    for half in (b"\0", b"\0\5abc", b"\1\1a"):
        connection = ready_pull()
        connection.receive(half)
        with pytest.raises(ProtocolError, match="in the middle of a message"):
            connection.receive(b"")
    with pytest.raises(ProtocolError, match="closed before the handshake was done"):
        Connection("PULL", Null()).receive(b"")


def test_messages_before_a_broken_rule_are_handed_out_and_then_the_error_stays():
    connection = ready_pull()
    assert connection.receive(encode([b"good"]) + b"\xff\0") == [MessageReceived((b"good",))]
    assert connection.failed.offset == len(GREETING + READY) + 6
    for _ in range(2):
        with pytest.raises(ProtocolError, match="bits 3 to 7"):
            connection.receive(encode([b"more"]))


@pytest.mark.parametrize(
    ("data", "offset", "rule"),
    [
        (b"HTTP/1.1 400 Bad", 0, "begins with FF"),
        (b"\1\0", 0, "the peer speaks 1.0"),
        (Greeting(Version.ZMTP_3, "CURVE").encode(), 12, "here it is NULL, there CURVE"),
        (GREETING + encode([b"job"]), 64, "a message came before the handshake was done"),
        (GREETING + Command("HELLO", b"\0\0").encode(), 72, "next command of a NULL handshake is READY"),
        (GREETING + commands.ready({"Socket-Type": b"SUB"}).encode(), 64, "PULL talks to PUSH, not to 'SUB'"),
        (GREETING + commands.ready({"Socket-Type": b""}).encode(), 64, "PULL talks to PUSH, not to ''"),
        (GREETING + READY + b"\2" + (301).to_bytes(8, "big"), 92, "at most 300 bytes here, and this one announces 301"),
        (GREETING + READY + encode([bytes(200), bytes(200)]), 294, "a message has at most 300"),
    ],
)
def test_an_error_names_the_byte_and_the_rule(data, offset, rule):
    connection = Connection("PULL", Null(), largest=300)
    try:
        connection.receive(data)
        raise connection.failed
    except ProtocolError as error:
        assert rule in str(error)  # noqa: PT017
        assert error.offset == offset  # noqa: PT017


def test_a_peer_of_2_0_cannot_be_asked_for_plain():
    connection = Connection("PUSH", PlainClient(b"u", b"p"))
    with pytest.raises(ProtocolError, match="PLAIN needs ZMTP 3"):
        connection.receive(SIGNATURE + b"\1\7")


def test_what_cannot_be_said_is_refused():
    with pytest.raises(WrongUse, match="handshake is not done"):
        Connection("PUSH", Null()).send([b"x"])
    with pytest.raises(InvalidValue, match="at least one frame"):
        ready_pull().send([])
    with pytest.raises(InvalidValue, match="no socket type 'PUSHY'"):
        Connection("PUSHY", Null())
    with pytest.raises(InvalidValue, match="routing id has at most 255"):
        Connection("DEALER", Null(), routing_id=bytes(256))
    with pytest.raises(InvalidValue, match="password of PLAIN has at most 255"):
        PlainClient(b"u", bytes(256))


traffic = st.lists(
    st.one_of(
        st.lists(st.binary(max_size=300), min_size=1, max_size=3).map(encode),
        st.builds(lambda context: commands.ping(1, context).encode(), st.binary(max_size=16)),
        st.builds(lambda context: b"\1\0" + commands.ping(1, context).encode() + b"\0\0", st.binary(max_size=16)),
        st.just(commands.error("x").encode()),
    ),
    max_size=6,
).map(b"".join)


@given(traffic, st.lists(st.integers(0, 1500), max_size=8))
def test_any_split_of_the_bytes_gives_the_same_events(data, cuts):
    data = GREETING + READY + data
    whole, expected = pull(data)
    pieces, events = pull()
    for start, end in pairwise(sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})):
        events += pieces.receive(data[start:end])
    assert events == expected
    assert whole.bytes_to_send() == pieces.bytes_to_send()


@settings(max_examples=1000)
@given(traffic, st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=3)), max_size=3), st.integers(0, 2000))
def test_any_bytes_give_events_or_an_error(data, changes, cut):
    data = bytearray(GREETING + READY + data)
    for position, change in changes:
        data[position : position + len(change)] = change
    connection = Connection("PULL", Null())
    try:
        connection.receive(bytes(data[:cut]) or b"x")
        connection.receive(bytes(data[cut:]))
    except ProtocolError as error:
        assert 0 <= error.offset <= len(data) + 1  # noqa: PT017
