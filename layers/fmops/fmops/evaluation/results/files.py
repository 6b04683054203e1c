"""Reads what the evaluation jobs of a run wrote."""

from typing import NamedTuple

from pydantic import ValidationError

from fmops.core.artifacts import Store
from fmops.core.errors import NotFound, ResultsUnusable
from fmops.core.ids import digest
from fmops.evaluation import runs
from fmops.evaluation.costs import usd_per_1000
from fmops.evaluation.desk import Desk
from fmops.evaluation.models import ANSWERS_FILE, SCORES_FILE, SUMMARY_FILE, Answer, Scores, Summary
from fmops.evaluation.places import CandidatePlaces
from fmops.evaluation.planning.plans import Plan, PlannedCandidate


class Results(NamedTuple):
    """One candidate's evaluation."""

    summary: Summary
    scores: list[Scores]


class Measured(NamedTuple):
    """The same, with what its answers took and cost."""

    summary: Summary
    scores: list[Scores]
    latencies: dict[str, float] | None
    """Milliseconds by row; None where they were not measured."""
    cost_usd_per_1000: float | None
    """Of 1,000 answers; None where no price is known."""
    planned: dict[str, str]
    """The fingerprints that results must have which are those of this run's candidate."""


def of_candidate(desk: Desk, plan: Plan, candidate: PlannedCandidate) -> Measured:
    """The results of a candidate with what its answers took and cost. ResultsUnusable as `read`."""
    places = desk.places(plan.run_id).candidate(candidate.id)
    found = read(desk.store, places, plan.run_id, candidate.id)
    cost = usd_per_1000(candidate, found.summary.performance)
    planned = {
        "prompt_template": digest(candidate.artifact.prompt_template),
        "decoding": digest(candidate.decoding.model_dump(mode="json")),
    }
    # With weights and tokenizer, which are known when the job is launched.
    if whose := runs.fingerprint(desk.ledger, plan.run_id, candidate.id):
        planned["candidate"] = whose
    return Measured(*found, _latencies(desk.store, places), cost, planned)


def _latencies(store: Store, places: CandidatePlaces) -> dict[str, float] | None:
    try:
        rows = [Answer.model_validate(row) for row in store.read_json_lines(places.results.child(ANSWERS_FILE))]
    except NotFound:
        return None
    return {row.id: row.latency_ms for row in rows if row.answer is not None and row.latency_ms is not None} or None


def read(store: Store, places: CandidatePlaces, run_id: str, candidate: str) -> Results:
    """The results of one evaluation job. ResultsUnusable where they are missing, broken or of another job."""
    try:
        summary = Summary.model_validate(store.read_json(places.results.child(SUMMARY_FILE)))
        scores = Scores.read(line.decode() for line in store.lines(places.results.child(SCORES_FILE)))
    except NotFound as error:
        raise ResultsUnusable(f"the evaluation of {candidate} left no results: {error}") from error
    except (ValidationError, ValueError) as error:
        raise ResultsUnusable(f"the results of {candidate} can't be read: {_first_line(error)}") from error
    if (summary.run_id, summary.candidate_id) != (run_id, candidate):
        raise ResultsUnusable(
            f"the results of {candidate} of {run_id} say that they are of {summary.candidate_id} of {summary.run_id}"
        )
    return Results(summary, scores)


def _first_line(error: ValueError) -> str:
    # A validation error repeats what it refuses, and that may be a prompt.
    return f"{error.error_count()} faults" if isinstance(error, ValidationError) else type(error).__name__
