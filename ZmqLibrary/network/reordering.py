"""Messages in another order: a window of them is collected, and goes on shuffled."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .active_fault import ActiveFault
from .faults import Reorder, reordered
from .message_stages import MessageStage, too_much
from .stages import Host
from .units import Unit, UnitKind


class ReorderStage(MessageStage):
    """Collects a window of messages and lets them go on in another order."""

    def __init__(self, active: ActiveFault, host: Host, effect: Reorder) -> None:
        super().__init__(active, host)
        self._size = effect.window
        self._patience = effect.patience
        self._window: list[Unit] = []
        self._passing = 0
        self._windows = 0
        self.backlog = host.limit

    def feed(self, unit: Unit) -> None:
        if unit.kind is not UnitKind.MESSAGES or unit.shape is None or self.ended:
            super().feed(unit)
        elif self.active.spent and not self._window and not self._passing:
            self.send(unit)
        else:
            for index in range(unit.messages):
                self._take(unit.part(index, index + 1))

    def act(self, unit: Unit) -> None:
        self._add(unit)

    def _take(self, unit: Unit) -> None:
        if not self._matches(unit.frames_of(0)):
            self.send(unit)
        elif self._window:
            self._add(unit)
        elif self._passing:
            self._passing -= 1
            self.send(unit)
        elif self.active.to_skip:
            self.active.to_skip -= 1
            self.send(unit)
        elif self.active.choice.next() is not None:
            self._add(unit)
        else:
            self._passing = 0 if self.active.spent else self._size - 1
            self.send(unit)

    def _add(self, unit: Unit) -> None:
        if not self._has_room(unit):
            self.host.report(self.active, too_much(self.host.limit))
            self.flush()
            self.send(unit)
            return
        if not self._window:
            number = self._windows
            self.host.loop.later(time.monotonic() + self._patience, lambda: self._expire(number))
        self._window.append(unit)
        self.held += unit.size
        if len(self._window) == self._size:
            self.active.act()
            for message in self._window:
                message.mark(self.active.fault.name)
            self._let_go([self._window[place] for place in reordered(self._size, self.active.random)])

    def _expire(self, number: int) -> None:
        if self._window and number == self._windows:
            self.flush()
            self.host.settle()

    def flush(self) -> None:
        if self._window:
            self.active.choice.take_back()
            self._let_go(list(self._window))

    def _let_go(self, units: Sequence[Unit]) -> None:
        self._windows += 1
        self._window.clear()
        self.held = 0
        for unit in units:
            self.overtake(unit)
