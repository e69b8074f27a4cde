"""What the log has of pumps and sinks."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from ZmqLibrary.log.pipeline_log import report_html, report_line
from ZmqLibrary.pipelines.histogram import Histogram
from ZmqLibrary.pipelines.report import PumpReport, PumpSecond, SinkReport, SinkSecond, latency_of


def latency():
    histogram = Histogram()
    histogram.record_all([20_000_000] * 100)
    return histogram


SINK = SinkReport("out", "PULL", "tcp://127.0.0.1:1", "STOPPED", "WIRE", received=90, lost=10, rate=45.0, seconds=2.0,
                  corrupt=2, first_lost=[3, 4], latency=latency_of(latency()),
                  per_second=[SinkSecond(0, 45, latency_of(latency())), SinkSecond(1, 45)])  # fmt: skip
PUMP = PumpReport("source", "PUB", "tcp://127.0.0.1:1", "DONE", "WIRE", sent=100, dropped=3, rate=50.0,
                  bottleneck="its core was busy", per_second=[PumpSecond(0, 50), PumpSecond(1, 50)])  # fmt: skip


def test_a_line_says_what_became_of_the_messages():
    assert report_line(SINK) == "Sink 'out' (STOPPED): 90 messages received, 45 a second, 10 lost, 2 corrupt"
    assert report_line(PUMP) == "Pump 'source' (DONE): 100 messages sent, 50 a second, 3 dropped"
    one = SinkReport("out", "PULL", "tcp://127.0.0.1:1", "STOPPED", "WIRE", received=1)
    assert report_line(one) == "Sink 'out' (STOPPED): 1 message received, complete"
    least = replace(PUMP, dropped_is_minimum=True)
    assert report_line(least) == "Pump 'source' (DONE): 100 messages sent, 50 a second, at least 3 dropped"
    assert "<th>Dropped</th><td>at least 3</td>" in report_html(least, Histogram())


def test_the_report_folds_out_to_a_table_and_two_charts():
    html = report_html(SINK, latency())
    root = ElementTree.fromstring(html)
    assert root.tag == "details"
    assert html.count("<svg") == 2
    assert "10 (first: 3, 4)" in html
    assert "p99.9 20" in html


def test_of_corrupt_messages_those_numbers_are_shown_that_can_be_read():
    assert "<td>2 (first: 7)</td>" in report_html(replace(SINK, first_corrupt=[0, 7]), Histogram())
    assert "<td>2</td>" in report_html(replace(SINK, first_corrupt=[0, 0]), Histogram())


def test_a_bottleneck_is_told():
    assert "<th>Bottleneck</th><td>itself: its core was busy</td>" in report_html(PUMP, Histogram())


def test_names_from_outside_are_escaped():
    html = report_html(SinkReport("<script>", "PULL", "ipc://<b>&", "RUNNING", "WIRE"), Histogram())
    assert "<script>" not in html
    assert "ipc://&lt;b&gt;&amp;" in html
