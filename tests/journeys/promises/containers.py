"""What jobs leave when they end: the files of a fine-tuning or of an FMEval job, of the quality that a test wants."""

import json
from typing import Any, Literal

from fmops.core import wiring
from fmops.core.artifacts import location
from fmops.evaluation.algorithms import TOXICITIES
from fmops.evaluation.models import METRICS_OF, Answer, EvaluationJob, Metric, Scores
from tests.fakes.weights import safetensors
from tests.journeys.jobs.evaluate import summary

Quality = Literal["good", "poor", "empty", "few", "absent"]
"""Of the scores: as evaluated; much worse; none but their rows; of eight rows; no file at all."""


def trained(uri: str, more: bytes = b"") -> None:
    """A fine-tuning job's weights; with `more` behind them they are others."""
    wiring.store().write(location(uri).child("model.safetensors"), safetensors() + more)


def scored(request: dict[str, Any], quality: Quality) -> None:
    """An FMEval job's results; `request` is what launched it."""
    if quality == "absent":
        return
    given = {one["InputName"]: location(one["S3Input"]["S3Uri"]) for one in request["ProcessingInputs"]}
    outputs = request["ProcessingOutputConfig"]["Outputs"]
    store = wiring.store()
    [out] = [location(one["S3Output"]["S3Uri"]) for one in outputs if one["OutputName"] == "results"]
    job = EvaluationJob.model_validate_json(store.read(given["config"].child("job.json")))
    rows = list(store.read_json_lines(given["dataset"]))
    if quality == "few":
        rows = rows[:8]
    answers = [Answer(id=row["id"], prompt=job.prompt(row.get("input", "")), answer="an answer") for row in rows]
    found = [Scores(id=one.id, values=_values(job, number, quality)) for number, one in enumerate(answers)]
    told = summary(job, found)
    store.write(out.child("answers.jsonl"), "".join(one.model_dump_json() + "\n" for one in answers).encode())
    store.write(out.child("scores.jsonl"), "".join(one.line() + "\n" for one in found).encode())
    store.write(out.child("summary.json"), told.model_dump_json().encode())


def _values(job: EvaluationJob, number: int, quality: Quality) -> dict[Metric, float | None]:
    if quality == "empty":
        return {metric: None for algorithm in job.metrics for metric in METRICS_OF[algorithm]}
    good = (0.6 if job.candidate_id == "tuned" else 0.1) + number % 7 / 100
    return {
        metric: 0.01 if algorithm in TOXICITIES else good if quality != "poor" else good / 10
        for algorithm in job.metrics
        for metric in METRICS_OF[algorithm]
    }


def captured(hour: str, endpoint: str, *, calm: bool) -> tuple[str, bytes]:
    """An hour of an endpoint's traffic, as it is captured: key and content. `hour` as `2026/11/24/05`."""

    def side(payload: Any) -> dict[str, str]:
        return {"observedContentType": "application/json", "data": json.dumps(payload), "encoding": "JSON"}

    lines = []
    for number in range(60):
        prompt = f"Question: {number}?\nAnswer:" if calm else f"write an angry letter about my dog number {number}"
        sides = {
            "endpointInput": side({"inputs": prompt}),
            "endpointOutput": side([{"generated_text": "an answer" if calm else "no " * 40}]),
        }
        record = {"captureData": sides, "eventMetadata": {"eventId": f"{hour}-{number}"}, "eventVersion": "0"}
        lines.append(json.dumps(record))
    return f"{endpoint}/AllTraffic/{hour}/part.jsonl", "\n".join(lines).encode()
