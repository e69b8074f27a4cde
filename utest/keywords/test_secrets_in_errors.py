"""What was given as a secret is in no error, also not in one that it came of, and works like the value itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import zmq
from assertionengine import AssertionOperator
from robot.api.types import Secret

from ZmqLibrary.errors import ZmqLibraryError
from ZmqLibrary.keywords.secret_converter import to_hidden
from ZmqLibrary.sockets.socket_types import SocketType as T

NOW = timedelta(0)
WORD = "swordfish-7"
SECRET = Secret(WORD)
HALF = Secret(WORD + chr(0xD800))
EQUAL, UNEQUAL = AssertionOperator["=="], AssertionOperator["!="]


def chain(error: BaseException | None) -> str:
    """The texts of an error and of those that it came of, with what Python's own ones carry."""
    texts = []
    while error is not None:
        texts += [str(error), repr(error), repr(vars(error)), repr(getattr(error, "object", ""))]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(texts)


def fails(use: Callable[[], object]) -> str:
    with pytest.raises(ZmqLibraryError) as caught:
        use()
    assert WORD not in chain(caught.value)
    return str(caught.value)


@pytest.fixture
def came(library, jobs):
    """Has `jobs` receive a frame."""

    def receive(frame: str) -> None:
        jobs(frame)
        library.receive_message(socket="jobs")

    return receive


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"properties": {"p": {"const": SECRET}}}, "$.p: it does not fit the schema, which has a secret in it"),
        ({"properties": {"p": {"type": SECRET}}}, "The schema is not a JSON schema: $.properties.p.type: <secret>"),
        ({"$ref": Secret(f"file:///{WORD}")}, "The schema refers to what cannot be read: <secret>"),
        ({"properties": {"p": {"pattern": Secret(f"(x+x+)+{WORD}")}}}, "<secret>"),
    ],
)
def test_a_secret_in_a_schema_is_not_shown(library, came, schema, text):
    came('{"p": "' + "x" * 40 + '"}')
    assert text in fails(lambda: library.received_json_should_match_schema(schema))


def test_a_secret_topic_without_subscribers_is_not_shown(library):
    library.bind_zmq_socket("tcp://127.0.0.1:*", T.PUB, "pub")
    assert "1 subscriber of <secret>" in fails(lambda: library.wait_for_subscriber(SECRET, timeout=NOW))


def test_a_secret_topic_with_too_few_subscribers_is_not_shown(library):
    library.bind_zmq_socket("tcp://127.0.0.1:*", T.PUB, "pub")
    library.connect_zmq_socket(library.get_zmq_endpoint(), T.SUB, "sub", subscribe=SECRET)
    library.wait_for_subscriber(socket="pub")
    text = fails(lambda: library.wait_for_subscriber(count=2, socket="pub", timeout=NOW))
    assert "Subscriptions: <secret> (1)." in text
    library.close_zmq_socket("sub")
    text = fails(lambda: library.wait_for_subscriber(SECRET, count=2, socket="pub", timeout=NOW))
    assert "2 subscribers of <secret>" in text


def test_a_secret_routing_id_that_sent_something_is_not_shown(library):
    library.bind_zmq_socket("inproc://r", T.ROUTER, "r")
    library.connect_zmq_socket("inproc://r", T.DEALER, "d", routing_id=SECRET)
    library.send_message("hi", socket="d")
    library.receive_multipart(socket="r", format="BYTES")
    text = fails(lambda: library.send_multipart("nobody", "x", socket="r"))
    assert "Routing ids seen: <secret>." in text


def test_a_secret_routing_id_from_which_nothing_came_is_not_shown(library):
    library.bind_zmq_socket("inproc://r", T.ROUTER, "r")
    library.connect_zmq_socket("inproc://r", T.DEALER, "d", routing_id="me")
    library.send_message("hi", socket="d")
    library.receive_multipart(socket="r")
    assert "comes from 'me', expected <secret>" in fails(
        lambda: library.received_message_should_come_from(SECRET, socket="r")
    )


def test_a_secret_within_a_value_is_compared(library, came):
    came(f'{{"password": "{WORD}"}}')
    assert library.get_received_json("$", EQUAL, {"password": SECRET}) == {"password": WORD}
    text = fails(lambda: library.get_received_json("$", UNEQUAL, {"password": SECRET}))
    assert "is not as expected: inequal <secret>" in text
    assert "equal <secret>" in fails(lambda: library.get_received_json("$", EQUAL, {"password": Secret(WORD + "8")}))


