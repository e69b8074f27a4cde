"""What can be broken in a connection, as frozen descriptions; and which messages a fault chooses.

A `Fault` is made of parts: an effect (what is done), a `Selection` (to which messages), and where and how long. The
descriptions are pickled to the process of the proxy; nothing here does I/O.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ..errors import InvalidValue
from .fault_options import Corruption, DroppableCommand, FaultDirection


@dataclass(frozen=True)
class PatternSource:
    """Patterns as the user gave them, from which the process of the proxy makes its own.

    Attributes:
        patterns: One for each leading frame.
        match: Name of the `MatchKind`.
        format: Names of formats; built-in ones only.
        number: If set, the patterns stay in the library's process, which is asked under this number: they use formats
            or layouts of the suite.
        frames: How many leading frames they look at; None if they look at all.
    """

    patterns: tuple[object, ...]
    match: str = "GLOB"
    format: str | tuple[str, ...] = "TEXT"
    number: int | None = None
    frames: int | None = None


@dataclass(frozen=True)
class Selection:
    """Which messages a fault acts on: of those that match, after the first `skip`, each `every`-th, with a probability.

    Attributes:
        pattern: What they look like; None for all.
        times: How often it acts at most; None for no limit.
        skip: How many messages pass before it begins to count.
        every: It acts on each n-th.
        probability: From 0 (never) to 1 (always).
        seed: Of the random choices, so that they can be repeated.
    """

    pattern: PatternSource | None = None
    times: int | None = None
    skip: int = 0
    every: int = 1
    probability: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuses numbers that mean nothing."""
        if self.times is not None and self.times < 1:
            raise InvalidValue(f"times={self.times} cannot be used: a fault acts once or more. Omit it for no limit.")
        if self.skip < 0:
            raise InvalidValue(f"skip={self.skip} cannot be used: give 0 or a positive number of messages.")
        if self.every < 1:
            raise InvalidValue(f"every={self.every} cannot be used: 1 means each message, 2 every other one.")
        if not 0 <= self.probability <= 1:
            raise InvalidValue(
                f"probability={self.probability:g} cannot be used: it goes from 0 (never) to 1 (always)."
            )

    @property
    def takes_all(self) -> bool:
        """Whether each message is chosen."""
        return self == Selection(seed=self.seed)


class Choice:
    """The running count of a `Selection`: says of each matching message whether it is chosen.

    Args:
        selection: What to choose.

    Attributes:
        matched: Messages seen.
        acted: Messages chosen.
    """

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._random = random.Random(selection.seed)
        self.matched = 0
        self.acted = 0

    @property
    def spent(self) -> bool:
        """Whether nothing will be chosen any more."""
        return self._selection.times is not None and self.acted >= self._selection.times

    def next(self, count: int = 1) -> int | None:
        """Goes through the next `count` matching messages up to the first that is chosen.

        Returns:
            How many come before that one; None if none is chosen.
        """
        passed = 0
        while passed < count:
            ahead = self._ahead()
            if ahead is None or ahead >= count - passed:
                self.matched += count - passed
                return None
            self.matched += ahead + 1
            passed += ahead
            if self._drawn():
                self.acted += 1
                return passed
            passed += 1
        return None

    def take_back(self) -> None:
        """The last choice came to nothing."""
        self.acted -= 1

    def _ahead(self) -> int | None:
        """How many messages pass for certain before the next that may be chosen."""
        skip, every = self._selection.skip, self._selection.every
        if self.spent or not self._selection.probability:
            return None
        if self.matched < skip:
            return skip - self.matched + every - 1
        return every - 1 - (self.matched - skip) % every

    def _drawn(self) -> bool:
        return self._selection.probability >= 1 or self._random.random() < self._selection.probability


def _require_time(name: str, seconds: float) -> None:
    if not math.isfinite(seconds) or seconds < 0:
        raise InvalidValue(f"{name}={seconds:g} seconds cannot be used: give a time of 0 or more.")


def _require_positive(name: str, number: float) -> None:
    if number < 1:
        raise InvalidValue(f"{name}={number:g} cannot be used: give 1 or more.")


@dataclass(frozen=True)
class Latency:
    """Everything arrives `seconds` later, give or take `jitter`, in order; bandwidth is as it was."""

    seconds: float
    jitter: float = 0.0
    past = "delayed"

    def __post_init__(self) -> None:
        """Refuses negative times."""
        _require_time("latency", self.seconds)
        _require_time("jitter", self.jitter)
        if self.jitter > self.seconds:
            raise InvalidValue(
                f"jitter={self.jitter:g} seconds cannot be used with latency={self.seconds:g} seconds: "
                "nothing arrives before it was sent. Give a jitter up to the latency."
            )


@dataclass(frozen=True)
class Bandwidth:
    """So many bytes per second, for each connection and direction."""

    bytes_per_second: float
    past = "slowed down"

    def __post_init__(self) -> None:
        """Refuses rates below 1."""
        _require_positive("bytes_per_second", self.bytes_per_second)


@dataclass(frozen=True)
class Slices:
    """A few bytes at a time, with a pause between them."""

    size: int
    pause: float = 0.0
    past = "sliced"

    def __post_init__(self) -> None:
        """Refuses empty slices."""
        _require_positive("size", self.size)
        _require_time("pause", self.pause)


