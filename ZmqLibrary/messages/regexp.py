"""Regular expressions of Python, held against text from outside within a bounded time.

``re`` backtracks without an end and holds Python's global lock meanwhile: ``(a+)+$`` against 45 characters stops every
thread and signal handler of the process for hours. So ``re`` gets only what it must be done with soon, whatever the
text is: the number of ways in which the expression can fail to match is estimated from its parts and from the length of
the text. Everything else goes to the package ``regex``, which has a deadline and lets other threads run. It reads some
expressions in another way than ``re`` does (``{e}`` and ``[[:alpha:]]`` are more than characters there, ``\\w`` takes
accents that stand alone), so it gets what ``re`` has understood, written out part by part.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import InvalidValue, PatternTooSlow
from ..report.frames import quote_text
from ..report.words import seconds

try:
    from re import _constants, _parser  # type: ignore[attr-defined]
except ImportError:  # Python 3.10
    import sre_constants as _constants
    import sre_parse as _parser

MOST_SECONDS = 0.5
_LEAST_SECONDS = 0.01
_MOST_STEPS = 1_000_000  # of `re`, which takes some ten milliseconds for them
_ENDLESS = 40  # a number of nested choices that no text is short enough for

_CATEGORIES = {
    "CATEGORY_DIGIT": r"\p{Nd}",
    "CATEGORY_SPACE": r"\s\x1c-\x1f",
    "CATEGORY_WORD": r"\p{L}\p{N}_",
}
_CATEGORIES_ASCII = {
    "CATEGORY_DIGIT": "0-9",
    "CATEGORY_SPACE": r" \t\n\r\f\v",
    "CATEGORY_WORD": "a-zA-Z0-9_",
}
_PLACES = {"AT_BEGINNING": "^", "AT_BEGINNING_STRING": r"\A", "AT_END": "$", "AT_END_STRING": r"\Z"}
_SUFFIXES = {"MAX_REPEAT": "", "MIN_REPEAT": "?", "POSSESSIVE_REPEAT": "+"}
_SCOPED = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}


class Regexp:
    """A regular expression with a deadline.

    Args:
        pattern: As for `re.compile`.
        flags: Likewise.

    Raises:
        InvalidValue: It is not a regular expression.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        try:
            self._compiled = re.compile(pattern, flags)
            with warnings.catch_warnings():  # of which the line before has given its share
                warnings.simplefilter("ignore")
                self._tree = _parser.parse(pattern, flags)
        except (re.error, RecursionError, OverflowError) as error:
            raise InvalidValue(f"{quote_text(pattern)} is not a regular expression: {error}.") from None
        self.pattern = pattern
        self.groups = self._compiled.groups
        self.names: Mapping[str, int] = self._compiled.groupindex
        self._nesting, self._factor = _ways(self._tree)
        self._limit = MOST_SECONDS
        self._bounded: Callable[..., re.Match[str] | None] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """The first match in a text.

        Raises:
            PatternTooSlow: It was not found in time.
        """
        if self.is_quick(len(text)):
            return self._compiled.search(text)
        if self._bounded is None:
            self._bounded = self._compile_bounded()
        try:
            found = self._bounded(text, timeout=self._limit)
        except TimeoutError:
            took = self._limit
            # Many such texts in a row must not take half a second each.
            self._limit = max(_LEAST_SECONDS, self._limit / 4)
            raise PatternTooSlow(
                f"{quote_text(self.pattern)} was neither found nor ruled out in {seconds(took)} in {len(text):,} "
                "characters. Repeats inside of repeats, such as (a+)+, can take for ever: write it without them, or "
                "match less."
            ) from None
        self._limit = MOST_SECONDS
        return found

    def is_quick(self, length: int) -> bool:
        """Whether `re` itself is done soon with any text of that length."""
        return self._nesting < _ENDLESS and self._factor * (length + 1) ** (self._nesting + 1) <= _MOST_STEPS

    def _compile_bounded(self) -> Callable[..., re.Match[str] | None]:
        # It takes a tenth of a second to import, and few suites need it.
        import regex

        # Its matches have what those of `re` have.
        written = _RegexWriter(self._tree.state).text(self._tree)
        search: Callable[..., re.Match[str] | None] = regex.compile(written).search
        return search


def _ways(parts: Iterable[tuple[Any, Any]]) -> tuple[int, int]:
    """In how many ways parts in a row can match: the number of repeats without a bound, and a factor for all else."""
    nesting, factor = 0, 1
    for operation, argument in parts:
        more, times = _ways_of(str(operation), argument)
        nesting, factor = nesting + more, factor * times
    return (nesting, factor) if nesting < _ENDLESS and factor <= _MOST_STEPS else (_ENDLESS, 1)


def _ways_of(operation: str, argument: Any) -> tuple[int, int]:
    if operation in _SUFFIXES:
        return _ways_of_repeat(*argument)
    if operation == "BRANCH":
        ways = [_ways(branch) for branch in argument[1]]
        return max(nesting for nesting, _ in ways), sum(factor for _, factor in ways)
    if operation == "SUBPATTERN":
        return _ways(argument[3])
    if operation == "ATOMIC_GROUP":
        return _ways(argument)
    if operation in ("ASSERT", "ASSERT_NOT"):
        return _ways(argument[1])
    if operation == "GROUPREF_EXISTS":
        return _ways([("BRANCH", (None, [part for part in argument[1:] if part]))])
    return 0, 1


