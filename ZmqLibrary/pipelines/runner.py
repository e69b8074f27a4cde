"""Runner: a pump or sink in a process of its own, as the library sees it: told in JSON lines, and never left behind.

Over inproc, and as a server that the library's authenticator admits peers to, it runs in a thread of the library's
process instead, because it needs the library's context. Both are told and tell the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from base64 import b64decode
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from .. import errors
from ..errors import WorkerFailed, ZmqLibraryError
from ..report.words import described
from ..waiting.deadline import Deadline
from ..waiting.uninterrupted import Uninterrupted
from .control import Document
from .histogram import Histogram
from .job import Job
from .report import PumpReport, SinkReport, pump_report, sink_report
from .tally import Kept

if TYPE_CHECKING:
    from ..sockets.zmq_socket import ZmqSocket
    from .settings import PeerSettings
    from .socket_engine import Context

Result = TypeVar("Result")
_START_SECONDS = 20.0
_ANSWER_SECONDS = 20.0
_KILL_SECONDS = 1.0
_STDERR_LINES = 20
# Without the library's front, which imports Robot: that takes longer than all the rest.
_PROGRAM = """
import sys, types
package = types.ModuleType("ZmqLibrary")
package.__path__ = [sys.argv[1]]
sys.modules["ZmqLibrary"] = package
from ZmqLibrary.pipelines.job import main
main()
"""


class Vehicle(ABC):
    """What a job runs in: a process or a thread."""

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether it has not ended yet."""

    @property
    @abstractmethod
    def died(self) -> str:
        """What ended it although nobody told it to, in words; empty if nothing did."""

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
        take: Takes what it tells, in a thread of this object.
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
        package = Path(__file__).resolve().parents[1]
        command = [sys.executable, "-c", _PROGRAM, str(package), self._kind, self._settings.name]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with Uninterrupted():
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
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
            try:
                document = json.loads(line)
            except ValueError:
                self._last_lines.append(line.decode("utf-8", "backslashreplace").rstrip())
                continue
            self._take(document)
        if self._process is not None:
            self._process.wait()
        self._take({"ended": True})


class OwnThread(Vehicle):
    """A thread of the library's process, with sockets of its context."""

    def __init__(self, settings: PeerSettings, take: Callable[[Document], object], context: Context) -> None:
        self._take = take
        self._job = Job(settings, take, context, number=int.from_bytes(os.urandom(2), "big"))
        self._thread = threading.Thread(target=self._run, name=f"zmq-{settings.name}", daemon=True)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def died(self) -> str:
        return "" if self._thread.is_alive() or self._thread.ident is None else "its thread has ended"

    def start(self) -> None:
        with Uninterrupted():
            self._thread.start()

    def post(self, command: Document) -> None:
        self._job.control.post(command)

    def stop(self, deadline: Deadline) -> bool:
        while self._thread.is_alive() and (step := deadline.slice()):
            with Uninterrupted():
                self._thread.join(step)
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._job.run()
        self._take({"ended": True})


