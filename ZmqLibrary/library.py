"""The face of the library: import arguments, and all keyword groups put together."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Literal

from robot.api.deco import library

from .errors import InvalidValue
from .keywords import AllKeywords
from .keywords.arguments import require_yes_or_no
from .keywords.from_python import converting
from .keywords.introduction import INTRODUCTION
from .keywords.secret_converter import ConvertersAtTrace
from .keywords.wrapping import with_keywords
from .log.session_log import SessionLog
from .session.lifetimes import AutoClose
from .session.session import Session
from .session.settings import LibrarySettings
from .version import __version__

_LONGEST_LINGER = timedelta(milliseconds=2**31 - 1)


@with_keywords
@library(scope="GLOBAL", version=__version__, doc_format="ROBOT")
class ZmqLibrary(AllKeywords):
    __doc__ = INTRODUCTION
    ROBOT_LIBRARY_CONVERTERS = ConvertersAtTrace()

    @converting
    def __init__(
        self,
        timeout: timedelta = timedelta(seconds=5),
        linger: timedelta = timedelta(seconds=1),
        encoding: str = "UTF-8",
        lazy_connect: bool = False,
        auto_close: AutoClose = AutoClose.TEST,
        log_limit: int = 512,
        log_messages: int | Literal["ALL"] = 200,
    ) -> None:
        """Takes the defaults for all keywords.

        Args:
            timeout: How long keywords wait that are given no ``timeout``.
            linger: How long unsent messages are kept when a socket is closed.
            encoding: Of TEXT frames.
            lazy_connect: Whether connecting does not wait for the handshake.
            auto_close: When sockets are closed automatically.
            log_limit: How many bytes of a frame are shown in the log.
            log_messages: How many messages of a test have a line in the log: a number, ``ALL`` or ``0``. See `Log`.
        """
        logged = sys.maxsize if log_messages == "ALL" else log_messages
        times = timeout.total_seconds(), linger.total_seconds()
        if min(*times, log_limit, logged) < 0:
            raise InvalidValue("timeout, linger, log_limit and log_messages cannot be negative.")
        if linger > _LONGEST_LINGER:
            raise InvalidValue(f"linger cannot be {linger.days} days: libzmq keeps messages for 24 days at most.")
        require_yes_or_no("lazy_connect", lazy_connect)
        settings = LibrarySettings(*times, encoding, lazy_connect, auto_close, log_limit, logged)
        self.session = Session(settings, SessionLog(log_limit, logged))
        self.session.lifetimes.at_end.append(self.session.end)
        self.ROBOT_LIBRARY_LISTENER = self.session.lifetimes

    def __init_subclass__(cls) -> None:
        """Makes the keywords of a library that extends this one ready, too."""
        with_keywords(cls)
