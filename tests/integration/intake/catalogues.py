"""A hub and Bedrock whose lists a test writes."""

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from fmops.core import clock, wiring
from fmops.usecases.store import check, save
from tests.contract.botocore_validation import problems
from tests.integration.account import Account
from tests.integration.doubles import refusal, standing_in

HUB = "SageMakerPublicHub"
ARN = f"arn:aws:sagemaker:us-east-1:aws:hub-content/{HUB}/Model"


class Content(NamedTuple):
    """A version in the hub. `document`: what it is described as; None where nobody can read that."""

    name: str
    version: str = "1.0.0"
    status: str = "Supported"
    document: dict[str, Any] | None = {}
    is_listed: bool = True
    """The list has only the newest version of a model; older ones can be described."""

    def summary(self) -> dict[str, Any]:
        return {
            "HubContentName": self.name,
            "HubContentVersion": self.version,
            "HubContentArn": f"{ARN}/{self.name}/{self.version}",
            "HubContentSearchKeywords": ["@task:text-generation"],
            "SupportStatus": self.status,
        }


class Sagemaker:
    """A hub with these contents, two to a page. `failing`: what AWS refuses, `second page` or a model's document."""

    def __init__(self, *contents: Content, failing: str = "") -> None:
        self._contents, self._failing = contents, failing

    def list_hub_contents(self, **request: Any) -> dict[str, Any]:
        self._check("list_hub_contents", request)
        begin = int(request.get("NextToken", "0"))
        if begin and self._failing == "second page":
            raise refusal("InternalServerException", "ListHubContents")
        listed = [one.summary() for one in self._contents if one.is_listed]
        more = {"NextToken": str(begin + 2)} if begin + 2 < len(listed) else {}
        return {"HubContentSummaries": listed[begin : begin + 2], **more}

    def describe_hub_content(self, **request: Any) -> dict[str, Any]:
        self._check("describe_hub_content", request)
        name, version = request["HubContentName"], request.get("HubContentVersion")
        if name == self._failing:
            raise refusal("ThrottlingException", "DescribeHubContent")
        for one in self._contents:
            if (one.name, version or one.version) == (name, one.version):
                return {**one.summary(), "HubContentDocument": json.dumps([] if one.document is None else one.document)}
        raise refusal("ResourceNotFound", "DescribeHubContent")

    def _check(self, operation: str, request: dict[str, Any]) -> None:
        found = problems("sagemaker", operation, request)
        assert not found, found


class Bedrock:
    """Bedrock with these models: id and lifecycle. Those of the lifecycle LEGACY end with the year 2026."""

    def __init__(self, *models: tuple[str, str], is_failing: bool = False) -> None:
        self._models, self._is_failing = models, is_failing

    def list_foundation_models(self) -> dict[str, Any]:
        if self._is_failing:
            raise refusal("AccessDeniedException", "ListFoundationModels")
        return {"modelSummaries": [self._summary(model_id, status) for model_id, status in self._models]}

    def _summary(self, model_id: str, status: str) -> dict[str, Any]:
        ends = {"endOfLifeTime": datetime(2026, 12, 31, tzinfo=UTC)} if status == "LEGACY" else {}
        return {
            "modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{model_id}",
            "modelId": model_id,
            "outputModalities": ["TEXT"],
            "inferenceTypesSupported": ["ON_DEMAND"],
            "modelLifecycle": {"status": status, **ends},
        }


def look(account: Account, hub: Sagemaker | None = None, bedrock: Bedrock | None = None) -> list[dict[str, Any]]:
    """Have the function look at these catalogues; its looks. The hub has the model that `team` names, if not told."""
    with standing_in(sagemaker=hub or Sagemaker(Content("m")), bedrock=bedrock or Bedrock()):
        looks: list[dict[str, Any]] = account.handler("intake/discover_models")({}, None)["looks"]
    return looks


def team(
    name: str = "trivia", *, version: str = "*", candidates: list[dict[str, Any]] | None = None, **wanted: Any
) -> None:
    """A use case whose candidate is the model `m`; `wanted` is its discovery."""
    hosted = {"id": "base", "model_id": "m", "model_version": version, "instance_type": "ml.g5.2xlarge"}
    document = {
        "name": name,
        "owner": f"{name}-owner@example.com",
        "task": "question_answering",
        "datasets": ["trivia"],
        "candidates": candidates or [hosted],
        "metrics": [{"name": "f1", "weight": 1}],
        "approvers": ["boss@example.com"],
        "budget": {"run_usd": 10, "month_usd": 100},
        "release": {"endpoint_name": "trivia", "instance_type": "ml.g5.2xlarge"},
        "discovery": wanted,
    }
    save(wiring.ledger(), check(document), clock.now())