class PipelineRun:
    """A pump or sink of the library. What it is asked raises what went wrong with it.

    Args:
        settings: What it does.
        context: The library's context, if it is to run in the library's process.

    Attributes:
        reported: Whether a keyword has told that it has failed.
        logged: Whether its final report is in the log.
    """

    kind = "pump"
    opener = "Start Pump"
    is_server = False
    keeps_results = True

    def __init__(self, settings: PeerSettings, context: Context | None = None) -> None:
        self.settings = settings
        self.name = settings.name
        self.reported = self.logged = False
        self._vehicle: Vehicle = (
            OwnProcess(self.kind, settings, self._take) if context is None else OwnThread(settings, self._take, context)
        )
        self._changed = threading.Condition()
        self._ids = count(1)
        self._answers: dict[int, Document] = {}
        self._status: Document = {}
        self._final: Document | None = None
        self._endpoint = ""
        self._error: BaseException | None = None
        self._ended = self._stopping = False

    # What workers of all kinds have

    @property
    def socket(self) -> ZmqSocket | None:
        """None: its sockets are its own."""
        return None

    @property
    def title(self) -> str:
        """As errors name it: `pump 'source'`."""
        return f"{self.kind} '{self.name}'"

    @property
    def heading(self) -> str:
        """The title at the beginning of a sentence."""
        return self.title[:1].upper() + self.title[1:]

    @property
    def alive(self) -> bool:
        """Whether it does its work."""
        return self._vehicle.running and not self._ended

    @property
    def running(self) -> bool:
        """Whether its process or thread is there."""
        return self._vehicle.running

    @property
    def error(self) -> BaseException | None:
        """What it has failed with."""
        if self._error is None and self._ended and not self._stopping and self._final is None:
            self._error = WorkerFailed(self._vehicle.died or "it has ended")
        return self._error

    @property
    def unreported_error(self) -> BaseException | None:
        """What it has failed with, if no keyword has told yet."""
        return None if self.reported else self.error

    def check(self) -> None:
        """Raises what it has failed with.

        Raises:
            WorkerFailed: It has failed, or its process was killed.
        """
        if self.error is not None:
            self.reported = True
            raise WorkerFailed(f"{self.heading} has failed: {described(self.error)}") from self.error

    def start(self) -> None:
        """Starts it and waits until it is connected or bound.

        Raises:
            EndpointFailed: It could not bind.
            ConnectFailed: Its peer was not reached.
            WorkerFailed: It did not start.
        """
        self._vehicle.start()
        deadline = Deadline(self.settings.timeout + _START_SECONDS)
        self.wait_for(lambda: self._endpoint or self._error or self._ended, deadline)
        if isinstance(self._error, ZmqLibraryError) and not isinstance(self._error, WorkerFailed):
            self.reported = True
            raise self._error
        self.check()
        if not self._endpoint:
            raise WorkerFailed(f"{self.heading} did not start in {deadline.seconds:g} seconds.")

    def ask_to_stop(self) -> None:
        """Lets it end by itself, without waiting for it."""
        if not self._stopping and self.error is None:
            self._stopping = True
        self._vehicle.post({"do": "stop"})

    def stop(self, deadline: Deadline) -> bool:
        """Ends it; stopping twice does nothing. A process that does not end in time is killed.

        Returns:
            Whether it has ended.
        """
        self.ask_to_stop()
        return self._vehicle.stop(deadline)

    # What it is asked

    @property
    def endpoint(self) -> str:
        """Where it listens, with the port, or what it connects to."""
        return self._endpoint

    @property
    def status(self) -> Document:
        """What it told last; at most 50 ms old."""
        return self._status

    def wait_for(self, condition: Callable[[], Result], deadline: Deadline) -> Result | None:
        """Waits until a condition holds; it is looked at after all that is told.

        Returns:
            What the condition returned, or None at the deadline.
        """
        while True:
            with Uninterrupted(), self._changed:
                result = condition()
                if result:
                    return result
                step = deadline.slice()
                if step:
                    self._changed.wait(step)
            if not step:
                return None

    def ask(self, action: str, **arguments: Any) -> Any:
        """Has it do something, and returns what comes of it.

        Raises:
            WorkerFailed: It has failed, or does not answer.
            ZmqLibraryError: What went wrong with the action.
        """
        self.check()
        number = next(self._ids)
        self._vehicle.post({"do": action, "id": number, "with": arguments})
        self.wait_for(lambda: number in self._answers or self._ended, Deadline(_ANSWER_SECONDS))
        answer = self._answers.pop(number, None)
        if answer is None:
            self.check()
            raise WorkerFailed(f"{self.heading} " + ("has ended." if self._ended else "does not answer."))
        if "failed" in answer:
            raise _error_of(answer)
        return answer["value"]

    def result(self) -> Document:
        """The report and histograms as JSON; those at its end if it has ended.

        Raises:
            WorkerFailed: It has failed.
        """
        self.check()
        if self._final is None:
            try:
                value: Document = self.ask("report")
            except WorkerFailed:
                if self._final is None:
                    raise
            else:
                return value
        return self._final

    def histogram(self, name: str) -> Histogram:
        """One of its histograms: `latency` or `lag`."""
        return Histogram.from_json(self.result()["histograms"][name])

    def _take(self, document: Document) -> None:
        """Takes what the job tells, in whatever thread that comes."""
        with self._changed:
            if "status" in document:
                self._status = document["status"]
            elif "answer" in document:
                self._answers[document["answer"]] = document
            elif "started" in document:
                self._endpoint = document["started"]
            elif "final" in document:
                self._final = document["final"]
            elif "failed" in document:
                self._error = _error_of(document)
            elif "ended" in document:
                self._ended = True
            self._changed.notify_all()


class PumpRun(PipelineRun):
    """A pump of the library."""

    @property
    def report(self) -> PumpReport:
        """What it has done so far."""
        return pump_report(self.result()["report"])


class SinkRun(PipelineRun):
    """A sink of the library."""

    kind = "sink"
    opener = "Start Sink"

    @property
    def report(self) -> SinkReport:
        """What it has received so far."""
        return sink_report(self.result()["report"])

    @property
    def kept(self) -> list[Kept]:
        """The last messages."""
        final = self._final
        documents = self.ask("messages") if final is None else final["messages"]
        return [Kept([b64decode(f) for f in document["frames"]], document["time"]) for document in documents]


def _error_of(document: Document) -> ZmqLibraryError:
    kind = getattr(errors, document["failed"], WorkerFailed)
    return kind(document["text"]) if kind is not errors.MissingPackage else WorkerFailed(document["text"])
