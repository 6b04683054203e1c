"""The frame of every widget: CloudWatch's contract, the two themes, and text that can do nothing but be read."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Literal

from pydantic import Field

from fmops.core.models import Theirs

Cell = str
"""HTML that is safe: made by `text`, `pill` or `link`."""
Tone = Literal["good", "warn", "bad", "dim"]

_LIGHT = {
    "ink": "#16191f",
    "dim": "#545b64",
    "line": "#d5dbdb",
    "link": "#0972d3",
    "heat": "200,64,16",
    "good": "#1d6f2b",
    "warn": "#7a4d00",
    "bad": "#b0200c",
}
_DARK = {
    "ink": "#e9ebed",
    "dim": "#a9b4c0",
    "line": "#414d5c",
    "link": "#89bdff",
    "heat": "255,128,72",
    "good": "#6bd48b",
    "warn": "#f2c14e",
    "bad": "#ff9b8f",
}


class Context(Theirs):
    """The part of CloudWatch's `widgetContext` that we use."""

    theme: Literal["light", "dark"] = "light"

    @property
    def colours(self) -> dict[str, str]:
        return _DARK if self.theme == "dark" else _LIGHT


class Request(Theirs):
    """What CloudWatch sends. With `describe` it asks for documentation in Markdown."""

    describe: bool = False
    context: Context = Field(alias="widgetContext", default=Context())


def answered(event: dict[str, Any], documentation: str, draw: Callable[[Context], str]) -> str:
    """The documentation or the drawing, as CloudWatch asks."""
    request = Request.model_validate(event)
    return documentation if request.describe else draw(request.context)


def framed(context: Context, body: str) -> str:
    """A widget's whole HTML. The style speaks of its own classes only: others live on the same dashboard."""
    c = context.colours
    style = (
        f".fmops{{color:{c['ink']};font:14px/1.45 system-ui,sans-serif}}"
        f".fmops table{{border-collapse:collapse;width:100%}}"
        f".fmops th,.fmops td{{border-bottom:1px solid {c['line']};padding:5px 10px 5px 0;text-align:left;"
        "vertical-align:top}"
        f".fmops th{{font-weight:600}} .fmops thead th{{color:{c['dim']};font-weight:400;white-space:nowrap}}"
        f".fmops a{{color:{c['link']}}} .fmops .dim{{color:{c['dim']}}}"
        f".fmops .good{{color:{c['good']}}} .fmops .warn{{color:{c['warn']}}} .fmops .bad{{color:{c['bad']}}}"
        ".fmops .strong{font-weight:600} .fmops p{margin:0 0 8px} .fmops h4{font-size:14px;margin:8px 0 4px}"
        ".fmops td{white-space:nowrap} .fmops tbody th{min-width:110px} .fmops .scroll{overflow-x:auto}"
        # On a phone a row is a block, and each cell says what it is.
        "@media (max-width:420px){.fmops thead{display:none} .fmops tr{display:block;padding:5px 0;"
        f"border-bottom:1px solid {c['line']}}} .fmops tbody th,.fmops td{{display:block;border:0;padding:1px 0;"
        f"white-space:normal}} .fmops td::before{{content:attr(data-label) ': ';color:{c['dim']}}}}}"
        # What is new is on the right: a narrow screen begins there.
        ".fmops .newest-last{direction:rtl} .fmops svg{direction:ltr;display:block;height:auto;max-width:100%;"
        "min-width:480px}"
    )
    return f'<style>{style}</style><div class="fmops cwdb-no-default-styles">{body}</div>'


def text(value: object, tone: Tone | None = None) -> Cell:
    """Whatever it is, it is only read."""
    shown = escape(str(value))
    return f'<span class="{tone}">{shown}</span>' if tone else shown


def link(label: str, address: str) -> Cell:
    """To an https page, in a window of its own; the label alone for any other address."""
    if not address.startswith("https://"):
        return text(label)
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(label)}</a>'


def table(columns: Iterable[str], rows: Iterable[Iterable[Cell]]) -> str:
    """The first cell of a row names it."""
    labels = [escape(name) for name in columns]
    head = "".join(f'<th scope="col">{name}</th>' for name in labels)
    lines = []
    for first, *rest in rows:
        cells = (f'<td data-label="{name}">{cell}</td>' for name, cell in zip(labels[1:], rest, strict=True))
        lines.append(f'<tr><th scope="row">{first}</th>{"".join(cells)}</tr>')
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def paragraph(content: Cell, tone: Tone | None = None) -> str:
    return f'<p class="{tone}">{content}</p>' if tone else f"<p>{content}</p>"


def heading(name: str) -> str:
    return f"<h4>{escape(name)}</h4>"
