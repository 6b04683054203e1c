"""What a comparison leaves in the ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fmops.catalog import prices, token_prices
from fmops.core.events import Emitter, EvaluationCompleted
from fmops.evaluation import runs
from fmops.evaluation.costs import usd_per_1000
from fmops.evaluation.desk import Desk
from fmops.evaluation.models import SUMMARY_FILE, Summary
from fmops.evaluation.planning.plans import Plan


class Compared(NamedTuple):
    """The outcome of a comparison, as the run's record tells it."""

    metrics: Mapping[str, Mapping[str, Any]]
    """By candidate and metric: `{"value", "low", "high", "n", "missing"}`."""
    event: EvaluationCompleted
    sentence: str


def record_comparison(desk: Desk, emitter: Emitter, compared: Compared, now: datetime) -> dict[str, Any]:
    """Write the outcome and announce it; what the states decide by. Twice is no harm."""
    event = compared.event
    plan = desk.plan(event.run_id)
    for candidate, metrics in compared.metrics.items():
        found = {"metrics": metrics, "performance": _performance(desk, plan, candidate)}
        desk.ledger.change(runs.candidate_key(event.run_id, candidate), found, now=now)
    report_uri = desk.places(event.run_id).report.uri
    changes = {
        "verdict": event.verdict,
        "winner": event.winner,
        "reasons": event.reasons,
        "sentence": compared.sentence,
        "report_uri": report_uri,
        "page_uri": desk.places(event.run_id).page.uri,
    }
    # The event goes down with the outcome: if it can't be put on the bus now, the reconciler does it.
    runs.decided(desk.ledger, event.run_id, promoted=event.verdict == "PROMOTE", changes=changes, event=event, now=now)
    desk.ledger.announce(runs.key(event.run_id), emitter)
    return {
        "run_id": event.run_id,
        "use_case": event.use_case,
        "verdict": event.verdict,
        "winner": event.winner,
        "sentence": compared.sentence,
        "report_uri": report_uri,
    }


def _performance(desk: Desk, plan: Plan, candidate: str) -> dict[str, Any]:
    """What the candidate's answers took and cost, and the days of the prices; unknown is None."""
    place = desk.places(plan.run_id).candidate(candidate).results.child(SUMMARY_FILE)
    measured = Summary.model_validate(desk.store.read_json(place)).performance
    return {
        **(measured.model_dump(mode="json") if measured else {}),
        "usd_per_1000": usd_per_1000(plan.candidate(candidate), measured),
        "prices_dated": {"instances": prices.dated(), "tokens": token_prices.dated()},
    }
