"""Ends a candidate's part of the journey: stops and deletes all that was started for it, whatever happened before."""

import json
from datetime import datetime

from fmops.core.ledger import Ledger
from fmops.core.plain import one_line
from fmops.evaluation import runs
from fmops.evaluation.desk import CandidateEnd, CandidateOutcome, Failure
from fmops.launches import teardown
from fmops.launches.purse import Purse
from fmops.launches.sagemaker import SageMaker

_LONGEST = 2000
"""Forty candidates' failures have to fit into a state's output of 256 KB."""


def stop_inference(
    ledger: Ledger, sagemaker: SageMaker, purse: Purse, end: CandidateEnd, now: datetime
) -> CandidateOutcome:
    """Release the candidate's jobs and endpoint, and write how it ended. Twice is no harm."""
    jobs = teardown.release_candidate(ledger, sagemaker, purse, end.run_id, end.candidate, now)
    failure = explain(end.failure) if end.failure else None
    status = runs.CandidateStatus.FAILED if failure else runs.CandidateStatus.SCORED
    runs.candidate_is(ledger, end.run_id, end.candidate, status, now, failure=failure, jobs=jobs)
    return CandidateOutcome(id=end.candidate, ok=failure is None, failure=failure or "")


def explain(failure: Failure) -> str:
    """A sentence from what a Catch got: Lambda wraps an error's text in JSON, Step Functions and we do not."""
    try:
        wrapped = json.loads(failure.cause)
    except ValueError:
        wrapped = None
    cause = wrapped.get("errorMessage") if isinstance(wrapped, dict) else failure.cause
    if not cause:
        cause = "nothing was heard in time" if failure.error == "States.Timeout" else "no reason is given"
    return one_line(f"{failure.error}: {cause}", _LONGEST)
