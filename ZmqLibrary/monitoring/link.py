"""Connections of one endpoint, as the monitor's events report them.

libzmq does not say which connection a handshake event belongs to, only the endpoint. So where several connections of
a bound endpoint are in their handshake at the same time, a finished one is known to be one of those that were open
then; which one is known once as many are finished as were open, or once a message has come on it.

Of peers of ZMTP 2.0 and older libzmq reports no handshake, and a failed one when they go; their messages do not say on
which connection they came. So where such a message has come, a connection that ends without a handshake was a peer.
"""

from __future__ import annotations

from collections import Counter, deque
from enum import Enum, auto
from time import monotonic
from typing import NamedTuple

from ..report.words import clock, count_of
from .history import HISTORY


class ConnectionState(Enum):
    """What is known of an endpoint.

    - CONNECTED: the ZeroMQ handshake with at least one peer is done.
    - CONNECTING: no TCP or IPC connection yet; libzmq keeps trying.
    - HANDSHAKING: connected, but the ZeroMQ handshake is not done. A peer that speaks ZMTP 2.0 or older stays here
      until a message of it was read.
    - FAILED: the last handshake failed, or libzmq was told to try no more; error messages say why.
    - DISCONNECTED: there was a peer and it is gone; a connecting socket tries to reconnect.
    - LISTENING: bound, and no peer has come yet.
    """

    CONNECTED = "CONNECTED"
    CONNECTING = "CONNECTING"
    HANDSHAKING = "HANDSHAKING"
    FAILED = "FAILED"
    DISCONNECTED = "DISCONNECTED"
    LISTENING = "LISTENING"


class Failure(NamedTuple):
    """A handshake that failed.

    Attributes:
        reason: Short and fixed, such as `CRYPTOGRAPHIC` or `AUTH 400`.
        text: The reason with what it means.
        endpoint: Where it happened.
        time: When, in seconds since the epoch.
        final: Whether libzmq gives up rather than tries again.
        number: Counts the failures of the socket, from 0.
    """

    reason: str
    text: str
    endpoint: str
    time: float
    final: bool = False
    number: int = 0


class Reconnecting(NamedTuple):
    """How libzmq tries again, by the options that a socket had when it connected.

    Attributes:
        interval: RECONNECT_IVL in milliseconds; it tries once only where that is not positive.
        stops: RECONNECT_STOP: after what it gives up.
    """

    interval: int = 100
    stops: int = 0

    def ends_after(self, cause: int) -> bool:
        """Whether it gives up after something, a bit of RECONNECT_STOP."""
        return self.interval <= 0 or bool(self.stops & cause)

    def __str__(self) -> str:
        return f"RECONNECT_IVL is {self.interval}" if self.interval <= 0 else f"RECONNECT_STOP is {self.stops}"


STOP_REFUSED, STOP_HANDSHAKE_FAILED = 1, 2
_RETRY_SECONDS = 0.2


class _Handshake(Enum):
    """What is known of the handshake of one connection."""

    OPEN = auto()
    MAYBE_DONE = auto()
    DONE = auto()


