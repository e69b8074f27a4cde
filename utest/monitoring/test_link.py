from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.monitoring.link import ConnectionState, Failure, Link

EVENTS = st.lists(st.tuples(st.sampled_from(["open", "done", "fail", "close"]), st.integers(3, 8)), max_size=60)
FAILURE = Failure("AUTH 400", "AUTH 400: refused", "tcp://127.0.0.1:1", 0.0)


class Truth:
    """Connections with the identity that libzmq does not tell; tells the link what the monitor would."""

    def __init__(self, one_at_a_time: bool) -> None:
        self.link = Link("tcp://127.0.0.1:1", bound=True)
        self.open: dict[int, str] = {}
        self._one_at_a_time = one_at_a_time

    def happen(self, event: str, descriptor: int) -> None:
        state = self.open.get(descriptor)
        if event == "open" and state is None:
            if not (self._one_at_a_time and "handshake" in self.open.values()):
                self.open[descriptor] = "handshake"
                self.link.opened(descriptor)
        elif event == "done" and state == "handshake":
            self.open[descriptor] = "done"
            self.link.handshake_done()
        elif event == "fail" and state == "handshake":
            self.link.handshake_failed(FAILURE)
            self._close(descriptor)
        elif event == "close" and state:
            self._close(descriptor)

    def _close(self, descriptor: int) -> None:
        del self.open[descriptor]
        self.link.closed(descriptor, 1.0)

    @property
    def done(self) -> int:
        return list(self.open.values()).count("done")


@given(EVENTS)
def test_with_one_handshake_at_a_time_every_peer_is_known(events):
    truth = Truth(one_at_a_time=True)
    for event in events:
        truth.happen(*event)
        assert truth.link.peers == truth.done
        assert truth.link.descriptors == set(truth.open)


@given(EVENTS)
def test_with_many_handshakes_at_a_time_the_count_stays_possible(events):
    truth = Truth(one_at_a_time=False)
    for event in events:
        truth.happen(*event)
        assert 0 <= truth.link.peers <= len(truth.open)
        assert truth.link.handshaking + truth.link.peers == len(truth.open)
    for descriptor in list(truth.open):
        truth.happen("close", descriptor)
    assert truth.link.peers == truth.link.handshaking == 0


@given(st.permutations(range(3, 9)), st.permutations(range(3, 9)))
def test_peers_that_shake_hands_at_the_same_time_all_count(opening, closing):
    link = Link("tcp://127.0.0.1:1", bound=True)
    for descriptor in opening:
        link.opened(descriptor)
    for number, _ in enumerate(opening, 1):
        link.handshake_done()
        assert link.peers == number
    for number, descriptor in enumerate(closing, 1):
        assert not link.closed(descriptor, 1.0)
        assert link.peers == len(closing) - number


def test_a_connection_that_came_after_a_handshake_is_not_the_one_that_finished_it():
    link = Link("tcp://127.0.0.1:1", bound=True)
    link.opened(3)
    link.opened(4)
    link.handshake_done()
    link.opened(5)
    assert link.closed(5, 1.0), "no handshake event: incompatible types"
    assert link.peers == 1


def test_a_silent_connection_does_not_hide_that_the_peer_has_gone():
    link = Link("tcp://127.0.0.1:1", bound=True)
    link.opened(3)
    link.opened(4)
    link.handshake_done()
    assert link.state is ConnectionState.CONNECTED
    assert not link.closed(4, 1.0)
    assert link.peers == 0
    assert link.state is ConnectionState.HANDSHAKING


def test_a_failed_handshake_takes_its_own_connection():
    link = Link("tcp://127.0.0.1:1", bound=True)
    for descriptor in (3, 4):
        link.opened(descriptor)
    link.handshake_done()
    link.handshake_failed(FAILURE)
    assert not link.closed(3, 1.0)
    assert link.peers == 1
    link.closed(4, 1.0)
    assert link.peers == 0


def test_a_descriptor_that_is_not_known_changes_nothing():
    link = Link("tcp://127.0.0.1:1", bound=False)
    assert not link.closed(7, 1.0)
    link.handshake_done()
    assert link.peers == 0


def test_a_new_connection_starts_the_count_of_retries_again():
    link = Link("tcp://127.0.0.1:1", bound=False)
    link.retried(resolved=True)
    link.retried(resolved=True)
    assert (link.retries, link.refused) == (2, True)
    link.opened(3)
    assert link.retries == 0


def test_peers_that_went_are_counted_and_handshakes_that_failed_are_not():
    link = Link("tcp://127.0.0.1:1", bound=True)
    assert (link.losses, link.lost_at) == (0, None)
    for number in (1, 2):
        link.opened(3)
        link.handshake_done()
        link.closed(3, 5.0 + number)
        assert (link.losses, link.lost_at) == (number, 5.0 + number)
    link.opened(4)
    link.handshake_failed(FAILURE)
    link.closed(4, 9.0)
    link.opened(5)
    link.closed(5, 9.0)
    assert (link.losses, link.lost_at) == (2, 7.0)


def test_states_follow_the_events():
    link = Link("tcp://127.0.0.1:1", bound=False)
    assert link.state is ConnectionState.CONNECTING
    link.opened(3)
    assert link.state is ConnectionState.HANDSHAKING
    link.handshake_done()
    assert link.state is ConnectionState.CONNECTED
    link.closed(3, 5.0)
    assert link.state is ConnectionState.DISCONNECTED
    assert link.lost_at == 5.0
    link.opened(4)
    link.handshake_failed(FAILURE)
    assert link.state is ConnectionState.FAILED
    assert Link("tcp://127.0.0.1:1", bound=True).state is ConnectionState.LISTENING


def test_a_message_tells_which_of_two_connections_has_finished_its_handshake():
    link = Link("tcp://127.0.0.1:1", bound=True)
    link.opened(3)
    link.opened(4)
    link.handshake_done()
    assert link.heard(4)
    assert link.closed(3, 1.0), "dropped in the handshake"
    assert (link.peers, link.losses) == (1, 0)


def test_a_message_tells_that_the_connection_that_went_was_not_the_peer():
    link = Link("tcp://127.0.0.1:1", bound=True)
    link.opened(3)
    link.opened(4)
    link.handshake_done()
    assert not link.closed(3, 1.0)
    assert (link.peers, link.losses) == (0, 1)
    assert link.heard(4)
    assert (link.peers, link.losses, link.lost_at) == (1, 0, None)
    assert link.state is ConnectionState.CONNECTED


def test_a_message_of_a_connection_that_used_the_descriptor_before_changes_nothing():
    link = Link("tcp://127.0.0.1:1", bound=True)
    link.opened(3)
    assert not link.heard(3)
    assert not link.heard(4)
    assert link.peers == 0


def test_connections_that_end_where_no_handshakes_are_reported_were_peers():
    link = Link("tcp://127.0.0.1:1", bound=True)
    link.opened(3)
    assert not link.ended(FAILURE)
    link.handshake_failed(FAILURE)
    assert not link.closed(3, 1.0)
    assert link.state is ConnectionState.FAILED
    assert link.heard_unreported() == [FAILURE]
    assert (link.state, link.losses, link.last_failure) == (ConnectionState.DISCONNECTED, 1, None)
    link.opened(3)
    assert link.heard_unreported() == []
    assert link.state is ConnectionState.CONNECTED
    link.opened(4)
    for descriptor in (4, 3):
        assert link.ended(FAILURE)
        assert not link.closed(descriptor, 1.0)
    assert (link.state, link.losses) == (ConnectionState.DISCONNECTED, 3)
