from __future__ import annotations

from datetime import timedelta

import pytest

from ZmqLibrary.errors import InvalidValue, WaitTimeout, WrongUse
from ZmqLibrary.sockets.option_table import find_option
from ZmqLibrary.sockets.socket_types import SocketType
from ZmqLibrary.waiting.deadline import Deadline

INPROC = "inproc://subscribing"


@pytest.mark.parametrize("type", ["SUB", "XSUB"])
def test_subscriptions_begin_and_end(opened, raw, type):
    reader = opened(type, "reader", connect=INPROC)
    publisher = raw("XPUB")
    publisher.bind("tcp://127.0.0.1:*")
    reader.connect(publisher.last_endpoint.decode())
    reader.subscribe(b"a")
    assert publisher.recv() == b"\x01a"
    publisher.send(b"abc")
    assert reader.receive(Deadline(30)).frames == [b"abc"]
    reader.unsubscribe(b"a")
    assert publisher.recv() == b"\x00a"
    assert reader.subscriptions.topics == []


def test_a_subscription_that_is_not_there_cannot_end(opened):
    reader = opened("SUB", "reader")
    reader.subscribe(b"a")
    with pytest.raises(InvalidValue, match=r"no subscription to 'b'. Subscribed to: 'a'"):
        reader.unsubscribe(b"b")


@pytest.mark.parametrize(
    ("topics", "reason"),
    [((b"a", b"unknown"), "no subscription to 'unknown'"), ((b"a", b"a"), "1 subscription to 'a', and more")],
)
def test_none_of_several_subscriptions_ends_if_one_is_not_there(opened, topics, reason):
    reader = opened("SUB", "reader")
    reader.subscribe(b"a")
    with pytest.raises(InvalidValue, match=reason):
        reader.unsubscribe(*topics)
    assert reader.subscriptions.topics == [b"a"]


def test_an_xpub_answers_a_subscription_with_another_one(opened, raw):
    publisher = opened("XPUB", bind="tcp://127.0.0.1:*", XPUB_MANUAL=1)
    subscriber = raw("XSUB", connect=publisher.address)
    subscriber.send(b"\x01wanted")
    assert publisher.receive(Deadline(30)).raw == (b"\x01wanted",)
    publisher.set_option(find_option("SUBSCRIBE"), b"allowed")
    for text in (b"wanted", b"allowed"):
        publisher.send([text], Deadline(30))
    assert subscriber.recv() == b"allowed"


def test_other_types_do_not_subscribe(opened):
    with pytest.raises(WrongUse, match=r"'x' \(PULL\) has no subscriptions"):
        opened("PULL", "x").subscribe(b"")


def test_a_reader_without_subscription_is_told_so(opened):
    reader = opened("SUB", connect=INPROC)
    with pytest.raises(WaitTimeout, match="It has no subscription, so it receives nothing"):
        reader.receive(Deadline(0))


def test_an_empty_topic_means_everything(opened):
    reader = opened("SUB", connect=INPROC)
    reader.subscribe(b"")
    with pytest.raises(WaitTimeout, match="Subscribed to: everything"):
        reader.receive(Deadline(0))


@pytest.mark.parametrize("type", ["SUB", "XSUB"])
def test_every_subscription_arrives_however_many_there_are(type, library):
    library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PUB, "pub")
    library.connect_zmq_socket(library.get_zmq_endpoint(), SocketType[type], "sub")
    topics = [f"topic-{number}/" for number in range(5000)]
    library.subscribe_to_topics(*topics, socket="sub")
    library.wait_for_subscriber(topics[-1], socket="pub", timeout=timedelta(seconds=20))
    assert len(library.get_subscribers(socket="pub")) == len(topics)
    library.send_message("topic-4999/x", socket="pub")
    assert library.receive_message(socket="sub") == "topic-4999/x"
