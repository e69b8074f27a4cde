"""The one way into Robot's log and to its console: what is not printable becomes an escape, whoever wrote it."""

from __future__ import annotations

from robot.api import logger

from ..plain_text import written


def debug(text: str, html: bool = False) -> None:
    """Logs at level DEBUG."""
    logger.debug(written(text), html)


def info(text: str, html: bool = False) -> None:
    """Logs at level INFO; with `html` the text is HTML, in which all that is from outside is escaped."""
    logger.info(written(text), html)


def warn(text: str) -> None:
    """Logs a warning, which Robot shows on the console, too: in one line, as no other line may look like Robot's."""
    logger.warn(written(" ".join(map(str.strip, text.split("\n")))))
