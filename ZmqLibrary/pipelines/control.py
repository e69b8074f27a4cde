"""Control: how the loop of a pump or sink gets commands and reports what it does.

Commands come from another thread and wake the loop; they run in the loop's thread, one after the other. Its
reports are JSON dictionaries: `started`, `status`, `answer`, `final`, `kept` and `failed`.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from ..errors import ZmqLibraryError
from .measuring import SECOND

Document = dict[str, Any]
STATUS_SECONDS = 0.05
_STATUS_NS = int(STATUS_SECONDS * 1e9)
_SOON_NS = 5_000_000


class Control:
    """The end of the loop.

    Args:
        emit: Takes what the loop reports; called in the loop's thread.

    Attributes:
        wakeup: Readable while commands wait.
        stopped: Whether the loop is to end.
        has_started: Whether it is bound or connected. Before that it looks at no command.
        pause: Seconds after which to come back with the status, when nothing else happens.
    """

    def __init__(self, emit: Callable[[Document], object]) -> None:
        self._emit = emit
        self._commands: list[Document] = []
        self._lock = threading.Lock()
        self.wakeup, self._wakeup = socket.socketpair()
        self.wakeup.setblocking(False)
        self._wakeup.setblocking(False)
        self.stopped = self.has_started = False
        self.pause = STATUS_SECONDS
        self._reported: Document = {}
        self._reported_at = 0

    def post(self, command: Document) -> None:
        """Gives the loop a command; from any thread."""
        with self._lock, suppress(OSError):  # full: it is awake; closed: it has ended
            self._commands.append(command)
            self._wakeup.send(b"!")

    def run_commands(self, actions: Mapping[str, Callable[..., object]]) -> bool:
        """Runs the commands that have come.

        Returns:
            Whether there were any.
        """
        if not self._commands:
            return False
        for command in self._taken():
            self._run(command, actions)
        return True

    def _taken(self) -> list[Document]:
        """Takes commands together with what has woken the loop for them: what stayed would end each later wait."""
        with self._lock:
            commands, self._commands = self._commands, []
            with suppress(OSError):
                self.wakeup.recv(4096)
        return commands

    def _run(self, command: Document, actions: Mapping[str, Callable[..., object]]) -> None:
        if command["do"] == "stop":
            self.stopped = True
            return
        try:
            answer = {"value": actions[command["do"]](**command.get("with", {}))}
        except Exception as error:  # What somebody asks must not end the loop, which has messages to move.
            answer = failure(error)
        self._emit({"answer": command["id"], **answer})

    def started(self, endpoint: str) -> None:
        """The endpoint is bound, or the peer connected."""
        self.has_started = True
        self._emit({"started": endpoint})

    def report(self, status: Callable[[], Document], soon: bool = False) -> None:
        """Reports the status if it has changed and was not reported just now.

        Args:
            status: Makes it.
            soon: Whether somebody may wait for this.
        """
        now = time.monotonic_ns()
        if now - self._reported_at < (_SOON_NS if soon else _STATUS_NS):
            self.pause = _SOON_NS / SECOND
            return
        self.pause = STATUS_SECONDS
        current = status()
        if current != self._reported:
            self._reported, self._reported_at = current, now
            self._emit({"status": current})

    def report_now(self, status: Document) -> None:
        """Reports the status whatever was reported before."""
        self._reported, self._reported_at = status, time.monotonic_ns()
        self._emit({"status": status})

    def report_end(self, results: Iterable[Document]) -> None:
        """The loop has ended, and this is what came of it."""
        for result in results:
            self._emit(result)

    def failed(self, error: BaseException) -> None:
        """The loop has ended with an exception."""
        self._emit(failure(error))

    def close(self) -> None:
        """Ends the waking; closing twice does nothing."""
        self.wakeup.close()
        self._wakeup.close()


def failure(error: BaseException) -> Document:
    """An exception as JSON: its kind and text."""
    known = isinstance(error, ZmqLibraryError)
    text = str(error) if known else f"{type(error).__name__}: {error}"
    return {"failed": type(error).__name__ if known else "WorkerFailed", "text": text}
