"""A package that a run meant to register is expected; anybody else's is evaluated once, for its use case."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.core.ledger import Key
from fmops.datasets.store import Registered
from fmops.usecases.models import UseCase
from fmops.usecases.store import save
from fmops.usecases.triggers import DatasetRef
from tests.integration.account import Account
from tests.integration.doubles import standing_in
from tests.integration.release.conftest import USE_CASE

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:fmops-evaluation"
RELEASE_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:fmops-release"

BEFORE = dict.fromkeys(("endpoint_config", "release_id"), "x")


class Steps:
    """Step Functions, as those who start executions see it."""

    def __init__(self) -> None:
        self.started: dict[str, dict[str, Any]] = {}

    def start_execution(self, **request: Any) -> None:
        assert request["stateMachineArn"] in (MACHINE, RELEASE_MACHINE)
        self.started[request["name"]] = json.loads(request["input"])


class Registry:
    """A registry, and the function that hears of it."""

    def __init__(self, account: Account, repo: Path) -> None:
        self.account, self.steps, self._sagemaker = account, Steps(), boto3.client("sagemaker")
        self._event = json.loads((repo / "events/model-package-registered.json").read_text())

    def register(self, group: str, **facts: str) -> str:
        if group not in {one["ModelPackageGroupName"] for one in self._groups()}:
            self._sagemaker.create_model_package_group(ModelPackageGroupName=group)
        made = self._sagemaker.create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus="PendingManualApproval",
            CustomerMetadataProperties=facts,
        )
        return str(made["ModelPackageArn"])

    def review(self, arn: str, status: str = "PendingManualApproval") -> dict[str, Any]:
        detail = {**self._event["detail"], "ModelPackageArn": arn, "ModelApprovalStatus": status}
        with standing_in(stepfunctions=self.steps):
            found: dict[str, Any] = self.account.handler("intake/review_package")(
                {**self._event, "detail": detail}, None
            )
        return found

    def _groups(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
        return found


@pytest.fixture
def registry(account: Account, repo: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setenv("FMOPS_EVALUATION_MACHINE", MACHINE)
    monkeypatch.setenv("FMOPS_RELEASE_MACHINE", RELEASE_MACHINE)
    save(wiring.ledger(), UseCase.model_validate(USE_CASE), clock.now())
    return Registry(account, repo)


@pytest.fixture
def newest(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The version of the newest data; a test may go on."""
    versions = ["1"]
    monkeypatch.setattr(Registered, "newest_of", lambda *_: DatasetRef(name="trivia", version=versions[-1]))
    return versions


@pytest.mark.parametrize("digest,ours", [("sha256:ab", True), ("sha256:other", False), (None, False)])
def test_only_a_package_with_an_intent_is_ours_and_starts_nothing(
    registry: Registry, newest: list[str], digest: str | None, ours: bool
) -> None:
    facts = {"digest": digest, "fmops_run_id": "run-1"} if digest else {}
    arn = registry.register("fmops-trivia", **facts)
    intent = {"run_id": "run-1", "use_case": "trivia", "digest": "sha256:ab", "arn": None}
    wiring.ledger().put_once(Key("RUN#run-1", "PACKAGE"), intent, kind="package", now=clock.now())

    answer = registry.review(arn)

    assert answer["ours"] is ours
    assert bool(registry.steps.started) is not ours


@pytest.mark.parametrize("group,facts", [("fmops-trivia", {}), ("ab12cd34-fmops", {"fmops_use_case": "trivia"})])
def test_a_foreign_package_starts_an_evaluation_of_its_use_case(
    registry: Registry, newest: list[str], group: str, facts: dict[str, str]
) -> None:
    arn = registry.register(group, **facts)

    registry.review(arn)

    ((name, given),) = registry.steps.started.items()
    assert (given["run_id"], given["use_case"]) == (name, "trivia")
    assert given["trigger"]["kind"] == "package"
    assert given["trigger"]["package_arn"] == arn


