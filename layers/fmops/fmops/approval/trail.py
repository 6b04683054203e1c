"""What an approval adds to the audit of its run: who decided what, for which reason; and what the registry was told."""

from datetime import datetime
from typing import Any

from fmops.approval.models import Approval
from fmops.approval.registry import update_request
from fmops.audit.chain import Step
from fmops.audit.records import append
from fmops.core.clock import iso
from fmops.core.ledger import Ledger


def facts(approval: Approval) -> dict[str, Any]:
    """A decided approval as its row tells it: the same each time."""
    return {
        "decision": approval.status.value,
        "approver": approval.decided_by or "nobody",
        "votes": [vote.model_dump(mode="json") for vote in approval.votes],
        "decided_at": iso(approval.decided_at) if approval.decided_at else "",
        "reason": approval.reason,
        "model_package_arn": approval.model_package_arn,
        "digest": approval.digest,
    }


def note_decision(ledger: Ledger, approval: Approval, now: datetime) -> None:
    """The decision, whoever made it, or that nobody did."""
    append(ledger, approval.run_id, Step.DECISION, approval.approval_id, facts(approval), now)


def note_registry(ledger: Ledger, approval: Approval, now: datetime) -> None:
    """What was written to the model package."""
    append(ledger, approval.run_id, Step.REGISTRY, approval.model_package_arn, update_request(approval), now)
