"""A small run: its use case, dataset, hub document, and the results that evaluation jobs would leave."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fmops.catalog.hub import HubModel
from fmops.catalog.models import HubDocument
from fmops.core.ids import digest
from fmops.datasets.models import Dataset
from fmops.evaluation.models import Algorithm, Decoding, Metric, MetricSummary, Scorer, Scores, Summary
from fmops.usecases.models import UseCase

MODEL = "huggingface-llm-small"
DOCUMENT = {
    "HostingEcrUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/tgi:1",
    "HostingArtifactUri": "s3://jumpstart-cache-prod-us-east-1/small/artifacts/v1.0.0/",
    "InferenceEnvironmentVariables": [{"Name": "SM_NUM_GPUS", "Default": "1", "RequiredForModelClass": True}],
    "InferenceEnableNetworkIsolation": True,
    "DefaultInferenceInstanceType": "ml.g5.xlarge",
}
TUNE = {"instance_type": "ml.g5.2xlarge", "max_runtime_seconds": 1800, "max_steps": 40, "lora_layers": 8}
PROMPT = "Question: {input}\nAnswer:"


def use_case(**changes: Any) -> UseCase:
    """Base and fine-tuned, F1 and toxicity."""
    candidate = {"model_id": MODEL, "instance_type": "ml.g5.xlarge", "prompt_template": PROMPT}
    return UseCase.model_validate(
        {
            "name": "trivia",
            "owner": "owner@example.com",
            "task": "question_answering",
            "datasets": ["trivia"],
            "candidates": [{**candidate, "id": "base"}, {**candidate, "id": "tuned", "tune": TUNE}],
            "metrics": [{"name": "f1", "weight": 1}, {"name": "toxicity", "limit": 0.1}],
            "evaluation": {"min_rows": 20},
            "approvers": ["boss@example.com"],
            "budget": {"run_usd": 100, "month_usd": 1000},
            "release": {"endpoint_name": "trivia", "instance_type": "ml.g5.xlarge"},
            **changes,
        }
    )


def dataset(bucket: str = "artifacts-bucket", *, train: int = 60, test: int = 40) -> Dataset:
    return Dataset(
        name="trivia",
        version="v1",
        task="question_answering",
        owner="owner@example.com",
        licence="",
        manifest_digest="sha256:" + "0" * 64,
        manifest_uri="s3://datasets-bucket/datasets/trivia/v1/manifest.json",
        files=[],
        train_rows=train,
        test_rows=test,
        train_uri=f"s3://{bucket}/datasets/trivia/v1/train.jsonl",
        test_uri=f"s3://{bucket}/datasets/trivia/v1/test.jsonl",
        quality_uri=f"s3://{bucket}/datasets/trivia/v1/quality.json",
        overlaps_uri=f"s3://{bucket}/datasets/trivia/v1/overlaps.json",
    )


def rows(split: str, count: int) -> list[dict[str, Any]]:
    return [
        {"id": f"{split}-{i:04}", "input": f"What is {i}?", "target": f"It is {i}<OR>{i}", "category": None}
        for i in range(count)
    ]


def hub_model(model_id: str = MODEL, version: str = "1.2.0", **changes: Any) -> HubModel:
    arn = f"arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/{model_id}/{version}"
    return HubModel(model_id, version, arn, HubDocument.model_validate({**DOCUMENT, **changes}))


def find_model(model_id: str, version: str) -> HubModel:
    return hub_model(model_id, "1.2.0" if version == "*" else version)


def scores(values: Mapping[str, Sequence[float | None]], ids: list[str] | None = None) -> list[Scores]:
    """Rows of a score file, from a column for each metric."""
    count = len(next(iter(values.values())))
    names = ids or [f"test-{i:04}" for i in range(count)]
    return [
        Scores(id=names[i], values={Metric(metric): column[i] for metric, column in values.items()})
        for i in range(count)
    ]


def summary(
    candidate: str, /, found: list[Scores], *, run_id: str = "run-1", failures: int = 0, **fingerprints: str
) -> Summary:
    metrics = {}
    for metric in found[0].values if found else {}:
        given = [value for row in found if (value := row.values[metric]) is not None]
        mean = sum(given) / len(given) if given else None
        metrics[metric] = MetricSummary(value=mean, n=len(given), missing=len(found) - len(given))
    return Summary(
        run_id=run_id,
        candidate_id=candidate,
        rows=len(found),
        failures=failures,
        metrics=metrics,
        scorers={Algorithm.QA_ACCURACY: Scorer(library="fmeval 1.2.3")},
        fingerprints={
            "dataset": "sha256:d",
            "scorers": "sha256:s",
            "prompt_template": f"sha256:{candidate}",
            **fingerprints,
        },
    )


def result_files(
    candidate: str,
    values: Mapping[str, Sequence[float | None]],
    *,
    run_id: str = "run-1",
    ids: list[str] | None = None,
    template: str = PROMPT,
    decoding: Decoding | None = None,
    whose: str | None = None,
) -> dict[str, str]:
    """`summary.json` and `scores.jsonl` as an evaluation job writes them that was told this template and decoding,
    and the candidate's fingerprint.
    """
    found = scores(values, ids)
    told: dict[str, Any] = {
        "prompt_template": digest(template),
        "decoding": digest((decoding or Decoding()).model_dump(mode="json")),
        **({"candidate": whose} if whose else {}),
    }
    return {
        "summary.json": summary(candidate, found, run_id=run_id, **told).model_dump_json(),
        "scores.jsonl": "".join(f"{row.line()}\n" for row in found),
        "answers.jsonl": "".join(json.dumps({"id": row.id, "prompt": "p", "answer": "a"}) + "\n" for row in found),
    }
