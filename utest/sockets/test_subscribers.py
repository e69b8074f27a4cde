from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.sockets.subscribers import Subscribers
from ZmqLibrary.waiting.deadline import Deadline
from ZmqLibrary.zmtp.connection import Connection
from ZmqLibrary.zmtp.greeting import Version
from ZmqLibrary.zmtp.handshake import Null
from ZmqLibrary.zmtp.peer import Peer

TCP = "tcp://127.0.0.1:*"
TOPICS = st.sampled_from([b"", b"a", b"ab", b"b"])
ACTIONS = st.lists(st.tuples(st.sampled_from(["connect", "subscribe", "cancel", "die"]), st.integers(0, 3), TOPICS))


def subscriber(endpoint: str) -> Peer:
    """One that says what it likes: libzmq sends no cancellation of what it does not have."""
    peer = Peer.connect(endpoint, Connection("SUB", Null(), version=Version.ZMTP_3))
    peer.wait_for_handshake(30)
    return peer


class Publisher:
    """Peers as libzmq sees them; the cancellations of a dead one come late and without descriptor."""

    def __init__(self) -> None:
        self.subscribers = Subscribers()
        self.live: dict[int, set[bytes]] = {}
        self._late: list[bytes] = []

    def happen(self, action: str, descriptor: int, topic: bytes) -> None:
        if action == "connect" and descriptor not in self.live:
            self.live[descriptor] = set()
            self.deliver()
        elif action == "subscribe" and descriptor in self.live:
            self.live[descriptor].add(topic)
            self.subscribers.take(b"\x01" + topic, descriptor)
        elif action == "cancel" and descriptor in self.live:  # also what it does not have
            self.live[descriptor].discard(topic)
            self.subscribers.take(b"\x00" + topic, descriptor)
        elif action == "die" and descriptor in self.live:
            self._late += self.live.pop(descriptor)
            self.subscribers.forget([descriptor])

    def deliver(self) -> None:
        while self._late:
            self.subscribers.take(b"\x00" + self._late.pop(), None)


@given(ACTIONS)
def test_counts_are_those_of_the_peers_that_live(actions):
    publisher = Publisher()
    for action in actions:
        publisher.happen(*action)
        live = publisher.live.values()
        assert publisher.subscribers.count() == sum(map(bool, live))
        assert publisher.subscribers.count(b"abc") == sum(any(b"abc".startswith(t) for t in topics) for topics in live)
        assert publisher.subscribers.topics() == dict(Counter(t for topics in live for t in topics))


@given(ACTIONS)
def test_nothing_is_kept_of_peers_that_are_gone(actions):
    publisher = Publisher()
    for action in actions:
        publisher.happen(*action)
    for descriptor in list(publisher.live):
        publisher.happen("die", descriptor, b"")
    publisher.deliver()
    assert publisher.subscribers.topics() == {}
    assert publisher.subscribers._topics == {}


def test_the_first_subscription_and_the_last_cancellation_are_changes():
    subscribers = Subscribers()
    assert subscribers.take(b"\x01a", 3)
    assert not subscribers.take(b"\x01a", 4)
    assert not subscribers.take(b"\x00a", 3)
    assert subscribers.take(b"\x00a", 4)


def test_a_cancellation_of_what_a_peer_does_not_have_is_reported_and_takes_nothing_from_others():
    subscribers = Subscribers()
    assert subscribers.take(b"\x00a", 4)
    subscribers.take(b"\x01a", 3)
    assert subscribers.take(b"\x00a", 4)
    assert subscribers.topics() == {b"a": 1}
    subscribers.forget([3])
    assert subscribers.take(b"\x00a", 4)
    subscribers.take(b"\x01a", 5)
    assert not subscribers.take(b"\x00a", None)
    assert subscribers.topics() == {b"a": 1}


def test_a_cancellation_that_was_on_its_way_when_its_peer_went_is_the_one_that_it_owed():
    subscribers = Subscribers()
    subscribers.take(b"\x01a", 3)
    subscribers.forget([3])
    assert subscribers.take(b"\x00a", 3)
    assert subscribers._topics == {}


def test_an_xpub_reports_the_cancellations_that_a_plain_one_would(opened, raw):
    ours, plain = opened("XPUB", bind=TCP), raw("XPUB", bind=TCP)
    readers = {ours.address: lambda: ours.receive(Deadline(30)).raw[0], plain.last_endpoint.decode(): plain.recv}
    for endpoint, read in readers.items():
        with subscriber(endpoint) as first, subscriber(endpoint) as second:
            for peer, said in ((first, b"\x01news"), (second, b"\x00news"), (second, b"\x00other")):
                peer.send_bytes(bytes([0, len(said)]) + said)
                assert read() == said
            if endpoint == ours.address:
                assert ours.subscribers.topics() == {b"news": 1}


def test_without_descriptors_subscriptions_are_counted():
    subscribers = Subscribers()
    subscribers.take(b"\x01a", None)
    subscribers.take(b"\x01a", None)
    assert subscribers.count(b"a") == 2
    subscribers.take(b"\x00a", None)
    assert subscribers.count(b"a") == 1


def test_a_descriptor_that_is_used_again_is_another_peer():
    subscribers = Subscribers()
    subscribers.take(b"\x01a", 3)
    subscribers.take(b"\x01a", 4)
    subscribers.forget([4])
    assert subscribers.count(b"a") == 1
    subscribers.take(b"\x01a", 4)  # the new connection is faster than the cancellation of the old one
    subscribers.take(b"\x00a", None)
    assert subscribers.count(b"a") == 2


@pytest.mark.parametrize("type", ["PUB", "XPUB"])
def test_the_subscribers_at_an_endpoint_that_is_left_are_those_that_no_longer_count(opened, type):
    publisher = opened(type)
    left, kept = publisher.bind(TCP), publisher.bind(TCP)
    for address in (left, kept):
        opened("SUB", connect=address).subscribe(b"")
    assert publisher.wait_for(lambda: publisher.count_subscribers() == 2, Deadline(30))
    publisher.unbind(left)
    assert publisher.count_subscribers() == 1
    opened("SUB", connect=kept).subscribe(b"")
    assert publisher.wait_for(lambda: publisher.count_subscribers() == 2, Deadline(30))
