"""What the log shows of workers.

At the end of each keyword and each test what they did since the last time is an INFO message of that keyword or test,
and each warning is a warning. Robot drops what is logged at the end of a suite, except for warnings: there the entries
become metadata of the suite, which the log shows at its head, and failures that no keyword has reported are warnings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import described
from ..plain_text import without_markup
from ..report.html import as_html
from ..workers.journal import journal_lines
from . import logger

if TYPE_CHECKING:
    from robot import result

    from ..workers.journal import Journal, JournalEntry
    from ..workers.worker_registry import WorkerRegistry

_UNFOLDED = 20
_MOST_WARNINGS = 20
_MOST_AT_SUITE_END = 50
METADATA = "Workers at the end"


def log_journal(journal: Journal, limit: int) -> None:
    """Logs what is in the journal, with frames of up to `limit` bytes."""
    entries, dropped = journal.take()
    _warn(entries, limit)
    lines = journal_lines(entries, dropped, limit)
    title = "What workers did since they were last logged:"
    if len(lines) <= _UNFOLDED:
        logger.info("\n".join([title, *lines]))
    else:
        body = as_html("\n".join(lines))
        head = f"<summary>{title[:-1]} ({len(lines)} lines)</summary>"
        logger.info(f"<details>{head}<pre>{body}</pre></details>", html=True)


def report_at_suite_end(workers: WorkerRegistry, limit: int, suite: result.TestSuite) -> None:
    """Puts what is in the journal into the suite's metadata and warns of failures that were not reported."""
    entries, dropped = workers.journal.take()
    _warn(entries, limit)
    if entries:
        lines = journal_lines(entries, dropped, limit, _MOST_AT_SUITE_END)
        suite.metadata[METADATA] = "\n".join(f"| {without_markup(line)}" for line in lines)
    for worker, error in workers.take_failures():
        logger.warn(f"{worker.heading} has failed and no keyword has used it since: {described(error)}")


def _warn(entries: Sequence[JournalEntry], limit: int) -> None:
    warnings = [entry for entry in entries if entry.warning]
    for entry in warnings[:_MOST_WARNINGS]:
        logger.warn(entry.line(limit))
    if len(warnings) > _MOST_WARNINGS:
        logger.warn(f"… {len(warnings) - _MOST_WARNINGS:,} more warnings of workers.")