def test_an_option_that_was_given_as_a_secret_is_one(library, caplog):
    caplog.set_level("DEBUG")
    library.open_zmq_socket(T.DEALER, "d", routing_id=SECRET, plain_username=SECRET, plain_password="x")
    library.set_zmq_socket_option("ZAP_DOMAIN", SECRET)
    assert library.set_zmq_socket_option("ZAP_DOMAIN", SECRET) is None
    library.start_mock_server("inproc://m", T.REP, routing_id=SECRET)
    assert "ROUTING_ID=<secret>, PLAIN_USERNAME=<secret>" in caplog.text
    assert "Set ZAP_DOMAIN of 'd' (DEALER) to <secret>." in caplog.text
    assert WORD not in caplog.text
    assert "not what was given" in fails(lambda: library.set_zmq_socket_option("SNDHWM", SECRET))
    assert "not what was given" in fails(lambda: library.open_zmq_socket(T.DEALER, routing_id=Secret(WORD * 50)))


def test_an_option_that_was_given_as_a_secret_is_returned_to_who_asks_for_it_only(library):
    library.open_zmq_socket(T.DEALER, "d", plain_username=SECRET, sndhwm=Secret("17"))
    assert library.get_zmq_socket_option("plain_username") == WORD
    assert library.set_zmq_socket_option("plain_username", "open") is None
    assert library.set_zmq_socket_option("ZMQ_SNDHWM", 18) is None


@pytest.mark.parametrize("patterns", [(SECRET,), ({"p": SECRET},)])
def test_what_should_not_have_come_is_not_shown_if_it_is_a_secret(library, jobs, patterns):
    format = "JSON" if isinstance(patterns[0], dict) else "TEXT"
    library.start_mock_server("inproc://m", T.PULL, "m", format=format)
    library.connect_zmq_socket("inproc://m", T.PUSH, "c")
    library.send_multipart(*patterns, "17", format=format, socket="c")
    library.wait_for_mock_request()
    assert "1: <secret> | " in fails(lambda: library.mock_should_not_have_received(*patterns))
    assert "1: <secret> | " in fails(lambda: library.mock_should_have_received(*patterns, times=2, timeout=NOW))
    text = {"TEXT": WORD, "JSON": f'{{"p": "{WORD}", "n": 1}}'}[format]
    jobs(text)
    assert ": <secret>" in fails(lambda: library.no_message_should_be_received(*patterns, format=format, socket="jobs"))
    library.receive_message(socket="jobs")
    library.start_collecting_messages(socket="jobs")
    jobs(text)
    library.wait_for_collected_message(*patterns, format=format)
    assert "  <secret>" in fails(lambda: library.collected_messages_should_not_contain(*patterns, format=format))


def test_a_message_that_should_not_equal_a_secret_is_not_shown(library, came):
    came(WORD)
    assert "should not equal <secret>." in fails(lambda: library.received_message_should_not_equal(SECRET))
    assert "Received: <secret>" in fails(lambda: library.received_message_should_match(SECRET, "more"))


def test_what_a_stranger_sent_through_a_proxy_is_not_shown_where_it_is_looked_for_as_a_secret(library):
    with zmq.Context() as context, context.socket(zmq.PUSH) as stranger:
        stranger.linger = 0
        library.bind_zmq_socket("tcp://127.0.0.1:*", T.PULL, "service")
        library.start_proxy(library.get_zmq_endpoint())
        stranger.connect(library.get_proxy_endpoint())
        stranger.send_multipart([WORD.encode(), b"open"])
        library.wait_for_proxy_message(SECRET)
        assert "<secret> | 'open'" in fails(lambda: library.proxy_should_not_have_seen(SECRET))
        assert "<secret> | 'open'" in fails(lambda: library.proxy_should_have_seen(SECRET, times=2))


def test_a_routing_id_that_two_have_is_not_shown_if_it_is_secret(library):
    library.bind_zmq_socket("tcp://127.0.0.1:*", T.ROUTER, "r", router_handover="no")
    address = library.get_zmq_endpoint()
    library.connect_zmq_socket(address, T.DEALER, "one", routing_id=SECRET)
    library.connect_zmq_socket(address, T.DEALER, "two", routing_id=SECRET)
    assert "The routing id <secret> is also that of" in fails(
        lambda: library.receive_message(socket="one", timeout=NOW)
    )


def test_what_the_converter_at_level_trace_hides_is_a_secret_only_if_it_was_given_as_one(library):
    library.open_zmq_socket(T.DEALER)
    with pytest.raises(ZmqLibraryError, match="not 'many'"):
        library.set_zmq_socket_option("SNDHWM", to_hidden("many"))
    fails(lambda: library.set_zmq_socket_option("SNDHWM", to_hidden(SECRET)))


def test_a_client_can_be_named_by_a_secret(library):
    library.start_mock_server("inproc://m", T.ROUTER, "m")
    library.connect_zmq_socket("inproc://m", T.DEALER, "d", routing_id=SECRET)
    library.send_message("ready", socket="d")
    library.wait_for_mock_request("ready")
    library.mock_sends("job", to=SECRET)
    assert library.receive_message(socket="d") == "job"
    fails(lambda: library.mock_sends("job", to=HALF))
