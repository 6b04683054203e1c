"""Talks to a SageMaker hub."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from fmops.catalog.models import HubDocument, HubSummary
from fmops.core.errors import NotFound


class HubModel(NamedTuple):
    """One version of a model, with its document."""

    id: str
    version: str
    arn: str
    document: HubDocument


class Hub:
    def __init__(self, sagemaker: Any, name: str) -> None:
        """`sagemaker` is a boto3 client of SageMaker."""
        self._sagemaker, self.name = sagemaker, name

    def models(self) -> Iterator[HubSummary]:
        """All models of the hub, page by page."""
        request: dict[str, Any] = {"HubName": self.name, "HubContentType": "Model", "MaxResults": 100}
        while True:
            page = self._sagemaker.list_hub_contents(**request)
            for summary in page["HubContentSummaries"]:
                yield HubSummary.model_validate(summary)
            if not page.get("NextToken"):
                return
            request["NextToken"] = page["NextToken"]

    def model(self, model_id: str, version: str = "*") -> HubModel:
        """A model's document; the newest for `*`. NotFound where the hub has no such model."""
        answer = self._describe(model_id, version)
        return HubModel(
            answer["HubContentName"],
            answer["HubContentVersion"],
            answer["HubContentArn"],
            HubDocument.model_validate_json(answer["HubContentDocument"]),
        )

    def summary(self, model_id: str, version: str = "*") -> HubSummary:
        """What `models` would say of a version; it names only the newest of each model. NotFound as for `model`."""
        return HubSummary.model_validate(self._describe(model_id, version))

    def _describe(self, model_id: str, version: str) -> dict[str, Any]:
        request = {"HubName": self.name, "HubContentType": "Model", "HubContentName": model_id}
        if version != "*":
            request["HubContentVersion"] = version
        try:
            answer: dict[str, Any] = self._sagemaker.describe_hub_content(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFound":
                raise NotFound(f"the hub {self.name} has no model {model_id} in version {version}") from error
            raise
        return answer