class Link:
    """What is known of one endpoint; `Monitor` keeps it up to date.

    Attributes:
        endpoint: As it was bound or connected.
        bound: Whether this side listens.
        retries: Connection attempts that were refused or not resolved, since the last connection.
        uncounted: Whether there were more of them than were counted.
        refused: Whether a connection attempt was started at all (a name that is not resolved starts none).
        had_peer: Whether a handshake was ever done.
        most_peers: How many peers there were at a time.
        losses: How often a peer went.
        losses_seen: How many of these were waited for, or no longer count.
        lost_at: When the last one went, in seconds since the epoch.
        lost_late: Whether that is only when it was seen.
        failure: The last failed handshake, until one succeeds.
        failures: How many handshakes have failed, by reason.
        last_failure: The last one, also when others have succeeded since.
        reconnecting: How libzmq tries again.
        raw: Whether peers speak plain TCP, without a handshake.
        unreported: Whether there are peers of whose handshakes libzmq reports nothing but a failure when they go.
    """

    def __init__(self, endpoint: str, bound: bool, raw: bool = False) -> None:
        self.endpoint = endpoint
        self.bound = bound
        self.raw = self.unreported = raw
        self.reconnecting = Reconnecting()
        self._refused_at: float | None = None
        self.retries = self.losses = self.losses_seen = self.most_peers = 0
        self.refused = self.had_peer = self.uncounted = self._answered = False
        self.lost_at: float | None = None
        self.lost_late = False
        self.failure: Failure | None = None
        self.failures: Counter[str] = Counter()
        self.last_failure: Failure | None = None
        self._open: dict[int, _Handshake] = {}
        self._done_unassigned = self._failed_unassigned = self._ending = self._guessed = 0
        self._maybe_ends: deque[Failure] = deque(maxlen=HISTORY)

    @property
    def peers(self) -> int:
        """Connections whose handshake is done. May be asked by another thread."""
        return self._done_unassigned + list(self._open.values()).count(_Handshake.DONE)

    @property
    def answered(self) -> bool:
        """Whether there is a peer, or was one since this side came here last: it may have gone while nobody looked."""
        return self._answered or self.peers > 0

    @property
    def handshaking(self) -> int:
        """Connections whose handshake is not settled."""
        return len(self._open) - self.peers

    @property
    def unexplained(self) -> bool:
        """Whether a connection has ended without a handshake that may have been one of ZMTP 2.0 or older."""
        return bool(self._maybe_ends)

    @property
    def descriptors(self) -> frozenset[int]:
        """The connections that are open now."""
        return frozenset(self._open)

    @property
    def given_up(self) -> bool:
        """Whether nobody listened, and libzmq does not try again."""
        cause = STOP_REFUSED if self.endpoint.startswith("tcp:") else 0
        return self._refused_at is not None and self.reconnecting.ends_after(cause)

    @property
    def hopeless(self) -> bool:
        """Whether libzmq does not try again, for sure: it tells a moment after a refusal if it will."""
        if self._refused_at is not None and self.given_up:
            return monotonic() - self._refused_at > _RETRY_SECONDS
        return self.failure is not None and self.failure.final

    @property
    def state(self) -> ConnectionState:
        """The one word for it."""
        if self.peers:
            return ConnectionState.CONNECTED
        if self.failure or self.given_up:
            return ConnectionState.FAILED
        if self.handshaking > 0:
            return ConnectionState.HANDSHAKING
        if self.had_peer:
            return ConnectionState.DISCONNECTED
        return ConnectionState.LISTENING if self.bound else ConnectionState.CONNECTING

    def expected(self) -> None:
        """This side comes here, perhaps again: what was before is no answer."""
        self._answered = False
        self._refused_at = None

    def opened(self, descriptor: int) -> None:
        """A TCP or IPC connection is there; its handshake begins."""
        self._open[descriptor] = _Handshake.OPEN
        self._refused_at = None
        self.retries = 0
        self.uncounted = False

    def handshake_done(self) -> None:
        """One of the open connections has finished its handshake."""
        self.had_peer = self._answered = True
        self.failure = None
        self._done_unassigned = min(self._done_unassigned + 1, len(self._unsettled()))
        self._open.update(dict.fromkeys(self._unsettled(), _Handshake.MAYBE_DONE))
        self._settle()
        self.most_peers = max(self.most_peers, self.peers)

    def handshake_failed(self, failure: Failure) -> None:
        """One of the open connections has failed; libzmq closes it next."""
        self.dropped(failure)
        self._failed_unassigned += 1

    def ended(self, failure: Failure) -> bool:
        """A connection without a reported handshake is closed next; returns whether that is just the end of a peer."""
        if self.unreported:
            self._ending += 1
        else:
            self._maybe_ends.append(failure)
        return self.unreported

    def heard(self, descriptor: int) -> bool:
        """A message has come on a connection, or one that used its descriptor before; returns whether it is a peer."""
        if (handshake := self._open.get(descriptor)) is _Handshake.MAYBE_DONE:
            self._done_unassigned -= 1
        elif handshake is _Handshake.OPEN and self._guessed:  # the one that went was not the one that was done
            self._guessed -= 1
            self.losses -= 1
            self.losses_seen = min(self.losses, self.losses_seen)
            self.lost_at = self.lost_at if self.losses else None
        else:
            return handshake is _Handshake.DONE
        self._open[descriptor] = _Handshake.DONE
        self._settle()
        return True

    def heard_unreported(self) -> list[Failure]:
        """A message has come on a connection without a handshake; returns the failures that were none, but peers."""
        self.unreported = True
        if self.handshaking > 0 and not self._done_unassigned:
            self.handshake_done()
        ends = list(self._maybe_ends)
        self._maybe_ends.clear()
        for failure in ends:
            self._was_an_end(failure)
        return ends

    def _was_an_end(self, failure: Failure) -> None:
        self.had_peer = self._answered = True
        self.failures -= Counter([failure.reason])
        self.losses += 1
        self.lost_at = failure.time
        if self.failure is not None and self.failure.number == failure.number:
            self.failure = None
        if not self.failures:
            self.last_failure = None

    def dropped(self, failure: Failure) -> None:
        """A connection that is closed already has failed."""
        self.failure = self.last_failure = failure
        self.failures[failure.reason] += 1

    def closed(self, descriptor: int, time: float, late: bool = False) -> bool:
        """A connection is gone.

        Args:
            descriptor: Of the connection.
            time: When that was read.
            late: Whether it may have gone long before.

        Returns:
            Whether it went during the handshake without any handshake event, as with incompatible socket types.
        """
        handshake = self._open.pop(descriptor, None)
        if handshake is None:
            return False
        if handshake is not _Handshake.DONE and self._failed_unassigned:
            self._failed_unassigned -= 1
            self._settle()
            return False
        if self._ending:
            self._ending -= 1
        elif handshake is _Handshake.OPEN:
            return True
        if handshake is _Handshake.MAYBE_DONE:
            self._done_unassigned -= 1
            self._guessed += 1
        self.losses += 1
        self.lost_at, self.lost_late = time, late
        self._settle()
        return False

    def attempt_ended(self) -> None:
        """Nobody listens; libzmq says next that it will try again, if it will."""
        self._refused_at = monotonic()

    def retried(self, resolved: bool) -> None:
        """libzmq starts another attempt."""
        self._refused_at = None
        self.retries += 1
        self.refused = self.refused or resolved

    def _unsettled(self) -> list[int]:
        return [descriptor for descriptor, handshake in self._open.items() if handshake is not _Handshake.DONE]

    def _settle(self) -> None:
        """Once as many handshakes are done as connections may be, every one of these is done."""
        self._guessed = self._guessed if self._unsettled() else 0
        candidates = [d for d, handshake in self._open.items() if handshake is _Handshake.MAYBE_DONE]
        self._done_unassigned = min(self._done_unassigned, len(candidates))
        if self._done_unassigned == len(candidates):
            self._open.update(dict.fromkeys(candidates, _Handshake.DONE))
            self._done_unassigned = 0
        elif not self._done_unassigned:
            self._open.update(dict.fromkeys(candidates, _Handshake.OPEN))


