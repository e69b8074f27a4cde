"""Sequence diagrams: who said what to whom, as inline SVG for the log and as Mermaid for tickets. Values in, text out.

No scripts, which a log may not run; `currentColor`, so that it is readable on light and dark; whatever comes from the
wire is escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from ..plain_text import printable
from .html import as_text
from .words import clock, count_of

_TIMES = 190
_LANE = 200
_HEAD = 44
_ROW = 24
_LABEL = 26
_MARKUP = frozenset('#;<>&"`{}[]()|%')
_TITLES = 60_000
_LONGEST_TITLE = 8_000
_SHORTEST_TITLE = 200


class StepKind(Enum):
    """What a step is: a message; one that never came; something that happened to a connection; steps left out."""

    MESSAGE = "MESSAGE"
    LOST = "LOST"
    EVENT = "EVENT"
    GAP = "GAP"


class Lane(NamedTuple):
    """A socket or peer.

    Attributes:
        name: Its alias, or `host:port`.
        type: `PUSH` …; empty where it is not known.
        locked: The mechanism that encrypts what it says; empty for none.
    """

    name: str
    type: str = ""
    locked: str = ""


class Step(NamedTuple):
    """One line of the diagram.

    Attributes:
        kind: What it is.
        time: When, in seconds since the epoch.
        source: Number of the lane where it begins.
        target: Number of the lane where it ends; the same for what concerns one lane only.
        label: What it is, in short.
        title: All that is known of it.
        size: Bytes of a message.
        took: Seconds until it was received; None where that is not known.
        notes: What faults did to it.
    """

    kind: StepKind
    time: float
    source: int = 0
    target: int = 0
    label: str = ""
    title: str = ""
    size: int = 0
    took: float | None = None
    notes: Sequence[str] = ()


class Diagram(NamedTuple):
    """Lanes, and steps in the order of time; times are shown since `started`."""

    lanes: Sequence[Lane]
    steps: Sequence[Step]
    started: float


def as_svg(diagram: Diagram) -> str:
    """The diagram as an SVG element."""
    width = _TIMES + _LANE * max(1, len(diagram.lanes))
    height = _HEAD + _ROW * (len(diagram.steps) + 1)
    box = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    style = 'font-family="monospace" font-size="11" fill="currentColor"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {box} {style}>']
    parts += [_svg_lane(number, lane, height) for number, lane in enumerate(diagram.lanes)]
    most = min(_LONGEST_TITLE, max(_SHORTEST_TITLE, _TITLES // max(1, len(diagram.steps))))
    parts += [_svg_step(row, step, diagram.started, most) for row, step in enumerate(diagram.steps)]
    return "".join([*parts, "</svg>"])


def _x(lane: int) -> int:
    return _TIMES + _LANE // 2 + lane * _LANE


def _svg_lane(number: int, lane: Lane, height: int) -> str:
    x = _x(number)
    lock = f" 🔒 {lane.locked}" if lane.locked else ""
    return (
        f'<text x="{x}" y="16" text-anchor="middle" font-weight="bold">{as_text(_cut(printable(lane.name), _LABEL))}'
        f"<title>{as_text(printable(lane.name))}</title></text>"
        f'<text x="{x}" y="31" text-anchor="middle">{as_text(printable(lane.type + lock))}</text>'
        f'<path d="M{x} 38V{height}" stroke="currentColor" stroke-opacity=".35" stroke-dasharray="3 3"/>'
    )


def _svg_step(row: int, step: Step, started: float, most: int) -> str:
    y = _HEAD + _ROW * (row + 1)
    if step.kind is StepKind.GAP:
        return f'<text x="{_TIMES}" y="{y}" font-style="italic">{as_text(step.label)}</text>'
    title = "\n".join(filter(None, [_timing(step), *step.notes, step.title]))
    return (
        f'<g><title>{as_text(_cut(title, most))}</title><text x="4" y="{y}" fill-opacity=".7">{_when(step, started)}'
        f"</text>{_svg_event(step, y) if step.source == step.target else _svg_arrow(step, y)}</g>"
    )


def _svg_event(step: Step, y: int) -> str:
    x = _x(step.source)
    return f'<circle cx="{x}" cy="{y - 4}" r="3"/><text x="{x + 7}" y="{y}">{as_text(_label(step))}</text>'


def _svg_arrow(step: Step, y: int) -> str:
    start, end = _x(step.source), _x(step.target)
    head = -6 if end > start else 6
    if step.kind is StepKind.LOST:
        end = (start + end) // 2 + (end - start) // 4
        tip = f"M{end - 4} {y - 4}l8 8m0-8l-8 8"
    else:
        tip = f"M{end + head} {y - 4}L{end} {y}L{end + head} {y + 4}"
    dashes = ' stroke-dasharray="5 3"' if step.kind is not StepKind.MESSAGE else ""
    return (
        f'<path d="M{start} {y}H{end}" stroke="currentColor"{dashes}/><path d="{tip}" fill="none" '
        f'stroke="currentColor"/><text x="{(start + _x(step.target)) // 2}" y="{y - 4}" text-anchor="middle">'
        f"{as_text(_label(step))}</text>"
    )


def _when(step: Step, started: float) -> str:
    return f"+{step.time - started:.4f} s {clock(step.time)}"


def _label(step: Step) -> str:
    notes = "".join(f" ⚡{note}" for note in step.notes)
    lost = " not received" if step.kind is StepKind.LOST else ""
    return f"{_cut(step.label, _LABEL)}{notes}{lost}"


def _timing(step: Step) -> str:
    if step.kind is StepKind.EVENT:
        return ""
    took = f", received {step.took * 1000:.3g} ms later" if step.took is not None else ""
    lost = ", never received" if step.kind is StepKind.LOST else ""
    return f"{clock(step.time)}, {count_of(step.size, 'byte')}{took}{lost}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def as_mermaid(diagram: Diagram) -> str:
    """The diagram as Mermaid text (https://mermaid.js.org/syntax/sequenceDiagram.html)."""
    lines = ["sequenceDiagram"]
    for number, lane in enumerate(diagram.lanes):
        more = f" ({lane.type})" if lane.type else ""
        lock = f" 🔒 {lane.locked}" if lane.locked else ""
        lines.append(f"    participant p{number} as {_mermaid_text(lane.name + more + lock)}")
    lines += [f"    {_mermaid_step(step, diagram)}" for step in diagram.steps if diagram.lanes]
    return "\n".join([*lines, ""])


def _mermaid_step(step: Step, diagram: Diagram) -> str:
    if step.kind is StepKind.GAP:
        return f"Note over p0,p{len(diagram.lanes) - 1}: {_mermaid_text(step.label)}"
    text = _mermaid_text(f"+{step.time - diagram.started:.4f} s {_label(step)}")
    if step.source == step.target:
        return f"Note over p{step.source}: {text}"
    arrow = {StepKind.MESSAGE: "->>", StepKind.LOST: "-x", StepKind.EVENT: "-->>"}[step.kind]
    return f"p{step.source}{arrow}p{step.target}: {text}"


def _mermaid_text(text: str) -> str:
    """Text that Mermaid takes for nothing else: entities for what ends a line or begins markup."""
    return "".join(f"#{ord(c)};" if c in _MARKUP else c for c in printable(text))
