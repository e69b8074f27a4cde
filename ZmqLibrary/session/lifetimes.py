"""Lifetimes: closes in time what tests and suites have opened."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError

from ..log import logger

if TYPE_CHECKING:
    from robot import result, running


class AutoClose(Enum):
    """When sockets are closed automatically.

    - TEST: at the end of the test in which they were opened; those of a suite setup at the end of the suite.
    - SUITE: at the end of the suite in which they were opened.
    - MANUAL: with `Close Zmq Socket`, `Close All Zmq Sockets` and at the end of the run.
    """

    TEST = "TEST"
    SUITE = "SUITE"
    MANUAL = "MANUAL"


class Lifetimes:
    """A Robot listener that closes at the end of a test what was opened in it, and at the end of a suite the rest.

    Args:
        auto_close: When to close.
    """

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, auto_close: AutoClose) -> None:
        self._auto_close = auto_close
        self._owned: dict[tuple[str, str | None], list[Callable[[], None]]] = {}
        self.at_test_end: list[Callable[[], None]] = []
        self.at_suite_end: list[Callable[[result.TestSuite], None]] = []
        self.at_end: list[Callable[[], None]] = []

    def own(self, close: Callable[[], None]) -> None:
        """Has something closed at the end of the running test or suite."""
        if self._auto_close is not AutoClose.MANUAL and (scope := self._scope()):
            self._owned.setdefault(scope, []).append(close)

    def _scope(self) -> tuple[str, str | None] | None:
        try:
            suite = BuiltIn().get_variable_value("${SUITE NAME}")
            test = BuiltIn().get_variable_value("${TEST NAME}")
        except RobotNotRunningError:
            return None
        return (suite, test if self._auto_close is AutoClose.TEST else None)

    def end_test(self, data: running.TestCase, result: result.TestCase) -> None:
        """Closes what was opened in the test, after its teardown."""
        self._close((result.parent.full_name if result.parent else "", result.name))
        for tell in self.at_test_end:
            tell()

    def end_suite(self, data: running.TestSuite, result: result.TestSuite) -> None:
        """Closes what was opened in the suite, after its teardown."""
        for scope in [s for s in self._owned if s[0] == result.full_name]:
            self._close(scope)
        for tell in self.at_suite_end:
            tell(result)

    def close(self) -> None:
        """Closes what is left at the end of the run."""
        for close in self.at_end:
            _warn_on_failure(close)

    def _close(self, scope: tuple[str, str | None]) -> None:
        for close in reversed(self._owned.pop(scope, [])):
            _warn_on_failure(close)


def _warn_on_failure(close: Callable[[], None]) -> None:
    try:
        close()
    except Exception as error:
        logger.warn(f"Closing failed: {error}")
