"""Vehicles: what a pump or sink runs in: a process of its own, or a thread of the library's process.

The process takes commands and reports in JSON lines. It ends when its standard input does, so it is never left behind.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from ..plain_text import printable, shortened
from ..waiting.deadline import Deadline
from ..waiting.threads import has_ended, is_alive
from ..waiting.uninterrupted import Uninterrupted
from ..workers.own_package import command_of
from .control import Document
from .job import Job

if TYPE_CHECKING:
    from ..sockets.context import Context
    from .settings import PeerSettings

_KILL_SECONDS = 10.0
_STDERR_LINES = 20
_SHOWN = 100  # characters of a name in the list of processes


class Vehicle(ABC):
    """What a job runs in: a process or a thread."""

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether it has not ended yet."""

    @property
    @abstractmethod
    def died(self) -> str:
        """Why it ended without a request, in words; empty if it did not."""

    @abstractmethod
    def start(self) -> None:
        """Begins to run."""

    @abstractmethod
    def post(self, command: Document) -> None:
        """Gives the job a command; what has ended takes none."""

    @abstractmethod
    def stop(self, deadline: Deadline) -> bool:
        """Waits for the end, and brings it about where that can be done.

        Returns:
            Whether it has ended.
        """


class OwnProcess(Vehicle):
    """A process that does nothing else, and ends with this one.

    Args:
        kind: `pump` or `sink`.
        settings: What it does.
        take: Takes what it reports, in a thread of this object.
    """

    def __init__(self, kind: str, settings: PeerSettings, take: Callable[[Document], object]) -> None:
        self._kind = kind
        self._settings = settings
        self._take = take
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._last_lines: deque[str] = deque(maxlen=_STDERR_LINES)
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def died(self) -> str:
        code = self._process.poll() if self._process else None
        if code is None:
            return ""
        how = f"was killed by signal {-code}" if code < 0 else f"has ended with exit code {code}"
        return "\n".join([f"its process {how}", *self._last_lines])

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with Uninterrupted():
            self._process = subprocess.Popen(
                command_of("pipelines.job", self._kind, shortened(printable(self._settings.name), _SHOWN)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,  # A signal to the group of the run is for the run, which then ends the others.
            )
            source = self._process.stdout
            assert source is not None
            self._reader = threading.Thread(target=self._read, args=(source,), daemon=True)
            self._reader.start()
        self.post({"kind": self._kind, "settings": self._settings.as_json()})

    def post(self, command: Document) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.closed:
            return
        with Uninterrupted(), self._lock, suppress(OSError, ValueError):
            process.stdin.write(json.dumps(command).encode("utf-8") + b"\n")
            process.stdin.flush()

    def stop(self, deadline: Deadline) -> bool:
        process = self._process
        if process is None:
            return True
        while process.poll() is None and (step := deadline.slice()):
            with Uninterrupted(), suppress(subprocess.TimeoutExpired):
                process.wait(step)
        with Uninterrupted():
            if process.poll() is None:
                process.kill()
                process.wait(_KILL_SECONDS)
            if self._reader is not None:
                self._reader.join(_KILL_SECONDS)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
        return True

    def _read(self, source: IO[bytes]) -> None:
        for line in source:
            document = _document_in(line)
            if document is None:
                self._last_lines.append(line.decode("utf-8", "backslashreplace").rstrip())
            else:
                self._take(document)
        if self._process is not None:
            self._process.wait()
        self._take({"ended": True})


class OwnThread(Vehicle):
    """A thread of the library's process, with sockets of its context."""

    def __init__(self, settings: PeerSettings, take: Callable[[Document], object], context: Context) -> None:
        self._take = take
        self._job = Job(settings, take, context)
        self._thread = threading.Thread(target=self._run, name=f"zmq-{settings.name}", daemon=True)

    @property
    def running(self) -> bool:
        return is_alive(self._thread)

    @property
    def died(self) -> str:
        return "" if is_alive(self._thread) or self._thread.ident is None else "its thread has ended"

    def start(self) -> None:
        with Uninterrupted():
            self._thread.start()

    def post(self, command: Document) -> None:
        with Uninterrupted():
            self._job.control.post(command)

    def stop(self, deadline: Deadline) -> bool:
        return has_ended(self._thread, deadline)

    def _run(self) -> None:
        self._job.run()
        self._take({"ended": True})


def _document_in(line: bytes) -> Document | None:
    """What the job reports in a line; None for other text, which may be JSON, too."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
