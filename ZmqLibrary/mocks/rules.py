"""Rules: which requests a mock server takes, and in what order they are tried. Pure: no socket, no thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..messages.likeness import ANY
from ..messages.patterns import MatchKind

if TYPE_CHECKING:
    from ..formats import Format, FormatTable, FrameFormats
    from ..messages.patterns import FramePattern
    from .request_log import Request


def guessed_formats(values: Sequence[object], table: FormatTable) -> FrameFormats:
    """The formats of values for which none was named: JSON where text cannot be, else TEXT."""
    structured = (dict, list, tuple, bool, type(None))
    return table.get(["JSON" if isinstance(value, structured) else "TEXT" for value in values] or ["TEXT"])


def group_count(patterns: Sequence[object], kind: MatchKind) -> int:
    """How many groups the patterns have, over all frames."""
    if kind is not MatchKind.REGEXP:
        return 0
    texts = [text for p in patterns for text in (p if isinstance(p, (list, tuple)) else [p]) if isinstance(text, str)]
    return sum(re.compile(text).groups for text in texts if text != ANY)


class RequestPattern(Protocol):
    """Which requests a rule takes."""

    def matches(self, frames: Sequence[bytes]) -> bool:
        """Whether it takes a request."""

    def difference(self, frames: Sequence[bytes]) -> str:
        """In what a request differs, in words; empty if it is taken."""

    def pairs(self, frames: Sequence[bytes]) -> Iterable[tuple[FramePattern, bytes]]:
        """Each pattern for a frame, with its frame."""


class Rule(NamedTuple):
    """What a mock server does with certain requests.

    Attributes:
        pattern: Which requests.
        act: What is done with a request of that number for this rule, counted from 1.
        key: What two rules have in common that are for the same requests.
        times: For how many requests; None for all.
        delay: Seconds before it is done.
        groups: How many groups the patterns have.
        value_kinds: Formats in which a frame of the request may have fields.
        layout: The layout of the requests, if they have one.
        title: How it was made, as errors name it.
        number: Counts the rules of a server.
    """

    pattern: RequestPattern
    act: Callable[[Request, Rule, int], object]
    key: Sequence[object] = ()
    times: int | None = None
    delay: float = 0.0
    groups: int = 0
    value_kinds: tuple[Format, ...] = ()
    layout: FrameFormats | None = None
    title: str = ""
    number: int = 0


class Script:
    """The rules of one mock server: tried in the order made, the first that fits takes the request.

    A trouble takes a limited number of requests and comes before all rules, whenever made. A fault takes all requests
    and comes before the rules made so far; later rules come before it. The default comes last.
    """

    def __init__(self) -> None:
        self._used: dict[int, int] = {}
        self._made = 0
        self.clear()

    def clear(self) -> None:
        """Forgets all rules."""
        self._troubles: list[Rule] = []
        self._rules: list[Rule] = []
        self._fault: Rule | None = None
        self._default: Rule | None = None

    def add(self, rule: Rule) -> None:
        """Adds a rule; it takes the place of one for the same requests that would never be used up."""
        rule = self._numbered(rule)
        for position, old in enumerate(self._rules):
            if old.times is None and old.key == rule.key:
                self._rules[position] = rule
                return
        self._rules.append(rule)

    def add_trouble(self, rule: Rule) -> Rule:
        """Adds a rule that goes before all others but the troubles made before it.

        Returns:
            The rule as `uses` knows it.
        """
        rule = self._numbered(rule)
        self._troubles.append(rule)
        return rule

    def set_fault(self, rule: Rule) -> None:
        """From now on this comes before all rules made so far."""
        self._fault = self._numbered(rule)

    def end_faults(self, rule: Rule) -> None:
        """Ends the fault and the troubles that are for the same requests as this rule."""
        self._fault = None if self._fault and self._fault.key == rule.key else self._fault
        self._troubles = [trouble for trouble in self._troubles if trouble.key != rule.key]

    def set_default(self, rule: Rule) -> None:
        """What is done with requests that no rule takes; ends a fault."""
        self._default, self._fault = self._numbered(rule), None

    def find(self, *readings: Sequence[bytes]) -> tuple[Rule, int] | None:
        """The rule for a request, in one of the ways to read it, and how often it was used with this one."""
        fault = self._fault
        rules = [rule for rule in self._rules if rule.number > fault.number] if fault else self._rules
        last = fault or self._default
        for rule in (*self._troubles, *rules, *([last] if last else [])):
            if self._left(rule) and any(map(rule.pattern.matches, readings)):
                self._used[rule.number] = self._used.get(rule.number, 0) + 1
                return rule, self._used[rule.number]
        return None

    def wrong_signature(self, frames: Sequence[bytes]) -> str:
        """Why a request is not taken by a rule that would take it with another signature; empty if there is none."""
        for rule in (*self._troubles, *self._rules):
            problem = rule.layout.signature_problem(frames) if rule.layout and self._left(rule) else ""
            if problem and rule.pattern.difference(frames) == problem:
                return problem
        return ""

    def uses(self, rule: Rule) -> int:
        """How often a rule was used, also after it was forgotten."""
        return self._used.get(rule.number, 0)

    def unused(self) -> list[Rule]:
        """The rules that no request has met, in the order made; without the default, which is there for what may come.

        What is for no request at all (`times=0`) does not count.
        """
        rules = [*self._troubles, *self._rules, *([self._fault] if self._fault else [])]
        return sorted((rule for rule in rules if rule.times != 0 and not self.uses(rule)), key=lambda rule: rule.number)

    def _left(self, rule: Rule) -> bool:
        return rule.times is None or self.uses(rule) < rule.times

    def _numbered(self, rule: Rule) -> Rule:
        self._made += 1
        return rule._replace(number=self._made)
