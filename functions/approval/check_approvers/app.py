"""Before a run spends anything: whether enough approvers could be asked about its winner, and when each would be."""

from typing import Any

from fmops.approval.people import enough, invited
from fmops.approval.rules import timetable
from fmops.core import log, wiring
from fmops.datasets.store import submitters
from fmops.evaluation import runs
from fmops.links.people import Topic
from fmops.usecases.store import load

logger = log.logger("approval")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    ledger = wiring.ledger()
    run = ledger.require(runs.key(event["run_id"]))
    use_case = load(ledger, run["use_case"])
    barred = submitters(ledger, use_case, run["dataset"]) if use_case.approval.four_eyes else []
    asked = invited(use_case.approvers, barred)
    confirmed = Topic(wiring.client("sns"), wiring.settings().approvals_topic).confirmed(
        [person.id for person in asked]
    )
    reached = enough(asked, confirmed, use_case.approval.needed)
    logger.info("approvers checked", extra={"run_id": event["run_id"], "reached": len(reached)})
    return timetable(use_case.approval_days, escalates=bool(use_case.approval.escalate_to)).model_dump(mode="json")
