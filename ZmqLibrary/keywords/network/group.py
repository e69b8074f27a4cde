"""What the keyword groups about proxies share: finding the proxy, and making a fault that ends with the test."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ...errors import InvalidValue
from ...formats import HiddenBytes
from ...log import logger
from ...messages.patterns import MatchKind, shown_frames
from ...messages.values import shown
from ...network.fault_options import FaultDirection
from ...report.frames import quote_text, summary
from ...report.words import count_of
from ..arguments import encoded_frames, given_pattern, named_frames, patterns_of
from ..base import FormatArgument, KeywordGroup

if TYPE_CHECKING:
    from ...formats import FrameFormats
    from ...network.fault_proxy import FaultProxy, FaultRecord
    from ...network.faults import Effect, Fault, PatternSource, Selection
    from ...network.reports import ProxyMessage
    from ...network.sightings import Sightings
    from ...registry import Registry

_NONE: Mapping[str, object] = MappingProxyType({})
_SEEDS = 2**31
_SHOWN = 120
_SHOWN_MESSAGES = 5


class Where(NamedTuple):
    """What all faults have in common, as keywords take it."""

    direction: FaultDirection
    lasting: timedelta | None
    name: str | None
    client: str | None
    proxy: str | None


class Looks(NamedTuple):
    """What messages look like, as keywords take it."""

    patterns: Sequence[object]
    match: MatchKind = MatchKind.GLOB
    format: FormatArgument = None
    layout: str | None = None
    fields: Mapping[str, object] = _NONE


class Which(NamedTuple):
    """Which messages a fault chooses, as keywords take it."""

    times: int | None = None
    skip: int = 0
    every: int = 1
    probability: float = 1.0
    seed: int | None = None


class ProxyGroup(KeywordGroup):
    """Base of the keyword groups about proxies."""

    @property
    def _proxies(self) -> Registry[FaultProxy]:
        # Imported here, since few suites have proxies.
        from ...network.fault_proxy import FaultProxy

        return self.session.workers.of(FaultProxy)

    def _proxy(self, name: str | None) -> FaultProxy:
        """The proxy of that name, or the current one; the log gets what passed until now.

        Raises:
            NotOpen: There is none.
            WorkerFailed: It has ended unexpectedly.
        """
        from ...network.fault_proxy import FaultProxy

        proxy = self._worker(FaultProxy, name)
        proxy.drain()
        return proxy

    def _pattern_formats(self, looks: Looks) -> FrameFormats:
        """The formats of patterns: what was given, or what can be seen from them."""
        from ...mocks.rules import guessed_formats

        if looks.layout is not None:
            return self.session.formats.layout(looks.layout, looks.format)
        if looks.format is not None:
            return self.session.formats.get(looks.format)
        return guessed_formats(patterns_of(looks.patterns), self.session.formats)

    def _pattern(self, proxy: FaultProxy, looks: Looks) -> PatternSource | None:
        """The patterns as the proxy takes them; None for none."""
        formats = self._pattern_formats(looks)
        patterns = patterns_of(looks.patterns)
        if not looks.fields:
            return proxy.pattern_source(patterns, looks.match, formats)
        if formats.field_names:
            return proxy.kept_pattern(given_pattern(patterns, looks.fields, looks.match, formats))
        return proxy.pattern_source([*patterns, *named_frames(looks.fields)], looks.match, formats)

    def _read_formats(self, looks: Looks) -> FrameFormats:
        """The formats in which messages are read."""
        if looks.layout is None and looks.format is None:
            return self.session.formats.get("TEXT")
        return self._pattern_formats(looks)

    def _encoded(
        self, frames: Sequence[object], format: FormatArgument, layout: str | None, fields: Mapping[str, object] = _NONE
    ) -> list[bytes]:
        """The frames of a message of the proxy's own."""
        formats = self._pattern_formats(Looks(frames, format=format, layout=layout))
        if formats.field_names and len(frames) == 1 and isinstance(frames[0], dict):
            return encoded_frames((), frames[0], formats)
        return encoded_frames(frames, fields, formats)

    def _last_seen(self, proxy: FaultProxy, looks: Looks) -> list[str]:
        """What came in last, as lines of an error; with patterns, in what it differs from them."""
        messages = proxy.last_messages(_SHOWN_MESSAGES, self._read_formats(Looks(())))
        if not messages:
            return ["No message came in.", *target_problem(proxy)]
        total = messages[-1].number
        head = f"{count_of(total, 'message')} came in"
        return [
            f"{head}; the last ones:" if total > len(messages) else f"{head}:",
            *self._lines(messages, looks),
            *target_problem(proxy),
        ]

    def _lines(self, messages: Sequence[ProxyMessage], looks: Looks) -> list[str]:
        lines = []
        wanted = None
        if looks.patterns or looks.fields:
            formats = self._pattern_formats(looks)
            wanted = given_pattern(patterns_of(looks.patterns), looks.fields, looks.match, formats)
        for message in messages:
            faults = f" ({', '.join(message.faults)})" if message.faults else ""
            frames = shown_frames(wanted, message.raw)
            lines.append(f"  {message.number} {message.direction}{faults}{shown_message(message, frames)}")
            if not message.whole:
                continue
            if wanted and (difference := wanted.difference(frames)):
                lines.append(f"       {difference}")
        return lines

    def _break_messages(self, effect: Effect, looks: Looks, which: Which, where: Where) -> str:
        """Makes a fault that acts on messages; returns its name."""
        from ...network.faults import Selection

        proxy = self._proxy(where.proxy)
        seed = seed_of(which.seed)
        _require_no_field(looks, self._pattern_formats(looks), {"client": where.client, "name": where.name})
        pattern = self._pattern(proxy, looks)
        selection = Selection(pattern, which.times, which.skip, which.every, which.probability, seed)
        return self._make(proxy, effect, where, selection)

    def _break(self, effect: Effect, where: Where, selection: Selection | None = None) -> str:
        """Makes a fault that acts on connections; returns its name."""
        from ...network.faults import Selection

        return self._make(self._proxy(where.proxy), effect, where, selection or Selection())

    def _make(self, proxy: FaultProxy, effect: Effect, where: Where, selection: Selection) -> str:
        from ...network.faults import Fault

        lasting = None if where.lasting is None else where.lasting.total_seconds()
        name = proxy.name_for(where.name, type(effect).__name__.upper())
        fault = Fault(name, effect, where.direction, selection, lasting, where.client)
        record = proxy.add_fault(fault)
        self.session.lifetimes.own_by_test(lambda: end_with_warning(proxy, record))
        logger.info(f"{proxy.heading} has fault {quote_text(name)}: {described(fault)}.")
        return name