def _ways_of_repeat(least: int, most: int, item: Any) -> tuple[int, int]:
    nesting, factor = _ways(item)
    width, widest = item.getwidth()
    has_no_end = most == _constants.MAXREPEAT or most > 1000
    if nesting or factor > 1 or width != widest or not width:
        if has_no_end or most * max(nesting, 1) >= _ENDLESS:
            return _ENDLESS, 1
        return nesting * most, factor**most * (most - least + 1)
    return (1, 1) if has_no_end else (0, most - least + 1)


class _RegexWriter:
    """Writes a parsed expression so that `regex` reads in it what `re` does.

    Args:
        state: The parser's: its flags and the names of groups.
    """

    def __init__(self, state: Any) -> None:
        self._names = {number: name for name, number in state.groupdict.items()}
        self._flags = state.flags

    def text(self, parts: Any) -> str:
        """The whole expression."""
        letters = "".join(letter for flag, letter in _SCOPED.items() if self._flags & flag)
        return f"(?{letters}:{self._row(parts)})" if letters else self._row(parts)

    def _row(self, parts: Iterable[tuple[Any, Any]]) -> str:
        return "".join(self._part(str(operation), argument) for operation, argument in parts)

    def _part(self, operation: str, argument: Any) -> str:
        if operation in _SUFFIXES:
            least, most, item = argument
            end = "" if most == _constants.MAXREPEAT else int(most)
            return f"(?:{self._row(item)}){{{least},{end}}}{_SUFFIXES[operation]}"
        return str(getattr(self, f"_{operation.lower()}")(argument))

    def _literal(self, code: int) -> str:
        return re.escape(chr(code)) if chr(code).isascii() else chr(code)

    def _not_literal(self, code: int) -> str:
        return f"[^{_in_set(code)}]"

    def _any(self, argument: None) -> str:
        return "."

    def _in(self, members: list[tuple[Any, Any]]) -> str:
        negated, parts = "", []
        for operation, argument in members:
            kind = str(operation)
            if kind == "NEGATE":
                negated = "^"
            elif kind == "LITERAL":
                parts.append(_in_set(argument))
            elif kind == "RANGE":
                parts.append(f"{_in_set(argument[0])}-{_in_set(argument[1])}")
            else:
                parts.append(self._category(str(argument)))
        if len(parts) == 1 or all(not part.startswith("^") for part in parts):
            inner = "".join(parts)
            return f"[{negated}{inner}]" if not inner.startswith("^") else f"[{'' if negated else '^'}{inner[1:]}]"
        choice = "|".join(f"[{part}]" for part in parts)
        return rf"(?:(?!{choice})(?s:.))" if negated else f"(?:{choice})"

    def _category(self, name: str) -> str:
        categories = _CATEGORIES_ASCII if self._flags & re.ASCII else _CATEGORIES
        if "_NOT_" in name:
            return f"^{categories[name.replace('_NOT_', '_')]}"
        return categories[name]

    def _branch(self, argument: tuple[None, list[Any]]) -> str:
        return f"(?:{'|'.join(self._row(branch) for branch in argument[1])})"

    def _subpattern(self, argument: tuple[int | None, int, int, Any]) -> str:
        number, added, removed, item = argument
        inner = self._row(item)
        on = "".join(letter for flag, letter in _SCOPED.items() if added & flag)
        off = "".join(letter for flag, letter in _SCOPED.items() if removed & flag)
        if on or off:
            inner = f"(?{on}{'-' + off if off else ''}:{inner})"
        if number is None:
            return f"(?:{inner})"
        name = self._names.get(number)
        return f"(?P<{name}>{inner})" if name else f"({inner})"

    def _atomic_group(self, item: Any) -> str:
        return f"(?>{self._row(item)})"

    def _groupref(self, number: int) -> str:
        return rf"(?:\g<{number}>)"

    def _groupref_exists(self, argument: tuple[int, Any, Any]) -> str:
        number, yes, no = argument
        return f"(?({number}){self._row(yes)}{'|' + self._row(no) if no else ''})"

    def _assert(self, argument: tuple[int, Any]) -> str:
        return f"(?{'=' if argument[0] > 0 else '<='}{self._row(argument[1])})"

    def _assert_not(self, argument: tuple[int, Any]) -> str:
        return f"(?{'!' if argument[0] > 0 else '<!'}{self._row(argument[1])})"

    def _failure(self, argument: tuple[()]) -> str:
        return "(?!)"

    def _at(self, place: Any) -> str:
        if str(place) in _PLACES:
            return _PLACES[str(place)]
        word = f"[{self._category('CATEGORY_WORD')}]"
        boundary = f"(?<={word})(?!{word})|(?<!{word})(?={word})"
        inside = f"(?<={word})(?={word})|(?<!{word})(?!{word})"
        return f"(?:{inside if 'NON' in str(place) else boundary})"


def _in_set(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\U{code:08x}"
