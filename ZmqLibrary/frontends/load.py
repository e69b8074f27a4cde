"""Load: what ZeroMQ users need in a Locust process: one library, the report, and a look at the process itself.

    from locust import task
    from ZmqLibrary.frontends.locust_user import ZmqUser

What is reported travels with Locust's own reports from the workers to the master, every three seconds and at the end.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any, Protocol

import gevent
from gevent.event import Event
from locust import events
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from locust.stats import console_logger
from robot.errors import DataError

from .. import ZmqLibrary
from ..errors import InvalidValue
from .converting import ConvertingLibrary
from .green_poll import patch_zmq
from .load_report import LoadReport

_KEY = "zmq"
_LOOK_SECONDS = 0.05
THIS_PROCESS = "This process"


class Ticking(Protocol):
    """Who has something to report every second, such as a pump."""

    def tick(self) -> None: ...


class Load:
    """ZeroMQ load of one Locust process. `of` gives that of an environment.

    Args:
        environment: Locust's.

    Attributes:
        report: What was done; on a worker since its last report to the master.
    """

    def __init__(self, environment: Environment) -> None:
        patch_zmq()
        # The library says each send and receive at INFO, and evidence of each failure: too much for a load test.
        logging.getLogger("RobotFramework").setLevel(logging.WARNING)
        self._converting = ConvertingLibrary(["linger=0", "auto_close=MANUAL"])
        self.report = LoadReport()
        self.ticking: list[Ticking] = []
        self._environment = environment
        self._watch: gevent.Greenlet | None = None
        self._busy_since = (time.monotonic(), time.process_time())
        self._listen()

    @property
    def library(self) -> ZmqLibrary:
        """The library that all users of the process share, for formats, layouts and keys."""
        return self._converting.instance

    def call(self, keyword: str, *positional: object, **named: object) -> Any:
        """Calls a keyword with arguments as text, too.

        Raises:
            InvalidValue: An argument cannot be used.
        """
        try:
            return self._converting.call(keyword, positional, named.items())
        except (DataError, ValueError) as problem:
            raise problem if isinstance(problem, InvalidValue) else InvalidValue(str(problem)) from None

    @classmethod
    def of(cls, environment: Environment) -> Load:
        """The one of this environment, made when it is asked for the first time."""
        load: Load | None = getattr(environment, "zmq_load", None)
        if load is None:
            load = cls(environment)
            environment.zmq_load = load  # type: ignore[attr-defined]
        return load

    def _listen(self) -> None:
        on = self._environment.events
        on.test_start.add_listener(self._started)
        on.test_stop.add_listener(self._stopped)
        on.spawning_complete.add_listener(self._spawned)
        on.reset_stats.add_listener(lambda **_: self.report.clear())
        on.report_to_master.add_listener(self._report_to_master)
        on.worker_report.add_listener(self._worker_reported)
        on.quit.add_listener(self._finish)

    @property
    def _is_worker(self) -> bool:
        return isinstance(self._environment.runner, WorkerRunner)

    def _started(self, **_: Any) -> None:
        if not self._is_worker:
            self.report.clear()
        if not isinstance(self._environment.runner, MasterRunner) and not self._watch:
            self._watch = gevent.spawn(self._look)

    def _spawned(self, **_: Any) -> None:
        if self._environment.reset_stats:
            self.report.clear()

    def _stopped(self, **_: Any) -> None:
        if self._watch:
            self._watch.kill()
            self._watch = None

    def _look(self) -> None:
        """Measures how late this greenlet wakes up, as all others do, and lets pumps report."""
        never, next_tick = Event(), 0.0
        self._busy_since = (time.monotonic(), time.process_time())
        while True:
            due = time.monotonic_ns() + int(_LOOK_SECONDS * 1e9)
            never.wait(_LOOK_SECONDS)
            self.report.health(THIS_PROCESS).wakeups.record(time.monotonic_ns() - due)
            if time.monotonic() >= next_tick:
                next_tick = time.monotonic() + 1
                self._note_busy()
                self._tick()

    def _tick(self) -> None:
        for ticking in list(self.ticking):
            ticking.tick()

    def _note_busy(self) -> None:
        (wall, cpu), self._busy_since = self._busy_since, (time.monotonic(), time.process_time())
        passed = self._busy_since[0] - wall
        if passed > _LOOK_SECONDS:
            health = self.report.health(THIS_PROCESS)
            health.busy = max(health.busy, (self._busy_since[1] - cpu) / passed)

    def _report_to_master(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        self._tick()
        data[_KEY] = self.report.take(THIS_PROCESS)

    def _worker_reported(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        if _KEY in data:
            self.report.add(f"Worker {client_id}", data[_KEY])

    def _finish(self, **_: Any) -> None:
        """At the very end, when the last reports of workers have come."""
        self._tick()
        self.library.session.end()
        if self._is_worker:
            return
        if self.report:
            console_logger.info("\n%s\n", self.report.as_text())
        options = self._environment.parsed_options
        if options is not None and options.zmq_report:
            files = self.report.write(Path(options.zmq_report))
            console_logger.info("Written: %s", ", ".join(map(str, files)))


@events.init_command_line_parser.add_listener
def add_options(parser: Any, **_: Any) -> None:
    """`--zmq-report FILE`."""
    parser.add_argument(
        "--zmq-report",
        metavar="FILE",
        default=None,
        include_in_web_ui=False,
        help="Write what ZeroMQ users measured as JSON, with percentile distributions (.hgrm) beside it.",
    )


@events.init.add_listener
def begin(environment: Environment, **_: Any) -> None:
    """The master has no users, and yet the report."""
    Load.of(environment)
