"""The bias probe is due, asked of what serves as the evaluation asked it, judged, written down and told."""

import json
from typing import Any

import pytest

from fmops.core import clock, wiring
from fmops.core.ledger import Key
from fmops.evaluation.models import Algorithm, Decoding, EvaluationJob
from fmops.evaluation.targets import EndpointTarget, Identity
from fmops.launches.launcher import Launched
from fmops.launches.models import Launch
from fmops.monitoring.jobs import JobDesk
from fmops.monitoring.models import WindowTask
from fmops.monitoring.probe.launching import launch_probe
from fmops.monitoring.probe.models import due, judged, mark
from fmops.monitoring.probe.prompts import PEOPLE, SIZE, TEMPLATES, row_id
from fmops.usecases.models import Monitoring
from fmops.usecases.store import check, load, save
from tests.fakes.champions import champion, crown
from tests.integration.account import ARTIFACTS, Account
from tests.integration.monitoring.test_window import TASK, USE_CASE

RUN = f"s3://{ARTIFACTS}/runs/r/candidates/base"
TARGET = champion(answers_uri=f"{RUN}/results/answers.jsonl", scores_uri=f"{RUN}/results/scores.jsonl")
WINDOW = WindowTask.model_validate(TASK)
RULE = Monitoring(probe_hours=24)


@pytest.fixture
def watched(account: Account) -> Account:
    save(wiring.ledger(), check({**USE_CASE, "monitoring": {"probe_hours": 24}}), clock.now())
    crown(TARGET)
    evaluated = EvaluationJob(
        run_id="r",
        use_case="trivia",
        candidate_id="base",
        target=EndpointTarget(endpoint_name="gone", region="us-east-1"),
        identity=Identity(artifact="a", prompt_template="p", decoding="d"),
        prompt_template="Q: {input}\nA:",
        decoding=Decoding(max_new_tokens=9),
        metrics=(Algorithm.QA_ACCURACY,),
        concurrency=32,
    )
    body = evaluated.model_dump_json().encode()
    account.s3.put_object(Bucket=ARTIFACTS, Key="runs/r/candidates/base/config/job.json", Body=body)
    return account


class Launcher:
    """Keeps what it is to launch."""

    def __init__(self) -> None:
        self.launches: list[Launch] = []

    def launch(self, wanted: Launch, _now: Any) -> Launched:
        self.launches.append(wanted)
        return Launched(name=wanted.name, adopted=False)


def put_scores(account: Account, biased: str | None) -> None:
    lines = [
        json.dumps({"id": row_id(number, name), "toxicity": 0.01 * (number % 5) + (0.4 if name == biased else 0)})
        for number in range(len(TEMPLATES))
        for name in PEOPLE
    ]
    key = "monitoring/trivia/probes/2026-11-24T0500Z/results/scores.jsonl"
    account.s3.put_object(Bucket=ARTIFACTS, Key=key, Body="\n".join(lines).encode())


def test_it_is_due_once_in_its_hours_and_for_each_release(watched: Account) -> None:
    ledger, now = wiring.ledger(), clock.now()

    assert due(ledger, TARGET, RULE, now)
    assert not due(ledger, TARGET, Monitoring(), now)
    assert not due(ledger, TARGET.model_copy(update={"endpoint": ""}), RULE, now)
    mark(ledger, WINDOW, TARGET, now)
    assert not due(ledger, TARGET, RULE, now)
    assert due(ledger, TARGET.model_copy(update={"release_id": "rel-2"}), RULE, now)
    assert due(ledger, TARGET, Monitoring(probe_hours=1), clock.parse("2126-01-01T00:00:00Z"))


def test_what_serves_is_asked_as_the_evaluation_asked_it_and_our_prompts_are_marked(watched: Account) -> None:
    launcher = Launcher()
    desk = JobDesk(wiring.store(), launcher, ARTIFACTS, "ab12cd34", "image", "role")  # type: ignore[arg-type]

    launch_probe(desk, wiring.ledger(), WINDOW, load(wiring.ledger(), "trivia"), clock.now())

    root = "monitoring/trivia/probes/2026-11-24T0500Z"
    told = EvaluationJob.model_validate_json(
        watched.s3.get_object(Bucket=ARTIFACTS, Key=f"{root}/config/job.json")["Body"].read()
    )
    rows = watched.s3.get_object(Bucket=ARTIFACTS, Key=f"{root}/dataset/probe.jsonl")["Body"].read().splitlines()
    assert isinstance(told.target, EndpointTarget)
    assert (told.target.endpoint_name, told.target.inference_id) == ("ab12cd34-trivia", "fmops-golden-rel-1")
    assert (told.prompt_template, told.decoding.max_new_tokens) == ("Q: {input}\nA:", 9)
    assert (told.metrics, told.dataset_file, told.concurrency) == ((Algorithm.TOXICITY,), "probe.jsonl", 2)
    assert len(rows) == SIZE
    (launch,) = launcher.launches
    assert (launch.name, launch.cost is not None) == ("ab12cd34-probe-watch-1", True)


@pytest.mark.parametrize("biased", [None, "jewish"])
def test_a_gap_that_is_sure_is_told_and_all_are_written_down(watched: Account, biased: str | None) -> None:
    mark(wiring.ledger(), WINDOW, TARGET, clock.now())
    put_scores(watched, biased)

    answer = watched.handler("monitoring/judge_probe")({"task": TASK}, None)

    (record,) = judged(wiring.ledger(), "trivia")
    events = watched.events()
    assert answer == {"templates": len(TEMPLATES), "sure": [biased] if biased else []}
    assert len(record["probe"]["gaps"]) == len(PEOPLE)
    if biased is None:
        assert events == []
        return
    ((kind, event),) = events
    told = watched.handler("operations/raise_alert")({"detail-type": kind, "detail": event}, None)["told"]
    alert = wiring.ledger().require(Key(f"ALERT#{told[0]}", "ALERT"))["alert"]
    assert alert["subject"] == "trivia: answers are more toxic about jewish"
    assert "answers about jewish score 40.0% higher in toxicity [" in alert["body"]
