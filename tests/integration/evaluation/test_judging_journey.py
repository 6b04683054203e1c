"""A run with a judge: it reads the answers when all are there, and what it says counts where it is believed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fmops.audit import records
from fmops.audit.chain import Step
from fmops.core import clock, wiring
from fmops.core.artifacts import Location
from fmops.evaluation.judge.measuring import exact
from fmops.evaluation.judge.models import JudgeSummary, JudgingJob, Position, Taken, Tally
from fmops.evaluation.judge.probes import Kind, accuracy
from fmops.evaluation.models import Metric, Scores
from fmops.usecases import store as usecases
from tests.fakes.run import rows, use_case
from tests.integration.account import ARTIFACTS
from tests.integration.evaluation.conftest import PREFIX, RUN
from tests.integration.evaluation.test_evaluation_journey import BASE, BETTER, Journey, journey

__all__ = ["journey"]

JUDGE = {"model": {"kind": "bedrock", "model_id": "amazon.nova-pro-v1:0"}}
JOB = f"{PREFIX}-judge-{RUN}"
IDS = [row["id"] for row in rows("test", 40)]
RULE = {"name": "judge_win_rate", "weight": 1, "margin": 0.05}


def wanted(*rules: dict[str, Any], judge: dict[str, Any] | None = None) -> None:
    metrics = [rule.model_dump() for rule in use_case().metrics]
    evaluation = {"min_rows": 20, "judge": judge or JUDGE}
    usecases.save(wiring.ledger(), use_case(metrics=[*metrics, *rules], evaluation=evaluation), clock.now())


def told(journey: Journey) -> JudgingJob:
    return JudgingJob.model_validate_json(journey.evaluation.file("judge/config/judge.json"))


def leave(journey: Journey, *, right: int = 60, wins: int = 30, failed: int = 0, **changes: Any) -> Callable[[], None]:
    """What a job leaves whose judge knew so many of 60 answers, and preferred the tuned candidate so often."""

    def write() -> None:
        job = told(journey)
        place = Location(ARTIFACTS, f"runs/{RUN}/judge/results")
        measured = accuracy(job.min_accuracy, [(Kind.PLAIN, n < right) for n in range(60)], exact)
        judged = {"tuned": Tally(wins=wins, losses=40 - wins - failed, failed=failed)} if measured.sure else {}
        summary = JudgeSummary(
            run_id=RUN,
            method=job.method,
            reference=job.reference,
            rows=40,
            accuracy=measured,
            used=measured.sure,
            candidates=judged,
            position=Position(pairs=100, agreed=80, first=15, second=5),
            taken=Taken(calls=200, reused=0, input_tokens=100_000, output_tokens=10_000),
            judge_fingerprint=job.identity.fingerprint,
            prompt_version="1",
            dataset="sha256:d",
        )
        scores: list[float | None] = [*[1.0] * wins, *[None] * failed, *[0.0] * (40 - wins - failed)]
        both: dict[str, list[float | None]] = {"tuned": scores, "base": [0.5] * 40}
        for name, values in both.items():
            given = [Scores(id=i, values={Metric.JUDGE_WIN_RATE: v}) for i, v in zip(IDS, values, strict=True)]
            text = "".join(row.line() + "\n" for row in given)
            wiring.store().write(place.child(f"scores/{name}.jsonl"), text.encode())
        found = summary.model_copy(update=changes)
        wiring.store().write_json(place.child("judge_summary.json"), found.model_dump(mode="json"))

    return write


def report(journey: Journey) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(journey.evaluation.file("report.json"))
    return found


def test_the_judge_reads_all_answers_after_the_endpoints_are_gone_and_its_win_rate_decides(journey: Journey) -> None:
    wanted(RULE)
    still: list[str] = []

    def judge() -> None:
        still.extend(name for name in journey.evaluation.sagemaker.running() if "-eval-" in name)
        leave(journey)()

    journey.judge = judge

    shown = journey.run()

    assert shown["status"] == "SUCCEEDED", shown["cause"]
    assert still == []
    job = told(journey)
    assert (job.reference, job.candidates, job.target.kind) == ("base", ("base", "tuned"), "bedrock")
    found = report(journey)
    assert (found["decision"]["verdict"], found["decision"]["winner"]) == ("PROMOTE", "tuned")
    tuned = next(one for one in found["candidates"] if one["id"] == "tuned")
    assert tuned["metrics"]["judge_win_rate"]["value"] == 0.75
    assert tuned["metrics"]["judge_win_rate"]["method"] == "Tango's score interval"
    base = next(one for one in found["candidates"] if one["id"] == "base")
    assert {base["metrics"]["judge_win_rate"][end] for end in ("value", "low", "high")} == {0.5}
    judge_told = found["judge"]
    assert (judge_told["used"], judge_told["job"], judge_told["candidates"][0]["wins"]) == (True, JOB, 30)
    assert judge_told["position_bias"]["value"] == pytest.approx(0.1)
    # Nova Pro: 0.8 and 3.2 US dollars a million tokens.
    assert judge_told["usd"] == pytest.approx(0.112)
    assert "Both orders said the same" in journey.evaluation.file("report.html").decode()
    assert journey.evaluation.record("CANDIDATE#tuned")["metrics"]["judge_win_rate"]["value"] == 0.75
    audit = records.rows(wiring.ledger(), RUN)
    assert JOB in [row.subject for row in audit if row.step is Step.JOB]
    (row,) = [row for row in audit if row.step is Step.JUDGE]
    facts = json.loads(row.facts)
    assert (row.subject, facts["used"]) == ("amazon.nova-pro-v1:0", True)
    assert [named["uri"].rpartition("/results/")[2] for named in facts["objects"]] == [
        "judge_summary.json",
        "scores/base.jsonl",
        "scores/tuned.jsonl",
    ]


def test_the_job_gets_the_answers_of_all_candidates_and_earlier_verdicts(journey: Journey) -> None:
    wanted()
    journey.judge = leave(journey)

    journey.run()

    request = journey.evaluation.sagemaker.things["processing_job"][JOB]
    inputs = {one["InputName"]: one["S3Input"] for one in request["ProcessingInputs"]}
    assert inputs["candidates"]["S3Uri"] == f"s3://{ARTIFACTS}/runs/{RUN}/judge/answers/"
    for name in ("base", "tuned"):
        answers = journey.evaluation.file(f"candidates/{name}/results/answers.jsonl")
        assert journey.evaluation.file(f"judge/answers/{name}.jsonl") == answers
    outputs = {one["OutputName"]: one["S3Output"]["S3Uri"] for one in request["ProcessingOutputConfig"]["Outputs"]}
    assert outputs["answers"] == inputs["answers"]["S3Uri"]
    assert "/judge.scores/" in outputs["table"]


def test_a_judge_that_is_not_accurate_enough_is_not_used_and_report_and_verdict_say_so(journey: Journey) -> None:
    wanted(RULE)
    journey.judge = leave(journey, right=31)

    shown = journey.run()

    assert shown["status"] == "SUCCEEDED", shown
    found = report(journey)
    said = "the judge was not used: its accuracy of 0.52 (0.38 to 0.65; 31 of 60 known answers) is below 0.8"
    assert found["decision"]["verdict"] == "INCONCLUSIVE"
    assert found["decision"]["reasons"][0] == said
    assert said in found["decision"]["sentence"]
    assert found["decision"]["leader"] == "tuned"
    assert "judge_win_rate" not in found["rules"]
    assert "? not used" in journey.evaluation.file("report.html").decode()
    assert said in journey.evaluation.record("RUN")["sentence"]


def test_a_judge_that_no_rule_names_is_told_and_decides_nothing(journey: Journey) -> None:
    wanted()
    journey.judge = leave(journey, right=31)

    journey.run()

    decision = report(journey)["decision"]
    assert decision["verdict"] == "PROMOTE"
    assert decision["sentence"].endswith(" is below 0.8.")
    assert [check for check in decision["checks"] if check["what"] == "judge"] == []


def test_a_candidate_that_the_judge_finds_worse_is_not_promoted_though_its_f1_is_better(journey: Journey) -> None:
    wanted({**RULE, "weight": 0, "limit": 0.5})
    journey.judge = leave(journey, wins=4)

    journey.run()

    found = report(journey)
    assert next(one for one in found["candidates"] if one["id"] == "tuned")["breaks"] == ["judge_win_rate"]
    assert (found["decision"]["leader"], found["decision"]["winner"]) == ("base", None)


@pytest.mark.parametrize(("failed", "verdict"), [(2, "PROMOTE"), (3, "INCONCLUSIVE")])
def test_a_few_failed_verdicts_leave_the_denominator_and_many_leave_no_verdict(
    journey: Journey, failed: int, verdict: str
) -> None:
    wanted(RULE)
    journey.judge = leave(journey, wins=36, failed=failed)

    journey.run()

    found = report(journey)
    assert found["decision"]["verdict"] == verdict
    tuned = next(one for one in found["candidates"] if one["id"] == "tuned")["metrics"]["judge_win_rate"]
    assert (tuned["n"], tuned["missing"]) == (40 - failed, failed)
    assert found["judge"]["candidates"][0]["failed"] == failed


@pytest.mark.parametrize(
    "changes", [{"judge_fingerprint": "sha256:another"}, {"reference": "tuned"}, {"rows": 39}, {"run_id": "run-2"}]
)
def test_verdicts_of_another_judge_or_other_rows_are_not_used(journey: Journey, changes: dict[str, Any]) -> None:
    wanted(RULE)
    journey.judge = leave(journey, **changes)

    journey.run()

    decision = report(journey)["decision"]
    assert decision["verdict"] == "INCONCLUSIVE"
    assert "its results are of another judge" in decision["sentence"]


def test_a_judge_that_fails_loses_nothing_that_was_paid_for(journey: Journey) -> None:
    wanted(RULE)
    journey.failing[JOB] = {
        "ProcessingJobStatus": "Failed",
        "FailureReason": "AlgorithmError: exit code 1",
        "ExitMessage": "The judge can't be asked. The target did not answer the first prompt: AccessDeniedException",
    }

    shown = journey.run()

    assert shown["status"] == "SUCCEEDED", shown
    found = report(journey)
    assert found["decision"]["verdict"] == "INCONCLUSIVE"
    assert "The judge can't be asked" in found["decision"]["sentence"]
    assert found["judge"]["accuracy"] is None
    assert found["candidates"][0]["metrics"]["f1"]["n"] == 40


def test_a_run_without_a_judge_has_none_in_its_report(journey: Journey) -> None:
    journey.scores = {"base": BASE, "tuned": BETTER}

    journey.run()

    assert report(journey)["judge"] is None
    assert JOB not in journey.evaluation.sagemaker.created
