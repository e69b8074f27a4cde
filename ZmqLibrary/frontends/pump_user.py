"""Pumps and sinks as Locust users: each is a process of its own, and its numbers come to Locust every second.

So a Locust worker moves as many messages as the machine can, while it does nothing but read reports.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from gevent.event import Event
from locust import User, constant, stats, task
from locust.env import Environment
from locust.exception import StopUser
from locust.stats import StatsEntry, StatsError

from ..errors import InvalidValue, ZmqLibraryError
from ..pipelines.histogram import Histogram
from ..pipelines.states import ENDED
from ..waiting.deadline import Deadline
from .load import THIS_PROCESS, Load

if TYPE_CHECKING:
    from ..pipelines.runner import PipelineRun

_LOOK_SECONDS = 0.1
_STOP_SECONDS = 3.0
_LOST = "no reply", "never arrived"


class PumpUser(User):
    """A user that is a pump, a sink, or both, in processes of their own.

    Give `pump` to the users that send and `sink` to those that receive; the other end may be the service under test.
    A user ends when its pump is done.

    Attributes:
        pump: The arguments of `Start Pump` by name, as text or as values; `endpoint` is that of `host` if it has none,
            and `frames` is a list.
        sink: Those of `Start Sink`, likewise.
    """

    abstract = True
    wait_time = constant(1)  # until the next try, if it could not start

    pump: ClassVar[Mapping[str, object]] = {}
    sink: ClassVar[Mapping[str, object]] = {}

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        if not self.pump and not self.sink:
            raise InvalidValue(f"{type(self).__name__} has neither pump nor sink: give the arguments of Start Pump.")
        self._load = Load.of(environment)

    @task
    def flow(self) -> None:
        """Starts the sink and the pump, and waits for their end."""
        flows = []
        try:
            for keyword, arguments in (("Start Sink", self.sink), ("Start Pump", self.pump)):
                if arguments:
                    flows.append(_Flow(self, self._load, keyword, arguments))
            self._wait_for(flows[-1])
        finally:
            for flow in reversed(flows):
                flow.stop()
        raise StopUser

    def _wait_for(self, flow: _Flow) -> None:
        never = Event()
        while not flow.ended:
            never.wait(_LOOK_SECONDS)


class _Flow:
    """A running pump or sink, and what of it was not reported yet."""

    def __init__(self, user: PumpUser, load: Load, keyword: str, arguments: Mapping[str, object]) -> None:
        self._user = user
        self._load = load
        self._run = _started(user, load, keyword, arguments)
        self._is_pump = keyword == "Start Pump"
        self._kind = self._run.settings.type
        self._name = str(arguments.get("alias") or self._run.settings.endpoint)
        self._counted = self._failed = self._bytes = 0
        self._times, self._lag = Histogram(), Histogram()
        load.ticking.append(self)

    @property
    def ended(self) -> bool:
        """Whether it does nothing more."""
        return not self._run.alive or self._run.status.get("state") in ENDED

    def tick(self) -> None:
        """Reports what came since the last time."""
        try:
            result = self._run.result()
        except ZmqLibraryError as problem:
            self._give_up(problem)
            return
        report, histograms = result["report"], result["histograms"]
        done = report["sent" if self._is_pump else "received"]
        count, size = done - self._counted, report["bytes"] - self._bytes
        failed = max(0, report["lost"] - self._failed)
        times = _changed(self, "_times", histograms["latency"])
        if self._is_pump:
            self._load.report.health(THIS_PROCESS).lag.merge(_changed(self, "_lag", histograms["lag"]))
        self._counted, self._bytes, self._failed = done, report["bytes"], self._failed + failed
        missing = 0 if self._is_pump else failed  # a pump has counted what gets no reply
        if count or failed:
            self._log(count + missing, failed, size, times)

    def _log(self, count: int, failed: int, size: int, times: Histogram) -> None:
        self._load.report.requests(self._kind, self._name).add(count, failed, times)
        reason = f"{failed:,} messages: {_LOST[not self._is_pump]}" if failed else ""
        log_many(self._user.environment, self._kind, self._name, count, failed, size, times, reason)

    def _give_up(self, problem: Exception) -> None:
        self._forget()
        self._load.report.requests(self._kind, self._name).failed()
        self._user.environment.events.request.fire(
            request_type=self._kind,
            name=self._name,
            response_time=None,
            response_length=0,
            exception=problem,
            context={},
        )

    def _forget(self) -> None:
        if self in self._load.ticking:
            self._load.ticking.remove(self)

    def stop(self) -> None:
        """Ends it, and reports the rest."""
        self._run.stop(Deadline(_STOP_SECONDS))
        if self in self._load.ticking:
            self.tick()
        self._forget()


def _started(user: PumpUser, load: Load, keyword: str, arguments: Mapping[str, object]) -> PipelineRun:
    from ..pipelines.runner import PumpRun, SinkRun

    named = {"endpoint": user.host, **arguments}
    frames = named.pop("frames", ())
    first = [named.pop("endpoint"), named.pop("type", "PUSH" if keyword == "Start Pump" else "PULL")]
    first += [named.pop("alias", None), *(frames if isinstance(frames, (list, tuple)) else [frames])]
    if first[0] is None:
        raise InvalidValue(f"{type(user).__name__} has no endpoint: give it host, or {keyword} an endpoint.")
    if first[2] is not None:
        first[2] = f"{first[2]}-{id(user):x}"  # each user has a pump of its own
    name = load.call(keyword, *first, **named)
    workers = load.library.session.workers
    run: PipelineRun = workers.of(PumpRun if keyword == "Start Pump" else SinkRun).get(name)
    return run


def _changed(flow: _Flow, attribute: str, document: Any) -> Histogram:
    """What was added to a histogram since it was looked at last."""
    now = Histogram.from_json(document)
    before: Histogram = getattr(flow, attribute)
    setattr(flow, attribute, now)
    return now.since(before)


def log_many(
    environment: Environment,
    method: str,
    name: str,
    count: int,
    failures: int,
    size: int,
    times: Histogram,
    reason: str = "",
) -> None:
    """Adds many requests at once to Locust's own statistics, as those of a worker are added on the master."""
    all_stats = environment.runner.stats if environment.runner else environment.stats
    now = time.time()
    many = StatsEntry(all_stats, name, method)
    many.num_requests, many.num_failures, many.total_content_length = count, failures, size
    many.num_none_requests = count - times.count
    many.num_reqs_per_sec[int(now)] = count
    if failures:
        many.num_fail_per_sec[int(now)] = failures
    if times.count:
        many.total_response_time = times.total / 1e6  # type: ignore[assignment]  # in ms, as Locust's own users report
        many.min_response_time = times.min / 1e6  # type: ignore[assignment]
        many.max_response_time = times.max / 1e6  # type: ignore[assignment]
    bucket = getattr(stats, "bucket_response_time", round)  # Locust has it since 2.43
    for value, number in times.buckets():
        many.response_times[bucket(value / 1e6)] += number
    many.last_request_timestamp = now
    for entry in (all_stats.total, all_stats.get(name, method)):
        entry.extend(many)
    if failures:
        key = StatsError.create_key(method, name, reason)
        error = all_stats.errors.setdefault(key, StatsError(method, name, reason))
        error.occurrences += failures
