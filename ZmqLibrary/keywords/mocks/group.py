"""What the keyword groups about mock servers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import InvalidValue
from ...log import logger
from ...report.words import count_of
from ..base import KeywordGroup
from .condition import Condition

if TYPE_CHECKING:
    from ...mocks.mock_server import MockServer
    from ...mocks.replies import FrameTemplate
    from ...mocks.rules import Rule
    from ...session.session import Session
    from .making import Mocks


class MockGroup(KeywordGroup):
    """Base of the keyword groups about mock servers."""

    @property
    def _mocks(self) -> Mocks:
        # Imported here, since few suites have mock servers.
        from .making import Mocks

        return Mocks(self.session)


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


def put_fault(session: Session, server: MockServer, rule: Rule, condition: Condition) -> None:
    """With `times` a rule of this kind goes before all others; without patterns, before those that there are.

    If no request meets the former, that is a warning at the end of the test: a test of a retry passes without it.
    """
    if condition.times == 0:
        server.call(lambda: server.script.end_faults(rule))
    elif condition.times is not None:
        trouble = server.call(lambda: server.script.add_trouble(rule))
        session.lifetimes.own_by_test(lambda: _warn_if_unused(server, trouble))
    else:
        server.call(lambda: server.script.set_fault(rule) if condition.any_request else server.script.add(rule))


def _warn_if_unused(server: MockServer, rule: Rule) -> None:
    if not server.script.uses(rule):
        logger.warn(f"{server.heading}: {rule.title} was never used, because no request has met it.")


def put_default(server: MockServer, rule: Rule, condition: Condition) -> None:
    """Without patterns a rule of this kind comes after all others."""
    server.call(lambda: server.script.set_default(rule) if condition.any_request else server.script.add(rule))
