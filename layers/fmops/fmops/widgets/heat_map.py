"""The drift heat map: each feature against the hours, by how near its drift is to the size that matters."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

from pydantic import Field

from fmops.core.ledger import Ledger, Record
from fmops.core.models import Theirs
from fmops.widgets.page import Context, Tone, framed, heading, paragraph, text

DOCUMENTATION = """## Drift
Each row is a feature, each column a window, the newest on the right. The darker a place, the nearer its drift is to the
size that matters; a dot marks what is above it and more than chance. A bar below says the window's verdict. No
parameters."""
WINDOWS, FEATURES, USE_CASES = 24, 16, 3
_NAMES, _CELL, _ROW, _FOOT = 150, 24, 18, 34
_TONES: dict[str, Tone] = {"OK": "good", "WARNING": "warn", "ALARM": "bad"}


class Drift(Theirs):
    size: float
    limit: float
    since: str | None = None
    """Set where it is more than chance brings and large enough to matter."""

    @property
    def ratio(self) -> float:
        """Of the size that matters: 1 and above matters."""
        return max(0.0, self.size / self.limit) if self.limit else 0.0


class Window(Theirs):
    use_case: str
    window: str
    status: str
    verdict: str | None = None
    drift: dict[str, Drift] = Field(default_factory=dict)


class Place(NamedTuple):
    """The left upper corner of a cell."""

    x: int
    y: int


def draw(ledger: Ledger, context: Context) -> str:
    return heat_maps(context, ledger.of_kind("window", newest=WINDOWS * USE_CASES * 2))


def heat_maps(context: Context, records: Sequence[Record]) -> str:
    """The widget from the ledger's records of windows, in any order."""
    windows = [Window.model_validate(record) for record in records]
    judged = sorted((one for one in windows if one.status == "judged"), key=lambda one: (one.use_case, one.window))
    groups = [(name, list(group)[-WINDOWS:]) for name, group in groupby(judged, lambda one: one.use_case)]
    if not groups:
        return framed(context, paragraph(text("No window was judged yet."), "dim"))
    more = len(groups) - USE_CASES
    rest = paragraph(text(f"and {more} more use cases"), "dim") if more > 0 else ""
    return framed(context, "".join(_one(context, *group) for group in groups[:USE_CASES]) + rest)


def _one(context: Context, use_case: str, windows: list[Window]) -> str:
    names = list(dict.fromkeys(name for window in windows for name in window.drift))
    # What moved most comes first; the rest in the order of the profile.
    names.sort(key=lambda name: -max(window.drift[name].ratio for window in windows if name in window.drift))
    shown, last = names[:FEATURES], windows[-1]
    width, height = _NAMES + len(windows) * _CELL, len(shown) * _ROW + _FOOT
    label = f"{use_case}: drift of {len(shown)} features in {len(windows)} windows; the last is {last.verdict}"
    picture = "".join(_parts(context, shown, windows))
    verdict = text(last.verdict or "", _TONES.get(last.verdict or "", "dim"))
    return (
        heading(use_case)
        + paragraph(f"{text('The window')} {text(last.window)}: {verdict}")
        + f'<div class="scroll newest-last"><svg role="img" aria-label="{escape(label)}" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-size="12">{picture}</svg></div>'
    )


def _parts(context: Context, names: list[str], windows: list[Window]) -> Iterator[str]:
    c = context.colours
    # The names stand beside what is newest: on a narrow screen both are seen.
    beside = len(windows) * _CELL + 8
    for row, name in enumerate(names):
        y = row * _ROW
        shown = escape(name.replace("_", " "))
        yield f'<text x="{beside}" y="{y + 13}" fill="{c["ink"]}">{shown}</text>'
        for column, window in enumerate(windows):
            yield _cell(context, Place(column * _CELL, y), window.drift.get(name), f"{name} {window.window}")
    y = len(names) * _ROW
    every = max(1, len(windows) // 6)
    for column, window in enumerate(windows):
        x = column * _CELL
        colour = c[_TONES.get(window.verdict or "", "line")]
        title = f"<title>{escape(window.window)}: {escape(window.verdict or '')}</title>"
        yield f'<rect x="{x + 1}" y="{y + 3}" width="{_CELL - 2}" height="5" fill="{colour}">{title}</rect>'
        if column % every == 0:
            hour = escape(window.window[11:16])
            yield f'<text x="{x}" y="{y + 25}" fill="{c["dim"]}">{hour}</text>'


def _cell(context: Context, place: Place, drift: Drift | None, about: str) -> str:
    c = context.colours
    box = f'x="{place.x + 1}" y="{place.y + 1}" width="{_CELL - 2}" height="{_ROW - 2}"'
    if drift is None:
        return f'<rect {box} fill="none" stroke="{c["line"]}"><title>{escape(about)}: not known</title></rect>'
    shade = 0.06 + 0.9 * min(1.0, drift.ratio / 2)
    title = f"<title>{escape(about)}: {drift.size:.3g}, {drift.ratio:.1f} of the size that matters</title>"
    dot = ""
    if drift.since is not None:
        dot = f'<circle cx="{place.x + _CELL // 2}" cy="{place.y + _ROW // 2}" r="3" fill="{c["ink"]}"/>'
    return f'<g>{title}<rect {box} fill="rgb({c["heat"]})" fill-opacity="{shade:.2f}"/>{dot}</g>'
