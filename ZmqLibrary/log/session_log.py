"""SessionLog: what one library instance writes into Robot's log besides the lines of its keywords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import logger
from .flow import log_folded
from .message_log import MessageLog
from .worker_log import log_journal, report_at_suite_end

if TYPE_CHECKING:
    from robot import result

    from ..report.sequence_diagram import Diagram
    from ..workers.journal import Journal
    from ..workers.worker_registry import WorkerRegistry


class SessionLog:
    """Robot's log, as a session uses it.

    Args:
        limit: How many bytes of a frame are shown.
        messages: How many messages of a test have a line.
    """

    def __init__(self, limit: int, messages: int) -> None:
        self.messages = MessageLog(limit, messages)
        self._limit = limit

    def warn(self, text: str) -> None:
        """A warning."""
        logger.warn(text)

    def journal(self, journal: Journal) -> None:
        """What workers did since the last time."""
        log_journal(journal, self._limit)

    def end_suite(self, workers: WorkerRegistry, suite: result.TestSuite) -> None:
        """What workers did at the end of a suite, and failures that nobody has met."""
        report_at_suite_end(workers, self._limit, suite)

    def diagram(self, diagram: Diagram) -> None:
        """The message flow of a failed test, folded."""
        log_folded(diagram)
