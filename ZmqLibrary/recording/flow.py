"""Message flow: what sockets and proxies have seen, put together to one diagram.

A message that both ends have seen is one arrow. One that a socket of the library should have received, and that it
would remember if it had, is shown as never received; but not where a proxy between them sees encrypted bytes only, nor
where it is not known that the receiver has subscribed to it. What a sender no longer remembers, it has sent before the
messages that it does remember to the last one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from ..report.sequence_diagram import Diagram, Lane, Step, StepKind
from ..report.values import kinds_of, value_preview, value_summary
from ..report.words import count_of
from .names import PROXY, Party, Sighting

if TYPE_CHECKING:
    from ..formats import FrameFormats

MOST_ARROWS = 200
FIRST_ARROWS = 50
_LABEL_BYTES = 60
_MOST_FRAMES = 20
_PUBLISHING = ("PUB", "XPUB")
_CLOCKS_APART = 0.25
"""Seconds by which a message may seem to come before it was sent: a sender notes it when libzmq has taken it."""


class Witness(NamedTuple):
    """What one socket or proxy has seen.

    Attributes:
        party: Itself.
        received: What came.
        sent: What went.
        counts: How many messages were sent and received, also those that are not remembered.
        complete_since: From when on it remembers all that came and went, in seconds since the epoch; 0: from the
            beginning.
        mechanism: What encrypts its connections; empty for nothing.
        events: What happened to its connections.
        notes: Of messages received, by their place: what faults did to them.
        subscriptions: When it subscribed (`SUBSCRIBE`) or ended that, and the topic; None if it does neither.
    """

    party: Party
    received: Sequence[Sighting]
    sent: Sequence[Sighting]
    counts: tuple[int, int]
    complete_since: float = 0.0
    mechanism: str = ""
    events: Sequence[FlowEvent] = ()
    notes: Sequence[Sequence[str]] = ()
    subscriptions: Sequence[tuple[float, str, bytes]] | None = None


class FlowEvent(NamedTuple):
    """What happened to a connection.

    Attributes:
        time: In seconds since the epoch.
        source: Who did it.
        target: Who met with it.
        label: What, in short.
        title: More about it.
    """

    time: float
    source: Party
    target: Party
    label: str
    title: str = ""


class _Arrow(NamedTuple):
    time: float
    sender: Party
    receiver: Party
    frames: Sequence[bytes]
    formats: FrameFormats | None
    took: float | None = None
    lost: bool = False
    notes: Sequence[str] = ()


def diagram_of(witnesses: Sequence[Witness], started: float, limit: int, last: int | None = None) -> Diagram:
    """The diagram of what was seen.

    Args:
        witnesses: Who has seen it.
        started: When times begin.
        limit: How many bytes of a frame are shown.
        last: The last ones, at most 200; None for the first and last ones.
    """
    found = _Arrows(witnesses)
    arrows = found.in_order()
    total = len(arrows) + found.forgotten()
    events = [event for witness in witnesses for event in witness.events]
    chosen, left_out_at = _chosen(arrows, total, last)
    lanes = _Lanes({witness.party.name: witness.mechanism for witness in witnesses})
    shown_from = chosen[0].time if chosen and last is not None else 0.0
    gap = chosen[left_out_at] if 0 < left_out_at < len(chosen) else None
    shown: list[tuple[float, _Arrow | FlowEvent | Step]] = [(arrow.time, arrow) for arrow in chosen]
    for event in events:
        hidden = gap is not None and chosen[left_out_at - 1].time < event.time < gap.time
        if event.time >= shown_from and not hidden:
            shown.append((event.time, event))
    shown.sort(key=lambda step: step[0])
    if (left_out := total - len(chosen)) > 0:
        at = gap.time if gap else shown_from
        place = next((number for number, (_, item) in enumerate(shown) if item is gap), 0)
        shown.insert(place, (at, Step(StepKind.GAP, at, label=f"… {count_of(left_out, 'message')} left out")))
    steps = [_step(item, lanes, limit) for _, item in shown]
    return Diagram(lanes.lanes, steps, started)


def _step(item: _Arrow | FlowEvent | Step, lanes: _Lanes, limit: int) -> Step:
    if isinstance(item, _Arrow):
        return _message_step(item, lanes, limit)
    return _event_step(item, lanes) if isinstance(item, FlowEvent) else item


def _chosen(arrows: Sequence[_Arrow], total: int, last: int | None) -> tuple[list[_Arrow], int]:
    """The arrows that are shown, and the place of the first one behind those left out."""
    if last is not None:
        return list(arrows[max(0, len(arrows) - min(last, MOST_ARROWS)) :]), 0
    if total <= MOST_ARROWS and len(arrows) <= MOST_ARROWS:
        return list(arrows), 0
    first = list(arrows[:FIRST_ARROWS])
    rest = list(arrows[FIRST_ARROWS:])
    return first + rest[-(MOST_ARROWS - FIRST_ARROWS) :], FIRST_ARROWS


class _Sent:
    """A message that was sent, its place among those of its sender, and who has received it."""

    def __init__(self, sighting: Sighting, place: int) -> None:
        self.sighting = sighting
        self.place = place
        self.receivers: set[str] = set()


class _Arrows:
    """Puts together what witnesses have sent and received.

    Args:
        witnesses: Who has seen it.
    """

    def __init__(self, witnesses: Sequence[Witness]) -> None:
        self._witnesses = witnesses
        self._known = {witness.party.name: witness for witness in witnesses}
        self._sent: dict[tuple[bytes, ...], list[_Sent]] = defaultdict(list)
        # By both ends, the place of the last message that has come and that has no equal.
        self._last: dict[tuple[str, str], int] = {}
        self._unmatched: Counter[tuple[str, str]] = Counter()
        for witness in witnesses:
            for place, sighting in enumerate(witness.sent):
                self._sent[tuple(sighting.frames)].append(_Sent(sighting, place))

    def in_order(self) -> list[_Arrow]:
        """All messages that somebody remembers."""
        arrows = []
        for witness in self._witnesses:
            for place, sighting in enumerate(witness.received):
                notes = witness.notes[place] if place < len(witness.notes) else ()
                arrows.append(self._received(witness, sighting, notes))
        alone = (item for same in self._sent.values() for item in same if not item.receivers and item.sighting.certain)
        arrows += map(self._unreceived, alone)
        return sorted(arrows, key=lambda arrow: arrow.time)

    def forgotten(self) -> int:
        """How many messages nobody remembers; what a witness has sent is not counted at its receiver."""
        forgotten = 0
        for witness in self._witnesses:
            sent, received = witness.counts[0] - len(witness.sent), witness.counts[1] - len(witness.received)
            known = [number for (sender, _), number in self._unmatched.items() if sender == witness.party.name]
            known_of_sent = max(known, default=0) if witness.party.type in _PUBLISHING else sum(known)
            strange = sum(sighting.sender.name not in self._known for sighting in witness.received)
            forgotten += max(0, sent - known_of_sent)
            forgotten += received * strange // len(witness.received) if strange else 0
        return forgotten

    def _match(self, received: Sighting) -> _Sent | None:
        """The first equal message that was sent to this receiver and that it has not received yet.

        Whether the sender is the one is not known of a stranger: what a proxy sends comes from an address of its own.
        """
        receiver, sender = received.receiver.name, received.sender.name
        for item in self._sent[tuple(received.frames)]:
            seen = item.sighting
            from_it = seen.sender.name == sender or (sender not in self._known and seen.receiver.name == receiver)
            if from_it and receiver not in item.receivers and seen.time <= received.time + _CLOCKS_APART:
                item.receivers.add(receiver)
                return item
        return None

    def _received(self, witness: Witness, sighting: Sighting, notes: Sequence[str]) -> _Arrow:
        sent, receiver = self._match(sighting), sighting.receiver
        if sent is None:
            sender, began = self._known.get(sighting.sender.name), sighting.time
            if sender is not None and sender.complete_since:
                self._unmatched[sender.party.name, receiver.name] += 1
                began = min(began, sender.complete_since)
            return _Arrow(began, sighting.sender, receiver, sighting.frames, sighting.formats, notes=notes)
        first = sent.sighting
        if sighting.time >= witness.complete_since and len(self._equal(sent)) == 1:
            pair = first.sender.name, receiver.name
            self._last[pair] = max(sent.place, self._last.get(pair, 0))
        began = min(first.time, sighting.time)
        return _Arrow(began, first.sender, receiver, first.frames, first.formats, sighting.time - began, notes=notes)

    def _equal(self, item: _Sent) -> list[_Sent]:
        return self._sent[tuple(item.sighting.frames)]

    def _is_behind(self, item: _Sent) -> bool:
        """Whether a message was sent behind the last one that has come: those of one sender come in their order.

        Which of equal ones have come is not known.
        """
        sender, receiver = item.sighting.sender.name, item.sighting.receiver.name
        last = self._last.get((sender, receiver), inf)
        return item.place > last and not any(receiver in equal.receivers for equal in self._equal(item))

    def _unreceived(self, item: _Sent) -> _Arrow:
        sighting = item.sighting
        sender, receiver = sighting.sender, sighting.receiver
        witness = self._known.get(receiver.name)
        blind = any(_is_blind(self._known.get(party.name)) for party in (sender, receiver))
        lost = (
            witness is not None
            and (sighting.time >= witness.complete_since or self._is_behind(item))
            and not blind
            and _is_meant_for(witness, sighting)
        )
        return _Arrow(sighting.time, sender, receiver, sighting.frames, sighting.formats, lost=lost)


def _is_meant_for(witness: Witness, sighting: Sighting) -> bool:
    """Whether a message goes to a witness for certain: of a publisher, what it had subscribed to."""
    if witness.subscriptions is None:
        return sighting.sender.type not in _PUBLISHING
    topics: Counter[bytes] = Counter()
    for time, name, topic in witness.subscriptions:
        if time <= sighting.time:
            topics[topic] += 1 if name == "SUBSCRIBE" else -1
    return any(number > 0 and sighting.frames[0].startswith(topic) for topic, number in topics.items())


def _is_blind(witness: Witness | None) -> bool:
    """Whether it sees other bytes than sockets do: a proxy sees messages as they are encrypted."""
    return witness is not None and witness.party.type == PROXY and witness.mechanism not in ("", "NULL", "PLAIN")


class _Lanes:
    """Lanes by name, in the order in which they are needed.

    Args:
        mechanisms: What encrypts the connections of a party.
    """

    def __init__(self, mechanisms: Mapping[str, str]) -> None:
        self.lanes: list[Lane] = []
        self._places: dict[str, int] = {}
        self._mechanisms = mechanisms

    def place(self, party: Party) -> int:
        """The number of a lane."""
        place = self._places.setdefault(party.name, len(self.lanes))
        if place == len(self.lanes):
            mechanism = self._mechanisms.get(party.name, "")
            self.lanes.append(Lane(party.name, party.type, "" if mechanism == "NULL" else mechanism))
        elif party.type and not self.lanes[place].type:
            self.lanes[place] = self.lanes[place]._replace(type=party.type)
        return place


def _message_step(arrow: _Arrow, lanes: _Lanes, limit: int) -> Step:
    shown = arrow.frames[:_MOST_FRAMES]
    return Step(
        StepKind.LOST if arrow.lost else StepKind.MESSAGE,
        arrow.time,
        lanes.place(arrow.sender),
        lanes.place(arrow.receiver),
        value_summary(arrow.frames, arrow.formats, min(limit, _LABEL_BYTES)),
        "\n".join(
            f"{number}: {value_preview(frame, kind, limit)}"
            for number, (frame, kind) in enumerate(zip(shown, kinds_of(shown, arrow.formats)))
        ),
        sum(map(len, arrow.frames)),
        arrow.took,
        arrow.notes,
    )


def _event_step(event: FlowEvent, lanes: _Lanes) -> Step:
    source, target = lanes.place(event.source), lanes.place(event.target)
    return Step(StepKind.EVENT, event.time, source, target, event.label, event.title)
