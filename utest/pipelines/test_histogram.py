"""The histogram against sorted lists."""

from __future__ import annotations

import json
import re
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ZmqLibrary.pipelines.histogram import Histogram, as_hgrm

VALUES = st.lists(st.integers(0, 10**13), min_size=1, max_size=200)
PERCENTS = [0.0, 1.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0]


def histogram_of(values):
    histogram = Histogram()
    histogram.record_all(values)
    return histogram


@given(VALUES)
def test_percentiles_are_those_of_the_sorted_list_to_a_hundredth(values):
    found = histogram_of(values).percentiles(PERCENTS)
    ordered = sorted(values)
    for percent, value in zip(PERCENTS, found):
        exact = ordered[max(0, ceil(round(percent * len(values) / 100, 6)) - 1)]
        assert exact * (1 - 1e-6) - 1 <= value <= exact * (1 + 1 / 127) + 1


@given(VALUES)
def test_count_min_max_and_mean_are_exact(values):
    histogram = histogram_of(values)
    assert (histogram.count, histogram.min, histogram.max) == (len(values), min(values), max(values))
    assert histogram.mean == pytest.approx(sum(values) / len(values))


@given(VALUES, VALUES)
def test_merging_is_as_recording_both(left, right):
    merged = histogram_of(left)
    merged.merge(histogram_of(right))
    assert merged.as_json() == histogram_of(left + right).as_json()


@given(VALUES)
def test_it_is_the_same_after_a_way_through_json(values):
    histogram = histogram_of(values)
    read = Histogram.from_json(json.loads(json.dumps(histogram.as_json())))
    assert read.as_json() == histogram.as_json()
    assert read.count == histogram.count


def test_values_below_zero_count_as_zero_and_huge_ones_as_the_largest():
    histogram = histogram_of([-5, 1 << 80])
    assert (histogram.count, histogram.min, histogram.max) == (2, 0, 1 << 62)


def test_an_empty_one_has_zeros():
    histogram = Histogram()
    assert (histogram.percentile(99), histogram.mean, histogram.count) == (0, 0, 0)
    histogram.merge(Histogram())
    assert histogram.count == 0


def test_a_value_can_be_recorded_alone():
    histogram = Histogram()
    histogram.record(7)
    assert histogram.percentile(50) == 7


@given(VALUES)
def test_the_distribution_for_plotters_ascends_and_ends_with_the_maximum(values):
    text = as_hgrm(histogram_of(values))
    rows = [line.split() for line in text.splitlines() if re.match(r" *[0-9]", line)]
    shares = [float(row[1]) for row in rows]
    assert shares == sorted(shares)
    assert (shares[-1], int(rows[-1][2]), rows[-1][3]) == (1.0, len(values), "inf")
    assert f"#[Max     = {max(values) / 1e6:12.3f}, Total count    = {len(values):12d}]" in text


@given(st.integers(-5, 2**63), st.integers(1, 5))
def test_a_value_that_comes_many_times_is_counted_so(value, count):
    once, each = Histogram(), Histogram()
    once.record_many(value, count)
    each.record_all([value] * count)
    assert once.as_json() == each.as_json()
