"""Lifetimes: closes in time what tests and suites have opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from robot.running.context import EXECUTION_CONTEXTS

from ..log import logger

if TYPE_CHECKING:
    from robot import result, running


class AutoClose(Enum):
    """When sockets are closed automatically.

    - TEST: at the end of the test in which they were opened; those of a suite setup at the end of the suite.
    - SUITE: at the end of the suite in which they were opened.
    - MANUAL: only when they are closed explicitly, and at the end of the run.
    """

    TEST = "TEST"
    SUITE = "SUITE"
    MANUAL = "MANUAL"


class _Owned(NamedTuple):
    """Something that is closed when the test ends in which it was opened, or the suite where there was no test.

    The running test and suite themselves, not their names: listeners can change these.
    """

    suite: result.TestSuite
    test: result.TestCase | None
    close: Callable[[], None]


class Lifetimes:
    """A Robot listener that closes at the end of a test what was opened in it, and at the end of a suite the rest.

    Args:
        auto_close: When to close.
    """

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, auto_close: AutoClose) -> None:
        self._auto_close = auto_close
        self._owned: dict[object, _Owned] = {}
        self.at_failure: list[Callable[[], None]] = []
        self.at_test_end: list[Callable[[], None]] = []
        self.at_suite_end: list[Callable[[result.TestSuite], None]] = []
        self.at_end: list[Callable[[], None]] = []

    def own(self, close: Callable[[], None], thing: object = None) -> None:
        """Has something closed at the end of the running test or suite, as `auto_close` says.

        Args:
            close: Closes it.
            thing: What is closed, for `forget`.
        """
        if self._auto_close is not AutoClose.MANUAL:
            self._add(close, thing, of_test=self._auto_close is AutoClose.TEST)

    def own_by_test(self, end: Callable[[], None]) -> None:
        """Has something done at the end of the running test, or suite outside of tests, with every `auto_close`."""
        self._add(end, None, of_test=True)

    def _add(self, end: Callable[[], None], thing: object, *, of_test: bool) -> None:
        context = EXECUTION_CONTEXTS.current
        if context is not None:
            self._owned[end if thing is None else thing] = _Owned(context.suite, context.test if of_test else None, end)

    def forget(self, thing: object) -> None:
        """Something was closed before its time: nothing keeps it any more."""
        self._owned.pop(thing, None)

    def end_test(self, data: running.TestCase, result: result.TestCase) -> None:
        """Closes what was opened in the test, after its teardown; before that, calls `at_failure` if it failed."""
        if result.failed:
            _do_all(self.at_failure, "At the end of a failed test")
        self._close(lambda owned: owned.test is result)
        _do_all(self.at_test_end, "At the end of a test")

    def end_suite(self, data: running.TestSuite, result: result.TestSuite) -> None:
        """Closes what was opened in the suite, after its teardown."""
        self._close(lambda owned: owned.suite is result)
        _do_all([partial(tell, result) for tell in self.at_suite_end], "At the end of a suite")

    def let_go(self) -> None:
        """Closes nothing any more: in a forked child all belongs to the parent."""
        self._owned.clear()
        for actions in (self.at_failure, self.at_test_end, self.at_suite_end, self.at_end):
            actions.clear()

    def close(self) -> None:
        """Closes what is left at the end of the run."""
        _do_all(self.at_end, "Closing failed")

    def _close(self, has_ended: Callable[[_Owned], bool]) -> None:
        ended = [(thing, owned) for thing, owned in self._owned.items() if has_ended(owned)]
        for thing, owned in reversed(ended):
            self.forget(thing)
            _do_all([owned.close], "Closing failed")


def _do_all(actions: Iterable[Callable[[], None]], problem: str) -> None:
    """Each is done whatever comes of those before it."""
    for act in actions:
        try:
            act()
        except Exception as error:
            logger.warn(f"{problem}: {error}")


def running_step() -> object:
    """What runs now, None if nothing does: until it has ended, its value has not arrived."""
    context = EXECUTION_CONTEXTS.current
    return context.steps[-1] if context is not None and context.steps else None
