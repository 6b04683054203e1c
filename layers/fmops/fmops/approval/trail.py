"""What an approval adds to the audit of its run: who decided what, for which reason; and what the registry was told."""

from datetime import datetime
from typing import Any

from fmops.approval.models import Approval
from fmops.approval.registry import update_request
from fmops.audit.chain import Step
from fmops.audit.records import append
from fmops.core.clock import iso
from fmops.core.events import ApprovalDecided
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


def note_overdue(ledger: Ledger, now: datetime) -> list[str]:
    """Note decisions whose execution ended before it could; their runs. For the reconciler, before it announces."""
    decided = [pending for pending in ledger.pending() if pending.detail_type == ApprovalDecided.kind]
    approvals = [Approval.model_validate(ledger.require(pending.key)) for pending in decided]
    for approval in approvals:
        note_decision(ledger, approval, now)
    return [approval.run_id for approval in approvals]


def note_registry(ledger: Ledger, approval: Approval, now: datetime) -> None:
    """What was written to the model package."""
    append(ledger, approval.run_id, Step.REGISTRY, approval.model_package_arn, update_request(approval), now)
