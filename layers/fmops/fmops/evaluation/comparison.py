"""What a comparison leaves in the ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fmops.core.events import Emitter, EvaluationCompleted
from fmops.evaluation import runs
from fmops.evaluation.desk import Desk


class Compared(NamedTuple):
    """The outcome of a comparison, as the run's record tells it."""

    metrics: Mapping[str, Mapping[str, Any]]
    """By candidate and metric: `{"value", "low", "high", "n", "missing"}`."""
    event: EvaluationCompleted
    sentence: str


def record_comparison(desk: Desk, emitter: Emitter, compared: Compared, now: datetime) -> dict[str, Any]:
    """Write the outcome and announce it; what the states decide by. Twice is no harm."""
    event = compared.event
    for candidate, metrics in compared.metrics.items():
        desk.ledger.change(runs.candidate_key(event.run_id, candidate), {"metrics": metrics}, now=now)
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
