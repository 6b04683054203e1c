"""Called by people through the command line: stores a use case and asks its people to confirm their addresses."""

from typing import Any

from fmops.alerts.topic import Topic as AlertsTopic
from fmops.core import clock, log, wiring
from fmops.links.people import Topic as ApprovalsTopic
from fmops.usecases.store import check, save

logger = log.logger("operations")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    use_case = check(event["document"])
    save(wiring.ledger(), use_case, clock.now())
    approvals = ApprovalsTopic(wiring.client("sns"), wiring.settings().approvals_topic)
    reviewers = use_case.review.reviewers if use_case.review else []
    people = (*use_case.approvers, *use_case.approval.escalate_to, *reviewers)
    # An approver who reviews too gets one mail to confirm: whoever is asked has one subscription.
    for address in {address.lower(): address for address in people}.values():
        approvals.subscribe(address)
    alerts = AlertsTopic(wiring.client("sns"), wiring.settings().alerts_topic)
    for address in (use_case.owner, *use_case.alerting.escalate_to):
        alerts.subscribe(address)
    logger.info("use case saved", extra={"use_case": use_case.name})
    return {"name": use_case.name, "approvers": len(use_case.approvers), "reviewers": len(reviewers)}
