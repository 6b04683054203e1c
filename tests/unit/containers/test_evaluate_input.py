"""What the evaluation job reads, and the sentences with which it refuses."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.request import read_job, read_rows
from containers.evaluate.toxicity_model import Kind, find
from fmops.evaluation.models import Algorithm, Decoding, EvaluationJob, Metric, Mode, Scores

TARGET = {"kind": "endpoint", "endpoint_name": "e", "region": "us-east-1"}
IDENTITY = {"artifact": "sha256:a", "prompt_template": "sha256:p", "decoding": "sha256:d"}


def job(**changes: Any) -> EvaluationJob:
    document = {
        "run_id": "r",
        "use_case": "u",
        "candidate_id": "c",
        "target": TARGET,
        "identity": IDENTITY,
        "metrics": ["qa_accuracy"],
    }
    return EvaluationJob.model_validate(document | changes)


def test_a_prompt_is_the_template_with_the_input_in_its_place() -> None:
    prompt = job(prompt_template="Q: {input} {other}\nA:").prompt("what is {x}?")

    assert prompt == "Q: what is {x}? {other}\nA:"


@pytest.mark.parametrize(
    "changes",
    [
        {"target": None},
        {"target": {"kind": "oracle"}},
        {"identity": None},
        {"mode": "stored", "target": None},
        {"prompt_template": "no place"},
        {"metrics": []},
        {"dataset_file": "../secret"},
        {"more": 1},
    ],
)
def test_a_request_that_does_not_hold_together_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        job(**changes)


def test_members_of_decoding_that_are_not_set_are_not_sent() -> None:
    parameters = Decoding(max_new_tokens=8).parameters()

    assert parameters == {"max_new_tokens": 8, "do_sample": False, "return_full_text": False}


def test_scores_are_read_as_they_were_written() -> None:
    scores = Scores(id="1", values={Metric.F1: 0.5, Metric.TOXICITY: None})

    line = scores.line()

    assert line == '{"id": "1", "f1": 0.5, "toxicity": null}'
    assert Scores.read([line, ""]) == [scores]


def test_a_missing_or_malformed_request_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EvaluationFailed, match=r"no job\.json"):
        read_job(tmp_path)
    (tmp_path / "job.json").write_text('{"run_id": "r"}')
    with pytest.raises(EvaluationFailed, match=r"job\.json: use_case"):
        read_job(tmp_path)


def test_rows_are_read_by_the_mode(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"id": "1", "input": "q", "answer": "a"}\n')

    assert [row.id for row in read_rows(file, Mode.STORED)] == ["1"]
    with pytest.raises(EvaluationFailed, match=r"rows\.jsonl, line 1: "):
        read_rows(file, Mode.ANSWERS)


def test_an_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"id": "1", "input": "q", "target": "a"}\n' * 2)

    with pytest.raises(EvaluationFailed, match=r"line 2: the id"):
        read_rows(file, Mode.ANSWERS)


def test_an_empty_data_set_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("\n")

    with pytest.raises(EvaluationFailed, match="holds no rows"):
        read_rows(tmp_path / "rows.jsonl", Mode.ANSWERS)


def test_detoxify_is_preferred_and_the_offline_helper_does_where_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(EvaluationFailed, match="holds no model"):
        find(tmp_path)
    helper = tmp_path / "toxicity" / "weights.safetensors"
    helper.parent.mkdir()
    helper.touch()
    assert find(tmp_path).kind is Kind.OFFLINE
    checkpoint = tmp_path / "torch" / "hub" / "checkpoints" / "toxic_debiased-c7548aa0.ckpt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    assert find(tmp_path).kind is Kind.DETOXIFY


def test_every_algorithm_of_a_stored_sample_works_without_targets() -> None:
    assert job(mode="stored", target=None, metrics=["toxicity"]).metrics == (Algorithm.TOXICITY,)
