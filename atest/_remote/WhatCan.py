"""A pre-run modifier: the tests of cannot.txt are skipped, with the reasons that it tells."""

from __future__ import annotations

from pathlib import Path

from robot.api import SuiteVisitor
from robot.errors import DataError
from robot.running import TestCase, TestSuite


class WhatCan(SuiteVisitor):
    """Fails if the list names a test that is not there."""

    def __init__(self) -> None:
        lines = Path(__file__).with_name("cannot.txt").read_text("utf-8").splitlines()
        self._reasons = dict(line.split(" | ") for line in lines if line and not line.startswith("#"))

    def visit_test(self, test: TestCase) -> None:
        reason = self._reasons.pop(test.full_name.partition(".")[2], None)
        if reason is not None:
            test.setup = test.teardown = test.template = None
            test.body.clear()
            test.body.create_keyword("Skip", args=[reason])

    def end_suite(self, suite: TestSuite) -> None:
        if suite.parent is None and self._reasons:
            raise DataError(f"cannot.txt names what is not there: {', '.join(self._reasons)}")
