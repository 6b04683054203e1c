"""Asks a use case's approvers about the winner of a run; the state waits for their decision."""

from typing import Any

from fmops.approval.asking import Desk, Request, ask, draft
from fmops.core import clock, log, wiring
from fmops.evaluation import runs
from fmops.evaluation.places import RunPlaces
from fmops.links.kms import Signer
from fmops.links.people import Topic
from fmops.selection.models import Report
from fmops.usecases.store import load

logger = log.logger("approval")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    request = Request.model_validate(event)
    settings, ledger, now = wiring.settings(), wiring.ledger(), clock.now()
    use_case = load(ledger, request.use_case)
    run = ledger.require(runs.key(request.run_id))
    place = RunPlaces(settings.artifacts_bucket, request.run_id).report
    report = Report.model_validate(wiring.store().read_json(place))
    wanted = draft(
        request,
        report,
        place.uri,
        addresses=list(use_case.approvers),
        days=use_case.approval_days,
        cost_usd=run.get("worst_case_usd"),
        now=now,
    )
    desk = Desk(
        ledger,
        wiring.emitter(),
        Topic(wiring.client("sns"), settings.approvals_topic),
        Signer(wiring.client("kms"), settings.link_key),
        wiring.client("stepfunctions"),
        settings.public_url,
    )
    approval = ask(desk, wanted, now)
    logger.info("approval asked for", extra={"run_id": approval.run_id, "mails": len(approval.mailed)})
    return {"approval_id": approval.approval_id, "expires_at": clock.iso(approval.expires_at)}
