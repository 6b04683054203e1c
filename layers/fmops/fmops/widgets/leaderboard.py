"""The leaderboard: the candidates of the newest runs with their intervals, the winner first."""

from collections.abc import Sequence

from pydantic import Field

from fmops.core.ledger import Ledger, Record
from fmops.core.models import Theirs
from fmops.widgets.page import Context, Tone, framed, heading, paragraph, table, text

DOCUMENTATION = """## Leaderboard
The candidates of the newest evaluation runs: each metric's mean with its 95 % interval, the winner first. A dash is a
metric that was not scored. No parameters."""
RUNS, CANDIDATES, METRICS = 3, 8, 4
_VERDICTS: dict[str, Tone] = {"PROMOTE": "good", "REJECT": "bad", "INCONCLUSIVE": "warn"}


class Metric(Theirs):
    value: float | None = None
    low: float | None = None
    high: float | None = None


class Candidate(Theirs):
    id: str
    model_id: str = ""
    is_champion: bool = False
    status: str = ""
    metrics: dict[str, Metric] = Field(default_factory=dict)


class Run(Theirs):
    run_id: str
    use_case: str
    status: str
    verdict: str | None = None
    winner: str | None = None
    created_at: str = ""


def draw(ledger: Ledger, context: Context) -> str:
    runs = ledger.of_kind("run", newest=RUNS)
    return leaderboard(context, [(run, ledger.records(f"RUN#{run['run_id']}", "CANDIDATE#")) for run in runs])


def leaderboard(context: Context, runs: Sequence[tuple[Record, Sequence[Record]]]) -> str:
    """The widget from the ledger's records of runs, newest first, each with those of its candidates."""
    if not runs:
        return framed(context, paragraph(text("No run yet."), "dim"))
    parts = [_run(Run.model_validate(run), [Candidate.model_validate(one) for one in found]) for run, found in runs]
    return framed(context, "".join(parts))


def _run(run: Run, candidates: list[Candidate]) -> str:
    verdict = run.verdict or run.status.replace("_", " ")
    title = heading(f"{run.use_case}, {run.created_at[:16].replace('T', ' ')}")
    about = paragraph(f"{text(run.run_id, 'dim')} {text(verdict, _VERDICTS.get(run.verdict or '', 'dim'))}")
    metrics = list(dict.fromkeys(name for one in candidates for name in one.metrics))[:METRICS]
    if not metrics:
        return title + about
    order = sorted(candidates, key=lambda one: (one.id != run.winner, not one.is_champion, one.id))
    rows = [
        [_name(one, run), *(_interval(one.metrics.get(metric)) for metric in metrics)] for one in order[:CANDIDATES]
    ]
    more = len(candidates) - CANDIDATES
    rest = paragraph(text(f"and {more} more candidates"), "dim") if more > 0 else ""
    return title + about + table(["Candidate", *(name.replace("_", " ") for name in metrics)], rows) + rest


def _name(one: Candidate, run: Run) -> str:
    marks = [text("winner", "good")] if one.id == run.winner else []
    marks += [text("serves", "dim")] if one.is_champion else []
    return " ".join([text(one.id), *marks])


def _interval(metric: Metric | None) -> str:
    if metric is None or metric.value is None:
        return text("–", "dim")
    if metric.low is None or metric.high is None:
        return text(f"{metric.value:.3f}")
    return f"{text(f'{metric.value:.3f}')} {text(f'[{metric.low:.3f}, {metric.high:.3f}]', 'dim')}"