@dataclass(frozen=True)
class CloseAfter:
    """Each connection is closed at byte `bytes` of the direction; that byte is lost."""

    bytes: int
    reset: bool = False
    past = "closed the connection"

    def __post_init__(self) -> None:
        """Refuses negative numbers of bytes."""
        if self.bytes < 0:
            raise InvalidValue(f"bytes={self.bytes} cannot be used: give 0 or a positive number of bytes.")


@dataclass(frozen=True)
class Silence:
    """Nothing goes on, and connections stay."""

    past = "held up by silence"


@dataclass(frozen=True)
class LateClose:
    """The end of one side reaches the other later."""

    seconds: float
    past = "delayed the end"

    def __post_init__(self) -> None:
        """Refuses negative times."""
        _require_time("delay", self.seconds)


@dataclass(frozen=True)
class Refusal:
    """New connections are refused."""

    past = "refused the connection"


@dataclass(frozen=True)
class Drop:
    """Messages are lost."""

    past = "dropped"


@dataclass(frozen=True)
class Delay:
    """Messages come later than those behind them."""

    seconds: float
    past = "delayed"

    def __post_init__(self) -> None:
        """Refuses negative times."""
        _require_time("delay", self.seconds)


@dataclass(frozen=True)
class Duplicate:
    """Messages come more than once."""

    copies: int = 1
    past = "duplicated"

    def __post_init__(self) -> None:
        """Refuses to make no copy."""
        _require_positive("copies", self.copies)


@dataclass(frozen=True)
class Reorder:
    """Each `window` of messages arrives in another order."""

    window: int = 2
    patience: float = 1.0  # seconds that a window waits for its last message
    past = "reordered"

    def __post_init__(self) -> None:
        """Refuses windows in which there is one order only."""
        if self.window < 2:
            raise InvalidValue(f"window={self.window} cannot be used: it takes 2 messages or more to change an order.")


@dataclass(frozen=True)
class Corrupt:
    """Messages are damaged in one frame."""

    how: Corruption = Corruption.FLIP_BIT
    frame: int = -1
    past = "corrupted"


@dataclass(frozen=True)
class Replace:
    """Another message comes instead."""

    frames: tuple[bytes, ...]
    past = "replaced"


@dataclass(frozen=True)
class Hold:
    """Messages wait until they are released."""

    past = "held"


@dataclass(frozen=True)
class DropCommands:
    """Commands are lost."""

    command: DroppableCommand
    past = "dropped"


Effect = (
    Latency
    | Bandwidth
    | Slices
    | CloseAfter
    | Silence
    | LateClose
    | Refusal
    | Drop
    | Delay
    | Duplicate
    | Reorder
    | Corrupt
    | Replace
    | Hold
    | DropCommands
)

MESSAGE_EFFECTS = (Drop, Delay, Duplicate, Reorder, Corrupt, Replace, Hold)
"""What is done to whole messages."""

CHANGING_EFFECTS = (Corrupt, Replace)
"""What changes the content of messages, which is not possible where it is encrypted."""


@dataclass(frozen=True)
class Fault:
    """One thing that is broken on purpose.

    Attributes:
        name: Given by the user, or made.
        effect: What is done.
        direction: Which way.
        selection: To which messages, connections or commands.
        lasting: Seconds after which it is over; None for as long as it is there.
        client: A glob for the address or routing id of the clients that it is for; None for all.
    """

    name: str
    effect: Effect
    direction: FaultDirection = FaultDirection.BOTH
    selection: Selection = field(default_factory=Selection)
    lasting: float | None = None
    client: str | None = None

    def __post_init__(self) -> None:
        """Refuses an end that lies in the past."""
        if self.lasting is not None and self.lasting <= 0:
            raise InvalidValue(
                f"lasting={self.lasting:g} seconds cannot be used: give a time above 0, or omit it for no end."
            )

    @property
    def counts_messages(self) -> bool:
        """Whether messages have to be told apart for it."""
        if isinstance(self.effect, Latency):
            return not self.selection.takes_all
        return isinstance(self.effect, (*MESSAGE_EFFECTS, DropCommands))

    @property
    def needs_content(self) -> bool:
        """Whether it has to read or change messages, which is not possible under CURVE."""
        return self.selection.pattern is not None or isinstance(self.effect, (*CHANGING_EFFECTS, DropCommands))

    @property
    def may_mean_routing_id(self) -> bool:
        """Whether it is for clients that may be named by their routing id: addresses have a colon."""
        return self.client is not None and ":" not in self.client

    def is_for(self, address: str, routing_id: bytes) -> bool:
        """Whether it is for a client with that address and routing id."""
        if self.client is None:
            return True
        names = [address, *([routing_id.decode("utf-8", "backslashreplace")] if routing_id else [])]
        return self.client in names or any(fnmatchcase(name, self.client) for name in names)


def reordered(count: int, generator: random.Random) -> Sequence[int]:
    """Another order of `count` things than the one they have."""
    order = list(range(count))
    while order == sorted(order):
        generator.shuffle(order)
    return order
