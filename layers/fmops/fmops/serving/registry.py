"""Registers a winner in the model registry, once, whatever is retried."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from fmops.core.errors import AlreadyExists, LaunchRefused
from fmops.core.ledger import Key, Ledger
from fmops.serving import requests
from fmops.serving.models import Artifact

INTENT_KIND = "package"


def is_ours(ledger: Ledger, facts: Mapping[str, str]) -> bool:
    """Whether a package with these facts (its CustomerMetadataProperties) is one that a run meant to register.

    The run's intent was written before the package was made, so its event never comes too early.
    """
    run_id = facts.get(requests.RUN_ID)
    intent = ledger.get(Key(f"RUN#{run_id}", "PACKAGE")) if run_id else None
    return intent is not None and intent["digest"] == facts.get(requests.DIGEST)


class Registry:
    """A model package group."""

    def __init__(self, sagemaker: Any, ledger: Ledger, group: str) -> None:
        """`sagemaker` is a boto3 client of SageMaker."""
        self._sagemaker, self._ledger, self._group = sagemaker, ledger, group

    def register(
        self,
        artifact: Artifact,
        digest: str,
        *,
        run_id: str,
        use_case: str,
        candidate: str,
        report_uri: str,
        now: datetime,
    ) -> str:
        """The ARN of the run's one package. The intent is in the ledger before the registry's event can arrive.

        AlreadyExists where the run registered another artifact; LaunchRefused where SageMaker refuses the package.
        """
        place = Key(f"RUN#{run_id}", "PACKAGE")
        intent = {"run_id": run_id, "use_case": use_case, "candidate": candidate, "digest": digest, "arn": None}
        try:
            self._ledger.put_once(place, intent, kind=INTENT_KIND, now=now)
        except AlreadyExists as error:
            known = self._ledger.require(place)
            if known["digest"] != digest:
                raise AlreadyExists(f"run {run_id} registered another artifact ({known['digest']})") from error
            arn = known["arn"] or self._find(run_id, digest)
            if arn:
                self._ledger.change(place, {"arn": arn}, now=now)
                return str(arn)
        request = requests.model_package(
            self._group, artifact, digest, run_id=run_id, use_case=use_case, candidate=candidate, report_uri=report_uri
        )
        try:
            arn = self._sagemaker.create_model_package(**request)["ModelPackageArn"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("ValidationException", "ResourceLimitExceeded"):
                raise LaunchRefused(f"package of {run_id}: {error.response['Error'].get('Message')}") from error
            raise
        self._ledger.change(place, {"arn": arn}, now=now)
        return str(arn)

    def _find(self, run_id: str, digest: str) -> str | None:
        """A package of this run that was made before its ARN could be written down."""
        pages = self._sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=self._group, SortBy="CreationTime", SortOrder="Descending"
        )
        for page in pages:
            for summary in page["ModelPackageSummaryList"]:
                arn = str(summary["ModelPackageArn"])
                found = self._sagemaker.describe_model_package(ModelPackageName=arn)
                facts = found.get("CustomerMetadataProperties", {})
                if facts.get(requests.RUN_ID) == run_id and facts.get(requests.DIGEST) == digest:
                    return arn
        return None
