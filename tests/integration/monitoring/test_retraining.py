"""Drift that lasts becomes prompts that people label, and their labels the next version of the use case's dataset."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.core.artifacts import location
from fmops.core.ledger import Key
from fmops.datasets import store as datasets
from fmops.datasets.models import Dataset, Manifest
from fmops.monitoring.models import WatchPlaces, Window
from fmops.usecases.metrics import Task
from fmops.usecases.store import check, save
from tests.fakes.champions import champion, crown
from tests.integration.account import ACCOUNT, ARTIFACTS, CAPTURE, DATASETS, REGION, Account
from tests.integration.monitoring.test_window import USE_CASE, capture

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:fmops-evaluation"
DRIFT = {"prompt_words": {"size": 0.2, "low": 0.1, "high": 0.3, "limit": 0.02}}
RETRAINING = {"mode": "ask", "lasting_windows": 2, "prompts": 10}


def use_case(task: Task = "question_answering", **retraining: Any) -> None:
    candidates = [
        {"id": "base", "model_id": "m", "instance_type": "ml.g5.2xlarge", "prompt_template": "Q: {input}\nA:"}
    ]
    monitoring = {"retraining": {**RETRAINING, **retraining}}
    metrics = [{"name": "toxicity", "weight": 1}] if task == "open_ended" else USE_CASE["metrics"]
    members = {"candidates": candidates, "metrics": metrics}
    save(wiring.ledger(), check({**USE_CASE, **members, "task": task, "monitoring": monitoring}), clock.now())


@pytest.fixture
def watched(account: Account) -> Account:
    """A use case with a registered dataset, and a champion that serves since twenty past four."""
    use_case()
    crown(champion())
    rows = [{"id": f"own-{n}", "input": f"what is river number {n}", "target": "the nile"} for n in range(10)]
    sides = {"train": rows[:7], "test": rows[7:]}
    for split, some in sides.items():
        wiring.store().write_json_lines(location(f"s3://{ARTIFACTS}/datasets/trivia/v1/x/{split}.jsonl"), some)
    own("v1")
    return account


def own(version: str, task: Task = "question_answering") -> None:
    """Register the use case's own rows."""
    found = Dataset(
        name="trivia",
        version=version,
        task=task,
        owner="",
        licence="",
        manifest_digest="sha256:0",
        manifest_uri="s3://b/m",
        files=[],
        train_rows=7,
        test_rows=3,
        train_uri=f"s3://{ARTIFACTS}/datasets/trivia/v1/x/train.jsonl",
        test_uri=f"s3://{ARTIFACTS}/datasets/trivia/v1/x/test.jsonl",
        quality_uri="s3://b/q",
        overlaps_uri="s3://b/o",
    )
    datasets.register(wiring.ledger(), found, clock.now())


def judged(account: Account, hour: int, prompts: list[str], *, drifted: bool = True) -> str:
    """A window as the journey leaves it, with its capture and its plan; its name."""
    name = Window(start=clock.parse(f"2026-11-24T{hour:02}:00:00Z"), hours=1).name
    lines = [capture(f"{hour}-{n}", f"Q: {prompt}\nA:", "no idea") for n, prompt in enumerate(prompts)]
    key = f"e/AllTraffic/2026/11/24/{hour:02}/part.jsonl"
    put = account.s3.put_object(Bucket=CAPTURE, Key=key, Body="\n".join(lines).encode())
    one = {"bucket": CAPTURE, "key": key, "version": put["VersionId"], "size": 1, "etag": put["ETag"].strip('"')}
    wiring.store().write_json(WatchPlaces(ARTIFACTS, "trivia", name).plan, [one])
    record = {"window": name, "status": "judged", "release_id": "rel-1", "records": 60}
    record |= {"verdict": "ALARM", "drift": DRIFT} if drifted else {"verdict": "OK", "drift": {}}
    wiring.ledger().put(Key("USECASE#trivia", f"WINDOW#{name}"), record, kind="window", now=clock.now())
    return name


def deliver(account: Account, window: str) -> dict[str, Any]:
    event = json.loads((Path(__file__).parents[3] / "events/monitoring-completed.json").read_text())
    event["detail"]["window"] = window
    found: dict[str, Any] = account.handler("monitoring/request_retraining")(event, None)
    return found


def asked(account: Account) -> dict[str, Any]:
    """Two drifted windows, and the event that asks for labels."""
    judged(account, 5, ["write to ann@example.com", "where is rome", "where is  Rome?"])
    deliver(account, judged(account, 6, ["where is rome", "what is river number 8", "what is a lark"]))
    (event,) = [detail for kind, detail in account.events() if kind == "RetrainingRequested"]
    return event


def prompts(event: dict[str, Any]) -> list[dict[str, Any]]:
    return list(wiring.store().read_json_lines(location(event["labels"]["prompts_uri"])))


