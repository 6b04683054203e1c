"""What the model registry tells, and what follows: ours are expected, anybody else's is evaluated for its use case."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from fmops.core.events import Emitter, NothingStarted
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.release.withdrawing import withdraw
from fmops.serving.registry import is_ours
from fmops.usecases.packages import USE_CASE, plan, review
from fmops.usecases.starting import Datasets
from fmops.usecases.store import all_of


class Follows(StrEnum):
    """What a package's change asks for."""

    NOTHING = "nothing"
    WITHDRAWAL = "withdrawal"
    """What serves may have to go."""
    REFUSAL = "refusal"
    """The console approved what nobody was asked about."""
    EVALUATION = "evaluation"


class Means(NamedTuple):
    """What acting on it needs."""

    ledger: Ledger
    datasets: Datasets
    emitter: Emitter
    steps: Any
    """A boto3 client of Step Functions."""
    evaluation_machine: str
    release_machine: str
    stack: str
    asks_about_console_approvals: bool


class Reviewed(Ours):
    """What was done."""

    package: str
    ours: bool
    runs: list[str] = []
    nothing: str = ""
    """Why no evaluation was started where one was asked for."""
    withdrawn: bool = False
    """Whether what serves is being taken back."""


def follows(status: str | None, facts: Mapping[str, str], *, ours: bool, asks_about_console_approvals: bool) -> Follows:
    """By the package's new approval status and its metadata (`facts`)."""
    if status == "Rejected":
        return Follows.WITHDRAWAL if ours and USE_CASE in facts else Follows.NOTHING
    if ours:
        return Follows.NOTHING
    if status == "Approved" and not asks_about_console_approvals:
        return Follows.REFUSAL
    return Follows.EVALUATION


def review_package(means: Means, described: Mapping[str, Any], status: str | None, now: datetime) -> Reviewed:
    """Do what follows. `described` is DescribeModelPackage's answer. Told twice, it starts once."""
    arn, facts = str(described["ModelPackageArn"]), described.get("CustomerMetadataProperties", {})
    ours = is_ours(means.ledger, facts)
    reviewed = Reviewed(package=arn, ours=ours)
    asks = means.asks_about_console_approvals
    match follows(status, facts, ours=ours, asks_about_console_approvals=asks):
        case Follows.NOTHING:
            return reviewed
        case Follows.WITHDRAWAL:
            gone = withdraw(means.ledger, means.steps, means.release_machine, means.emitter, facts[USE_CASE], arn)
            return reviewed.model_copy(update={"withdrawn": gone})
        case Follows.REFUSAL:
            reason = "it was approved in the registry and nobody was asked: it is not deployed"
            means.emitter.emit(NothingStarted(run_id="", use_case="", cause=f"model package {arn}", reason=reason))
            return reviewed.model_copy(update={"nothing": reason})
        case Follows.EVALUATION:
            wanted = plan(described, all_of(means.ledger), means.datasets, means.stack)
            started = review(means.ledger, means.steps, means.evaluation_machine, means.emitter, wanted, arn, now)
            return reviewed.model_copy(update=started.model_dump())
