"""A fault while it is there: which messages it chooses, how often it acted, what it holds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from .fault_options import ReleaseOrder
from .faults import Choice, Fault, Reorder
from .units import Unit, UnitKind


class MessageHolder(Protocol):
    """What holds messages of one direction of a connection."""

    def release(self, unit: Unit) -> None:
        """Lets a message go on that is held no more."""


class Matcher(Protocol):
    """Patterns that are held against messages."""

    @property
    def whole(self) -> bool:
        """Whether all frames are looked at."""

    @property
    def frames(self) -> Sequence[object]:
        """One for each leading frame."""

    def matches(self, frames: Sequence[bytes]) -> bool:
        """Whether a message satisfies them."""


class ActiveFault:
    """A fault while it is there, for all connections together.

    Args:
        fault: What it is.
        number: Counts the faults of the proxy in the order in which they were made, in which they act.

    Attributes:
        pattern: What its messages look like; None for all.
        choice: Which messages it acts on.
        over: Whether its time is over.
        problem: Why it could not act; the first reason.
        to_skip: Messages that pass before the windows of `Reorder` begin, which its choice counts.
    """

    def __init__(self, fault: Fault, number: int) -> None:
        self.fault = fault
        self.number = number
        self.pattern: Matcher | None = None
        counts_windows = isinstance(fault.effect, Reorder)
        self.to_skip = fault.selection.skip if counts_windows else 0
        self.choice = Choice(replace(fault.selection, skip=0) if counts_windows else fault.selection)
        self.random = random.Random(fault.selection.seed)
        self._acted = 0
        self._touched = False
        self.over = False
        self.problem = ""
        self._held: list[tuple[MessageHolder, Unit]] = []

    @property
    def spent(self) -> bool:
        """Whether it acts no more."""
        return self.over or self.choice.spent

    @property
    def holding(self) -> int:
        """How many messages are held at present."""
        return len(self._held)

    def hold(self, stage: MessageHolder, unit: Unit) -> None:
        """Notes that a message is held, behind those that other connections hold."""
        self._held.append((stage, unit))

    def release(self, count: int | None, order: ReleaseOrder) -> int:
        """Lets held messages go on, those that were held first; returns how many."""
        chosen = self._held[:count]
        self._held = self._held[len(chosen) :]
        if order is ReleaseOrder.REVERSED:
            chosen.reverse()
        elif order is ReleaseOrder.SHUFFLED:
            self.random.shuffle(chosen)
        for stage, unit in chosen:
            stage.release(unit)
        return len(chosen)

    def forget_held(self, stage: MessageHolder) -> list[Unit]:
        """The messages of one connection, which are held no more."""
        units = [unit for holder, unit in self._held if holder is stage]
        self._held = [(holder, unit) for holder, unit in self._held if holder is not stage]
        return units

    @property
    def acted(self) -> int:
        """How often it has acted: on so many messages, connections or commands; on all else together once."""
        return self._acted or int(self._touched)

    def act(self, times: int = 1) -> None:
        """Notes that it has acted on a message, connection or command."""
        self._acted += times

    def touch(self) -> None:
        """Notes that it has acted on what is none of these, such as a part of a handshake."""
        self._touched = True

    def act_on(self, unit: Unit) -> None:
        """Notes that it has acted on every message of a unit; of one in pieces only the first piece counts."""
        is_new_message = unit.kind is UnitKind.RAW and unit.chunk and self.fault.name not in unit.chunk.faults(0)
        self.act(1 if is_new_message else unit.messages)
        self.touch()
        unit.mark(self.fault.name)
