"""The use-case document says plainly what is wrong with it."""

from typing import Any

import pytest

from fmops.core.errors import UseCaseInvalid
from fmops.core.events import ModelDiscovered
from fmops.usecases.resolve import of_dataset, of_model
from fmops.usecases.store import check


def document(**members: Any) -> dict[str, Any]:
    return {
        "name": "trivia",
        "owner": "owner@example.com",
        "task": "question_answering",
        "datasets": ["trivia-*"],
        "candidates": [
            {"id": "base", "model_id": "m", "instance_type": "ml.g5.2xlarge", "prompt_template": "Q: {input}\nA:"}
        ],
        "metrics": [{"name": "f1", "weight": 1}],
        "approvers": ["boss@example.com"],
        "budget": {"run_usd": 10, "month_usd": 100},
        "release": {"endpoint_name": "trivia", "instance_type": "ml.g5.2xlarge"},
        **members,
    }


def candidate(**members: Any) -> dict[str, Any]:
    return {**document()["candidates"][0], **members}


def test_a_small_document_is_enough() -> None:
    use_case = check(document())

    assert use_case.algorithms == ["qa_accuracy"]
    assert use_case.candidates[0].decoding.temperature == 0


def test_latency_and_cost_are_weighed_though_no_algorithm_gives_them() -> None:
    latency = {"name": "latency_p95_ms", "weight": 0.2, "limit": 2000}

    assert check(document(metrics=[{"name": "f1", "weight": 1}, latency])).algorithms == ["qa_accuracy"]


@pytest.mark.parametrize(
    "members,says",
    [
        ({"task": "poetry"}, "task"),
        ({"name": "Trivia!"}, "name"),
        ({"nonsense": 1}, "nonsense"),
        ({"metrics": [{"name": "bleu", "weight": 1}]}, "'bleu' is no metric; there are: f1"),
        ({"metrics": [{"name": "f1"}]}, "at least one metric needs a weight"),
        ({"metrics": [{"name": "f1", "weight": 1}, {"name": "f1"}]}, "metric 'f1' is named twice"),
        ({"metrics": [{"name": "latency_p95_ms", "weight": 1, "limit": 900}]}, "latency and cost alone do not"),
        ({"metrics": [{"name": "f1", "weight": 1}, {"name": "cost_usd_per_1000"}]}, "needs a limit above 0"),
        ({"approvers": []}, "approvers"),
        ({"approvers": ["no address"]}, r"approvers\.0"),
        ({"candidates": [candidate(), candidate()]}, "candidate 'base' is named twice"),
        ({"candidates": [candidate(prompt_template="Q: {question}")]}, r"must name \{input\}"),
        ({"candidates": [candidate(model_version="latest")]}, r"candidates\.0\.model_version"),
        ({"budget": {"run_usd": 0, "month_usd": 1}}, r"budget\.run_usd"),
    ],
)
def test_a_wrong_member_is_named(members: dict[str, Any], says: str) -> None:
    with pytest.raises(UseCaseInvalid, match=says):
        check(document(**members))


def test_a_dataset_belongs_to_the_use_cases_that_name_it_and_have_its_task() -> None:
    use_case = check(document())

    assert of_dataset([use_case], "trivia-new", "question_answering") == [use_case]
    assert of_dataset([use_case], "poems", "question_answering") == []
    assert of_dataset([use_case], "trivia-new", "summarization") == []


def discovered(
    task: str, evaluated_by: list[str] | None = None, model_id: str = "huggingface-llm-x"
) -> ModelDiscovered:
    return ModelDiscovered(
        run_id="", use_case="", hub="hub", model_id=model_id, version="1.0.0", task=task, evaluated_by=evaluated_by
    )


def test_a_model_belongs_to_the_use_cases_that_asked_for_its_like() -> None:
    asked = check(document(discovery={"model_ids": ["huggingface-llm-*"]}))

    assert of_model([asked], discovered("text-generation")) == [asked]
    assert of_model([asked], discovered("text-embedding")) == []
    assert of_model([check(document())], discovered("text-generation")) == []


def test_what_was_decided_when_a_model_was_noticed_counts() -> None:
    asked = check(document(discovery={"model_ids": ["*"]}))

    assert of_model([asked], discovered("text-generation", [])) == []
    assert of_model([asked], discovered("text-generation", ["trivia"])) == [asked]


JUDGE = {"model": {"kind": "bedrock", "model_id": "amazon.nova-pro-v1:0"}}
WIN_RATE = {"name": "judge_win_rate", "weight": 1}


def with_judge(rule: dict[str, Any] | None = None, **judge: Any) -> dict[str, Any]:
    rules = [{"name": "f1", "weight": 1}, *([rule] if rule else [])]
    return document(metrics=rules, evaluation={"judge": {**JUDGE, **judge}})


def test_a_judge_needs_a_model_and_nothing_else() -> None:
    judge = check(with_judge(WIN_RATE)).evaluation.judge

    assert judge is not None
    assert (judge.method, judge.min_accuracy, judge.probes, judge.sample) == ("pairwise", 0.8, 60, None)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (document(metrics=[{"name": "f1", "weight": 1}, WIN_RATE]), "is a judge's, and evaluation.judge names none"),
        (with_judge(WIN_RATE, method="rubric"), "judge_win_rate needs a judge whose method is pairwise"),
        (with_judge({"name": "judge_rubric"}), "judge_rubric needs a judge whose method is rubric"),
        (with_judge(WIN_RATE, sample=10), "sample of 10 rows is smaller than evaluation.min_rows"),
        (document(metrics=[WIN_RATE], evaluation={"judge": JUDGE}), "a judge may turn out to be of no use"),
        (with_judge(model={"kind": "bedrock", "model_id": "Nova!"}), "judge.model.model_id: 'Nova!' is neither"),
        (with_judge(model={"kind": "oracle"}), "evaluation.judge.model: Input tag 'oracle'"),
        (with_judge(model={"kind": "endpoint", "endpoint_name": "a", "prompt_template": "x"}), "must name {input}"),
        (with_judge(probes=5), "evaluation.judge.probes: Input should be greater than or equal to 20"),
        (with_judge(min_accuracy=1), "evaluation.judge.min_accuracy: Input should be less than 1"),
        (with_judge(criteria="  "), "evaluation.judge.criteria"),
        (with_judge(known=[{"question": "q", "better": "a", "worse": "a"}]), "judge.known.0: the better answer"),
        (with_judge(max_usd=0), "evaluation.judge.max_usd: Input should be greater than 0"),
    ],
)  # fmt: skip
def test_a_judge_that_cannot_work_is_refused_with_the_reason(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UseCaseInvalid) as refused:
        check(given)

    assert says in str(refused.value)
