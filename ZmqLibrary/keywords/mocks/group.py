"""What the keyword groups about mock servers share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from ...errors import InvalidValue
from ...messages.message import Message
from ...messages.patterns import MatchKind
from ...report.frames import count_of
from .. import FormatArgument, KeywordGroup

if TYPE_CHECKING:
    from ...formats import FrameFormats
    from ...mocks.mock_server import MockServer
    from ...mocks.replies import FrameTemplate
    from ...mocks.rules import Rule
    from .making import Mocks

_STRUCTURED = ("JSON", "MSGPACK", "CBOR")


class MockGroup(KeywordGroup):
    """Base of the keyword groups about mock servers."""

    @property
    def _mocks(self) -> Mocks:
        # Imported here, since few suites have mock servers.
        from .making import Mocks

        return Mocks(self.session)


class Condition(NamedTuple):
    """For which requests a rule is, as keywords take it."""

    patterns: Sequence[object]
    match: MatchKind = MatchKind.GLOB
    format: FormatArgument = None
    times: int | None = None
    delay: timedelta | None = None


def mock_name(mock: str | None, socket: str | None) -> str | None:
    """The name of a mock server, which may be given in either way.

    Raises:
        InvalidValue: It is given in both.
    """
    if mock is not None and socket is not None:
        raise InvalidValue("Give either mock= or socket=: both are the name of the mock server.")
    return socket if mock is None else mock


def require_groups(template: FrameTemplate, rule: Rule) -> None:
    """Raises InvalidValue if a reply names a group that the patterns do not have."""
    numbers = sorted(int(name) for name in template.names if name.isdigit())
    if numbers and not 1 <= numbers[0] <= numbers[-1] <= rule.groups:
        wrong = next(number for number in numbers if not 1 <= number <= rule.groups)
        groups = count_of(rule.groups, "group") if rule.groups else "no groups"
        raise InvalidValue(
            f"The reply names ${wrong}, but the patterns have {groups}. "
            "Groups are parts of patterns in parentheses, with match=REGEXP. A dollar sign is written $$."
        )


def put_fault(server: MockServer, rule: Rule, condition: Condition) -> None:
    """Without patterns a rule of this kind goes before the others."""
    server.call(lambda: server.script.add(rule) if condition.patterns else server.script.set_fault(rule))


def put_default(server: MockServer, rule: Rule, condition: Condition) -> None:
    """Without patterns a rule of this kind comes after all others."""
    server.call(lambda: server.script.add(rule) if condition.patterns else server.script.set_default(rule))


def error_value(text: object, formats: FrameFormats | None) -> object:
    """An error reply: `{"error": text}` in JSON and its like, else the text."""
    structured = formats is not None and formats.repeated is not None and formats.repeated.name in _STRUCTURED
    return {"error": text} if structured else text


def values_of(frames: object) -> list[object]:
    """Frames from one argument: a list of them, or a single one."""
    return list(frames) if isinstance(frames, (list, tuple, Message)) else [frames]
