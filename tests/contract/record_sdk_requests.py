"""Prints what the SageMaker SDK sends to train and deploy a JumpStart model; asks nobody. Runs in `.venv-sdk`.

python record_sdk_requests.py spec FILE        the public hub's path, from a spec as JumpStart's buckets hold it
python record_sdk_requests.py document FILE    a private hub's path, from a hub document
"""

import io
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HUB = "OwnHub"
ROLE = "arn:aws:iam::123456789012:role/Jobs"
REGION = "us-east-1"
ARN = f"arn:aws:sagemaker:{REGION}:123456789012"
VERSION = "1.0.0"
TUNED = {"instruction_tuned": "True", "chat_dataset": "False", "epoch": "3"}


class Recorder:
    """Stands in for every client: answers what the SDK reads, keeps what it would send."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind, self.text = kind, text
        self.model_id = json.loads(text).get("model_id", "own-model")
        self.requests: dict[str, Any] = {}

    def call(self, _client: object, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation.startswith("Create"):
            self.requests[operation] = request
        return getattr(self, operation, self.anything)(request)

    def anything(self, _request: dict[str, Any]) -> dict[str, Any]:
        return {"ModelArn": "a", "EndpointConfigArn": "a", "EndpointArn": "a", "TrainingJobArn": "a"}

    def GetCallerIdentity(self, _request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS' names
        return {"Account": "123456789012", "Arn": "a", "UserId": "u"}

    def ListHubContentVersions(self, _request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"HubContentSummaries": [{"HubContentName": self.model_id, "HubContentVersion": VERSION}]}

    def DescribeHubContent(self, _request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {
            "HubContentName": self.model_id,
            "HubContentArn": f"{ARN}:hub-content/{HUB}/Model/{self.model_id}/{VERSION}",
            "HubContentVersion": VERSION,
            "HubContentType": "Model",
            "DocumentSchemaVersion": "2.3.0",
            "HubName": HUB,
            "HubArn": f"{ARN}:hub/{HUB}",
            "HubContentDocument": self.text,
            "HubContentStatus": "Available",
            "CreationTime": datetime.now(UTC),
            "HubContentDependencies": [],
        }

    def GetObject(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        manifest = [
            {
                "model_id": self.model_id,
                "version": json.loads(self.text).get("version", VERSION),
                "min_version": "2.0.0",
                "spec_key": "spec.json",
                "search_keywords": [],
            }
        ]
        text = self.text if request["Key"] == "spec.json" else json.dumps(manifest)
        return {"Body": io.BytesIO(text.encode()), "ETag": "e"}

    def HeadObject(self, _request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"ContentLength": 1, "ETag": "e"}


def main(kind: str, file: Path) -> None:
    os.environ.update(AWS_DEFAULT_REGION=REGION, AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x")
    os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"
    import botocore.client

    recorder = Recorder(kind, file.read_text())
    botocore.client.BaseClient._make_api_call = lambda client, operation, request: recorder.call(
        client, operation, request
    )
    import logging

    logging.disable(logging.CRITICAL)
    from sagemaker.jumpstart.estimator import JumpStartEstimator
    from sagemaker.jumpstart.model import JumpStartModel

    where = {"hub_name": HUB} if kind == "document" else {}
    estimator = JumpStartEstimator(
        model_id=recorder.model_id,
        role=ROLE,
        output_path="s3://artifacts/models/",
        hyperparameters=TUNED,
        environment={"accept_eula": "true"},
        max_run=3600,
        **where,
    )
    estimator.fit({"training": "s3://artifacts/training/"}, wait=False, logs=False)
    JumpStartModel(model_id=recorder.model_id, role=ROLE, **where).deploy(accept_eula=True, wait=False)
    json.dump(recorder.requests, sys.stdout, indent=1)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
