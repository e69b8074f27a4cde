"""Charts for the log: rate and p99 over time, and the latency spectrum, as inline SVG. Pure: values in, text out.

They take the colour of the text around them, so that they suit light and dark themes; lines differ by their dashes and
have their names next to them, so that they can be read in black and white. None is larger than 20 KB.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..pipelines.histogram import Histogram

_WIDTH, _HEIGHT = 560, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 62, 18, 30
_LEAST = 1e-9  # seconds: nothing is measured more finely
_MOST_POINTS = 240
_TICKS = 4
_PERCENTILES = (50.0, 90.0, 99.0, 99.9, 99.99, 99.999)
_STEPS_IN_DECADE = 12
_SOLID, _DASHED = "", ' stroke-dasharray="5 3"'


class Second(NamedTuple):
    """One second of a run: how many messages, and their p99 in seconds; None where there is none."""

    messages: int
    p99: float | None = None


class _Scale(NamedTuple):
    """How values become places."""

    largest: float
    begin: float
    end: float

    def place(self, value: float) -> float:
        share = value / self.largest if self.largest else 0.0
        return round(self.begin + (self.end - self.begin) * share, 1)


def over_time(seconds: Sequence[Second]) -> str:
    """Rate (solid, left axis) and p99 (dashed, right axis) for each second of a run."""
    points = _thinned(seconds)
    step = len(seconds) / max(1, len(points))
    times = _Scale(max(1.0, float(len(seconds) - 1)), _LEFT, _WIDTH - _RIGHT)
    rates = _Scale(_round_up(max((point.messages for point in points), default=0)), _HEIGHT - _BOTTOM, _TOP)
    p99s = [point.p99 for point in points]
    latencies = _Scale(_round_up(max((p99 for p99 in p99s if p99 is not None), default=0)), _HEIGHT - _BOTTOM, _TOP)
    rate_line = [(times.place(number * step), rates.place(point.messages)) for number, point in enumerate(points)]
    p99_line = [(times.place(n * step), latencies.place(p99)) for n, p99 in enumerate(p99s) if p99 is not None]
    parts = [
        _axis(rates, _LEFT, "end", _count_text),
        *([_axis(latencies, _WIDTH - _RIGHT, "start", time_text)] if p99_line else []),
        _time_axis(times),
        _line(rate_line, _SOLID),
        _line(p99_line, _DASHED),
        _text(_LEFT, 11, "start", "— messages a second"),
        *([_text(_WIDTH - _RIGHT, 11, "end", "- - p99 latency")] if p99_line else []),
    ]
    return _svg("Rate and p99 latency over time", parts)


def spectrum(histogram: Histogram) -> str:
    """The latency at each percentile, with as much room for each further 9."""
    nines = ceil(log10(max(10, histogram.count)))
    places = [step / _STEPS_IN_DECADE for step in range(nines * _STEPS_IN_DECADE + 1)]
    values = histogram.percentiles([100 * (1 - 10**-place) for place in places])
    across = _Scale(float(nines), _LEFT, _WIDTH - _RIGHT)
    up = _Scale(_round_up(histogram.max / 1e9), _HEIGHT - _BOTTOM, _TOP)
    line = [(across.place(place), up.place(value / 1e9)) for place, value in zip(places, values)]
    named = [percent for percent in _PERCENTILES if -log10(1 - percent / 100) <= nines]
    marks = [_text(across.place(-log10(1 - p / 100)), _HEIGHT - 12, "middle", f"{p:g}%") for p in named]
    title = _text(_LEFT, 11, "start", "latency by percentile")
    return _svg("Latency by percentile", [_axis(up, _LEFT, "end", time_text), *marks, _line(line, _SOLID), title])


def time_text(seconds: float) -> str:
    """A time with its unit, short: `1.5 ms`."""
    for unit, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds * 1e9:.3g} ns" if seconds else "0"


def _count_text(count: float) -> str:
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if count >= unit:
            return f"{count / unit:.3g}{name}"
    return f"{count:.3g}"


def _thinned(seconds: Sequence[Second]) -> list[Second]:
    """At most so many points: the mean of the rates and the largest p99 of each group."""
    size = max(1, ceil(len(seconds) / _MOST_POINTS))
    groups = [seconds[at : at + size] for at in range(0, len(seconds), size)]
    return [
        Second(
            sum(second.messages for second in group) // len(group),
            max((second.p99 for second in group if second.p99 is not None), default=None),
        )
        for group in groups
    ]


def _round_up(value: float) -> float:
    """The end of an axis: 1, 2 or 5 times a power of ten, at least the value."""
    if value < 1e-100:  # Below, factors are rounded away.
        return 1.0
    unit: float = 10.0 ** floor(log10(max(value, _LEAST)))
    return next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= value * 0.999999)


def _axis(scale: _Scale, x: int, anchor: str, text: Callable[[float], str]) -> str:
    parts = []
    for tick in range(_TICKS + 1):
        value = scale.largest * tick / _TICKS
        y = scale.place(value)
        parts.append(_text(x + (6 if anchor == "start" else -6), y + 4, anchor, text(value)))
        parts.append(f'<path d="M{_LEFT} {y}H{_WIDTH - _RIGHT}" opacity=".2"/>')
    return "".join(parts)


def _time_axis(times: _Scale) -> str:
    every = max(1, ceil(times.largest / 8))
    return "".join(
        _text(times.place(second), _HEIGHT - 12, "middle", f"{second} s")
        for second in range(0, int(times.largest) + 1, every)
    )


def _line(points: Sequence[tuple[float, float]], dashes: str) -> str:
    if len(points) == 1:
        return f'<circle cx="{points[0][0]}" cy="{points[0][1]}" r="2.5" fill="currentColor"/>'
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polyline points="{path}" stroke-width="1.5"{dashes}/>' if points else ""


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" stroke="none" fill="currentColor">{text}</text>'


def _svg(title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'fill="none" stroke="currentColor" font-size="11" font-family="sans-serif" role="img"><title>{title}</title>'
        f"{''.join(parts)}</svg>"
    )
