"""Runner: a pump or sink in a process of its own, as the library sees it: led in JSON lines, and never left behind.

Over inproc, and as a server that the library's authenticator admits peers to, it runs in a thread of the library's
process instead, because it needs the library's context. Both take and report the same.
"""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Callable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from .. import errors
from ..errors import Hint, WorkerFailed, WrongUse, ZmqLibraryError, problem_of
from ..plain_text import printable
from ..report.words import count_of, lines, seconds
from ..sockets.endpoints import connectable
from ..waiting.deadline import Deadline
from ..waiting.uninterrupted import Uninterrupted
from ..workers.background import Titled
from .control import Document
from .histogram import Histogram
from .kept import Kept
from .ledger import Ledger, Sent, all_came, losses
from .report import PumpReport, Report, SinkReport, pump_report, sink_report
from .states import ENDED
from .vehicles import OwnProcess, OwnThread, Vehicle

if TYPE_CHECKING:
    from ..sockets.context import Context
    from ..sockets.zmq_socket import ZmqSocket
    from .settings import PeerSettings, PumpSettings, SinkSettings

Result = TypeVar("Result")
_START_SECONDS = 20.0
_ANSWER_SECONDS = 20.0
_GRACE_SECONDS = 2.0  # for an answer after the time of the user is over
_CONTROLS = {"pause": "be paused", "resume": "be resumed", "rate": "get another rate"}
_STOP_SECONDS = 10.0  # a process sends its final report at its end, which takes long on a busy machine


class PipelineRun(Titled):
    """A pump or sink of the library. What it is asked raises what went wrong with it.

    Args:
        settings: What it does.
        context: The library's context, if it is to run in the library's process.

    Attributes:
        reported: Whether its failure was reported.
        logged: Whether its final report is in the log.
        shown: The report that is in the log already, before its end.
    """

    kind = "pump"
    opener = Hint.START_PUMP
    progress = "sent"
    is_server = False
    keeps_results = True

    def __init__(self, settings: PeerSettings, context: Context | None = None) -> None:
        self.settings = settings
        self.name = settings.name
        self.reported = self.logged = False
        self.shown: Report | None = None
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
    def listens_at(self) -> str:
        """Where it listens; empty if it connects."""
        return (self._endpoint or self.settings.endpoint) if self.settings.bind else ""

    @property
    def listener(self) -> str:
        """Its socket, as errors name it."""
        return f"'{printable(self.name)}' ({self.settings.type})"

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
        """What it has failed with, if that was not reported yet."""
        return None if self.reported else self.error

    def check(self) -> None:
        """Raises what it has failed with.

        Raises:
            WorkerFailed: It has failed, or its process was killed.
        """
        if self.error is not None:
            self.reported = True
            text = lines(f"{self.heading} has failed: {problem_of(self.error)}", self._last_known)
            raise WorkerFailed(text) from self.error

    @property
    def _last_known(self) -> str:
        """What it had done when it reported last; empty if it did not."""
        if not self._endpoint or not self._status:
            return ""
        number = count_of(self._status[self.progress], "message")
        return f"At {self._endpoint} it had {self.progress} {number} when it reported last. Start it again to go on."

    def start(self) -> None:
        """Starts it and waits until it is connected or bound.

        Raises:
            EndpointFailed: It could not bind.
            ConnectFailed: Its peer was not reached.
            WorkerFailed: It did not start.
        """
        self._vehicle.start()
        deadline = Deadline(self.settings.timeout + _START_SECONDS)
        self.wait_for(lambda: self._endpoint or self._ended, deadline)
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
        """Ends it; stopping twice does nothing. A process is killed at the deadline, but not before 10 s.

        Returns:
            Whether it has ended.
        """
        self.ask_to_stop()
        return self._vehicle.stop(Deadline(max(deadline.remaining(), _STOP_SECONDS)))

    # What it is asked

    @property
    def endpoint(self) -> str:
        """Where it listens, with the port, or what it connects to."""
        return self._endpoint

    @property
    def status(self) -> Document:
        """What it reported last; at most 50 ms old."""
        return self._status

    def wait_for(self, condition: Callable[[], Result], deadline: Deadline) -> Result | None:
        """Waits until a condition holds; it is looked at after each report.

        Returns:
            What the condition returned; None at the deadline, or when it has failed, which `check` raises.
        """
        while True:
            with Uninterrupted(), self._changed:
                result = condition()
                if result:
                    return result
                step = 0.0 if self.error else deadline.slice()
                if step:
                    self._changed.wait(step)
            if not step:
                return None

    def ask(self, action: str, within: float = _ANSWER_SECONDS, **arguments: Any) -> Any:
        """Has it do something, and returns what comes of it.

        Args:
            action: What to do.
            within: Seconds in which it has to answer.
            arguments: Of the action.

        Raises:
            WorkerFailed: It has failed, or does not answer.
            ZmqLibraryError: What went wrong with the action.
        """
        self.check()
        number = next(self._ids)
        self._vehicle.post({"do": action, "id": number, "with": arguments})
        self.wait_for(lambda: number in self._answers or self._ended, Deadline(within))
        answer = self._answers.pop(number, None)
        if answer is None:
            self.check()
            ended = "has ended without its last report: it did not stop in time, or was killed."
            silent = f"has not answered for {seconds(round(within, 1))}: its process is stopped, or too busy."
            raise WorkerFailed(f"{self.heading} {ended if self._ended else silent}")
        if "failed" in answer:
            raise _error_of(answer)
        return answer["value"]

    def control(self, action: str, **arguments: Any) -> Any:
        """As `ask`: has it `pause`, `resume` or follow a `rate`, which only one can that does its work.

        Raises:
            WrongUse: It has ended.
        """
        self.check()
        if self.status.get("state") not in ENDED:
            try:
                return self.ask(action, **arguments)
            except WorkerFailed:
                if self._final is None:  # else it has ended meanwhile
                    raise
        how = "was stopped" if self._stopping else f"has ended ({self.status.get('state')})"
        raise WrongUse(
            f"{self.heading} {how}, and cannot {_CONTROLS[action]}. Do that while it runs, or start it again."
        )

    @property
    def missing_peer(self) -> str:
        """What is known of why it has no peer; empty if it has one, or has ended."""
        try:
            return str(self.ask("missing_peer", within=_GRACE_SECONDS))
        except WorkerFailed:
            return ""

    def refresh(self, deadline: Deadline) -> None:
        """Has it report its status now, until the deadline or, where that is over, within 2 s.

        Raises:
            WorkerFailed: It has failed, or does not answer.
        """
        self.check()
        if self._final is None:
            self._status = self.ask("status", within=deadline.remaining() + _GRACE_SECONDS)

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
        """Takes what the job reports, in whatever thread that comes."""
        with self._changed:
            if "status" in document:
                self._status = document["status"]
            elif "answer" in document:
                self._answers[document["answer"]] = document
            elif "started" in document:
                self._endpoint = connectable(document["started"])
            elif "final" in document:
                self._final = document["final"]
            elif "failed" in document:
                self._error = _error_of(document)
            elif "ended" in document:
                self._ended = True
            self._changed.notify_all()


