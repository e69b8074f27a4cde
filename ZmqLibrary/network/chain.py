"""The stages of one direction of a connection, one behind the other: those on messages first, then those on bytes.

In front of all is the joint, where messages of the proxy's own come in: they overtake nothing, and wait where all else
does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .active_fault import ActiveFault
from .outlet import Joint
from .stage_table import CUTTING
from .stages import Stage
from .units import Unit


class StageChain:
    """The stages of one direction.

    Args:
        passed: Told of each unit that no fault on messages has stopped.
        write: Takes what comes out at the end.

    Attributes:
        feed: Takes the next unit.
        backlog: Bytes that the stages may hold before the direction stops reading.
        counts_messages: Whether messages have to be told apart for one of them.
    """

    def __init__(self, passed: Callable[[Unit], None], write: Callable[[Unit], None]) -> None:
        self._passed = passed
        self._write = write
        self._stages: list[Stage] = []
        self._joint = Joint(self._leave)
        self.feed = self._joint.feed
        self._link()

    def __len__(self) -> int:
        return len(self._stages)

    def __iter__(self) -> Iterator[Stage]:
        return iter(self._stages)

    def add(self, stage: Stage) -> None:
        """From now on a stage acts, behind those of earlier faults; one may be for a client that is known only now."""
        self._stages.append(stage)
        self._stages.sort(key=lambda each: each.active.number)
        self._link()

    def end(self, active: ActiveFault) -> None:
        """Stages of a fault act no more; what they held goes on."""
        for stage in [stage for stage in self._stages if stage.active is active]:
            stage.end()
        self.forget_ended()

    def forget_ended(self) -> None:
        """Takes out stages that have ended, but not before what they let go has passed behind a message in pieces."""
        stages = [stage for stage in self._stages if not stage.ended or stage.lingers]
        if len(stages) < len(self._stages):
            self._stages = stages
            self._link()

    def inject(self, data: bytes) -> None:
        """Sends a message or command of the proxy's own, between two others."""
        self._joint.add(data)

    @property
    def held(self) -> int:
        """Bytes that wait."""
        return self._joint.held + sum(stage.held for stage in self._stages)

    @property
    def holds_end(self) -> bool:
        """Whether the receiver is not told yet that the sender has ended its side."""
        return any(stage.holds_end for stage in self._stages)

    def sender_ended(self) -> None:
        """The sender has ended its side."""
        for stage in self._stages:
            stage.sender_ended()

    def abandon(self) -> None:
        """The connection is gone."""
        for stage in self._stages:
            stage.abandon()
        self._stages.clear()
        self._joint.send = lambda unit: None

    def _link(self) -> None:
        on_messages = [stage for stage in self._stages if not isinstance(stage.active.fault.effect, CUTTING)]
        on_bytes = [stage for stage in self._stages if isinstance(stage.active.fault.effect, CUTTING)]
        self._to_bytes = linked(on_bytes, self._write)
        self._joint.send = linked(on_messages, self._leave)
        self.backlog = sum(stage.backlog for stage in self._stages)
        self.counts_messages = any(stage.active.fault.counts_messages for stage in on_messages)

    def _leave(self, unit: Unit) -> None:
        """Behind here a command may be cut, and be none any more."""
        self._passed(unit)
        self._to_bytes(unit)


def linked(stages: list[Stage], following: Callable[[Unit], None]) -> Callable[[Unit], None]:
    """Has each stage send to the next one, and the last one to what follows; returns who takes the next unit."""
    for stage in reversed(stages):
        stage.link(following)
        following = stage.feed
    return following
