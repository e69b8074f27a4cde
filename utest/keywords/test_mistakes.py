"""Mistakes that users make, and that each is answered with the way out."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from robot.api.types import Secret

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.errors import DecodeError, EndpointFailed, InvalidValue, ZmqLibraryError
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline

NOW = timedelta(0)
T = SocketType
HALF = "a" + chr(0xD800)

MISTAKES = {
    "no socket is open": (lambda z: z.send_message("x"), "No socket is open. Use `Connect Zmq Socket` first"),
    "unknown alias": (lambda z: z.switch_zmq_socket("b"), "There is no socket 'b'"),
    "empty alias": (lambda z: z.open_zmq_socket(T.PULL, ""), "alias of a socket cannot be empty"),
    "no transport": (lambda z: z.bind_zmq_socket("localhost:1", T.PULL), "no transport"),
    "no port": (lambda z: z.connect_zmq_socket("tcp://host", T.PULL), "has no port"),
    "port too large": (lambda z: z.connect_zmq_socket("tcp://host:70000", T.PULL), "port 70000 is too large"),
    "connect to port 0": (lambda z: z.connect_zmq_socket("tcp://host:0", T.PULL), "port 0 is for bind"),
    "connect to any port": (lambda z: z.connect_zmq_socket("tcp://host:*", T.PULL), "connect needs the number"),
    "unknown transport": (lambda z: z.bind_zmq_socket("http://x:1", T.PULL), "there is no transport 'http'"),
    "other transport": (lambda z: z.bind_zmq_socket("udp://x:1", T.PULL), "udp is not supported"),
    "long ipc path": (lambda z: z.bind_zmq_socket("ipc:///" + "x" * 200, T.PULL), "path has 201 bytes"),
    "non-ASCII host": (lambda z: z.connect_zmq_socket("tcp://müller:1", T.PULL), "must be ASCII"),
    "unknown option": (lambda z: z.open_zmq_socket(T.PULL, None, nosuch="1"), "nosuch"),
    "bad option value": (lambda z: z.open_zmq_socket(T.PULL, None, ipv6="perhaps"), "perhaps"),
    "send on PULL": (lambda z: (z.open_zmq_socket(T.PULL), z.send_message("x")), "PULL sockets only receive"),
    "receive on PUSH": (lambda z: (z.open_zmq_socket(T.PUSH), z.receive_message()), "PUSH sockets only send"),
    "receive on PUB": (lambda z: (z.open_zmq_socket(T.PUB), z.receive_message()), "PUB sockets only send"),
    "REQ out of turn": (lambda z: (z.open_zmq_socket(T.REQ), z.receive_message()), "has not sent a request yet"),
    "REP out of turn": (lambda z: (z.open_zmq_socket(T.REP), z.send_message("x")), "Receive a request first"),
    "subscribe on PULL": (lambda z: (z.open_zmq_socket(T.PULL), z.subscribe_to_topics("a")), "has no subscriptions"),
    "wait on PULL for subscribers": (
        lambda z: (z.open_zmq_socket(T.PULL), z.wait_for_subscriber()),
        "only PUB and XPUB",
    ),
    "request on PUSH": (lambda z: (z.open_zmq_socket(T.PUSH), z.send_request("x")), "only REQ and DEALER"),
    "nothing received yet": (lambda z: z.get_received_message(), "No message has been received yet"),
    "no frames": (lambda z: (z.open_zmq_socket(T.PUSH), z.send_multipart()), "at least one frame"),
    "None as text": (lambda z: (z.open_zmq_socket(T.PUSH), z.send_message(None)), "Nothing was sent"),
    "unknown format": (lambda z: (z.open_zmq_socket(T.PUSH), z.send_message("x", format="JSN")), "JSON"),
    "count of 0": (
        lambda z: (z.open_zmq_socket(T.PULL), z.receive_messages(0)),
        "count=0 cannot be used: give 1 or more.",
    ),
    "waiting for no peer": (
        lambda z: (z.open_zmq_socket(T.PULL), z.wait_until_connected(count=0)),
        "count=0 cannot be used: give 1 or more.",
    ),
    "waiting for less than no subscriber": (
        lambda z: (z.open_zmq_socket(T.PUB), z.wait_for_subscriber(count=-1)),
        "count=-1 cannot be used: give 1 or more.",
    ),
    "waiting for less than no peer of a mock server": (
        lambda z: (z.start_mock_server("inproc://m"), z.wait_for_mock_peer(count=-3)),
        "count=-3 cannot be used: give 1 or more.",
    ),
    "the format of no reply": (
        lambda z: (z.start_mock_server("inproc://m"), z.when_mock_receives("a", reply_format="JSON")),
        "reply_format= is for a reply, and there is none. Omit it.",
    ),
    "the delay of no reply": (
        lambda z: (z.start_mock_server("inproc://m"), z.when_mock_receives("a", delay=timedelta(seconds=1))),
        "delay= is for a reply, and there is none. Omit it.",
    ),
    "a mock server that listens lazily": (
        lambda z: z.start_mock_server("inproc://m", lazy=True),
        "lazy= is for a mock server with connect=yes, and this one listens. Omit it.",
    ),
    "a mock server that listens for a time": (
        lambda z: z.start_mock_server("inproc://m", timeout=timedelta(seconds=1)),
        "timeout= is for a mock server with connect=yes, and this one listens. Omit it.",
    ),
    "forwarding through a socket lazily": (
        lambda z: (
            z.open_zmq_socket(T.DEALER, "a"),
            z.start_mock_server("inproc://m"),
            z.mock_forwards_to("a", lazy=True),
        ),
        "lazy= is for an endpoint, and a socket is given. Omit it.",
    ),
    "a request less than never": (
        lambda z: (z.start_mock_server("inproc://m"), z.mock_should_have_received("x", times=-1)),
        "times=-1 cannot be used: give 0 or more.",
    ),
    "no endpoint": (lambda z: (z.open_zmq_socket(T.PULL), z.get_zmq_endpoint()), "has no endpoint"),
    "no such endpoint": (
        lambda z: (z.open_zmq_socket(T.PULL), z.unbind_from_endpoint("inproc://x")),
        "not bound to inproc://x. It has no endpoint",
    ),
    "unknown event": (lambda z: (z.open_zmq_socket(T.PULL), z.get_zmq_events(event="X")), "There is no event 'X'"),
    "nobody to send to": (
        lambda z: (z.bind_zmq_socket("tcp://127.0.0.1:*", T.PUSH), z.send_message("x", timeout=NOW)),
        "There is no peer to send to",
    ),
    "closed socket": (
        lambda z: (z.open_zmq_socket(T.PULL, "a"), z.close_zmq_socket("a"), z.receive_message(socket="a")),
        "was closed",
    ),
    "bad topic": (lambda z: (z.open_zmq_socket(T.SUB), z.subscribe_to_topics(5)), "A topic is text or bytes"),
    "bad pattern": (
        lambda z: (
            z.bind_zmq_socket("inproc://m", T.PAIR, "a"),
            z.connect_zmq_socket("inproc://m", T.PAIR),
            z.send_message("x"),
            z.receive_message(socket="a"),
            z.received_message_should_match_regexp("("),
        ),
        "is not a regular expression",
    ),
    "maybe lazy": (
        lambda z: z.connect_zmq_socket("inproc://a", T.PULL, lazy="maybe"),
        "lazy takes yes or no, not 'maybe'.",
    ),
    "maybe a PLAIN server": (
        lambda z: z.bind_zmq_socket("inproc://a", T.PULL, plain_server="maybe"),
        "plain_server takes yes or no, not 'maybe'.",
    ),
    "password of a sink that listens": (
        lambda z: z.start_sink("tcp://127.0.0.1:*", "PULL", bind=True, plain_password="x"),
        "plain_password is for the side that connects: give bind=no, or omit plain_password.",
    ),
    "maybe per topic, by position": (
        lambda z: (z.open_zmq_socket(T.PULL), z.start_sequence_check("s", -1, "U8", None, 1, None, "maybe")),
        "per_topic takes yes or no, not 'maybe'.",
    ),
    "half a character as an alias": (
        lambda z: z.open_zmq_socket(T.PULL, HALF),
        r"The alias of a socket 'a\ud800' cannot be used: character 1 is U+D800",
    ),
    "half a character as an alias of a mock server": (
        lambda z: z.start_mock_server("inproc://m", T.REP, HALF),
        r"The alias of a mock server 'a\ud800' cannot be used",
    ),
    "half a character as a topic": (
        lambda z: (z.open_zmq_socket(T.SUB), z.subscribe_to_topics(HALF)),
        r"Topic 'a\ud800' cannot be used: character 1 is U+D800, half of a surrogate pair",
    ),
    "half a character as a topic to wait for": (
        lambda z: (z.open_zmq_socket(T.PUB), z.wait_for_subscriber(HALF)),
        r"Topic 'a\ud800' cannot be used",
    ),
    "half a character as a pattern": (
        lambda z: (z.open_zmq_socket(T.PULL), z.wait_for_message("*", HALF)),
        r"Pattern 'a\ud800' cannot be used",
    ),
    "half a character in a pattern of no message": (
        lambda z: (z.open_zmq_socket(T.PULL), z.no_message_should_be_received([HALF])),
        r"Pattern 'a\ud800' cannot be used",
    ),
    "half a character as a pattern of a mock server": (
        lambda z: (z.start_mock_server("inproc://m", T.REP), z.when_mock_receives(HALF, reply="x")),
        r"Pattern 'a\ud800' cannot be used",
    ),
    "half a character as a pattern of a received message": (
        lambda z: (
            z.bind_zmq_socket("inproc://m", T.PAIR, "a"),
            z.connect_zmq_socket("inproc://m", T.PAIR),
            z.send_message("x"),
            z.receive_message(socket="a"),
            z.received_message_should_match(HALF),
        ),
        r"Pattern 'a\ud800' cannot be used",
    ),
    "half a character as a frame": (
        lambda z: (z.open_zmq_socket(T.PUSH), z.send_multipart("x", HALF)),
        "Frame 1 (a str) cannot be sent as TEXT: character 1 is U+D800, half of a surrogate pair",
    ),
    "half a character as a password": (
        lambda z: (z.start_authenticator(), z.allow_plain_user("alice", HALF)),
        "The password cannot be used: character 1 is U+D800",
    ),
    "half a character in an error": (
        lambda z: (z.open_zmq_socket(T.PULL), z.wait_for_zmq_event(HALF)),
        r"There is no event 'a\ud800'",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_explained(library, mistake):
    make, answer = MISTAKES[mistake]
    with pytest.raises(ZmqLibraryError) as caught:
        make(library)
    assert answer.lower() in str(caught.value).lower()


def test_a_failed_connect_leaves_no_socket(library, closed_port):
    with pytest.raises(ZmqLibraryError, match="refused, nobody listens there"):
        library.connect_zmq_socket(closed_port, T.PUSH, timeout=timedelta(seconds=2))
    assert library.get_zmq_sockets() == []


def test_a_topic_or_alias_that_is_no_text_changes_nothing(library):
    library.open_zmq_socket(T.SUB, "reader", subscribe="news")
    for use in (
        lambda: library.subscribe_to_topics("weather", HALF),
        lambda: library.unsubscribe_from_topics("news", HALF),
        lambda: library.connect_zmq_socket("inproc://new", T.SUB, "new", subscribe=HALF),
        lambda: library.open_zmq_socket(T.SUB, HALF),
    ):
        with pytest.raises(InvalidValue, match="half of a surrogate pair"):
            use()
    assert library.get_zmq_sockets() == ["reader"]
    assert library.session.socket("reader").subscriptions.topics == [b"news"]


def test_a_secret_topic_that_is_no_text_is_not_shown(library):
    library.open_zmq_socket(T.SUB)
    with pytest.raises(InvalidValue, match=r"^The secret topic cannot be used: character 1 is U\+D800"):
        library.subscribe_to_topics(Secret(HALF))


def test_only_arguments_that_are_yes_or_no_have_to_be_that(library):
    library.bind_zmq_socket("inproc://a", T.PULL, "a")
    library.connect_zmq_socket("inproc://a", T.PUSH, lazy=None)
    assert library.try_to_send_multipart(**{"return": "maybe"})  # which returns a bool
    assert library.receive_message(socket="a") == "return=maybe"


@pytest.mark.parametrize(
    ("argument", "answer"),
    [
        ({"lazy_connect": "maybe"}, "lazy_connect takes yes or no, not 'maybe'."),
        ({"encoding": "UTF-88"}, "UTF-88"),
        ({"log_limit": -1}, "timeout, linger, log_limit and log_messages cannot be negative."),
    ],
)
def test_a_mistake_in_the_import_is_explained(argument, answer):
    with pytest.raises(InvalidValue, match=answer):
        ZmqLibrary(**argument)


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_a_worker_of_the_library_that_listens_at_an_address_is_named(library, tmp_path, transport):
    sink, proxy, peer = (f"ipc://{tmp_path}/{n}" if transport == "ipc" else "tcp://127.0.0.1:*" for n in range(3))
    library.start_sink(sink, T.PULL, "in", bind=True)
    library.start_proxy("tcp://127.0.0.1:1", proxy, "between")
    library.start_odd_peer(peer, "SILENT", alias="odd", bind=True)
    for worker in library.session.workers.all:
        with pytest.raises(EndpointFailed, match=f"{worker.kind} '{worker.name}'"):
            library.bind_zmq_socket(worker.listens_at, T.PULL, "mine")


def listen_somehow(library, address):
    """Has each kind of worker that listens without a socket of the library listen there; returns what they say."""
    told = []
    for start in (
        partial(library.start_sink, address, T.PULL, "second", bind=True),
        partial(library.start_pump, address, T.PUSH, "second", bind=True),
        partial(library.start_proxy, "tcp://127.0.0.1:1", address, "second"),
        partial(library.start_odd_peer, address, "SILENT", alias="second", bind=True),
    ):
        with pytest.raises(EndpointFailed) as caught:
            start()
        told.append(str(caught.value))
    return told


@pytest.mark.parametrize(
    ("transport", "elsewhere"),
    [("tcp", "Take another port, or `tcp://127.0.0.1:*` for a free one."), ("ipc", "Use another path.")],
)
def test_a_worker_is_told_who_of_the_library_listens_where_it_should(library, tmp_path, transport, elsewhere):
    sink, mine = (f"ipc://{tmp_path}/{n}" if transport == "ipc" else "tcp://127.0.0.1:*" for n in range(2))
    library.start_sink(sink, T.PULL, "first", bind=True)
    library.bind_zmq_socket(mine, T.PULL, "mine")
    for address, holder in (
        (library.get_sink_endpoint(), "sink 'first'"),
        (library.get_zmq_endpoint(), "socket 'mine'"),
    ):
        assert listen_somehow(library, address) == [
            f"Cannot bind {listener} to {address}: the address is in use by {holder}. {elsewhere}"
            for listener in ("'second' (PULL)", "'second' (PUSH)", "proxy 'second'", "odd peer 'second'")
        ]
    library.connect_zmq_socket(address, T.PUSH)
    library.send_message("still there")
    assert library.receive_message(socket="mine") == "still there"


def test_no_name_of_a_worker_moves_the_lines_of_a_report(library):
    name = "red \x1b[31m\n"
    library.start_sink("tcp://127.0.0.1:*", T.PULL, name, bind=True)
    library.start_pump(library.get_sink_endpoint(), T.PUSH, name, count=1)
    library.start_proxy("tcp://127.0.0.1:1", alias=name)
    library.start_odd_peer("tcp://127.0.0.1:*", "SILENT", alias=name, bind=True)
    library.start_mock_server("inproc://service", T.REP, name)
    headings = {worker.kind: worker.heading for worker in library.session.workers.all}
    assert headings == {kind: rf"{kind.capitalize()} 'red \x1b[31m\n'" for kind in headings}
    assert len(headings) == 5


@pytest.mark.parametrize(
    ("endpoint", "answer"),
    [("tcp://127.0.0.1:*", r"Take another port, or `tcp://127\.0\.0\.1:\*`"), ("ipc://*", "Use another path")],
)
def test_what_listens_where_somebody_does_already_is_told_where_else(library, raw, endpoint, answer):
    taken = raw("PULL", bind=endpoint).last_endpoint.decode()
    with pytest.raises(EndpointFailed, match=f"address is in use. {answer}"):
        library.start_proxy("tcp://127.0.0.1:1", taken)
    with pytest.raises(EndpointFailed, match=f"address is in use. {answer}"):
        library.start_odd_peer(taken, "SILENT", bind=True)


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_the_address_of_a_pump_that_has_left_it_is_free(library, tmp_path, transport):
    endpoint = f"ipc://{tmp_path}/pump" if transport == "ipc" else "tcp://127.0.0.1:*"
    library.start_pump(endpoint, T.PUSH, "done", count=1, bind=True, engine="SOCKET")
    (pump,) = library.session.workers.all
    library.connect_zmq_socket(pump.listens_at, T.PULL)
    library.receive_message(format="BYTES")
    library.wait_for_pump("done")
    assert library.start_sink(pump.listens_at, T.PULL, "in", bind=True) == "in"
    library.stop_sink("in")
    assert library.bind_zmq_socket(pump.listens_at, T.PULL, "mine") == "mine"


def test_a_path_at_which_a_worker_has_died_is_free(library, tmp_path):
    library.start_sink(f"ipc://{tmp_path}/sink", T.PULL, "in", bind=True)
    (sink,) = library.session.workers.all
    sink._vehicle._process.kill()
    sink.wait_for(lambda: sink.error, Deadline(60))
    assert library.start_sink(sink.listens_at, T.PULL, "out", bind=True) == "out"
    library.stop_sink("out")
    assert library.bind_zmq_socket(sink.listens_at, T.PULL, "mine") == "mine"


def test_a_message_that_is_kept_elsewhere_is_read_by_the_keyword_that_returns_it(library, tmp_path):
    library.start_recording(tmp_path / "messages.jsonl")
    library.start_mock_server("inproc://service", T.REP)
    library.connect_zmq_socket("inproc://service", T.REQ)
    library.send_message("{x")
    library.wait_for_mock_request(timeout=timedelta(seconds=30))
    with pytest.raises(DecodeError, match=r"is not JSON.*requests are kept: `Get Mock Requests    format=BYTES`"):
        library.get_mock_requests(format="JSON")
    with pytest.raises(DecodeError, match=r"is not JSON.*`Get Recorded Messages    format=BYTES`"):
        library.get_recorded_messages(format="JSON")
    library.stop_recording()


def test_what_a_function_of_the_suite_says_of_a_megabyte_is_short(library):
    def refuse(value: object) -> bytes:
        raise ValueError(value)

    library.register_zmq_format("OWN", refuse, bytes)
    library.open_zmq_socket(T.PUSH)
    with pytest.raises(ZmqLibraryError) as caught:
        library.send_message("\x1b" * 1_000_000, format="OWN")
    assert "ValueError" in str(caught.value)
    assert len(str(caught.value)) < 5_000


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = {"a": [value]}
    return value


def test_a_value_that_is_nested_too_deeply_is_refused(library):
    library.bind_zmq_socket("inproc://a", T.PULL, "in")
    library.connect_zmq_socket("inproc://a", T.PUSH, "out")
    library.send_message({"n": 1}, format="JSON")
    library.receive_message(socket="in")
    library.send_message(nested(200), format="JSON", socket="out")
    for use in (
        partial(library.send_message, format="JSON", socket="out"),
        partial(library.wait_for_message, format="JSON", timeout=NOW, socket="in"),
        partial(library.received_json_should_contain, socket="in"),
        partial(library.received_message_should_equal, format="MSGPACK", socket="in"),
    ):
        with pytest.raises(InvalidValue, match="A dict that was given is nested too deeply, or contains itself"):
            use(nested(3000))
    with pytest.raises(InvalidValue, match="nested more than 500 deep"):
        library.wait_for_json_message(nested(300), socket="in")
