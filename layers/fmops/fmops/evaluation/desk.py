"""What the steps of the journey work with, and what the states hand them."""

from datetime import datetime
from typing import NamedTuple

from pydantic import Field

from fmops.core.artifacts import Store
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.evaluation.places import CandidatePlaces, RunPlaces
from fmops.evaluation.planning.plans import Plan, PlannedCandidate
from fmops.launches.launcher import Launcher
from fmops.usecases.triggers import RunRequest


class PlanRequest(RunRequest):
    """PlanRun's payload: the journey's input, and who runs it."""

    execution_arn: str


class CandidateTask(Ours):
    """The payload of a state that waits for a candidate's job."""

    run_id: str
    candidate: str
    execution_arn: str
    task_token: str = Field(repr=False)
    training_job: str | None = None
    """What tuned the candidate, and where it left the weights."""
    model_data_uri: str | None = None
    endpoint_name: str | None = None


class JudgingTask(Ours):
    """The payload of the state that waits for the judge."""

    run_id: str
    execution_arn: str
    task_token: str = Field(repr=False)


class Failure(Ours):
    """What a Catch hands on."""

    error: str
    cause: str


class CandidateEnd(Ours):
    """StopInference's payload."""

    run_id: str
    candidate: str
    failure: Failure | None = None


class CandidateOutcome(Ours):
    """How a candidate's part of the journey ended."""

    id: str
    ok: bool
    failure: str


class Desk(NamedTuple):
    """What a step needs of the stack."""

    ledger: Ledger
    store: Store
    bucket: str
    """Of the artifacts."""
    prefix: str
    """What SageMaker names begin with."""

    def places(self, run_id: str) -> RunPlaces:
        return RunPlaces(self.bucket, run_id)

    def plan(self, run_id: str) -> Plan:
        return Plan.model_validate(self.store.read_json(self.places(run_id).plan))

    def work(self, task: CandidateTask) -> "Work":
        plan = self.plan(task.run_id)
        return Work(task, plan, plan.candidate(task.candidate), self.places(task.run_id).candidate(task.candidate))


class Work(NamedTuple):
    """A task with all that was planned for its candidate."""

    task: CandidateTask
    plan: Plan
    candidate: PlannedCandidate
    places: CandidatePlaces


class Yard(NamedTuple):
    """A desk from which jobs are launched."""

    desk: Desk
    launcher: Launcher
    role_arn: str
    now: datetime
    region: str = ""
