"""Scores the answers of a job, after the last one has been given."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from containers.evaluate.reporter import Reporter
from fmops.evaluation.models import (
    METRICS_OF,
    Algorithm,
    Answer,
    EvaluationJob,
    Metric,
    Scorer,
    Scores,
    Stage,
)

_BATCH = 64  # FMEval's own, for toxicity.


class Extras(NamedTuple):
    """What some algorithms ask for beyond the answers to the rows' own prompts, by the row's id."""

    perturbed: Mapping[str, tuple[str | None, ...]] = {}
    log_probabilities: Mapping[str, tuple[float | None, float | None]] = {}


class Scored(NamedTuple):
    """The scores of each row, in the answers' order; those of all rows together; and who gave them."""

    rows: list[Scores]
    overall: dict[Metric, float | None]
    scorers: dict[Algorithm, Scorer]


def score(
    job: EvaluationJob,
    given: Sequence[Answer],
    targets: Mapping[str, str],
    extras: Extras,
    assets: Path,
    reporter: Reporter,
) -> Scored:
    """All that the job asks for. A row without an answer has no scores."""
    print("loading the scorers", flush=True)
    # FMEval takes seconds to import, and a target that answers nothing should be known before.
    from containers.evaluate.scorers.base import Means, OverallScorer, Record
    from containers.evaluate.scorers.registry import REGISTRY

    labels = job.scoring.labels or tuple(sorted({target for target in targets.values() if target.strip()}))
    means = Means(
        job.scoring,
        job.target_output_delimiter,
        labels,
        assets,
        sampled=job.decoding.do_sample,
        likelihoods=bool(extras.log_probabilities),
    )
    chosen = {name: REGISTRY[name](means) for name in job.metrics}
    nothing: dict[Metric, float | None] = {
        metric: None
        for name, scorer in chosen.items()
        for metric in METRICS_OF[name]
        if metric not in scorer.card.not_available
    }
    values = {answer.id: dict(nothing) for answer in given}
    answered = [answer for answer in given if answer.answer is not None]
    records = [
        Record(
            answer.answer or "",
            targets.get(answer.id, ""),
            extras.perturbed.get(answer.id, ()),
            extras.log_probabilities.get(answer.id, (None, None)),
        )
        for answer in answered
    ]
    for begin in range(0, len(answered), _BATCH):
        batch = slice(begin, begin + _BATCH)
        for scorer in chosen.values():
            for answer, scored in zip(answered[batch], scorer.score(records[batch]), strict=True):
                values[answer.id] |= {metric: value for metric, value in scored.items() if metric in nothing}
        reporter.report(Stage.SCORES, min(begin + _BATCH, len(answered)), len(answered))
    overall: dict[Metric, float | None] = {}
    for scorer in chosen.values():
        if isinstance(scorer, OverallScorer):
            overall |= scorer.overall(records)
    rows = [Scores(id=answer.id, values=values[answer.id]) for answer in given]
    return Scored(rows, overall, {name: scorer.card for name, scorer in chosen.items()})
