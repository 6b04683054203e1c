"""An account in which a use case and its dataset are registered, with SageMaker and Step Functions in memory."""

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from fmops.core import clock, wiring
from fmops.core.artifacts import Location
from fmops.datasets import store as datasets
from fmops.evaluation import runs
from fmops.evaluation.planning.plans import Plan
from fmops.launches.images import Image, parameter
from fmops.usecases import store as usecases
from tests.conftest import REPO
from tests.fakes.quotas import FakeQuotas
from tests.fakes.run import DOCUMENT, MODEL, dataset, result_files, rows, use_case
from tests.fakes.sagemaker import FakeSageMaker
from tests.fakes.states import FakeStates
from tests.integration.account import ARTIFACTS, Account

RUN = "run-0123456789ab"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:fmops-evaluation:{RUN}"
PREFIX = "ab12cd34"
IMAGES = "/fmops/images/t1"
_EVENTS = {
    "TrainingJobName": "training-job-state-change.json",
    "ProcessingJobName": "processing-job-state-change.json",
    "EndpointName": "endpoint-state-change.json",
}


class Evaluation:
    """The steps of a run, called as the state machine calls them."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.sagemaker = FakeSageMaker()
        self.states = FakeStates()
        self.quotas = FakeQuotas()
        self.sagemaker.publish(MODEL, json.dumps(DOCUMENT), "1.2.0")

    def call(self, step: str, **payload: Any) -> Any:
        return self.account.handler(step)(payload, None)

    def built(self, image: Image) -> None:
        """The stack's build of an image is over."""
        name = parameter(IMAGES, image)
        wiring.client("ssm").put_parameter(Name=name, Type="String", Value=f"{image}@sha256:1")

    def not_built(self, image: Image) -> None:
        wiring.client("ssm").delete_parameter(Name=parameter(IMAGES, image))

    def plan(self, execution: str = EXECUTION, **trigger: Any) -> Any:
        wanted = {"kind": "dataset", "dataset": {"name": "trivia", "version": "v1"}, **trigger}
        return self.call("evaluation/plan_run", run_id=RUN, use_case="trivia", trigger=wanted, execution_arn=execution)

    def wait(self, step: str, candidate: str, token: str, **members: Any) -> Any:
        """Call a step that waits, with a token."""
        return self.call(
            f"evaluation/{step}",
            run_id=RUN,
            candidate=candidate,
            execution_arn=EXECUTION,
            task_token=token,
            **members,
        )

    def news(self, member: str, name: str) -> Any:
        """The event of a job's change, as the rule hands it on: EventBridge's own, for another job."""
        file = REPO / "events" / _EVENTS[member]
        event = json.loads(file.read_text())
        return self.call("operations/resume_journey", **{**event, "detail": {**event["detail"], member: name}})

    def score(self, candidate: str, values: Mapping[str, Sequence[float | None]]) -> None:
        """Leave the results of an evaluation job that did as the plan says."""
        place = Location(ARTIFACTS, f"runs/{RUN}/candidates/{candidate}/results")
        ids = [row["id"] for row in rows("test", len(values["f1"]))]
        plan = Plan.model_validate_json(self.file("plan.json"))
        told: dict[str, Any] = {
            known.id: {"template": known.artifact.prompt_template, "decoding": known.decoding}
            for known in plan.candidates
        }.get(candidate, {})
        whose = runs.fingerprint(wiring.ledger(), RUN, candidate)
        for name, text in result_files(candidate, values, run_id=RUN, ids=ids, whose=whose, **told).items():
            wiring.store().write(place.child(name), text.encode())

    def record(self, sk: str = "RUN") -> dict[str, Any]:
        found = wiring.ledger().records(f"RUN#{RUN}", sk)
        assert len(found) == 1
        return found[0]

    def file(self, name: str) -> Any:
        return wiring.store().read(Location(ARTIFACTS, f"runs/{RUN}/{name}"))


@pytest.fixture
def evaluation(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Evaluation]:
    for name, value in {
        "FMOPS_TRAINING_ROLE": "arn:aws:iam::123456789012:role/training",
        "FMOPS_EVALUATION_ROLE": "arn:aws:iam::123456789012:role/evaluation",
        "FMOPS_ENDPOINT_ROLE": "arn:aws:iam::123456789012:role/endpoint",
        "FMOPS_IMAGES": IMAGES,
        "FMOPS_MAX_RUNS": "4",
        "FMOPS_MODEL_GROUP": f"{PREFIX}-fmops",
    }.items():
        monkeypatch.setenv(name, value)
    made = Evaluation(account)
    for image in Image:
        made.built(image)
    fakes: dict[str, Any] = {
        "sagemaker": made.sagemaker,
        "stepfunctions": made.states,
        "service-quotas": made.quotas,
    }
    real = wiring.client
    monkeypatch.setattr(wiring, "client", functools.cache(lambda service: fakes.get(service) or real(service)))
    now = clock.now()
    usecases.save(wiring.ledger(), use_case(), now)
    datasets.register(wiring.ledger(), dataset(ARTIFACTS), now)
    for split, count in (("train", 60), ("test", 40)):
        place = Location(ARTIFACTS, f"datasets/trivia/v1/{split}.jsonl")
        wiring.store().write_json_lines(place, rows(split, count))
    wiring.store().write_json(Location(ARTIFACTS, "datasets/trivia/v1/overlaps.json"), [])
    yield made
    real.cache_clear()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Move the functions' clock on."""

    def move(by: timedelta) -> None:
        moved: datetime = clock.now() + by
        monkeypatch.setattr(clock, "_source", lambda: moved)

    return move
