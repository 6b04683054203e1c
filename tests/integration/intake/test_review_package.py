"""A package that a run meant to register is expected; anybody else's is told to people and starts nothing."""

import json
from pathlib import Path

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.core.ledger import Key
from tests.integration.account import Account


@pytest.mark.parametrize("digest,ours", [("sha256:ab", True), ("sha256:other", False), (None, False)])
def test_only_a_package_with_an_intent_is_ours(account: Account, repo: Path, digest: str | None, ours: bool) -> None:
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="group")
    facts = {"digest": digest, "fmops_run_id": "run-1"} if digest else {}
    arn = sagemaker.create_model_package(
        ModelPackageGroupName="group", ModelApprovalStatus="PendingManualApproval", CustomerMetadataProperties=facts
    )["ModelPackageArn"]
    intent = {"run_id": "run-1", "use_case": "trivia", "digest": "sha256:ab", "arn": None}
    wiring.ledger().put_once(Key("RUN#run-1", "PACKAGE"), intent, kind="package", now=clock.now())
    event = json.loads((repo / "events/model-package-registered.json").read_text())
    event["detail"]["ModelPackageArn"] = arn

    answer = account.handler("intake/review_package")(event, None)

    assert answer["ours"] is ours
    assert [kind for kind, _ in account.events()] == ([] if ours else ["NothingStarted"])
