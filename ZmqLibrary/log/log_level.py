"""From which level on Robot logs messages at present."""

from __future__ import annotations

from robot.running import EXECUTION_CONTEXTS


def log_level() -> str | None:
    """The level, such as `INFO`; None while no keywords are run, also in a dry run."""
    context = EXECUTION_CONTEXTS.current
    return None if context is None or context.dry_run else context.output.log_level.level
