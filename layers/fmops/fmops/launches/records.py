"""Launches in the ledger."""

from datetime import datetime
from typing import Any

from fmops.core.clock import iso
from fmops.core.errors import AlreadyExists, NameTaken
from fmops.core.ids import digest
from fmops.core.ledger import Key, Ledger
from fmops.launches.models import CLOSED_KIND, OPEN_KIND, TRANSITIONS, Job, Launch, Outcome, Status
from fmops.launches.sagemaker import name_of


def key(name: str) -> Key:
    return Key(f"JOB#{name}", "JOB")


def specification(launch: Launch) -> str:
    """What must be equal for two launches of one name to be the same."""
    return digest([create.model_dump(mode="json") for create in launch.creates])


def find(ledger: Ledger, name: str) -> Job | None:
    record = ledger.get(key(name))
    return Job.model_validate(record) if record else None


def of_run(ledger: Ledger, run_id: str, candidate: str | None = None) -> list[Job]:
    """The launches of a run, of one candidate where it is named, oldest first."""
    prefix = "JOB#" if candidate is None else f"JOB#{candidate}#"
    found = [find(ledger, str(pointer["name"])) for pointer in ledger.records(f"RUN#{run_id}", prefix)]
    return sorted((job for job in found if job), key=lambda job: job.created_at)


def names_of_run(ledger: Ledger, run_id: str, candidate: str) -> list[str]:
    """The names alone, as the run's own records have them; of what belongs to no candidate, those of ""."""
    return sorted(str(pointer["name"]) for pointer in ledger.records(f"RUN#{run_id}", f"JOB#{candidate}#"))


def open_jobs(ledger: Ledger) -> list[Job]:
    """What somebody may still wait or pay for."""
    return [Job.model_validate(record) for record in ledger.of_kind(OPEN_KIND)]


def write(ledger: Ledger, launch: Launch, now: datetime) -> Job:
    """Write a launch down before anything is created, or bind the newest waiting task to the one that is there.

    NameTaken where the ledger knows the name with another specification.
    """
    wanted = specification(launch)
    _point(ledger, launch, now)
    record = {
        **launch.model_dump(mode="json", exclude={"creates"}),
        "worst_case_usd": launch.cost.worst_case_usd,
        "status": Status.LAUNCHING,
        "specification": wanted,
        "resources": {create.operation: name_of(create) for create in launch.creates},
    }
    try:
        ledger.put_once(key(launch.name), record, kind=OPEN_KIND, now=now)
    except AlreadyExists as error:
        found = Job.model_validate(ledger.require(key(launch.name)))
        if found.status is Status.REFUSED and found.specification != wanted:
            # Nothing was made of it: another instance type may have come first since.
            renewed = {**record, "status": Status.REFUSED}
            return Job.model_validate(ledger.change(key(launch.name), renewed, now=now))
        if found.specification != wanted:
            raise NameTaken(f"{launch.name} was launched before with another specification") from error
        # A retried or redriven state waits with a new token; the old one is dead.
        binding = {"task_token": launch.task_token, "execution_arn": launch.execution_arn}
        return Job.model_validate(ledger.change(key(launch.name), binding, now=now))
    return Job.model_validate(ledger.require(key(launch.name)))


def move(ledger: Ledger, job: Job, after: Status, now: datetime, outcome: Outcome | None = None) -> Job:
    """Change a launch's status. StaleTransition where somebody was first."""
    changes: dict[str, Any] = {"outcome": outcome.model_dump(mode="json")} if outcome else {}
    if after is Status.ENDED and outcome:
        changes["ended_at"] = iso(now)
    if after is Status.RUNNING:
        changes["launched_at"] = iso(now)
    moved = job.model_copy(update={"status": after})
    return Job.model_validate(
        ledger.transition(
            key(job.name),
            TRANSITIONS[after],
            after,
            changes,
            kind=OPEN_KIND if moved.open else CLOSED_KIND,
            now=now,
        )
    )


def _point(ledger: Ledger, launch: Launch, now: datetime) -> None:
    """From the run to the job, so that all of a run's jobs are found."""
    pointer = {
        "name": launch.name,
        "job_kind": launch.kind,
        "candidate": launch.candidate,
        "run_id": launch.run_id,
        "use_case": launch.use_case,
    }
    place = Key(f"RUN#{launch.run_id}", f"JOB#{launch.candidate}#{launch.name}")
    ledger.put_new(place, pointer, kind="job_of_run", now=now)