def test_the_same_package_starts_one_run_however_often_and_late_it_is_told(
    registry: Registry, newest: list[str]
) -> None:
    arn = registry.register("fmops-trivia")

    registry.review(arn)
    newest.append("2")
    registry.review(arn)

    assert len(registry.steps.started) == 1


def test_a_package_of_no_use_case_says_so(registry: Registry, newest: list[str]) -> None:
    registry.review(registry.register("fmops-other"))

    assert registry.steps.started == {}
    ((kind, detail),) = registry.account.events()
    assert kind == "NothingStarted"
    assert "fmops_use_case" in detail["reason"]


def test_a_use_case_without_data_says_so(registry: Registry) -> None:
    registry.review(registry.register("fmops-trivia"))

    ((_, detail),) = registry.account.events()
    assert "no dataset" in detail["reason"]


def test_fault_39_a_foreign_package_that_was_approved_in_the_console_starts_nothing(
    registry: Registry, newest: list[str]
) -> None:
    registry.review(registry.register("fmops-trivia"), status="Approved")

    assert registry.steps.started == {}
    ((_, detail),) = registry.account.events()
    assert "not deployed" in detail["reason"]


def test_a_console_approval_is_evaluated_where_the_stack_is_set_so(
    registry: Registry, newest: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMOPS_CONSOLE_APPROVALS", "evaluate")

    registry.review(registry.register("fmops-trivia"), status="Approved")

    assert len(registry.steps.started) == 1


def serving(registry: Registry, *, serves: bool = True, **more: Any) -> str:
    """A package of ours, and a champion that is it or another one; the package's ARN."""
    arn = registry.register("ab12cd34-fmops", digest="sha256:ab", fmops_run_id="run-1", fmops_use_case="trivia")
    wiring.ledger().put_once(Key("RUN#run-1", "PACKAGE"), {"digest": "sha256:ab"}, kind="package", now=clock.now())
    names = ("run_id", "candidate", "digest", "endpoint_config", "release_id")
    champion = {
        **dict.fromkeys((*names, "capture_uri", "answers_uri", "scores_uri"), "x"),
        "use_case": "trivia",
        "endpoint": "live",
        "released_at": clock.iso(clock.now()),
        "model_package_arn": arn if serves else "another",
        **more,
    }
    wiring.ledger().put(Key("USECASE#trivia", "CHAMPION"), champion, kind="champion", now=clock.now())
    return arn


def withdraws() -> None:
    """The use case has the rule."""
    rule = UseCase.model_validate(USE_CASE).release.model_copy(update={"on_rejected": "roll_back"})
    save(wiring.ledger(), UseCase.model_validate(USE_CASE).model_copy(update={"release": rule}), clock.now())


@pytest.mark.parametrize("serves", [True, False])
def test_a_rejection_of_what_serves_withdraws_nothing_and_is_told(registry: Registry, serves: bool) -> None:
    registry.review(serving(registry, serves=serves), status="Rejected")

    told = [detail["cause"] for _, detail in registry.account.events()]
    assert len(told) == serves
    assert all("serves on live" in cause for cause in told)
    assert registry.steps.started == {}


def test_a_rejection_takes_back_what_serves_where_the_use_case_has_that_rule(registry: Registry) -> None:
    withdraws()
    arn = serving(registry, previous=BEFORE)

    for _ in range(2):
        assert registry.review(arn, status="Rejected")["withdrawn"]

    ((name, given),) = registry.steps.started.items()
    assert name.startswith("rejected-")
    assert given["rollback"]["use_case"] == "trivia"
    assert "rejected" in given["rollback"]["reason"]


def test_a_rejection_of_another_package_takes_nothing_back(registry: Registry) -> None:
    withdraws()

    registry.review(serving(registry, serves=False, previous=BEFORE), status="Rejected")

    assert registry.steps.started == {}
    assert registry.account.events() == []


def test_a_rejection_with_nothing_before_it_says_that_it_still_serves(registry: Registry) -> None:
    withdraws()

    registry.review(serving(registry), status="Rejected")

    assert registry.steps.started == {}
    ((_, detail),) = registry.account.events()
    assert "nothing served before it" in detail["reason"]
