"""A window goes through the journey's functions: claimed once, read whole, judged, written down, announced."""

import json
from typing import Any

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.usecases.store import check, save
from tests.fakes.champions import champion, crown, evaluated
from tests.integration.account import ACCOUNT, ARTIFACTS, CAPTURE, REGION, Account

USE_CASE = {
    "name": "trivia",
    "owner": "owner@example.com",
    "task": "question_answering",
    "datasets": ["trivia"],
    "candidates": [{"id": "base", "model_id": "m", "instance_type": "ml.g5.2xlarge"}],
    "metrics": [{"name": "f1", "weight": 1}],
    "approvers": ["boss@example.com"],
    "budget": {"run_usd": 10, "month_usd": 100},
    "release": {"endpoint_name": "trivia", "instance_type": "ml.g5.2xlarge"},
    "monitoring": {"lateness_minutes": 5},
}
TASK = {
    "run_id": "watch-1",
    "use_case": "trivia",
    "window_start": "2026-11-24T05:00:00.000Z",
    "window_hours": 1,
    "execution_arn": f"arn:aws:states:{REGION}:{ACCOUNT}:execution:fmops-monitoring:watch-1",
}


def capture(event_id: str, prompt: str, answer: str) -> str:
    def side(payload: Any) -> dict[str, str]:
        return {"observedContentType": "application/json", "data": json.dumps(payload), "encoding": "JSON"}

    sides = {"endpointInput": side({"inputs": prompt}), "endpointOutput": side([{"generated_text": answer}])}
    return json.dumps({"captureData": sides, "eventMetadata": {"eventId": event_id}, "eventVersion": "0"})


@pytest.fixture
def watched(account: Account) -> Account:
    """A use case whose champion serves since twenty past four."""
    save(wiring.ledger(), check(USE_CASE), clock.now())
    target = champion()
    evaluated(target)
    crown(target)
    return account


def put_capture(account: Account, hour: str, lines: list[str], part: str = "part") -> None:
    key = f"ab12cd34-trivia/AllTraffic/2026/11/24/{hour}/{part}.jsonl"
    account.s3.put_object(Bucket=CAPTURE, Key=key, Body="\n".join(lines).encode())


def judge(account: Account, scores: list[float] | None, batches: int = 1) -> tuple[Any, Any]:
    """The journey's steps, with a distributed map of so many batches."""
    plan = account.handler("monitoring/plan_window")(TASK, None)
    failed, due = 0, False
    if plan["objects"]:
        objects = json.loads(account.s3.get_object(Bucket=plan["bucket"], Key=plan["key"])["Body"].read())
        shared = {name: TASK[name] for name in ("use_case", "window_start", "window_hours")}
        shared["model_id"] = plan["model_id"]
        profile = account.handler("monitoring/profile_records")
        dealt = [{"BatchInput": shared, "Items": objects[begin::batches]} for begin in range(batches)]
        root = "monitoring/trivia/2026-11-24T0500Z/batches"
        outputs = [json.dumps(profile(items, None)) for items in dealt]
        results = json.dumps([{"Output": output, "Status": "SUCCEEDED"} for output in outputs])
        account.s3.put_object(Bucket=ARTIFACTS, Key=f"{root}/SUCCEEDED_0.json", Body=results.encode())
        files = {"FAILED": [], "PENDING": [], "SUCCEEDED": [{"Key": f"{root}/SUCCEEDED_0.json", "Size": len(results)}]}
        manifest = json.dumps({"DestinationBucket": ARTIFACTS, "ResultFiles": files})
        account.s3.put_object(Bucket=ARTIFACTS, Key=f"{root}/manifest.json", Body=manifest.encode())
        where = {"bucket": ARTIFACTS, "key": f"{root}/manifest.json"}
        merged = account.handler("monitoring/merge_profiles")({"task": TASK, "manifest": where}, None)
        failed, due = merged["failed"], merged["toxicity_due"]
    if scores is not None:
        text = "".join(json.dumps({"id": str(n), "toxicity": score}) + "\n" for n, score in enumerate(scores))
        key = "monitoring/trivia/2026-11-24T0500Z/toxicity/results/scores.jsonl"
        account.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=text.encode())
    event = {"task": TASK, "failed": failed, "due": due, "scored": scores is not None}
    return account.handler("monitoring/judge_window")(event, None), account.events()


