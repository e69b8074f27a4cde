"""Message flow: what sockets and proxies have seen, put together to one diagram.

A message that both ends have seen is one arrow. One that a socket of the library should have received, and that it
would remember if it had, is shown as never received; but not where a proxy between them sees encrypted bytes only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
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
_CLOCKS_APART = 0.25
"""Seconds by which a message may seem to come before it was sent: a sender notes it when libzmq has taken it."""


class Witness(NamedTuple):
    """What one socket or proxy has seen.

    Attributes:
        party: Itself.
        received: What came.
        sent: What went.
        counts: How many messages were sent and received, also those that are not remembered.
        complete_since: From when on it remembers all that came, in seconds since the epoch; 0: from the beginning.
        mechanism: What encrypts its connections; empty for nothing.
        events: What happened to its connections.
        notes: Of messages received, by their place: what faults did to them.
    """

    party: Party
    received: Sequence[Sighting]
    sent: Sequence[Sighting]
    counts: tuple[int, int]
    complete_since: float = 0.0
    mechanism: str = ""
    events: Sequence[FlowEvent] = ()
    notes: Sequence[Sequence[str]] = ()


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
    arrows = _arrows(witnesses)
    total = len(arrows) + _forgotten(witnesses)
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
    if (left_out := total - len(chosen)) > 0:
        at = gap.time if gap else shown_from
        shown.append((at - 1e-9, Step(StepKind.GAP, at, label=f"… {count_of(left_out, 'message')} left out")))
    shown.sort(key=lambda step: step[0])
    steps = [_step(item, lanes, limit) for _, item in shown]
    return Diagram(lanes.lanes, steps, started)


def _step(item: _Arrow | FlowEvent | Step, lanes: _Lanes, limit: int) -> Step:
    if isinstance(item, _Arrow):
        return _message_step(item, lanes, limit)
    return _event_step(item, lanes) if isinstance(item, FlowEvent) else item


def _forgotten(witnesses: Sequence[Witness]) -> int:
    """How many messages nobody remembers; what a witness has sent is not counted at its receiver."""
    known = {witness.party.name for witness in witnesses}
    forgotten = 0
    for witness in witnesses:
        sent, received = witness.counts[0] - len(witness.sent), witness.counts[1] - len(witness.received)
        strange = sum(sighting.sender.name not in known for sighting in witness.received)
        forgotten += sent + (received * strange // len(witness.received) if strange else 0)
    return forgotten


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
    """A message that was sent, and who has received it."""

    def __init__(self, sighting: Sighting) -> None:
        self.sighting = sighting
        self.receivers: set[str] = set()


def _arrows(witnesses: Sequence[Witness]) -> list[_Arrow]:
    sent: dict[tuple[bytes, ...], list[_Sent]] = defaultdict(list)
    for witness in witnesses:
        for sighting in witness.sent:
            sent[tuple(sighting.frames)].append(_Sent(sighting))
    known = {witness.party.name: witness for witness in witnesses}
    arrows = []
    for witness in witnesses:
        for place, sighting in enumerate(witness.received):
            notes = witness.notes[place] if place < len(witness.notes) else ()
            match = _match(sighting, sent[tuple(sighting.frames)], known)
            arrows.append(_received(sighting, match, notes))
    alone = (item for same in sent.values() for item in same if not item.receivers and item.sighting.certain)
    arrows += [_unreceived(item.sighting, known) for item in alone]
    return sorted(arrows, key=lambda arrow: arrow.time)


def _match(received: Sighting, candidates: Sequence[_Sent], known: Container[str]) -> _Sent | None:
    """The first equal message that was sent to this receiver and that it has not received yet.

    Whether the sender is the one is not known of a stranger: what a proxy sends comes from an address of its own.
    """
    receiver, sender = received.receiver, received.sender
    for item in candidates:
        seen = item.sighting
        from_it = seen.sender.name == sender.name or (sender.name not in known and seen.receiver.name == receiver.name)
        if from_it and receiver.name not in item.receivers and seen.time <= received.time + _CLOCKS_APART:
            item.receivers.add(receiver.name)
            return item
    return None


def _received(sighting: Sighting, sent: _Sent | None, notes: Sequence[str]) -> _Arrow:
    if sent is None:
        return _Arrow(sighting.time, sighting.sender, sighting.receiver, sighting.frames, sighting.formats, notes=notes)
    first = sent.sighting
    began = min(first.time, sighting.time)
    return _Arrow(
        began, first.sender, sighting.receiver, first.frames, first.formats, sighting.time - began, notes=notes
    )


def _unreceived(sighting: Sighting, known: dict[str, Witness]) -> _Arrow:
    witness = known.get(sighting.receiver.name)
    blind = any(_is_blind(known.get(party.name)) for party in (sighting.sender, sighting.receiver))
    lost = witness is not None and not blind and sighting.time >= witness.complete_since
    return _Arrow(sighting.time, sighting.sender, sighting.receiver, sighting.frames, sighting.formats, lost=lost)


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
        value_summary(arrow.frames, arrow.formats, _LABEL_BYTES),
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
