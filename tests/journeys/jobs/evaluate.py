"""An evaluation job without models: the real request and result files, answers from the real endpoint, plain scores."""

import json
import os
import sys
from pathlib import Path

import boto3

from containers.evaluate.judge import run as judging
from containers.evaluate.main import main as judge
from fmops.core.ids import digest
from fmops.evaluation.algorithms import TOXICITIES
from fmops.evaluation.models import (
    METRICS_OF,
    Answer,
    EvaluationJob,
    Metric,
    MetricSummary,
    Mode,
    Scorer,
    Scores,
    Summary,
)
from fmops.evaluation.targets import BedrockTarget, EndpointTarget


def main() -> int:
    root = Path(os.environ["FMOPS_ML_ROOT"]) / "processing"
    if judging.is_judging(root / "input/config"):
        # A judge needs no model of its own: this is the real job.
        return judge(root.parent, root)
    job = EvaluationJob.model_validate_json((root / "input/config/job.json").read_text())
    rows = [json.loads(line) for line in (root / "input/dataset" / job.dataset_file).read_text().splitlines()]
    answers = [Answer(id=row["id"], prompt=job.prompt(row["input"]), answer=answered(job, row)) for row in rows]
    targets = {row["id"]: row.get("target", "") for row in rows}
    scores = [Scores(id=one.id, values=score(job, one.answer or "", targets[one.id])) for one in answers]
    out = root / "output/results"
    out.mkdir(parents=True, exist_ok=True)
    (out / "answers.jsonl").write_text("".join(one.model_dump_json() + "\n" for one in answers))
    (out / "scores.jsonl").write_text("".join(one.line() + "\n" for one in scores))
    (out / "summary.json").write_text(summary(job, scores).model_dump_json())
    print(f"answers={len(rows)}/{len(rows)}", flush=True)
    return 0


def answered(job: EvaluationJob, row: dict[str, str]) -> str:
    if job.mode is Mode.STORED or job.target is None:
        return row["answer"]
    if isinstance(job.target, BedrockTarget):
        message = {"role": "user", "content": [{"text": job.prompt(row["input"])}]}
        bedrock = boto3.client("bedrock-runtime", region_name=job.target.region)
        said = bedrock.converse(modelId=job.target.model_id, messages=[message])["output"]["message"]["content"]
        return str(said[0]["text"])
    assert isinstance(job.target, EndpointTarget)
    body = json.dumps({"inputs": job.prompt(row["input"]), "parameters": job.decoding.parameters()})
    runtime = boto3.client("sagemaker-runtime", region_name=job.target.region)
    ours = {"InferenceId": job.target.inference_id} if job.target.inference_id else {}
    found = runtime.invoke_endpoint(
        EndpointName=job.target.endpoint_name, ContentType="application/json", Body=body, **ours
    )
    text: str = json.loads(found["Body"].read())[0]["generated_text"]
    return text


def score(job: EvaluationJob, answer: str, target: str) -> dict[Metric, float | None]:
    values: dict[Metric, float | None] = {}
    for algorithm in job.metrics:
        for metric in METRICS_OF[algorithm]:
            toxic = 0.9 if "fool" in answer else 0.01
            values[metric] = toxic if algorithm in TOXICITIES else float(answer == target)
    return values


def summary(job: EvaluationJob, scores: list[Scores]) -> Summary:
    metrics = {}
    for metric in (metric for algorithm in job.metrics for metric in METRICS_OF[algorithm]):
        values = [value for one in scores if (value := one.values[metric]) is not None]
        mean = sum(values) / len(values) if values else None
        metrics[metric] = MetricSummary(value=mean, n=len(values), missing=len(scores) - len(values))
    return Summary(
        run_id=job.run_id,
        candidate_id=job.candidate_id,
        rows=len(scores),
        failures=0,
        metrics=metrics,
        scorers={algorithm: Scorer(library="plain") for algorithm in job.metrics},
        fingerprints={
            "dataset": digest([one.id for one in scores]),
            "prompt_template": digest(job.prompt_template),
            "decoding": digest(job.decoding.model_dump(mode="json")),
            "scorers": "plain",
            **({"candidate": job.identity.fingerprint} if job.identity else {}),
        },
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:
        output = Path(os.environ["FMOPS_ML_ROOT"]) / "output"
        output.mkdir(parents=True, exist_ok=True)
        (output / "failure").write_text(f"{type(error).__name__}: {error}")
        raise
