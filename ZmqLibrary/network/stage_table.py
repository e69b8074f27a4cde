"""Which stage acts for which fault."""

from __future__ import annotations

from collections.abc import Callable

from .active_fault import ActiveFault
from .faults import (
    Bandwidth,
    CloseAfter,
    Corrupt,
    Delay,
    Drop,
    DropCommands,
    Duplicate,
    Hold,
    Latency,
    Reorder,
    Replace,
    Silence,
    Slices,
)
from .message_stages import (
    ChosenLatencyStage,
    CorruptStage,
    DelayStage,
    DropStage,
    DuplicateStage,
    HoldStage,
    ReplaceStage,
)
from .reordering import ReorderStage
from .stages import BandwidthStage, CloseStage, Host, LatencyStage, SilenceStage, SlicesStage, Stage
from .units import Unit, UnitKind, units_of


class DropCommandsStage(Stage):
    """Commands are lost."""

    def __init__(self, active: ActiveFault, host: Host, effect: DropCommands) -> None:
        super().__init__(active, host)
        self._command = effect.command.value

    def feed(self, unit: Unit) -> None:
        if unit.shape is None and unit.kind is UnitKind.MESSAGES:
            for part in units_of(unit.data, unit.chunk, unit.start):
                self.feed(part)
        elif unit.command == self._command and not self.ended and self.active.choice.next() is not None:
            self.active.act()
        else:
            self.send(unit)


MAKERS: dict[type, Callable[..., Stage]] = {
    Drop: lambda active, host, effect: DropStage(active, host),
    Delay: DelayStage,
    Duplicate: DuplicateStage,
    Reorder: ReorderStage,
    Corrupt: CorruptStage,
    Replace: ReplaceStage,
    Hold: lambda active, host, effect: HoldStage(active, host),
    DropCommands: DropCommandsStage,
    Silence: lambda active, host, effect: SilenceStage(active, host),
    Bandwidth: BandwidthStage,
    Slices: SlicesStage,
    CloseAfter: CloseStage,
}
CUTTING = (Bandwidth, Slices, CloseAfter)
"""Effects on bytes, which come behind those on messages because they take messages apart."""


def stage_for(active: ActiveFault, host: Host) -> Stage | None:
    """The stage of a fault; None for faults that do nothing to the stream."""
    effect = active.fault.effect
    if isinstance(effect, Latency):
        return (ChosenLatencyStage if active.fault.counts_messages else LatencyStage)(active, host, effect)
    make = MAKERS.get(type(effect))
    return make(active, host, effect) if make else None
