"""Charts in the log: well-formed, bounded, in the colour of the text around them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ZmqLibrary.log.charts import Second, over_time, spectrum, time_text
from ZmqLibrary.pipelines.histogram import Histogram

MOST_BYTES = 20_000
SECONDS = st.lists(
    st.builds(Second, st.integers(0, 10**7), st.none() | st.floats(0, 100, allow_nan=False)), max_size=5000
)


def histogram_of(values):
    histogram = Histogram()
    histogram.record_all(values)
    return histogram


def check(svg):
    root = ElementTree.fromstring(svg)
    assert len(svg.encode()) <= MOST_BYTES
    assert "currentColor" in svg
    assert not re.search(r"<script|href|#[0-9a-f]{3,6}\b|rgb", svg)
    width, height = map(float, root.get("viewBox").split()[2:])
    for points in re.findall(r'points="([^"]*)"', svg):
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height
    return root


@example([Second(1, 5e-324)])
@given(SECONDS)
def test_a_chart_over_time_is_well_formed_and_bounded(seconds):
    check(over_time(seconds))


@given(st.lists(st.integers(0, 10**12), max_size=300))
def test_a_spectrum_is_well_formed_and_bounded(values):
    check(spectrum(histogram_of(values)))


def test_a_long_run_is_still_small():
    check(over_time([Second(number * 1000, number / 1000) for number in range(100_000)]))


def test_lines_differ_without_colour():
    svg = over_time([Second(1000, 0.01), Second(2000, 0.02)])
    assert svg.count("<polyline") == 2
    assert svg.count("stroke-dasharray") == 1
    assert "— messages a second" in svg
    assert "- - p99 latency" in svg


def test_a_peak_of_the_latency_stays_in_a_long_run():
    seconds = [Second(100, 5.0 if number == 1234 else 0.001) for number in range(5000)]
    svg = over_time(seconds)
    top = min(float(point.split(",")[1]) for point in re.findall(r'points="([^"]*)"', svg)[1].split())
    assert top < 30


def test_the_spectrum_names_its_percentiles():
    svg = spectrum(histogram_of([10**6] * 10_000))
    assert all(f">{name}%<" in svg for name in ("50", "90", "99", "99.9", "99.99"))


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.0, "2 s"), (0.0123, "12.3 ms"), (4.5e-5, "45 µs"), (1.2e-8, "12 ns"), (0, "0")]
)
def test_times_have_their_unit(seconds, text):
    assert time_text(seconds) == text
