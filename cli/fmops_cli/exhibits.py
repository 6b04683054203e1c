"""What a report shows beside its numbers, on the terminal: categories, and the rows on which candidates differ most.

Its texts were masked and cut before the report was written.
"""

from collections.abc import Iterator, Sequence

from rich.table import Table

from fmops.core.plain import one_line
from fmops.selection.details import CategoryScore, Example, Said, Span
from fmops.selection.models import Report
from fmops_cli.options import table as new_table

EXAMPLES = 3
"""How many wins and losses are shown here; the page has ten of each."""
_LONGEST = 160


def categories(report: Report) -> Table | None:
    """Both candidates' weighted scores by category; None where there is one category or none."""
    details, pair = report.details, _pair(report)
    if details is None or not details.categories:
        return None
    shown = new_table("category", "rows", *pair, *(["difference"] if len(pair) == 2 else []))
    for one in details.categories:
        shown.add_row(
            one_line(one.category, 60), str(one.n), *(_number(one.scores.get(name)) for name in pair), *_gap(one, pair)
        )
    return shown


def examples(report: Report, most: int = EXAMPLES) -> Iterator[str]:
    """Lines: the rows on which the leader gained most, and those on which it lost most."""
    details, pair = report.details, _pair(report)
    if details is None or len(pair) < 2:
        return
    for title, found in (("Largest wins", details.wins), ("Largest losses", details.losses)):
        if found:
            few = f" ({most} of {len(found)}; the page shows all)" if len(found) > most else ""
            yield f"{title} of {pair[0]} against {pair[1]}{few}:"
            yield from _lines(found[:most], pair)


def _lines(found: Sequence[Example], pair: list[str]) -> Iterator[str]:
    for one in found:
        category = f", {one_line(one.category, 60)}" if one.category else ""
        yield f"  {one.gap:+.3f}  row {one.row}{category}"
        # The end of a prompt is the row's own; its beginning is the template's.
        yield f"    asked: {_tail(one.leader.prompt)}"
        if one.target is not None:
            yield f"    expected: {one_line(' or '.join(one.target.split('<OR>')), _LONGEST)}"
        for name, said in zip(pair, (one.leader, one.other), strict=True):
            yield f"    {name} ({said.score:.3f}): {_answer(said)}"


def _pair(report: Report) -> list[str]:
    decision = report.decision
    return [name for name in (decision.leader, decision.compared_with) if name is not None]


def _gap(one: CategoryScore, pair: list[str]) -> list[str]:
    return [_span(one.difference)] if len(pair) == 2 else []


def _span(found: Span | None) -> str:
    if found is None or found.value is None:
        return "not known"
    if found.low is None or found.high is None:
        return f"{found.value:+.3f} (too few rows)"
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _answer(said: Said) -> str:
    if said.answer is None:
        return "(no answer)"
    return one_line(said.answer, _LONGEST) or "(empty)"


def _tail(prompt: str) -> str:
    whole = one_line(prompt, len(prompt))
    return whole if len(whole) <= _LONGEST else f"… {whole[-_LONGEST:]}"


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"
