"""The import arguments of the library."""

from __future__ import annotations

from typing import NamedTuple

from .lifetimes import AutoClose


class LibrarySettings(NamedTuple):
    """The import arguments; times in seconds, sizes in bytes."""

    timeout: float = 5.0
    linger: float = 1.0
    encoding: str = "UTF-8"
    lazy_connect: bool = False
    auto_close: AutoClose = AutoClose.TEST
    log_limit: int = 512
    log_messages: int = 200
