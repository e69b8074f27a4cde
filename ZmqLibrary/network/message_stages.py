"""What faults do to whole messages: the stages for them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from ..errors import problem_of
from .active_fault import ActiveFault
from .corruption import corrupted
from .faults import Corrupt, Delay, Duplicate, Latency, Replace
from .stages import Host, LatencyStage, Stage
from .units import Unit, UnitKind, envelope_length, units_of


class MessageStage(Stage):
    """Acts on whole messages: those that match and are chosen. Everything else passes.

    Subclasses say in `act` what becomes of a chosen message.
    """

    def __init__(self, active: ActiveFault, host: Host) -> None:
        super().__init__(active, host)
        self._inside = False
        self._has_failed_to_match = False
        self._overtaking: deque[Unit] = deque()

    def feed(self, unit: Unit) -> None:
        if unit.kind is not UnitKind.MESSAGES:
            self._pass_other(unit)
        elif self.active.spent or self.ended:
            self.send(unit)
        elif unit.shape is None:
            for part in units_of(unit.data, unit.chunk, unit.start):
                self.feed(part)
        elif self.active.pattern is None:
            self._choose(unit)
        else:
            self._match(unit)

    def act(self, unit: Unit) -> None:
        """A chosen message."""
        raise NotImplementedError

    def act_on_large(self) -> bool:
        """A chosen message that is larger than can be held. Returns whether it is thrown away."""
        self._pass_large()
        return False

    def judge_large(self, frames: Sequence[bytes], unit_chunk: Callable[[str], None]) -> bool:
        """Says whether a message that is too large to be held is thrown away, from its first whole frames."""
        if self.active.spent or self.ended:
            return False
        pattern = self.active.pattern
        if pattern is not None:
            if pattern.whole or len(pattern.frames) > len(frames):
                self._pass_large()
                return False
            if not self._matches(frames):
                return False
        if self.active.choice.next() is None:
            return False
        if not self.act_on_large():
            self.active.choice.take_back()
            return False
        self.active.act()
        unit_chunk(self.active.fault.name)
        return True

    def _pass_large(self) -> None:
        self.host.report(
            self.active,
            f"A message was larger than the limit of {self.host.limit:,} bytes that the proxy holds: it has passed "
            "untouched. Start the proxy with a larger limit.",
        )

    def overtake(self, unit: Unit) -> None:
        """Sends something out of its order, but never into a message that passes in pieces."""
        if self._inside:
            self._overtaking.append(unit)
        else:
            self.send(unit)

    @property
    def lingers(self) -> bool:
        return bool(self._overtaking)

    def _pass_other(self, unit: Unit) -> None:
        self.send(unit)
        self._inside = unit.cuts
        while self._overtaking and not self._inside:
            self.send(self._overtaking.popleft())

    def _choose(self, unit: Unit) -> None:
        """Goes from one chosen message to the next."""
        sent = 0
        while (before := self.active.choice.next(unit.messages - sent)) is not None:
            sent = self._act_at(unit, sent, sent + before)
        self._send_part(unit, sent, unit.messages)

    def _match(self, unit: Unit) -> None:
        pattern, choice = self.active.pattern, self.active.choice
        assert pattern is not None
        most = None if pattern.whole or self.host.enveloped else len(pattern.frames)
        sent = 0
        for index in range(unit.messages):
            if self._matches(unit.frames_of(index, most)) and choice.next() is not None:
                sent = self._act_at(unit, sent, index)
                if choice.spent:
                    break
        self._send_part(unit, sent, unit.messages)

    def _act_at(self, unit: Unit, sent: int, index: int) -> int:
        self._send_part(unit, sent, index)
        self.act(unit.part(index, index + 1))
        return index + 1

    def _send_part(self, unit: Unit, first: int, end: int) -> None:
        if end > first:
            self.send(unit.part(first, end))

    def _matches(self, frames: Sequence[bytes]) -> bool:
        """Whether a message satisfies the patterns; one that cannot be held against them does not."""
        pattern = self.active.pattern
        try:
            return pattern is None or pattern.matches(self._seen(frames))
        except Exception as problem:  # The boundary: what patterns do with a message costs no connection.
            if not self._has_failed_to_match:  # Each of many says it with other numbers.
                self._has_failed_to_match = True
                self.host.report(self.active, f"Messages have passed untouched: {problem_of(problem)}")
            return False

    def _seen(self, frames: Sequence[bytes]) -> Sequence[bytes]:
        return frames[envelope_length(frames) :] if self.host.enveloped else frames

    def _note(self, unit: Unit) -> None:
        self.active.act_on(unit)

    def _give_up(self, unit: Unit, problem: str) -> None:
        """The chosen message passes as it is, and does not count."""
        self.active.choice.take_back()
        self.host.report(self.active, problem)
        self.send(unit)

    def _has_room(self, unit: Unit) -> bool:
        return self.held + unit.size <= self.host.limit


class DropStage(MessageStage):
    """Messages are lost."""

    def act(self, unit: Unit) -> None:
        self._note(unit)

    def act_on_large(self) -> bool:
        return True


class DuplicateStage(MessageStage):
    """Copies come right behind the first."""

    def __init__(self, active: ActiveFault, host: Host, effect: Duplicate) -> None:
        super().__init__(active, host)
        self._copies = effect.copies

    def act(self, unit: Unit) -> None:
        if unit.size * self._copies > self.host.limit:
            self._give_up(unit, too_much(self.host.limit))
            return
        self._note(unit)
        for _ in range(self._copies + 1):
            self.send(unit)


class ReplaceStage(MessageStage):
    """Another message comes instead, in the same envelope."""

    def __init__(self, active: ActiveFault, host: Host, effect: Replace) -> None:
        super().__init__(active, host)
        self._frames = effect.frames

    def act(self, unit: Unit) -> None:
        self._note(unit)
        frames = unit.frames_of(0)
        envelope = frames[: envelope_length(frames)] if self.host.enveloped else []
        self.send(unit.with_frames([*envelope, *self._frames]))


class CorruptStage(MessageStage):
    """One frame is damaged."""

    def __init__(self, active: ActiveFault, host: Host, effect: Corrupt) -> None:
        super().__init__(active, host)
        self._effect = effect

    def act(self, unit: Unit) -> None:
        frames = unit.frames_of(0)
        first = envelope_length(frames) if self.host.enveloped else 0
        try:
            changed = corrupted(frames[first:], self._effect, self.active.random)
        except ValueError as problem:
            self._give_up(unit, str(problem))
            return
        self._note(unit)
        self.send(unit.with_frames([*frames[:first], *changed]))


class KeepingStage(MessageStage):
    """Keeps chosen messages as far as there is room; those behind them do not wait.

    Subclasses say in `keep` for how long.
    """

    def __init__(self, active: ActiveFault, host: Host) -> None:
        super().__init__(active, host)
        self.backlog = host.limit

    def act(self, unit: Unit) -> None:
        if not self._has_room(unit):
            self._give_up(unit, too_much(self.host.limit))
            return
        self._note(unit)
        self.held += unit.size
        self.keep(unit)

    def keep(self, unit: Unit) -> None:
        """A message that is kept."""
        raise NotImplementedError

    def release(self, unit: Unit) -> None:
        """Lets a message go on that is kept no more."""
        self.held -= unit.size
        self.overtake(unit)
        self.host.settle()


class DelayStage(KeepingStage):
    """Messages come later."""

    def __init__(self, active: ActiveFault, host: Host, effect: Delay) -> None:
        super().__init__(active, host)
        self._seconds = effect.seconds
        self._waiting: deque[Unit] = deque()

    def keep(self, unit: Unit) -> None:
        self._waiting.append(unit)
        self.host.loop.later(time.monotonic() + self._seconds, self._pass_first)

    def flush(self) -> None:
        while self._waiting:
            self._pass_first()

    def _pass_first(self) -> None:
        if self._waiting:  # All have the same delay, so the first one is due; unless the fault has ended.
            self.release(self._waiting.popleft())


class HoldStage(KeepingStage):
    """Messages wait until they are released."""

    def keep(self, unit: Unit) -> None:
        self.active.hold(self, unit)

    def flush(self) -> None:
        for unit in self.active.forget_held(self):
            self.release(unit)

    def abandon(self) -> None:
        self.active.forget_held(self)


class ChosenLatencyStage(MessageStage):
    """Chosen messages come later, and so do those behind them: the order is kept."""

    def __init__(self, active: ActiveFault, host: Host, effect: Latency) -> None:
        super().__init__(active, host)
        self._queue = LatencyStage(active, host, effect)
        self.backlog = host.limit

    def link(self, following: Callable[[Unit], None]) -> None:
        self._queue.link(following)
        self.send = self._queue.in_order

    @property
    def held(self) -> int:
        return self._queue.held

    @held.setter
    def held(self, value: int) -> None:
        """It holds nothing itself."""

    def act(self, unit: Unit) -> None:
        self._note(unit)
        self._queue.delay(unit)

    def flush(self) -> None:
        self._queue.flush()


def too_much(limit: int) -> str:
    """What is wrong when a fault would have to hold more than it may."""
    return (
        f"It would have to hold more than the limit of {limit:,} bytes of a connection: messages have passed "
        "untouched. Start the proxy with a larger limit."
    )