def drop(account: Account, event: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Drop rows where labels are to come back; what became of them."""
    place = location(event["labels"]["return_uri"])
    body = "".join(json.dumps(row) + "\n" for row in rows).encode()
    version = account.s3.put_object(Bucket=place.bucket, Key=place.key, Body=body)["VersionId"]
    detail = {"bucket": {"name": place.bucket}, "object": {"key": place.key, "version-id": version}}
    found: dict[str, Any] = account.handler("intake/register_dataset")({"detail": detail}, None)
    return found


def test_drift_that_lasts_asks_for_the_labels_of_its_masked_and_different_prompts(watched: Account) -> None:
    event = asked(watched)

    rows = prompts(event)
    assert {row["input"]: row["asked"] for row in rows} == {
        "write to [email]": 1,
        "where is rome": 3,
        "what is river number 8": 1,
        "what is a lark": 1,
    }
    assert {row["target"] for row in rows} == {""}
    folder = event["labels"]["prompts_uri"].removesuffix("prompts.jsonl")
    manifest = Manifest.model_validate(wiring.store().read_json(location(f"{folder}manifest.json")))
    sources = wiring.store().read_json(location(f"{folder}sources.json"))
    assert manifest.files[0].sha256 == sources["sha256"]
    assert sources["windows"] == ["2026-11-24T05:00Z", "2026-11-24T06:00Z"]
    assert [one["version"] for one in sources["objects"]].count(None) == 0
    assert (sources["records"], sources["kept"], sources["rate"], sources["masked"]) == (6, 4, 1.0, {"email": 1})
    assert event["labels"]["return_uri"].startswith(f"s3://{DATASETS}/labels/trivia/drift-")


def test_one_drift_asks_once_and_another_only_when_the_first_has_cooled_down(watched: Account) -> None:
    asked(watched)
    again = deliver(watched, judged(watched, 7, ["where is rome"]))
    for hour in (8, 9):
        judged(watched, hour, [], drifted=False)
    judged(watched, 10, ["where is bonn"])

    other = deliver(watched, judged(watched, 11, ["where is bonn"]))

    assert again["nothing"] == "labels were asked for because of this drift"
    assert other["nothing"] == "labels were asked for less than 14 days ago"
    assert [kind for kind, _ in watched.events()] == []


@pytest.mark.parametrize(
    ("setting", "why"),
    [({"mode": False}, "retraining is off"), ({"lasting_windows": 3}, "it was seen in 2 windows; 3 are needed")],
)
def test_nothing_is_collected_where_nobody_wants_it_or_the_drift_is_young(
    watched: Account, setting: dict[str, Any], why: str
) -> None:
    use_case(**setting)
    judged(watched, 5, ["where is rome"])

    outcome = deliver(watched, judged(watched, 6, ["where is rome"]))

    assert outcome["nothing"] == why
    assert "Contents" not in watched.s3.list_objects_v2(Bucket=ARTIFACTS, Prefix="retraining/")


def test_what_is_gone_or_was_changed_is_left_out(watched: Account) -> None:
    judged(watched, 5, ["where is rome"])
    last = judged(watched, 6, ["where is bonn"])
    version = watched.s3.list_object_versions(Bucket=CAPTURE, Prefix="e/AllTraffic/2026/11/24/05/")["Versions"][0]
    watched.s3.delete_object(Bucket=CAPTURE, Key=version["Key"], VersionId=version["VersionId"])

    deliver(watched, last)

    (event,) = [detail for kind, detail in watched.events() if kind == "RetrainingRequested"]
    assert [row["input"] for row in prompts(event)] == ["where is bonn"]


def test_of_bedrocks_logs_only_the_routes_own_calls_are_read(watched: Account) -> None:
    crown(champion(endpoint="", model_id="amazon.nova-lite-v1:0"))
    judged(watched, 5, [])
    last = judged(watched, 6, [])
    lines = [
        json.dumps(
            {
                "requestId": str(number),
                "modelId": model,
                "input": {"inputBodyJson": {"messages": [{"role": "user", "content": [{"text": prompt}]}]}},
            }
        )
        for number, (model, prompt) in enumerate(
            [("amazon.nova-lite-v1:0", "where is rome"), ("amazon.titan-text-lite-v1", "somebody else's")]
        )
    ]
    put = watched.s3.put_object(Bucket=CAPTURE, Key="bedrock/log.json", Body="\n".join(lines).encode())
    one = {"bucket": CAPTURE, "key": "bedrock/log.json", "version": put["VersionId"], "size": 1}
    plan = [{**one, "etag": put["ETag"].strip('"')}]
    wiring.store().write_json(WatchPlaces(ARTIFACTS, "trivia", last).plan, plan)

    deliver(watched, last)

    (event,) = [detail for kind, detail in watched.events() if kind == "RetrainingRequested"]
    assert [row["input"] for row in prompts(event)] == ["where is rome"]


@pytest.mark.parametrize("mode", ["ask", "start"])
def test_the_mail_says_what_to_do_and_quotes_no_prompt(watched: Account, mode: str) -> None:
    use_case(mode=mode)
    event = asked(watched)

    raised = watched.handler("operations/raise_alert")({"detail-type": "RetrainingRequested", "detail": event}, None)

    (alert,) = [wiring.ledger().get(Key(f"ALERT#{name}", "ALERT")) for name in raised["told"]]
    assert alert is not None
    body = alert["alert"]["body"]
    assert alert["alert"]["recipients"] == ["owner@example.com"]
    assert event["labels"]["prompts_uri"] in body
    assert f"fmops dataset label trivia {event['labels']['request_id']} FILE" in body
    assert ("starts an evaluation run" in body) == (mode == "start")
    assert not any(word in body for word in ("rome", "lark", "river"))


def test_labels_make_the_next_version_of_the_use_cases_own_dataset(watched: Account) -> None:
    event = asked(watched)
    rows = prompts(event)
    labelled = [
        {**row, "target": "a bird" if "lark" in row["input"] else "rome" if "rome" in row["input"] else ""}
        for row in rows
    ]
    # The dataset has this question already.
    labelled = [{**row, "target": "the nile"} if "river" in row["input"] else row for row in labelled]

    outcome = drop(watched, event, labelled)

    made = datasets.load(wiring.ledger(), "trivia", outcome["version"])
    assert outcome["status"] == "registered"
    assert made.retraining_of == "trivia"
    kept = {uri: list(wiring.store().read_json_lines(location(uri))) for uri in (made.train_uri, made.test_uri)}
    whole = [row for some in kept.values() for row in some]
    assert sorted(row["target"] for row in whole if row["id"].startswith("drift-")) == ["a bird", "rome"]
    assert {row["id"] for row in kept[made.test_uri]} >= {"own-7", "own-8", "own-9"}
    assert {row["id"] for row in kept[made.train_uri]} >= {f"own-{n}" for n in range(7)}


@pytest.mark.parametrize("mode", ["ask", "start"])
def test_labels_start_a_run_or_a_person_is_told_how(watched: Account, monkeypatch: Any, mode: str) -> None:
    steps = boto3.client("stepfunctions")
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    role = f"arn:aws:iam::{ACCOUNT}:role/machine"
    steps.create_state_machine(name="fmops-evaluation", definition=json.dumps(wait), roleArn=role)
    monkeypatch.setenv("FMOPS_EVALUATION_MACHINE", MACHINE)
    start = watched.handler("intake/start_evaluations")
    use_case(mode=mode)
    event = asked(watched)

    waits = start({"id": "1", "detail-type": "RetrainingRequested", "detail": event}, None)
    outcome = drop(watched, event, [{**row, "target": "yes"} for row in prompts(event)])
    (registered,) = [detail for kind, detail in watched.events() if kind == "DatasetRegistered"][-1:]
    started = [start({"id": id_, "detail-type": "DatasetRegistered", "detail": registered}, None) for id_ in "23"]

    told = [detail for kind, detail in watched.events() if kind == "NothingStarted"]
    assert waits["runs"] == []
    assert len({name for one in started for name in one["runs"]}) == (mode == "start")
    if mode == "ask":
        assert f"fmops run trivia --dataset trivia --version {outcome['version']}" in told[0]["reason"]
        assert told[0]["use_case"] == "trivia"
    else:
        assert told == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "another"}, "the row's id was not asked for"),
        ({"input": " "}, "`input` is empty or no text"),
        ({}, "no row has a label"),
    ],
)
def test_what_is_no_answer_to_the_request_is_refused_and_the_owner_told(
    watched: Account, change: dict[str, Any], problem: str
) -> None:
    event = asked(watched)

    outcome = drop(watched, event, [{**prompts(event)[0], **change}])

    (rejected,) = [detail for kind, detail in watched.events() if kind == "DatasetRejected"]
    assert outcome["status"] == "rejected"
    assert rejected["problems"][0]["problem"] == problem
    assert rejected["owner"] == "owner@example.com"


def test_labels_that_nobody_asked_for_are_refused(watched: Account) -> None:
    event = {"labels": {"return_uri": f"s3://{DATASETS}/labels/trivia/drift-000000000000.jsonl"}}

    assert drop(watched, event, [{"id": "x", "input": "y", "target": "z"}])["status"] == "rejected"


def test_an_open_ended_use_case_needs_no_labels(watched: Account) -> None:
    use_case("open_ended")
    own("v2", "open_ended")
    event = asked(watched)

    outcome = drop(watched, event, prompts(event))

    made = datasets.load(wiring.ledger(), "trivia", outcome["version"])
    assert outcome["status"] == "registered"
    # Its own ten, and the three that are not among them.
    assert made.train_rows + made.test_rows == 13