_NOT_ZMTP3 = "it is not a ZeroMQ peer, or it speaks ZMTP 2.0 or older, whose handshake libzmq does not report"


def link_state(link: Link) -> str:
    """What is known of one endpoint, as a sentence."""
    lost = _losses(link)
    before = f"; {lost}" if lost else ""
    if link.peers:
        return f"{link.endpoint}: {_role(link)} {count_of(link.peers, 'peer')}{before}{_refused_peers(link)}."
    if link.failure:
        return f"{link.endpoint}: the handshake failed{_times(link)}: {link.failure.text}{before}."
    if link.handshaking > 0:
        return f"{link.endpoint}: the connection is there but no ZeroMQ handshake: {_NOT_ZMTP3}{before}."
    if link.given_up:
        return f"{link.endpoint}: refused, nobody listens there, and {_once(link)}{before}."
    if lost:
        return f"{link.endpoint}: {lost}{_retries(link)}."
    if link.bound:
        return f"{link.endpoint}: listening, no peer has connected."
    if not link.retries:
        return f"{link.endpoint}: no answer yet{f', and {_once(link)}' if link.reconnecting.interval <= 0 else ''}."
    if link.refused:
        return f"{link.endpoint}: refused, nobody listens there{_retries(link)}."
    return f"{link.endpoint}: the host cannot be resolved or is not reachable{_retries(link)}."


def _once(link: Link) -> str:
    return f"libzmq does not try again ({link.reconnecting})"


def _times(link: Link) -> str:
    """How often handshakes failed, for peers that try again and again; empty if it was once."""
    if link.failures.total() < 2 or link.last_failure is None:
        return ""
    return f" {count_of(link.failures.total(), 'time')}{_reasons(link)}, last at {clock(link.last_failure.time)}"


def _reasons(link: Link) -> str:
    """The reasons with their numbers, if there are several."""
    if len(link.failures) < 2:
        return ""
    return f" ({', '.join(f'{reason}: {count}' for reason, count in link.failures.most_common())})"


def _refused_peers(link: Link) -> str:
    """Failed handshakes of a listener beside its peers; a connecting side knows that it was let in at last.

    A single connection without a handshake is no peer that wants in: a health check or a port scan looks like that.
    """
    if not link.bound or link.last_failure is None or link.failures == {"INCOMPATIBLE_TYPE": 1}:
        return ""
    last = f"at {clock(link.last_failure.time)}: {link.last_failure.text}"
    return f"; {count_of(link.failures.total(), 'handshake')} failed{_reasons(link)}, last {last}"


def _role(link: Link) -> str:
    return "accepted" if link.bound else "connected to"


def _losses(link: Link) -> str:
    """That peers have gone, also if they have come back; empty if none has."""
    if link.lost_at is None:
        return ""
    when = f"at {clock(link.lost_at)}"
    if link.losses == 1:
        gone = f"{'a' if link.bound and link.peers else 'the'} peer disconnected"
        return f"{gone}, seen {when}" if link.lost_late else f"{gone} {when}"
    who = "peers" if link.bound else "the peer"
    return f"{who} disconnected {count_of(link.losses, 'time')}, last {'seen ' if link.lost_late else ''}{when}"


def _retries(link: Link) -> str:
    more = " and more" if link.uncounted else ""
    return f" (tried again {count_of(link.retries, 'time')}{more})" if link.retries else ""
