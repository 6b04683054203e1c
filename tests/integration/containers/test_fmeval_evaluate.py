"""Our scores are those of FMEval's `evaluate`, of all twelve algorithms, for each row and for all together."""

from typing import Any

import pytest

from fmops.evaluation.algorithms import METRICS_OF, METRICS_OF_ALL_ROWS, Algorithm, Metric
from tests.integration.containers.conftest import Jobs

pytestmark = [pytest.mark.jobs, pytest.mark.slow]

# The model that stands in for Detoxify has six of its seven labels.
ABSENT = {Metric.SEXUAL_EXPLICIT}
ATTEMPTS = 3
# FMEval saves the one for each row, and gives the other for all.
EACH_ONLY, ALL_ONLY = {Metric.LOG_PROBABILITY_DIFFERENCE}, {Metric.PROMPT_STEREOTYPING}


@pytest.fixture(scope="module")
def outcome(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    # A Ray that gets no processor for seconds takes its node for dead, and ends the program without a word.
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return jobs.scenarios("fmeval_evaluate.py", tmp_path_factory.mktemp("rows"))
        except AssertionError as failed:
            if "Traceback" in str(failed) or attempt == ATTEMPTS:
                raise
    raise AssertionError("never reached")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_scores_are_those_of_fmevals_evaluate(outcome: dict[str, Any], algorithm: Algorithm) -> None:
    absent = ABSENT | (set() if outcome["words"] else {Metric.METEOR, Metric.DELTA_METEOR})
    given = set(METRICS_OF[algorithm]) - absent

    found = outcome[algorithm.value]

    assert found["rows"] >= 4
    assert found["distinct"] >= 2
    assert set(found["each"]) == given - ALL_ONLY
    assert set(found["all"]) == (given - EACH_ONLY) | set(METRICS_OF_ALL_ROWS.get(algorithm, ()))
    assert max(found["each"].values()) <= 1e-9
    assert max(found["all"].values()) <= 1e-9
