"""Reads what the evaluation jobs of a run wrote."""

from typing import NamedTuple

from pydantic import ValidationError

from fmops.core.artifacts import Store
from fmops.core.errors import NotFound, ResultsUnusable
from fmops.evaluation.models import SCORES_FILE, SUMMARY_FILE, Scores, Summary
from fmops.evaluation.places import CandidatePlaces


class Results(NamedTuple):
    """One candidate's evaluation."""

    summary: Summary
    scores: list[Scores]


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
