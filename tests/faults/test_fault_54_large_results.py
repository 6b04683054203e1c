"""Fault 54: a result is larger than the 256 KB that Step Functions and EventBridge carry."""

import json
from typing import Any

from fmops.core import clock, wiring
from fmops.core.artifacts import location
from fmops.usecases import store as usecases
from tests.fakes.run import use_case
from tests.integration.account import Account
from tests.integration.drops import Drops, lines, manifest
from tests.integration.evaluation.conftest import PREFIX, RUN, Evaluation

LIMIT = 256 * 1024


def size(document: Any) -> int:
    return len(json.dumps(document).encode())


def test_fault_54_a_large_plan_is_handed_on_by_its_place(evaluation: Evaluation) -> None:
    base = use_case().candidates[0].model_dump()
    many = [{**base, "id": f"c{n}", "prompt_template": "{input}" + "x" * 7_000} for n in range(40)]
    wanted = use_case(candidates=many, budget={"run_usd": 10_000, "month_usd": 100_000})
    usecases.save(wiring.ledger(), wanted, clock.now())

    planned = evaluation.plan()

    assert len(evaluation.file("plan.json")) > LIMIT
    assert size(planned) < LIMIT / 8
    assert len(planned["candidates"]) == 40


def test_fault_54_large_scores_are_handed_on_by_their_place(evaluation: Evaluation) -> None:
    evaluation.plan()
    evaluation.wait("launch_evaluation", "base", "token-1", endpoint_name="endpoint")
    evaluation.score("base", {"f1": [0.123456789] * 5_000, "toxicity": [0.01] * 5_000})
    job = f"{PREFIX}-score-{RUN}-base"
    evaluation.sagemaker.end("processing_job", job, ProcessingJobStatus="Completed")

    evaluation.news("ProcessingJobName", job)

    ((_, output),) = evaluation.states.successes
    scores = wiring.store().read(location(output["results_uri"]).child("scores.jsonl"))
    assert len(scores) > LIMIT
    assert size(output) < LIMIT / 64


def test_fault_54_forty_long_failures_fit_into_one_output(evaluation: Evaluation) -> None:
    evaluation.plan()
    failure = {"error": "JobFailed", "cause": "no memory " * 3_000}

    outcome = evaluation.call("evaluation/stop_inference", run_id=RUN, candidate="base", failure=failure)

    assert outcome["failure"].startswith("JobFailed: no memory")
    assert size([outcome] * 40) < LIMIT


def test_fault_54_faults_without_end_fit_into_one_event(account: Account, drop: Drops) -> None:
    name = "column-" * 10_000
    content = lines([{"id": n, "text": "a"} for n in range(1_000)])
    document = manifest(content, columns={"id": "id", "input": "text", "target": name})
    drop.put("datasets/trivia/v1/rows.jsonl", content)

    drop("datasets/trivia/v1/manifest.json", json.dumps(document).encode())

    ((kind, detail),) = account.events()
    assert (kind, len(detail["problems"])) == ("DatasetRejected", 20)
    assert detail["problem_count"] > 1_000 - 1
    assert size(detail) < LIMIT
