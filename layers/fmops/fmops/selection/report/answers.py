"""The ten largest wins and losses: what was asked, what was expected, and both answers side by side."""

from collections.abc import Sequence

from fmops.selection.details import Example, Said
from fmops.selection.models import Report
from fmops.selection.report.words import lines, number, text


def examples(report: Report) -> str:
    details, decision = report.details, report.decision
    if details is None or decision.leader is None or decision.compared_with is None:
        return ""
    if not details.wins and not details.losses:
        return ""
    names = (decision.leader, decision.compared_with)
    return (
        '<section id="examples"><h2>Largest wins and losses</h2>'
        f'<p class="hint">Rows on which {text(names[0])} and {text(names[1])} differ most. What looks like an e-mail '
        "address, a telephone number, a card or an account is masked; long texts are cut.</p>"
        f"{_list('Wins', 'good', names, details.wins)}{_list('Losses', 'bad', names, details.losses)}</section>"
    )


def _list(title: str, tone: str, names: tuple[str, str], found: Sequence[Example]) -> str:
    if not found:
        return f"<h3>{title}: none</h3>"
    return f"<h3>{title}</h3>" + "".join(_example(i, tone, names, one) for i, one in enumerate(found, start=1))


def _example(place: int, tone: str, names: tuple[str, str], found: Example) -> str:
    category = f"<span>{text(found.category)}</span>" if found.category else ""
    target = _quote("Expected", " or ".join(found.target.split("<OR>"))) if found.target is not None else ""
    same = found.leader.prompt == found.other.prompt
    asked = _quote("Prompt", found.leader.prompt) if same else ""
    return (
        f'<article><header><b class="pill {tone}">{place}. {number(found.gap, signed=True)}</b>{category}'
        f"<span>row {text(found.row, 80)}</span></header>"
        f'<div class="asked">{asked}{target}</div>'
        f'<div class="said">{_said(names[0], found.leader, same)}{_said(names[1], found.other, same)}</div></article>'
    )


def _said(candidate: str, said: Said, same_prompt: bool) -> str:
    tone = "good" if said.score >= 0.5 else "muted"
    prompt = "" if same_prompt else f"<small>Prompt</small><div dir=auto>{lines(said.prompt)}</div>"
    answer = (
        f"<div dir=auto>{lines(said.answer) or '(empty)'}</div>"
        if said.answer is not None
        else "<div>(no answer)</div>"
    )
    return f'<div class="quote {tone}">{prompt}<small>{text(candidate)}: {number(said.score)}</small>{answer}</div>'


def _quote(title: str, body: str) -> str:
    return f'<div class="quote"><small>{title}</small><div dir=auto>{lines(body)}</div></div>'
