"""What an evaluation adds to the audit of its run: data, jobs, answers, judge and reviewers, report, package."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from fmops.audit.chain import Step
from fmops.audit.proof import OBJECTS, pinned
from fmops.audit.records import append
from fmops.core.artifacts import Location
from fmops.core.errors import NotFound
from fmops.evaluation import runs
from fmops.evaluation.desk import Desk
from fmops.evaluation.judge.models import SCORES_FOLDER
from fmops.evaluation.judge.models import SUMMARY_FILE as SUMMARY_FILE_OF_JUDGE
from fmops.evaluation.models import ANSWERS_FILE, SCORES_FILE, SUMMARY_FILE
from fmops.evaluation.planning.plans import Plan
from fmops.evaluation.reviews.models import ReviewResult
from fmops.launches import records

if TYPE_CHECKING:
    from fmops.evaluation.results.judgements import Judgement

_RESULTS = (ANSWERS_FILE, SCORES_FILE, SUMMARY_FILE)


def note_data(desk: Desk, run_id: str, now: datetime) -> None:
    """What a planned run is made of."""
    plan = desk.plan(run_id)
    facts = {
        "trigger": plan.trigger,
        "use_case": plan.use_case,
        "dataset": plan.dataset.name,
        "version": plan.dataset.version,
        "digest": plan.dataset.digest,
        "candidates": [candidate.id for candidate in plan.candidates],
        OBJECTS: [pinned(desk.store, desk.places(run_id).plan)],
    }
    append(desk.ledger, run_id, Step.DATA, f"{plan.dataset.name} {plan.dataset.version}", facts, now)


def note_job(desk: Desk, run_id: str, name: str, now: datetime) -> None:
    """A job that was launched; nothing where nothing was to be launched."""
    job = records.find(desk.ledger, name) if name else None
    if job is not None:
        facts = {"kind": job.kind.value, "candidate": job.candidate, "specification": job.specification}
        append(desk.ledger, run_id, Step.JOB, name, facts, now)


def review_facts(found: ReviewResult) -> dict[str, Any]:
    """What people said, as its row tells it: the same as long as sheet and ballots are."""
    kept = {"reviewers", "invited", "voted", "sent", "reason", "sheet_digest", "votes_digest"}
    return {**found.model_dump(mode="json", include=kept), "votes": len(found.judgements)}


def note_review(desk: Desk, found: ReviewResult, now: datetime) -> None:
    """The votes of a run's reviewers, once no more are taken."""
    places = desk.places(found.run_id)
    objects = [there for place in (places.sheet, places.review) if (there := _there(desk, place))]
    append(desk.ledger, found.run_id, Step.REVIEW, found.run_id, {**review_facts(found), OBJECTS: objects}, now)


def note_judge(desk: Desk, plan: Plan, judgement: "Judgement", now: datetime) -> None:
    """What the judge of a run left, and whether it counts."""
    results = desk.places(plan.run_id).judge.results
    names = [SUMMARY_FILE_OF_JUDGE, *(f"{SCORES_FOLDER}/{candidate.id}.jsonl" for candidate in plan.candidates)]
    model = judgement.planned.asked.model_id
    facts = {
        "model": model,
        "method": judgement.settings.method,
        "used": not judgement.why_not,
        "why_not": judgement.why_not,
        OBJECTS: [there for name in names if (there := _there(desk, results.child(name)))],
    }
    append(desk.ledger, plan.run_id, Step.JUDGE, model, facts, now)


def note_results(desk: Desk, plan: Plan, verdict: str, winner: str | None, now: datetime) -> None:
    """What a comparison rested on, and what it said."""
    run_id, places = plan.run_id, desk.places(plan.run_id)
    for candidate in plan.candidates:
        results = places.candidate(candidate.id).results
        objects = [there for name in _RESULTS if (there := _there(desk, results.child(name)))]
        append(desk.ledger, run_id, Step.ANSWERS, candidate.id, {OBJECTS: objects}, now)
    facts = {
        "verdict": verdict,
        "winner": winner,
        OBJECTS: [pinned(desk.store, places.report), pinned(desk.store, places.page)],
    }
    append(desk.ledger, run_id, Step.REPORT, run_id, facts, now)


def note_package(desk: Desk, run_id: str, registered: dict[str, str], now: datetime) -> None:
    """A package that was registered, with the weights that its digest is over."""
    record = desk.ledger.require(runs.candidate_key(run_id, registered["candidate"]))
    weights = record["artifact"].get("objects", [])
    append(desk.ledger, run_id, Step.PACKAGE, registered["candidate"], {**registered, "weights": weights}, now)


def _there(desk: Desk, place: Location) -> dict[str, Any] | None:
    try:
        return pinned(desk.store, place)
    except NotFound:
        # A candidate that failed left nothing, as did a judge; where nobody could be asked there is no sheet.
        return None
