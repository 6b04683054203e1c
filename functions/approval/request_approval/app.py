"""Asks a use case's approvers about the winner of a run, reminds them and escalates; the state waits for a decision."""

from typing import Any

from fmops.approval.asking import Desk, Request, Terms, ask, ask_again, draft
from fmops.approval.models import Occasion
from fmops.approval.people import invited
from fmops.approval.post import SesPost, SnsPost
from fmops.core import clock, log, wiring
from fmops.core.clock import parse
from fmops.datasets.store import submitters
from fmops.evaluation import runs
from fmops.evaluation.places import RunPlaces
from fmops.links.kms import Signer
from fmops.links.people import Topic
from fmops.selection.models import Report
from fmops.usecases.store import load

logger = log.logger("approval")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    request = Request.model_validate(event)
    ledger, now = wiring.ledger(), clock.now()
    use_case = load(ledger, request.use_case)
    run = ledger.require(runs.key(request.run_id))
    barred = submitters(ledger, use_case, run["dataset"]) if use_case.approval.four_eyes else []
    terms = Terms(
        invited(use_case.approvers, barred),
        invited(use_case.approval.escalate_to, barred),
        use_case.approval.needed,
        run.get("worst_case_usd"),
        parse(run["created_at"]),
    )
    if request.occasion is Occasion.ASK:
        place = RunPlaces(wiring.settings().artifacts_bucket, request.run_id).report
        report = Report.model_validate(wiring.store().read_json(place))
        approval = ask(_desk(), draft(request, report, place.uri, terms, now), terms.began, now)
    else:
        approval = ask_again(_desk(), request, terms.second_list, now)
    logger.info(
        "approval asked for",
        extra={"run_id": approval.run_id, "occasion": request.occasion.value, "mails": len(approval.mailed)},
    )
    return {"approval_id": approval.approval_id, "expires_at": clock.iso(approval.expires_at)}


def _desk() -> Desk:
    settings = wiring.settings()
    topic, sender = Topic(wiring.client("sns"), settings.approvals_topic), settings.mail_from
    return Desk(
        wiring.ledger(),
        wiring.emitter(),
        topic,
        SesPost(wiring.client("sesv2"), sender) if sender else SnsPost(topic),
        Signer(wiring.client("kms"), settings.link_keys),
        wiring.client("stepfunctions"),
        settings.public_url,
    )