class PumpRun(PipelineRun):
    """A pump of the library."""

    settings: PumpSettings

    @property
    def alive(self) -> bool:
        """Whether it does its work: one that has sent everything only waits to be stopped."""
        return super().alive and self.status.get("state") not in ENDED

    @property
    def report(self) -> PumpReport:
        """What it has done so far."""
        return pump_report(self.result()["report"])

    @property
    def sent(self) -> dict[int, Sent]:
        """What it has sent so far, by the run id of its first lane."""
        return {self.status["run"]: Sent(self.status["sent"], self.settings.stamp != "NONE")}


class SinkRun(PipelineRun):
    """A sink of the library."""

    kind = "sink"
    opener = Hint.START_SINK
    progress = "received"
    settings: SinkSettings

    def __init__(self, settings: SinkSettings, context: Context | None = None) -> None:
        super().__init__(settings, context)
        self._sent: dict[int, Sent] = {}
        self._kept: list[Document] | None = None

    @property
    def report(self) -> SinkReport:
        """What it has received so far."""
        return sink_report(self.result()["report"])

    @property
    def quiet_since(self) -> int | None:
        """When it looked for messages in vain after the last one, in monotonic ns; None while it reads, or does not."""
        since: int | None = self.status.get("quiet")
        return since

    def has_all_of(self, pump: PumpRun) -> bool:
        """Whether all that an ended pump has sent came, as it reported last."""
        status = self.status
        came = {int(sender): count for sender, count in status.get("came", {}).items()}
        run, sent = pump.status.get("run", 0), self._with(pump.sent)
        return all_came(run, came, sent, status.get("received", 0), status.get("unstamped", 0))

    def expect(self, sent: Mapping[int, Sent]) -> None:
        """Takes note of what ended pumps have sent: what is missing at the end counts as lost from now on."""
        self._sent = self._with(sent)
        if self._final is None:
            self.ask("expect", sent=self._sent)
            return
        report = self._final["report"]
        ledgers = {int(sender): Ledger.from_json(ledger) for sender, ledger in self._final["ledgers"].items()}
        report["lost"], report["first_lost"] = losses(ledgers, self._sent, report["received"], report["unstamped"])
        report["complete"] = not any(report[name] for name in ("lost", "duplicates", "reordered", "corrupt"))

    def _with(self, sent: Mapping[int, Sent]) -> dict[int, Sent]:
        """What is known of all pumps, with their numbers if it follows these."""
        follows = self.settings.stamp != "NONE" and not self.settings.sequence
        return {**self._sent, **{run: Sent(count, follows and numbered) for run, (count, numbered) in sent.items()}}

    @property
    def kept(self) -> list[Kept]:
        """The last messages.

        Raises:
            WorkerFailed: It has failed, or could not hand them over before it had to end.
        """
        documents: list[Document] | None = self.ask("messages") if self._final is None else self._kept
        if documents is None:
            raise WorkerFailed(f"{self.heading} had to end before it had handed over its messages, which are large.")
        return [Kept([b64decode(f) for f in document["frames"]], document["time"]) for document in documents]

    def _take(self, document: Document) -> None:
        if "kept" in document:
            self._kept = document["kept"]
        super()._take(document)


def _error_of(document: Document) -> ZmqLibraryError:
    kind = getattr(errors, document["failed"], WorkerFailed)
    return kind(document["text"]) if kind is not errors.MissingPackage else WorkerFailed(document["text"])
