"""Rules: which requests a mock server takes, and in what order they are tried. Pure: no socket, no thread."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .formats import FrameProblem
from .matching import ANY, FramePattern, MatchKind, MessagePattern, contains_subset, message_pattern, same_value
from .report import preview

if TYPE_CHECKING:
    from .formats import Format, FormatTable, FrameFormats
    from .requests import Request

_SHOWN = 120


def guessed_formats(values: Sequence[object], table: FormatTable) -> FrameFormats:
    """The formats of values for which none was named: JSON where text cannot be, else TEXT."""
    structured = (dict, list, tuple, bool, type(None))
    return table.get(["JSON" if isinstance(value, structured) else "TEXT" for value in values] or ["TEXT"])


def request_pattern(
    patterns: Sequence[object], kind: MatchKind, formats: FrameFormats | None, table: FormatTable
) -> MessagePattern:
    """Prepares the patterns of a request.

    With GLOB and the format JSON, a pattern that is an object matches requests that contain it; texts in it are
    patterns themselves. All else is as `message_pattern` has it.

    Raises:
        InvalidValue: A pattern cannot be used.
    """
    formats = formats or guessed_formats(patterns, table)
    kinds = formats.of(max(len(patterns), formats.least)) if patterns else ()
    objects = {
        number: found
        for number, (pattern, format) in enumerate(zip(patterns, kinds))
        if kind is MatchKind.GLOB and format.name == "JSON" and (found := _json_object(pattern)) is not None
    }
    plain = [ANY if number in objects else pattern for number, pattern in enumerate(patterns)]
    frames = list(message_pattern(plain, kind, formats).frames) if plain else []
    for number, part in objects.items():
        frames[number] = _part_pattern(part, kinds[number])
    return MessagePattern(tuple(frames))


def _json_object(pattern: object) -> Mapping[str, object] | None:
    if isinstance(pattern, str) and pattern.lstrip().startswith("{"):
        try:
            pattern = json.loads(pattern)
        except ValueError:
            return None
    return pattern if isinstance(pattern, Mapping) else None


@dataclass(frozen=True)
class _PartPattern(FramePattern):
    """A pattern for JSON that contains something; tells which part is missing."""

    missing: Callable[[bytes], str] = lambda frame: ""

    def difference(self, frame: bytes) -> str:
        return f"{preview(frame, _SHOWN)}: {self.missing(frame)}"


def _part_pattern(part: Mapping[str, object], format: Format) -> FramePattern:
    def missing(frame: bytes) -> str:
        try:
            return _missing(format.decode(frame), part)
        except FrameProblem as problem:
            return f"not {format.name}: {problem}"

    return _PartPattern(f"JSON with {_shown(part)}", lambda frame: not missing(frame), missing=missing)


def _missing(value: object, part: object, path: str = "$") -> str:
    """The first thing that a value lacks, with its path; empty if nothing."""
    if isinstance(part, Mapping) and isinstance(value, Mapping):
        for key, item in part.items():
            if key not in value:
                return f"{path}.{key} is missing"
            if found := _missing(value[key], item, f"{path}.{key}"):
                return found
        return ""
    return "" if _fits(value, part) else f"{path} is {_shown(value)}, not {_shown(part)}"


def _shown(value: object) -> str:
    return preview(json.dumps(value, ensure_ascii=False, default=str).encode(), _SHOWN)


def _fits(value: object, part: object) -> bool:
    if isinstance(part, Mapping):
        return isinstance(value, Mapping) and all(k in value and _fits(value[k], item) for k, item in part.items())
    if isinstance(part, str):
        return part == ANY or (isinstance(value, str) and fnmatchcase(value, part))
    return contains_subset(value, part) if isinstance(part, (list, tuple)) else same_value(value, part)


def group_count(patterns: Sequence[object], kind: MatchKind) -> int:
    """How many groups the patterns have, over all frames."""
    if kind is not MatchKind.REGEXP:
        return 0
    return sum(re.compile(pattern).groups for pattern in patterns if isinstance(pattern, str) and pattern != ANY)


@dataclass(frozen=True)
class Rule:
    """What a mock server does with certain requests.

    Attributes:
        pattern: Which requests.
        act: What is done with a request of that number for this rule, counted from 1.
        key: What two rules have in common that are for the same requests.
        times: For how many requests; None for all.
        delay: Seconds before it is done.
        groups: How many groups the patterns have.
        value_kinds: Formats in which a frame of the request may have fields.
        number: Counts the rules of a server.
    """

    pattern: MessagePattern
    act: Callable[[Request, Rule, int], object]
    key: Sequence[object] = ()
    times: int | None = None
    delay: float = 0.0
    groups: int = 0
    value_kinds: tuple[Format, ...] = ()
    number: int = 0


class Script:
    """The rules of one mock server: tried in the order made, the first that fits takes the request.

    A fault is for all requests and goes before the rules that there are; the default comes after all of them. Rules
    made after a fault go before it.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forgets all rules."""
        self._rules: list[Rule] = []
        self._fault: Rule | None = None
        self._default: Rule | None = None
        self._used: dict[int, int] = {}
        self._made = 0

    def add(self, rule: Rule) -> None:
        """Adds a rule; it takes the place of one for the same requests that would never be used up."""
        rule = self._numbered(rule)
        for position, old in enumerate(self._rules):
            if old.times is None and old.key == rule.key:
                self._rules[position] = rule
                return
        self._rules.append(rule)

    def set_fault(self, rule: Rule) -> None:
        """From now on requests meet with this, whatever the rules say; `times=0` ends it."""
        self._fault = self._numbered(rule) if rule.times != 0 else None

    def set_default(self, rule: Rule) -> None:
        """What is done with requests that no rule takes; ends a fault."""
        self._default, self._fault = self._numbered(rule), None

    def find(self, frames: Sequence[bytes]) -> tuple[Rule, int] | None:
        """The rule for a request, and how often it was used with this one."""
        fault = self._fault if self._fault and self._left(self._fault) else None
        rules = [rule for rule in self._rules if rule.number > fault.number] if fault else self._rules
        last = fault or self._default
        for rule in (*rules, *([last] if last else [])):
            if self._left(rule) and rule.pattern.matches(frames):
                self._used[rule.number] = self._used.get(rule.number, 0) + 1
                return rule, self._used[rule.number]
        return None

    def _left(self, rule: Rule) -> bool:
        return rule.times is None or self._used.get(rule.number, 0) < rule.times

    def _numbered(self, rule: Rule) -> Rule:
        self._made += 1
        return replace(rule, number=self._made)
