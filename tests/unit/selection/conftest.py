"""Candidates with scores that a test chooses."""

from typing import Any

import numpy as np

from fmops.selection.models import Lineage
from fmops.selection.scores import Evaluated
from fmops.usecases.models import MetricRule
from tests.fakes.run import scores, summary

LINEAGE = Lineage(
    dataset="trivia",
    dataset_version="v1",
    dataset_digest="sha256:d",
    test_rows=100,
    train_rows=300,
    fingerprints={},
    scorers={},
    jobs={},
)
F1 = MetricRule(name="f1", weight=1)


def evaluated(candidate: str, values: dict[str, Any], **changes: Any) -> Evaluated:
    columns = {name: [None if v is None else float(v) for v in column] for name, column in values.items()}
    found = scores(columns)
    made = Evaluated(
        candidate,
        "fine_tuned" if changes.get("base") else "base",
        "m",
        "1.0.0",
        False,
        None,
        summary(candidate, found),
        found,
    )
    return made._replace(**changes)


def around(mean: float, n: int = 100, spread: float = 0.1, seed: int = 1) -> list[float]:
    """Scores between 0 and 1 with about this mean."""
    random = np.random.default_rng(seed)
    return [float(v) for v in np.clip(random.normal(mean, spread, n), 0, 1)]
