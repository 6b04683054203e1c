"""Intervals and points as inline SVG.

Places are percentages, so that a drawing fits any width and its text keeps its size. Nothing is styled in an
attribute: a page's policy may forbid that. Classes are the style sheet's.
"""

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

_TICKS = 4
_AXIS_LEFT, _AXIS_WIDTH = 2.0, 96.0


class Scale(NamedTuple):
    """From values to percentages of the width."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Within the drawing, whatever the value."""
        share = (value - self.low) / (self.high - self.low)
        return round(_AXIS_LEFT + _AXIS_WIDTH * min(max(share, 0.0), 1.0), 2)

    def ticks(self) -> list[float]:
        """Round numbers within it."""
        step = _round_step((self.high - self.low) / _TICKS)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(i * step, 10) for i in range(first, last + 1)]


def scale(values: Iterable[float | None], *, around_zero: bool = False) -> Scale:
    """A scale that holds all the values with some air."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    low, high = min([0.0, *known]), max([0.0, *known])
    if high - low < 1e-9:
        return Scale(-1.0, 1.0) if around_zero else Scale(0.0, 1.0)
    air = (high - low) * 0.08
    return Scale(low - air if low < 0 or around_zero else 0.0, high + air)


class Mark(NamedTuple):
    """A line across the drawing at a value."""

    value: float
    kind: str
    """A class: `zero`, `margin` or `limit`."""


def interval(
    at: Scale, value: float | None, low: float | None, high: float | None, marks: Sequence[Mark], tone: str, label: str
) -> str:
    """A point with its interval. An end that is not known is drawn open, to the edge."""
    parts = [_upright(at.at(mark.value), mark.kind) for mark in marks]
    if value is not None and not (low is None and high is None):
        left = at.at(low) if low is not None else 0
        right = at.at(high) if high is not None else 100
        parts.append(f'<line class="span" x1="{left}%" x2="{right}%" y1="50%" y2="50%"/>')
        parts += [_cap(end) for end, known in ((left, low), (right, high)) if known is not None]
    if value is not None:
        parts.append(f'<circle class="dot" cx="{at.at(value)}%" cy="50%" r="5"/>')
    return f'<svg class="interval {tone}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


def axis(at: Scale, form: str) -> str:
    """The scale's numbers; hidden from readers of the text, who have the numbers themselves."""
    parts = []
    for tick in at.ticks():
        x = at.at(tick)
        words = escape(format(tick, form).replace("-", "\N{MINUS SIGN}")) if tick else "0"
        parts.append(f'<line class="tick" x1="{x}%" x2="{x}%" y1="0" y2="5"/><text x="{x}%" y="18">{words}</text>')
    return f'<svg class="axis" aria-hidden="true">{"".join(parts)}</svg>'


class Point(NamedTuple):
    """A candidate in a plot of two things."""

    number: int
    x: float
    y: float
    on_front: bool
    tone: str


class Plot(NamedTuple):
    """Points, below is worse and left is better: y is to be high, x is to be low."""

    points: Sequence[Point]
    x_name: str
    y_name: str
    x_form: str
    label: str


_TOP, _BOTTOM, _LEFT, _RIGHT = 6.0, 84.0, 12.0, 96.0


def plot(given: Plot) -> str:
    """The points with their numbers, and the front as steps."""
    across, up = scale(point.x for point in given.points), _close(point.y for point in given.points)
    parts = [f'<rect class="field" x="{_LEFT}%" y="{_TOP}%" width="{_RIGHT - _LEFT}%" height="{_BOTTOM - _TOP}%"/>']
    for tick in across.ticks():
        x = _across(across, tick)
        parts.append(f'<line class="grid" x1="{x}%" x2="{x}%" y1="{_TOP}%" y2="{_BOTTOM}%"/>')
        parts.append(f'<text x="{x}%" y="90%">{escape(format(tick, given.x_form))}</text>')
    for tick in up.ticks():
        y = _up(up, tick)
        parts.append(f'<line class="grid" x1="{_LEFT}%" x2="{_RIGHT}%" y1="{y}%" y2="{y}%"/>')
        parts.append(f'<text class="end" x="{_LEFT - 1.5}%" y="{y}%" dy="4">{tick:g}</text>')
    parts.append(f'<text x="{(_LEFT + _RIGHT) / 2}%" y="98%">{escape(given.x_name)}</text>')
    parts.append(f'<text class="start" x="0" y="3.5%">{escape(given.y_name)}</text>')
    parts += _steps(given.points, across, up)
    for point in given.points:
        x, y = _across(across, point.x), _up(up, point.y)
        tone = f"{point.tone}{' front' if point.on_front else ''}"
        parts.append(f'<circle class="point {tone}" cx="{x}%" cy="{y}%" r="11"/>')
        parts.append(f'<text class="inside {tone}" x="{x}%" y="{y}%" dy="4">{point.number}</text>')
    return f'<svg class="plot" role="img" aria-label="{escape(given.label)}">{"".join(parts)}</svg>'


def front(points: Sequence[tuple[float, float]]) -> list[bool]:
    """Which (x, y) no other beats: none is at most as far right and at least as high, and better in one."""
    return [
        not any(ox <= x and oy >= y and (ox < x or oy > y) for j, (ox, oy) in enumerate(points) if j != i)
        for i, (x, y) in enumerate(points)
    ]


def _steps(points: Sequence[Point], across: Scale, up: Scale) -> list[str]:
    """What the points of the front together can't be beaten on: from each to the right, then up."""
    ordered = sorted((point for point in points if point.on_front), key=lambda point: point.x)
    parts = []
    for point, following in zip(ordered, [*ordered[1:], None], strict=True):
        x, y = _across(across, point.x), _up(up, point.y)
        right = _across(across, following.x) if following else _RIGHT
        parts.append(f'<line class="step" x1="{x}%" x2="{right}%" y1="{y}%" y2="{y}%"/>')
        if following:
            parts.append(f'<line class="step" x1="{right}%" x2="{right}%" y1="{y}%" y2="{_up(up, following.y)}%"/>')
    return parts


def _close(values: Iterable[float]) -> Scale:
    """A scale that need not begin at 0: places are compared, not lengths."""
    known = list(values)
    low, high = min(known), max(known)
    air = max((high - low) * 0.2, 0.02)
    return Scale(max(low - air, 0.0) if low >= 0 else low - air, high + air)


def _across(at: Scale, value: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * (value - at.low) / (at.high - at.low), 2)


def _up(at: Scale, value: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * (value - at.low) / (at.high - at.low), 2)


def _upright(x: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x}%" x2="{x}%" y1="0" y2="100%"/>'


def _cap(x: float) -> str:
    return f'<line class="span" x1="{x}%" x2="{x}%" y1="30%" y2="70%"/>'


def _round_step(rough: float) -> float:
    """1, 2 or 5 times a power of ten, at least `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
