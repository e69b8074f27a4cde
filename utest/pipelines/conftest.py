"""Pumps and sinks in processes of their own, which end with the test."""

from __future__ import annotations

import pytest

from ZmqLibrary.pipelines.runner import PumpRun, SinkRun
from ZmqLibrary.pipelines.settings import PumpSettings, SinkSettings
from ZmqLibrary.waiting.deadline import Deadline

LONG = 60


@pytest.fixture(params=["SOCKET", "WIRE"])
def started(request):
    """Starts pumps and sinks: `started(PumpRun, endpoint, type, …)`. Each test runs with both engines."""
    runs = []

    def start(kind, endpoint, type, **values):
        context = values.pop("context", None)
        if context:
            values["engine"] = "SOCKET"
        make = PumpSettings if kind is PumpRun else SinkSettings
        stamp = "PREFIX" if kind is PumpRun else "AUTO"
        name = values.pop("name", f"{kind.kind}-{len(runs)}")
        run = kind(
            make(name, endpoint, type, **{"stamp": stamp, "timeout": 20.0, "engine": request.param, **values}), context
        )
        runs.append(run)
        run.start()
        return run

    yield start
    for run in reversed(runs):
        run.stop(Deadline(LONG))


@pytest.fixture
def pump(started):
    return lambda endpoint, type="PUSH", **values: started(PumpRun, endpoint, type, **values)


@pytest.fixture
def sink(started):
    return lambda endpoint="tcp://127.0.0.1:*", type="PULL", **values: started(
        SinkRun, endpoint, type, **{"bind": True, **values}
    )


@pytest.fixture
def ended():
    """Waits for the end of a pump: `ended(pump)`."""

    def wait(run):
        assert run.wait_for(lambda: run.status.get("state") in ("DONE", "STOPPED"), Deadline(LONG)), run.status
        return run.report

    return wait


@pytest.fixture
def arrived():
    """Waits until so many messages came: `arrived(sink, 100)`."""

    def wait(run, count):
        assert run.wait_for(lambda: run.status.get("received", 0) >= count, Deadline(LONG)), run.status
        return run.report

    return wait
