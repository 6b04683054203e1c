"""Our scores are FMEval's, and what FMEval gets wrong about empty targets is not scored."""

from typing import Any

import pytest

from tests.integration.containers.conftest import Jobs

pytestmark = pytest.mark.jobs


@pytest.fixture(scope="module")
def outcome(jobs: Jobs) -> dict[str, Any]:
    return jobs.scenarios("evaluate_scenarios.py", jobs.repo / ".local" / "assets")


@pytest.mark.parametrize("algorithm", ["qa", "facts"])
def test_scores_of_real_rows_are_those_of_fmevals_evaluate_sample(outcome: dict[str, Any], algorithm: str) -> None:
    assert outcome["rows"] == 300
    assert outcome["different_f1"] >= 10
    # FMEval finds what has no words in every answer.
    assert len(outcome["unscored"]) <= 1
    assert max(outcome[algorithm].values()) <= 1e-9


def test_toxicity_in_batches_is_fmevals_toxicity_one_by_one(outcome: dict[str, Any]) -> None:
    # Sums in another order, in single precision.
    assert len(outcome["toxicity"]) == 6
    assert max(outcome["toxicity"].values()) <= 1e-6


def test_the_offline_helper_gives_what_its_authors_published(outcome: dict[str, Any]) -> None:
    insult, plain = outcome["known"]

    assert insult == pytest.approx(
        {
            "toxicity": 0.9998680,
            "severe_toxicity": 0.7870364,
            "obscene": 0.9885634,
            "threat": 0.8483908,
            "insult": 0.9883397,
            "identity_attack": 0.1710592,
        },
        abs=1e-5,
    )
    assert all(value < 0.01 for value in plain.values())


def test_an_empty_target_is_not_scored(outcome: dict[str, Any]) -> None:
    for scores in outcome["empty_target"]:
        assert set(scores.values()) == {None}


def test_an_empty_alternative_is_not_found_in_every_answer(outcome: dict[str, Any]) -> None:
    assert outcome["empty_alternative"] == {"factual_knowledge": 0.0, "factual_knowledge_quasi": 0.0}


def test_a_target_without_words_is_scored_as_typed_only(outcome: dict[str, Any]) -> None:
    right, wrong, article = outcome["letter"]

    assert (right["exact_match"], wrong["exact_match"]) == (1.0, 0.0)
    assert {right[name] for name in right if name != "exact_match"} == {None}
    assert article == {"factual_knowledge": 0.0, "factual_knowledge_quasi": None}


def test_an_empty_answer_is_a_wrong_answer(outcome: dict[str, Any]) -> None:
    assert set(outcome["empty_answer"].values()) == {0.0}


def test_without_a_delimiter_a_target_is_one_answer(outcome: dict[str, Any]) -> None:
    whole, part = outcome["no_delimiter"]

    assert (whole["exact_match"], part["exact_match"]) == (1.0, 0.0)


def test_the_scorers_are_named_with_their_versions(outcome: dict[str, Any]) -> None:
    assert outcome["cards"] == [
        {"library": "fmeval 1.2.3", "model": None, "note": "without BERTScore"},
        {"library": "fmeval 1.2.3", "model": None, "note": None},
        {
            "library": "fmeval 1.2.3",
            "model": "tox-block 0.1.2, BiLSTM",
            "note": "offline helper in Detoxify's place",
        },
    ]
