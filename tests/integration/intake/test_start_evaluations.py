"""An event starts one execution for each use case that it belongs to, however often it comes."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.datasets import store as datasets
from fmops.datasets.models import Dataset
from fmops.usecases.store import check, save
from tests.integration.account import ACCOUNT, REGION, Account

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:fmops-evaluation"


def use_case(name: str, **members: Any) -> dict[str, Any]:
    return {
        "name": name,
        "owner": "owner@example.com",
        "task": "question_answering",
        "datasets": ["trivia"],
        "candidates": [{"id": "base", "model_id": "m", "instance_type": "ml.g5.2xlarge"}],
        "metrics": [{"name": "f1", "weight": 1}],
        "approvers": ["boss@example.com"],
        "budget": {"run_usd": 10, "month_usd": 100},
        "release": {"endpoint_name": "trivia", "instance_type": "ml.g5.2xlarge"},
        **members,
    }


@pytest.fixture
def started(account: Account, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Deliver an event; the executions that there are afterwards, by name."""
    role = f"arn:aws:iam::{ACCOUNT}:role/machine"
    steps = boto3.client("stepfunctions")
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    steps.create_state_machine(name="fmops-evaluation", definition=json.dumps(wait), roleArn=role)
    monkeypatch.setenv("FMOPS_EVALUATION_MACHINE", MACHINE)
    start = account.handler("intake/start_evaluations")

    def deliver(event: dict[str, Any]) -> dict[str, Any]:
        start(event, None)
        found = steps.list_executions(stateMachineArn=MACHINE)["executions"]
        arns = {execution["name"]: execution["executionArn"] for execution in found}
        return {name: json.loads(steps.describe_execution(executionArn=arn)["input"]) for name, arn in arns.items()}

    return deliver


def golden(repo: Path, name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((repo / "events" / f"{name}.json").read_text())
    return event


def register(version: str = "v1") -> None:
    dataset = Dataset(
        name="trivia",
        version=version,
        task="question_answering",
        owner="",
        licence="",
        manifest_digest="sha256:0",
        manifest_uri="s3://b/m",
        files=[],
        train_rows=3,
        test_rows=2,
        train_uri="s3://b/train",
        test_uri="s3://b/test",
        quality_uri="s3://b/quality",
        overlaps_uri="s3://b/overlaps",
    )
    datasets.register(wiring.ledger(), dataset, clock.now())


def test_each_use_case_of_a_dataset_gets_one_run_however_often_the_event_comes(
    account: Account, repo: Path, started: Any
) -> None:
    for name in ("one", "two"):
        save(wiring.ledger(), check(use_case(name)), clock.now())
    save(wiring.ledger(), check(use_case("three", datasets=["poems"])), clock.now())

    event = golden(repo, "dataset-registered")
    started(event)
    runs = started({**event, "id": "another"})

    assert sorted(run["use_case"] for run in runs.values()) == ["one", "two"]
    assert all(run["run_id"] == name for name, run in runs.items())
    assert all(run["trigger"]["dataset"] == {"name": "trivia", "version": "v1"} for run in runs.values())


def test_an_event_that_belongs_to_no_use_case_says_so_and_starts_nothing(
    account: Account, repo: Path, started: Any
) -> None:
    runs = started(golden(repo, "dataset-registered"))

    ((kind, detail),) = account.events()
    assert runs == {}
    assert kind == "NothingStarted"
    assert detail["cause"] == "dataset trivia v1"
    assert "no use case names this dataset" in detail["reason"]


def test_a_new_model_is_evaluated_on_the_newest_data(account: Account, repo: Path, started: Any) -> None:
    save(wiring.ledger(), check(use_case("one", discovery={"model_ids": ["huggingface-llm-*"]})), clock.now())
    register()

    runs = started(golden(repo, "model-discovered"))

    (run,) = runs.values()
    assert run["trigger"] == {
        "kind": "model",
        "dataset": {"name": "trivia", "version": "v1"},
        "model": {"id": "huggingface-llm-new", "version": "1.0.0"},
    }


def test_a_new_model_that_nobody_evaluates_starts_nothing_and_is_no_mail(
    account: Account, repo: Path, started: Any
) -> None:
    save(wiring.ledger(), check(use_case("one", discovery={"model_ids": ["huggingface-llm-*"]})), clock.now())
    register()
    event = golden(repo, "model-discovered")

    runs = started({**event, "detail": {**event["detail"], "evaluated_by": []}})

    assert (runs, account.events()) == ({}, [])


def test_a_new_model_without_any_data_starts_nothing(account: Account, repo: Path, started: Any) -> None:
    save(wiring.ledger(), check(use_case("one", discovery={"model_ids": ["huggingface-llm-*"]})), clock.now())

    runs = started(golden(repo, "model-discovered"))

    assert runs == {}
    assert "no dataset is registered yet for one" in account.events()[0][1]["reason"]
