"""Reads what the judge of a run left."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import ValidationError

from fmops.core.artifacts import Store
from fmops.core.errors import NotFound, ResultsUnusable
from fmops.evaluation.desk import Desk, Failure
from fmops.evaluation.judge.models import METRIC_OF, SCORES_FOLDER, SUMMARY_FILE, JudgeSummary
from fmops.evaluation.judge.prompts import Method
from fmops.evaluation.judge.wording import not_accurate
from fmops.evaluation.launching.launch_judging import identity_of
from fmops.evaluation.launching.stop_inference import explain
from fmops.evaluation.models import Metric, Scores
from fmops.evaluation.places import JudgePlaces
from fmops.evaluation.planning.plans import Plan, PlannedJudge
from fmops.usecases.judging import Judge


class Judgement(NamedTuple):
    """The judge of a run, and what it said."""

    planned: PlannedJudge
    settings: Judge
    metric: Metric
    why_not: str
    """Why nothing it said counts; empty where it does."""
    summary: JudgeSummary | None = None
    """None where it was not heard."""
    scores: Mapping[str, Mapping[str, float | None]] = {}
    """By candidate and row."""

    @property
    def usd(self) -> float | None:
        """What was asked anew cost; None where tokens or price are not known."""
        taken, price = self.summary.taken if self.summary else None, self.planned.token_price
        if taken is None or price is None or taken.input_tokens is None or taken.output_tokens is None:
            return None
        return round((taken.input_tokens * price.input + taken.output_tokens * price.output) / 1e6, 6)

    def merged(self, candidate: str, scores: list[Scores]) -> list[Scores]:
        """A candidate's scores with the judge's beside them; None where it was not asked or gave none."""
        if self.why_not:
            return scores
        given = self.scores.get(candidate, {})
        return [row.model_copy(update={"values": {**row.values, self.metric: given.get(row.id)}}) for row in scores]


def read(desk: Desk, plan: Plan, failure: Failure | None) -> Judgement | None:
    """What the judge left, or why nothing of it counts; None where the run has no judge.

    `failure` is what became of its job, where that did not end well.
    """
    settings = plan.evaluation.judge
    if plan.judge is None or settings is None:
        return None
    made = Judgement(plan.judge, settings, METRIC_OF[Method(settings.method)], "")
    if failure is not None:
        return made._replace(why_not=explain(failure))
    places = desk.places(plan.run_id).judge
    try:
        summary = _summary(desk.store, places, plan, plan.judge)
        if not summary.used:
            return made._replace(why_not=not_accurate(summary.accuracy), summary=summary)
        scores = {candidate.id: _scores(desk.store, places, candidate.id, made.metric) for candidate in plan.candidates}
    except ResultsUnusable as error:
        return made._replace(why_not=str(error))
    return made._replace(summary=summary, scores=scores)


def _summary(store: Store, places: JudgePlaces, plan: Plan, planned: PlannedJudge) -> JudgeSummary:
    """ResultsUnusable where it is missing, broken, or of another judge than the plan's."""
    try:
        found = JudgeSummary.model_validate(store.read_json(places.results.child(SUMMARY_FILE)))
    except NotFound as error:
        raise ResultsUnusable("its job left no results") from error
    except (ValidationError, ValueError) as error:
        raise ResultsUnusable("its results can't be read") from error
    settings = plan.evaluation.judge
    wanted = (plan.run_id, identity_of(planned.asked, plan.run_id).fingerprint, planned.reference, planned.rows)
    told = (found.run_id, found.judge_fingerprint, found.reference, found.rows)
    if told != wanted or settings is None or found.accuracy.asked != settings.min_accuracy:
        raise ResultsUnusable("its results are of another judge, or of other rows, than the plan's")
    return found


def _scores(store: Store, places: JudgePlaces, candidate: str, metric: Metric) -> dict[str, float | None]:
    place = places.results.child(f"{SCORES_FOLDER}/{candidate}.jsonl")
    try:
        rows = Scores.read(line.decode() for line in store.lines(place))
    except NotFound as error:
        raise ResultsUnusable(f"its verdicts on {candidate} are missing") from error
    except (ValidationError, ValueError) as error:
        raise ResultsUnusable(f"its verdicts on {candidate} can't be read") from error
    return {row.id: row.values.get(metric) for row in rows}
