from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.frontends.load_report import Health, LoadReport

TIMES = st.lists(st.integers(0, 10**10), max_size=50)


def report_with(*times: int, failures: int = 0, name: str = "ask") -> LoadReport:
    report = LoadReport()
    for time in times:
        report.requests("REQ", name).succeeded(time)
    for _ in range(failures):
        report.requests("REQ", name).failed()
    return report


def over_the_wire(document):
    return json.loads(json.dumps(document))


def test_requests_and_failures_are_counted_and_only_those_that_succeeded_have_a_latency():
    report = report_with(1_500_000, 2_500_000, failures=1)
    (requests,) = report.as_json()["requests"]
    assert (requests["count"], requests["failures"]) == (3, 1)
    assert requests["latency"]["count"] == 2
    assert requests["latency"]["max"] == pytest.approx(0.0025)
    assert requests["latency"]["p50"] == pytest.approx(0.0015, rel=0.01)


def test_where_nothing_succeeded_there_is_no_latency():
    report = report_with(failures=2)
    assert report.as_json()["requests"][0]["latency"] is None
    assert report.as_text().splitlines()[-1].split() == ["REQ", "ask", "2", "2", "-", "-", "-", "-", "-"]


@given(TIMES, TIMES)
def test_what_workers_take_adds_up_to_the_same_on_the_master(first, second):
    worker, master = LoadReport(), LoadReport()
    for times in (first, second):
        for time in times:
            worker.requests("REQ", "ask").succeeded(time)
        master.add("worker", over_the_wire(worker.take("me")))
        assert not worker
    assert master.as_json()["requests"] == report_with(*first, *second).as_json()["requests"]


def test_the_table_has_three_decimals_of_a_millisecond():
    text = report_with(*[123_456] * 1000, name="order").as_text()
    assert text.splitlines()[1].split() == ["Type", "Name", "Count", "Failures", "p50", "p90", "p99", "p99.9", "max"]
    assert text.splitlines()[-1].split() == ["REQ", "order", "1,000", "0", *["0.123"] * 5]


def test_a_worker_that_is_too_slow_is_told_of():
    master = LoadReport()
    for who, late, busy in (("Worker a", 11_000_000, 0.5), ("Worker b", 1_000_000, 0.97)):
        worker = LoadReport()
        worker.requests("REQ", "ask").succeeded(1)
        worker.health("me").wakeups.record_all([late] * 200)
        worker.health("me").busy = busy
        master.add(who, over_the_wire(worker.take("me")))
    assert master.warnings == [
        "Worker a woke up 11.000 ms late at p99: it is too slow for this load.",
        "Worker b used 97 % of a core: it is too slow for this load.",
    ]
    assert master.as_json()["warnings"] == master.warnings
    assert "WARNING: Worker a woke up" in master.as_text()


def test_a_pump_that_sends_too_late_is_told_of():
    health = Health()
    health.lag.record_all([20_000_000] * 200)
    assert health.warnings("Worker a") == [
        "Worker a sent with its pumps 20.000 ms late at p99: it is too slow for this load."
    ]


def test_being_late_once_at_the_beginning_is_no_warning():
    health = Health()
    health.wakeups.record_all([300_000_000, *[0] * 50])
    assert health.warnings("Worker a") == []


def test_the_report_is_written_with_a_distribution_of_each_kind(tmp_path):
    report = report_with(1_000_000)
    report.requests("PUSH", "../evil name").succeeded(2_000_000)
    files = report.write(tmp_path / "new" / "load.json")
    assert [file.name for file in files] == [
        "load.json",
        "load.hgrm",
        "load.1.PUSH-evil-name.hgrm",
        "load.2.REQ-ask.hgrm",
    ]
    assert json.loads(files[0].read_text()) == report.as_json()
    assert "#[Max     =        2.000, Total count    =            2]" in files[1].read_text()


def test_a_new_run_begins_anew():
    report = report_with(1)
    report.clear()
    assert not report
