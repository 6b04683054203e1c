"""People's scores as rows of the table of all scores."""

from collections.abc import Mapping

from fmops.core.parquet import Column, parquet
from fmops.evaluation.planning.plans import Plan
from fmops.evaluation.reviews.models import PairResult, ReviewResult, win_rate
from fmops.usecases.metrics import HUMAN

FILE = "people.parquet"


def file(plan: Plan, found: ReviewResult, pair: PairResult, categories: Mapping[str, str | None]) -> bytes:
    """The file of one candidate: the columns of the evaluation jobs' (containers/evaluate/result_table.py)."""
    rows = sorted(pair.scores)
    count = len(rows)
    return parquet(
        [
            Column("use_case", [plan.use_case] * count, optional=False),
            Column("run_id", [plan.run_id] * count, optional=False),
            Column("candidate_id", [pair.pair.candidate] * count, optional=False),
            Column("record_id", rows, optional=False),
            Column("category", [categories.get(row) for row in rows]),
            Column("metric", [HUMAN] * count, optional=False),
            Column("value", [win_rate(pair.scores[row]) for row in rows], is_number=True),
            Column("candidate_fingerprint", [None] * count),
            Column("dataset_fingerprint", [plan.dataset.digest] * count),
            # What scored: this sheet, by these votes.
            Column("scorers_fingerprint", [found.votes_digest] * count),
        ]
    )