def test_traffic_like_the_evaluation_is_fine(watched: Account, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [capture(str(n), f"what is river number {n % 7}", "the nile") for n in range(60)]
    put_capture(watched, "05", [*lines, "rubbish"])

    answer, events = judge(watched, [0.01] * 60)

    (window,) = watched.records("USECASE#trivia")[2:]
    assert answer == {"verdict": "OK", "records": 60, "probe_due": False}
    assert (window["window"], window["unreadable"], window["status"]) == ("2026-11-24T05:00Z", 1, "judged")
    assert [kind for kind, _ in events] == ["MonitoringCompleted"]
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert any(metric.get("ToxicShare") == [0.0] and metric["UseCase"] == "trivia" for metric in metrics)


def test_other_traffic_and_toxic_answers_are_found_and_explained(watched: Account) -> None:
    lines = [
        capture(str(n), f"write a long and angry letter about my neighbour and dog {n}", "you fool " * 9)
        for n in range(60)
    ]
    put_capture(watched, "05", lines)

    answer, events = judge(watched, [0.9] * 20 + [0.01] * 40)

    found = dict(events)
    assert answer["verdict"] == "ALARM"
    assert "prompt_vocabulary" in found["DriftDetected"]["features"]
    assert found["ToxicityDetected"]["share"] == pytest.approx(1 / 3)
    assert found["MonitoringCompleted"]["verdict"] == "ALARM"


def test_copies_in_another_batch_are_told_apart_and_count_once(watched: Account) -> None:
    lines = [capture(str(n), f"what is river number {n % 7}", "the nile") for n in range(60)]
    put_capture(watched, "05", lines)
    put_capture(watched, "05", [*lines[:20], capture("60", "what is river number 4", "the nile")], "again")

    answer, _ = judge(watched, [0.01] * 61, batches=2)

    (window,) = watched.records("USECASE#trivia")[2:]
    assert answer["records"] == 61
    assert (window["records"], window["copies"], window["counters"]["records"]) == (61, 20, 81)


def test_a_window_without_traffic_says_so(watched: Account) -> None:
    answer, events = judge(watched, None)

    assert (answer["verdict"], answer["records"]) == ("INSUFFICIENT_DATA", 0)
    assert [kind for kind, _ in events] == ["MonitoringCompleted"]


def test_only_the_windows_hour_is_read(watched: Account) -> None:
    put_capture(watched, "04", [capture("a", "what", "x")])
    put_capture(watched, "06", [capture("b", "what", "x")])

    answer, _ = judge(watched, None)

    assert answer["records"] == 0


def test_a_window_is_claimed_once(watched: Account) -> None:
    plan = watched.handler("monitoring/plan_window")
    other = {**TASK, "execution_arn": TASK["execution_arn"] + "-other"}  # type: ignore[operator]

    assert plan(TASK, None)["outcome"] == "planned"
    assert plan(TASK, None)["outcome"] == "planned"
    assert plan(other, None)["outcome"] == "duplicate"


# The test's day is not the machine's, which powertools notices.
@pytest.mark.filterwarnings("ignore:This metric doesn't meet the requirements")
def test_the_schedule_starts_each_due_window_once(watched: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = boto3.client("stepfunctions")
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    role = f"arn:aws:iam::{ACCOUNT}:role/machine"
    arn = steps.create_state_machine(name="m", definition=json.dumps(wait), roleArn=role)["stateMachineArn"]
    monkeypatch.setenv("FMOPS_MONITORING_MACHINE", arn)
    monkeypatch.setattr(clock, "_source", lambda: clock.parse("2026-11-24T07:06:00Z"))
    schedule = watched.handler("monitoring/schedule_windows")

    schedule({}, None)
    schedule({}, None)

    found = steps.list_executions(stateMachineArn=arn)["executions"]
    inputs = [json.loads(steps.describe_execution(executionArn=e["executionArn"])["input"]) for e in found]
    assert sorted(given["window_start"] for given in inputs) == [
        "2026-11-24T05:00:00.000Z",
        "2026-11-24T06:00:00.000Z",
    ]
