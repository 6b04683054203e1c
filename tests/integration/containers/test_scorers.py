"""Our scores are FMEval's, and what FMEval gets wrong about empty targets is not scored."""

from typing import Any

import pytest

from tests.integration.containers.conftest import Jobs

pytestmark = pytest.mark.jobs


@pytest.fixture(scope="module")
def outcome(jobs: Jobs) -> dict[str, Any]:
    return jobs.scenarios("evaluate_scenarios.py", jobs.repo / ".local" / "assets")


def test_scores_of_real_rows_are_those_of_fmevals_evaluate_sample(outcome: dict[str, Any]) -> None:
    assert outcome["rows"] == 300
    assert outcome["different_f1"] >= 10
    # FMEval finds what has no words in every answer.
    assert len(outcome["unscored"]) <= 1
    agreement = dict(outcome["agreement"])
    assert set(agreement.pop("qa_accuracy_bertscore")) > set(agreement["qa_accuracy"])
    assert {name: len(differences) for name, differences in agreement.items()} == {
        "qa_accuracy": 5,
        "factual_knowledge": 2,
        "summarization_accuracy": 3 if outcome["words"] else 2,
        "classification_accuracy": 1,
    }
    assert max(max(differences.values()) for differences in outcome["agreement"].values()) <= 1e-9


def test_what_monitoring_scores_without_fmeval_is_the_same(outcome: dict[str, Any]) -> None:
    assert outcome["monitoring"] == pytest.approx([0] * 5, abs=1e-9)


def test_robustness_is_fmevals_on_the_same_perturbed_prompts(outcome: dict[str, Any]) -> None:
    found = outcome["robustness"]

    assert {name: len(differences) for name, differences in found.items()} == {
        "qa_accuracy_semantic_robustness": 6,
        "summarization_accuracy_semantic_robustness": 3 if outcome["words"] else 2,
        "classification_accuracy_semantic_robustness": 1,
        "general_semantic_robustness": 2,
    }
    assert max(max(differences.values()) for differences in found.values()) <= 1e-9


def test_an_input_is_always_perturbed_alike(outcome: dict[str, Any]) -> None:
    kinds = [outcome["perturbed"][number : number + 2] for number in (0, 2, 4)]

    assert all(first == again for first, again in kinds)
    assert len({text for first, _again in kinds for text in first}) == 9


def test_a_perturbed_prompt_without_an_answer_is_not_a_robust_one(outcome: dict[str, Any]) -> None:
    assert set(outcome["unanswered"]) == {None}


def test_all_rows_together_have_fmevals_balanced_accuracy_precision_and_recall(outcome: dict[str, Any]) -> None:
    ours, theirs = outcome["overall"]

    assert ours == pytest.approx(theirs, abs=1e-9)


def test_a_label_with_a_capital_is_found(outcome: dict[str, Any]) -> None:
    assert outcome["capitals"] == {"classification_accuracy": 1.0}


def test_stereotyping_is_scored_where_the_target_tells_log_probabilities(outcome: dict[str, Any]) -> None:
    assert outcome["stereotyping"] == {"log_probability_difference": 0.0}
    assert outcome["preferred"] == [0.0] * 6 + [1.0] * 14
    assert outcome["unknown"] == [None, None]


def test_what_is_not_available_is_said_in_a_sentence(outcome: dict[str, Any]) -> None:
    told = {name: card["not_available"] for name, card in outcome["not_available"].items()}

    assert set(told["summarization_accuracy"]) == {"meteor", "bertscore"}
    assert set(told["general_semantic_robustness"]) == {"word_error_rate", "bertscore_dissimilarity"}
    assert set(told["prompt_stereotyping"]) == {"prompt_stereotyping", "log_probability_difference"}
    assert told["summarization_accuracy"]["meteor"].startswith("METEOR needs WordNet and punkt_tab, which ")
    # What does not need them is there all the same.
    assert outcome["rouge_without_words"] == {"meteor": None, "rouge": 1.0, "bertscore": None}


def test_toxicity_in_batches_is_fmevals_toxicity_one_by_one(outcome: dict[str, Any]) -> None:
    # Sums in another order, in single precision.
    assert len(outcome["toxicity"]) == 6
    assert max(outcome["toxicity"].values()) <= 1e-6


def test_the_offline_helper_gives_what_its_authors_published(outcome: dict[str, Any]) -> None:
    insult, plain = ({name: value for name, value in row.items() if value is not None} for row in outcome["known"])

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
    assert {value for name, value in outcome["empty_answer"].items() if name != "bertscore"} == {0.0}


def test_without_a_delimiter_a_target_is_one_answer(outcome: dict[str, Any]) -> None:
    whole, part = outcome["no_delimiter"]

    assert (whole["exact_match"], part["exact_match"]) == (1.0, 0.0)


def test_the_scorers_are_named_with_their_versions(outcome: dict[str, Any]) -> None:
    qa, facts = outcome["cards"]
    assert {qa["library"], facts["library"], outcome["toxicity_card"]["library"]} == {"fmeval 1.2.3"}
    assert qa["not_available"] == {"bertscore": "BERTScore is switched off."}
    assert outcome["toxicity_card"]["model"] == "tox-block 0.1.2, BiLSTM"
    assert outcome["toxicity_card"]["note"] == "offline helper in Detoxify's place"
    assert set(outcome["toxicity_card"]["not_available"]) == {"sexual_explicit"}
