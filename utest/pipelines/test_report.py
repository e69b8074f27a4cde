"""Reports: frozen, and the same after a way through JSON."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest

from ZmqLibrary.pipelines.histogram import Histogram
from ZmqLibrary.pipelines.report import (
    PumpReport,
    PumpSecond,
    SinkReport,
    SinkSecond,
    as_json,
    latency_of,
    pump_report,
    sink_report,
)


@pytest.fixture
def latency():
    histogram = Histogram()
    histogram.record_all([20_000_000] * 99 + [1_000_000_000])
    return latency_of(histogram)


def test_latencies_are_seconds(latency):
    assert latency.p50 == pytest.approx(0.02, rel=0.01)
    assert (latency.count, latency.max, latency.min) == (100, 1.0, 0.02)


@pytest.mark.parametrize("name", ["p99.9", "p99_9"])
def test_percentiles_are_found_by_their_name(latency, name):
    assert latency[name] == latency.p99_9 == 1.0


def test_an_unknown_percentile_is_told_with_those_that_there_are(latency):
    with pytest.raises(KeyError, match=r"p98: there are .*p99\.9"):
        latency["p98"]


def test_there_is_no_latency_without_values():
    assert latency_of(Histogram()) is None


def test_reports_are_the_same_after_a_way_through_json(latency):
    pump = PumpReport(
        "source", "PUSH", "tcp://127.0.0.1:5555", "DONE", "WIRE", lag=latency, per_second=[PumpSecond(0, 5)]
    )
    sink = SinkReport("out", "PULL", "tcp://127.0.0.1:5556", "RUNNING", "SOCKET", latency=latency,
                      per_second=[SinkSecond(0, 5, latency), SinkSecond(1, 0)])  # fmt: skip
    assert pump_report(json.loads(json.dumps(as_json(pump)))) == pump
    assert sink_report(json.loads(json.dumps(as_json(sink)))) == sink


def test_reports_are_frozen(latency):
    with pytest.raises(FrozenInstanceError):
        latency.p50 = 0
    with pytest.raises(FrozenInstanceError):
        PumpReport("source", "PUSH", "inproc://a", "DONE", "SOCKET").sent = 1
