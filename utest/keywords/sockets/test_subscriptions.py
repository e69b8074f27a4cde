from __future__ import annotations

from datetime import timedelta

import pytest

from ZmqLibrary.errors import InvalidValue, WaitTimeout, WrongUse
from ZmqLibrary.sockets.socket_types import SocketType

PUB, XPUB, SUB, XSUB, PULL = (SocketType[name] for name in ("PUB", "XPUB", "SUB", "XSUB", "PULL"))
NOW = timedelta(0)
SHORT = timedelta(milliseconds=100)
PLACES = ["tcp://127.0.0.1:*", "inproc://feed"]


@pytest.fixture(params=PLACES)
def feed(request, library) -> str:
    """The address of a PUB `feed`."""
    library.bind_zmq_socket(request.param, PUB, "feed")
    return library.get_zmq_endpoint()


def topics_received(library, reader: str, *topics: str) -> list[object]:
    """Publishes the topics; which of them the reader got. `end` has to be among its subscriptions."""
    for topic in (*topics, "end"):
        library.send_message(topic, socket="feed")
    return [message[0] for message in library.receive_messages(until="end", socket=reader)][:-1]


@pytest.mark.parametrize("type", [SUB, XSUB])
def test_topics_are_subscribed_to_and_left(library, feed, type):
    library.connect_zmq_socket(feed, type, "reader")
    library.subscribe_to_topics("a", b"b", "end")
    for topic in ("a", "b", "end"):
        library.wait_for_subscriber(topic, socket="feed")
    assert topics_received(library, "reader", "a1", "b1", "c1") == ["a1", "b1"]
    library.unsubscribe_from_topics("a", socket="reader")
    feed_socket = library.session.socket("feed")
    assert feed_socket.wait_for(lambda: not feed_socket.count_subscribers(b"a"), library._deadline(None))
    assert topics_received(library, "reader", "a1", "b1") == ["b1"]


def test_no_topic_means_all(library, feed):
    library.connect_zmq_socket(feed, SUB, "reader")
    library.subscribe_to_topics()
    library.wait_for_subscriber("anything", socket="feed")
    assert topics_received(library, "reader", "a", "") == ["a", ""]
    library.unsubscribe_from_topics(socket="reader")
    with pytest.raises(InvalidValue, match="It has no subscription, so it receives nothing"):
        library.unsubscribe_from_topics(socket="reader")


def test_a_subscription_that_is_not_there_is_answered_with_those_that_are(library):
    library.connect_zmq_socket("inproc://x", SUB, "reader", subscribe=["sun", ""], lazy=True)
    with pytest.raises(
        InvalidValue, match=r"'reader' \(SUB\) has no subscription to 'rain'. Subscribed to: 'sun', everything\."
    ):
        library.unsubscribe_from_topics("rain")
    with pytest.raises(
        InvalidValue, match=r"has 1 subscription to 'sun', and more were to be cancelled; all stay\. Subs"
    ):
        library.unsubscribe_from_topics("sun", "sun")
    library.unsubscribe_from_topics("sun")


@pytest.mark.parametrize("topic", [None, 5, 1.5, {"a": 1}])
def test_a_topic_is_text_or_bytes(library, topic):
    library.connect_zmq_socket("inproc://x", SUB, lazy=True)
    for use in (library.subscribe_to_topics, library.unsubscribe_from_topics):
        with pytest.raises(InvalidValue, match="A topic is text or bytes, not"):
            use(topic)


def test_only_sub_and_xsub_have_subscriptions(library):
    library.open_zmq_socket(PULL, "x")
    for use in (library.subscribe_to_topics, library.unsubscribe_from_topics):
        with pytest.raises(WrongUse, match=r"'x' \(PULL\) has no subscriptions"):
            use("a")


def test_a_message_after_waiting_for_its_subscribers_reaches_them_all(library, feed):
    for name in ("one", "two"):
        library.connect_zmq_socket(feed, SUB, name, subscribe="a")
    library.wait_for_subscriber("abc", count=2, socket="feed")
    library.send_message("abc", socket="feed")
    assert [library.receive_message(socket=name) for name in ("one", "two")] == ["abc", "abc"]


def test_subscribers_of_other_topics_do_not_count(library, feed):
    library.connect_zmq_socket(feed, SUB, subscribe=["a", b"\xff"])
    library.wait_for_subscriber("a", socket="feed")
    library.wait_for_subscriber(b"\xff1", socket="feed")
    for topic in ("b", ""):
        with pytest.raises(WaitTimeout, match=f"has not had 1 subscriber of '{topic}'"):
            library.wait_for_subscriber(topic, timeout=NOW, socket="feed")
    with pytest.raises(WaitTimeout, match=r"has not had 9 subscribers in 100 milliseconds"):
        library.wait_for_subscriber(count=9, timeout=SHORT, socket="feed")


@pytest.mark.parametrize("type", [PUB, XPUB])
def test_subscribers_are_told_by_topic(library, raw, type):
    library.bind_zmq_socket(PLACES[0], type, "feed")
    assert library.get_subscribers() == {}
    for topics in (["a"], ["a", "b"], [b"\xff"]):
        reader = raw("SUB", connect=library.get_zmq_endpoint())
        for topic in topics:
            reader.subscribe(topic)
    library.wait_for_subscriber("a", count=2)
    library.wait_for_subscriber("b")
    library.wait_for_subscriber(b"\xff")
    assert library.get_subscribers() == {"a": 2, "b": 1, "\\xff": 1}


def test_an_xpub_still_receives_the_subscriptions_that_were_waited_for(library, raw):
    library.bind_zmq_socket(PLACES[0], XPUB)
    raw("SUB", connect=library.get_zmq_endpoint()).subscribe("a")
    library.wait_for_subscriber("a")
    assert library.receive_message(format="BYTES") == b"\x01a"


def test_only_publishers_have_subscribers(library):
    library.open_zmq_socket(SUB, "x")
    for use in (library.wait_for_subscriber, library.get_subscribers):
        with pytest.raises(WrongUse, match=r"'x' \(SUB\) has no subscribers: only PUB and XPUB"):
            use()
