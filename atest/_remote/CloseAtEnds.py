"""A listener that closes at the end of each test what the remote server has open for this run.

The library does so by itself where Robot runs; a server does not hear of tests.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO

from robot.libraries.Remote import Remote


class CloseAtEnds:
    """Takes the URL that the suites give to the Remote library."""

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, url: str) -> None:
        self._remote = Remote(url)

    def end_test(self, data: object, result: object) -> None:
        with redirect_stdout(StringIO()):
            for name in ("Stop All Workers", "Close All Zmq Sockets"):
                self._remote.run_keyword(name, [], {})
