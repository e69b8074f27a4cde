"""What is known of one endpoint, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report.frames import clock, count_of

if TYPE_CHECKING:
    from .link import Link

_NOT_ZMTP3 = "it is not a ZeroMQ peer, or it speaks ZMTP 2.0 or older, which tells nothing of its handshake"


def link_state(link: Link) -> str:
    """What is known of one endpoint, as a sentence."""
    lost = _losses(link)
    before = f"; {lost}" if lost else ""
    if link.peers:
        return f"{link.endpoint}: {_role(link)} {count_of(link.peers, 'peer')}{before}."
    if link.failure:
        return f"{link.endpoint}: the handshake failed: {link.failure.text}{before}."
    if link.handshaking > 0:
        return f"{link.endpoint}: the connection is there but no ZeroMQ handshake: {_NOT_ZMTP3}{before}."
    if lost:
        return f"{link.endpoint}: {lost}{_retries(link)}."
    if link.bound:
        return f"{link.endpoint}: listening, no peer has connected."
    if not link.retries:
        return f"{link.endpoint}: no answer yet."
    if link.refused:
        return f"{link.endpoint}: refused, nobody listens there{_retries(link)}."
    return f"{link.endpoint}: the host cannot be resolved or is not reachable{_retries(link)}."


def _role(link: Link) -> str:
    return "accepted" if link.bound else "connected to"


def _losses(link: Link) -> str:
    """That peers have gone, also if they have come back; empty if none has."""
    if link.lost_at is None:
        return ""
    if link.losses == 1:
        return f"{'a' if link.bound and link.peers else 'the'} peer disconnected at {clock(link.lost_at)}"
    who = "peers" if link.bound else "the peer"
    return f"{who} disconnected {count_of(link.losses, 'time')}, last at {clock(link.lost_at)}"


def _retries(link: Link) -> str:
    return f" (tried again {count_of(link.retries, 'time')})" if link.retries else ""
