"""The decision in the model registry: the package's status, description and metadata."""

from typing import Any

from fmops.approval.models import Approval, Status
from fmops.approval.wording import clean, masked
from fmops.core.clock import iso


def update_request(approval: Approval) -> dict[str, Any]:
    """The UpdateModelPackage request of a decided approval. ValueError where it is not decided."""
    if approval.status is Status.PENDING or approval.decided_at is None:
        raise ValueError(f"the approval of {approval.run_id} is not decided")
    approved = approval.status is Status.APPROVED
    who = masked(approval.decider.address) if approval.decider else "nobody"
    # Metadata values take no characters beyond letters, digits and _.:/=+-@ : no free text, no names.
    facts = {
        "digest": approval.digest,
        "fmops_run_id": approval.run_id,
        "fmops_use_case": approval.use_case,
        "fmops_decision": approval.status.value,
        "fmops_decided_by": approval.decided_by or "nobody",
        "fmops_decided_at": iso(approval.decided_at),
    }
    return {
        "ModelPackageArn": approval.model_package_arn,
        "ModelApprovalStatus": "Approved" if approved else "Rejected",
        "ApprovalDescription": clean(f"{approval.status.value} by {who} ({approval.run_id}): {approval.reason}", 1000),
        "CustomerMetadataProperties": facts,
    }


def write(sagemaker: Any, approval: Approval) -> None:
    """Tell the registry. Its event then drives the release. `sagemaker` is a boto3 client of SageMaker."""
    sagemaker.update_model_package(**update_request(approval))
