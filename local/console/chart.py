"""The geometry of a time series chart: where lines, columns, marks and labels lie. Pure; a template draws it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

WIDTH: Final = 380
HEIGHT: Final = 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 16, 10, 22
_TICKS: Final = 4
_DAY: Final = 86400
_TIME_TICKS: Final = 6
_TIME_STEPS: Final = (60, 300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600, 12 * 3600, _DAY, 2 * _DAY, 7 * _DAY)
_NARROWEST_COLUMN: Final = 3.0


class Series(NamedTuple):
    """A line: values by the beginning of their period, in seconds since the epoch."""

    label: str
    points: Mapping[float, float]


class Mark(NamedTuple):
    """A value's place, with a text that says what it is."""

    x: float
    y: float
    text: str


class Column(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    text: str


class Label(NamedTuple):
    """A tick's place on its axis, and its text."""

    at: float
    text: str


@dataclass(frozen=True)
class Drawn:
    """One series as shapes."""

    label: str
    latest: str
    marks: tuple[Mark, ...]
    paths: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Chart:
    """All that a template needs."""

    title: str
    series: tuple[Drawn, ...]
    x_labels: tuple[Label, ...]
    y_labels: tuple[Label, ...]
    lines: tuple[Label, ...]
    """Horizontal annotations."""
    left: float = _LEFT
    right: float = WIDTH - _RIGHT
    bottom: float = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def is_empty(self) -> bool:
        return not any(series.marks or series.columns for series in self.series)

    @property
    def summary(self) -> str:
        """What the picture says, for those who don't see it."""
        found = [f"{series.label}: {series.latest}" for series in self.series if series.latest]
        return f"{self.title}. Latest values: {'; '.join(found)}" if found else f"{self.title}. No data"


def chart(
    title: str,
    series: Sequence[Series],
    start: float,
    end: float,
    period: float,
    *,
    stacked: bool = False,
    lowest: float | None = None,
    highest: float | None = None,
    lines: Mapping[str, float] | None = None,
) -> Chart:
    """A chart of the time from `start` to `end`. Stacked series are columns, others are lines that gaps interrupt."""
    values = _tops(series) if stacked else [value for one in series for value in one.points.values()]
    scale = _Scale.of([*values, *(lines or {}).values()], 0.0 if stacked else lowest, highest)
    across = _Across(start, end)
    drawn = _stack(series, across, scale, period) if stacked else [_line(one, across, scale, period) for one in series]
    return Chart(
        title,
        tuple(drawn),
        tuple(across.labels()),
        tuple(Label(scale.y(tick), number(tick)) for tick in scale.ticks),
        tuple(Label(scale.y(value), text) for text, value in (lines or {}).items()),
    )


def number(value: float) -> str:
    """A value in few characters."""
    if value and abs(value) < 0.001:
        return f"{value:.0e}"
    if abs(value) >= 10_000:
        return f"{value / 1000:.4g}k"
    return f"{value:.3g}" if abs(value) < 1000 and value != round(value) else f"{value:.0f}"


class _Scale(NamedTuple):
    ticks: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float], lowest: float | None, highest: float | None) -> "_Scale":
        """Round ticks around the values."""
        low = min([*values, lowest if lowest is not None else math.inf], default=0.0)
        high = max([*values, highest if highest is not None else -math.inf], default=1.0)
        low = low if math.isfinite(low) else 0.0
        high = high if math.isfinite(high) and high > low else low + 1.0
        step = _round_step((high - low) / (_TICKS - 1))
        first = math.floor(low / step + 1e-9)
        last = math.ceil(high / step - 1e-9)
        return cls(tuple(round(step * count, 10) for count in range(first, last + 1)))

    def y(self, value: float) -> float:
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _BOTTOM - _TOP), 1)


class _Across(NamedTuple):
    start: float
    end: float

    def x(self, at: float) -> float:
        share = (at - self.start) / (self.end - self.start)
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def labels(self) -> list[Label]:
        """Round times in UTC; days where the span is long."""
        form = "%H:%M" if self.end - self.start <= 2 * _DAY else "%m-%d"
        step = next((step for step in _TIME_STEPS if (self.end - self.start) / step <= _TIME_TICKS), _TIME_STEPS[-1])
        first, last = math.ceil(self.start / step), math.floor(self.end / step)
        moments = [float(step * count) for count in range(first, last + 1)]
        return [Label(self.x(at), f"{datetime.fromtimestamp(at, UTC):{form}}") for at in moments]


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(round_one * power for round_one in (1, 2, 5, 10) if round_one * power >= step * 0.999)


def _tops(series: Sequence[Series]) -> list[float]:
    times = {at for one in series for at in one.points}
    return [sum(one.points.get(at, 0.0) for one in series) for at in times]


def _line(one: Series, across: _Across, scale: _Scale, period: float) -> Drawn:
    points = sorted(one.points.items())
    marks = tuple(Mark(across.x(at), scale.y(value), _text(one.label, at, value)) for at, value in points)
    paths, begun = [], 0
    for index in range(1, len(points) + 1):
        # A period without a value interrupts the line.
        if index == len(points) or points[index][0] - points[index - 1][0] > period * 1.5:
            if index - begun > 1:
                paths.append(" ".join(f"{mark.x},{mark.y}" for mark in marks[begun:index]))
            begun = index
    return Drawn(one.label, _latest(points), marks, tuple(paths), ())


def _stack(series: Sequence[Series], across: _Across, scale: _Scale, period: float) -> list[Drawn]:
    floors: dict[float, float] = {}
    drawn = []
    for one in series:
        columns = []
        for at, value in sorted(one.points.items()):
            floor = floors.get(at, 0.0)
            floors[at] = floor + value
            if value:
                left, right = across.x(at), across.x(at + period)
                top, bottom = scale.y(floor + value), scale.y(floor)
                width = max(right - left - 1, _NARROWEST_COLUMN)
                columns.append(Column(left, top, width, round(bottom - top, 1), _text(one.label, at, value)))
        drawn.append(Drawn(one.label, _latest(sorted(one.points.items())), (), (), tuple(columns)))
    return drawn


def _latest(points: Sequence[tuple[float, float]]) -> str:
    return number(points[-1][1]) if points else ""


def _text(label: str, at: float, value: float) -> str:
    return f"{label}, {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC: {number(value)}"