def _require_no_field(looks: Looks, formats: FrameFormats, given: Mapping[str, str | None]) -> None:
    """Raises InvalidValue if a text may be meant for a field of a layout that has the name of an argument."""
    for name, value in given.items():
        if value is not None and name in formats.field_names and not looks.patterns:
            raise InvalidValue(
                f"{name}={value} is an argument of this keyword, and '{name}' is a field of the layout, too. Give "
                "patterns by the places of their frames; then it is the argument."
            )


def shown_message(message: ProxyMessage, frames: Sequence[bytes]) -> str:
    """A message in a line; of one that is not kept whole the size and how its frames begin."""
    if message.whole:
        return f": {summary(frames, _SHOWN)}"
    beginnings = [frame if isinstance(frame, HiddenBytes) else frame[:_SHOWN] for frame in frames]
    return f", {message.size:,} bytes, not kept whole, that begin: {summary(beginnings, _SHOWN)}"


def unknown(there: Sightings) -> list[str]:
    """Why it is not certain which messages came in that match, as lines of an error."""
    lines = []
    if there.partial:
        lines.append(
            f"{count_of(there.partial, 'message')} may match: not enough is kept to hold the patterns against it. Of "
            "messages larger than half a megabyte, and of a flood of large ones, only the beginning is. Give patterns "
            "for the frames before, or look at what the receiver has got."
        )
    if there.encrypted:
        lines.append(
            f"{count_of(there.encrypted, 'message')} may match: the connection is encrypted (CURVE and its like), and "
            "patterns cannot be held against what it carries. Look at what the receiver has got."
        )
    if there.forgotten:
        lines.append(
            f"{count_of(there.forgotten, 'older message')} may match: the last 10,000 are kept, as far as they take "
            "less than 64 MB. Check before so many came, or record them with `Start Recording`."
        )
    return lines


def target_problem(proxy: FaultProxy) -> list[str]:
    """Why the target of a proxy is not reached, as a line of an error; none if it is."""
    problem = proxy.target_problem
    return [f"{problem[:1].upper()}{problem[1:]}."] if problem else []


def seed_of(seed: int | None) -> int:
    """The seed that was given, or a random one."""
    return random.randrange(_SEEDS) if seed is None else seed


def described(fault: Fault) -> str:
    """A fault in words, with the seed of its choices."""
    values = [
        f"{name}={value.name if isinstance(value, Enum) else value}"
        for name, value in vars(fault.effect).items()
        if name != "frames"
    ]
    selection = fault.selection
    chosen = [
        f"{name}={getattr(selection, name)}"
        for name, usual in (("times", None), ("skip", 0), ("every", 1), ("probability", 1.0))
        if getattr(selection, name) != usual
    ]
    pattern = selection.pattern.patterns if selection.pattern else ()
    looks = [" | ".join(map(shown, pattern))] if pattern else []
    seed = [f"seed={selection.seed}"] if selection.seed or fault.counts_messages else []
    way = [f"direction={fault.direction.value}"]
    return ", ".join([f"{type(fault.effect).__name__}", *values, *looks, *way, *chosen, *seed])


def end_with_warning(proxy: FaultProxy, record: FaultRecord) -> None:
    """Ends a fault at the end of the test that made it; one that never acted has tested nothing."""
    report = proxy.end_fault(record)
    proxy.drain()
    if report and not report.acted:
        looked = count_of(report.matched, "message") if report.matched else "no message"
        problem = f" {report.problem}" if report.problem else ""
        logger.warn(
            f"Fault {quote_text(report.name)} of {proxy.title} never acted: it tested nothing. "
            f"{described(record.fault)}; {looked} matched.{problem}"
        )
