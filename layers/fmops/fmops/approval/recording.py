"""After the wait: the decision (or its absence) goes to the registry and is announced."""

from datetime import datetime
from typing import Any

from fmops.approval import callbacks, records, registry, trail
from fmops.approval.models import Approval, Outcome, Status
from fmops.core.errors import StaleTransition
from fmops.core.events import Emitter
from fmops.core.ids import is_route
from fmops.core.ledger import Ledger


def record(ledger: Ledger, sagemaker: Any, emitter: Emitter, run_id: str, now: datetime) -> Outcome:
    """What was decided; too few decisions by the end of the wait are a rejection (`expired`).

    The ledger is asked, not the message that ended the wait, so a decision in the last second counts.
    `sagemaker` is a boto3 client of SageMaker.
    """
    approval = _closed(ledger, records.load(ledger, run_id), now)
    # The release checks the ledger when the registry's event arrives: the ledger holds the decision already.
    if not is_route(approval.model_package_arn):
        registry.write(sagemaker, approval)
    records.write_decision(ledger, approval, now)
    # Before it is announced: that has the audit sealed.
    trail.note_decision(ledger, approval, now)
    trail.note_registry(ledger, approval, now)
    ledger.announce(records.key(run_id), emitter)
    return callbacks.outcome(approval)


def _closed(ledger: Ledger, approval: Approval, now: datetime) -> Approval:
    while approval.status is Status.PENDING:
        try:
            return records.expire(ledger, approval, now)
        except StaleTransition:
            # A vote in the last second. Each approver has one, so this ends.
            approval = records.load(ledger, approval.run_id)
    return approval
