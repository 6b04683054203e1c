"""What an evaluation adds to the audit of its run: its data, its jobs, their answers, the report, the package."""

from datetime import datetime
from typing import Any

from fmops.audit.chain import Step
from fmops.audit.proof import OBJECTS, pinned
from fmops.audit.records import append
from fmops.core.artifacts import Location
from fmops.core.errors import NotFound
from fmops.evaluation import runs
from fmops.evaluation.desk import Desk
from fmops.evaluation.models import ANSWERS_FILE, SCORES_FILE, SUMMARY_FILE
from fmops.evaluation.planning.plans import Plan
from fmops.launches import records

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


def note_results(desk: Desk, plan: Plan, verdict: str, winner: str | None, now: datetime) -> None:
    """What a comparison rested on, and what it said."""
    run_id, places = plan.run_id, desk.places(plan.run_id)
    for candidate in plan.candidates:
        results = places.candidate(candidate.id).results
        objects = [found for name in _RESULTS if (found := _there(desk, results, name))]
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


def _there(desk: Desk, results: Location, name: str) -> dict[str, Any] | None:
    try:
        return pinned(desk.store, results.child(name))
    except NotFound:
        # A candidate that failed left nothing.
        return None
