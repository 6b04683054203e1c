"""Starts an evaluation for each use case that an event belongs to, or says that it belongs to none."""

import json
from typing import Any, Literal, Protocol

from botocore.exceptions import ClientError
from pydantic import Field

from fmops.core.events import (
    DatasetRegistered,
    Emitter,
    Event,
    LabelsWanted,
    ModelDiscovered,
    NothingStarted,
    RetrainingRequested,
)
from fmops.core.models import Ours
from fmops.usecases import resolve
from fmops.usecases.models import UseCase
from fmops.usecases.triggers import DatasetRef, ModelRef, RunRequest, Trigger, request_run


class Datasets(Protocol):
    """What is known of registered data; `datasets` knows use cases, not the other way round."""

    def newest_of(self, use_case: UseCase) -> DatasetRef | None:
        """The newest registered dataset version that belongs to a use case."""


class Started(Ours):
    """What an event led to."""

    runs: list[str]
    nothing: str = ""
    """Why nothing was started."""


class Plan(Ours):
    """What an event asks for: rules' answer, before anything is started."""

    requests: list[RunRequest] = Field(default_factory=list)
    cause: str
    reason: str = ""
    use_case: str = ""
    """Whose owner is told where nothing is started."""
    no_news: str = ""
    """Why nothing starts now, where nobody need be told."""


def plan(event: Event, event_id: str, use_cases: list[UseCase], datasets: Datasets) -> Plan:
    """Which runs an event asks for."""
    match event:
        case DatasetRegistered(retraining_of=name) if name:
            return _on_labelled(event, use_cases)
        case DatasetRegistered():
            cause = f"dataset {event.dataset} {event.version}"
            trigger = Trigger(kind="dataset", dataset=DatasetRef(name=event.dataset, version=event.version))
            matching = resolve.of_dataset(use_cases, event.dataset, event.task)
            requests = [request_run(use_case.name, trigger) for use_case in matching]
            return Plan(requests=requests, cause=cause, reason="" if requests else _nobody("dataset", event.task))
        case ModelDiscovered():
            cause = f"model {event.model_id} {event.version}"
            if event.evaluated_by == []:
                # Most of a week's new models interest nobody, and who is told of one got a digest.
                return Plan(cause=cause, no_news="no use case evaluates this model")
            model = ModelRef(id=event.model_id, version=event.version, source=_other_source(event))
            return _on_newest(
                resolve.of_model(use_cases, event),
                datasets,
                cause,
                _nobody("model", event.task),
                kind="model",
                model=model,
            )
        case RetrainingRequested(labels=LabelsWanted()):
            # A drifted model's own answers are no labels: what was evaluated before would be evaluated again.
            return Plan(cause=f"retraining of {event.use_case}", no_news="labels are waited for")
        case RetrainingRequested():
            cause = f"retraining of {event.use_case}"
            named = [use_case for use_case in use_cases if use_case.name == event.use_case]
            missing = f"there is no use case {event.use_case!r}"
            return _on_newest(named, datasets, cause, missing, kind="retraining", request_id=event_id)
        case _:
            raise ValueError(f"{event.kind} starts no run")


def _other_source(event: ModelDiscovered) -> Literal["bedrock"] | None:
    return "bedrock" if resolve.source_of(event.hub) == "bedrock" else None


def start(steps: Any, machine_arn: str, emitter: Emitter, wanted: Plan) -> Started:
    """Start what a plan asks for. `steps` is a boto3 client of Step Functions."""
    if wanted.no_news:
        return Started(runs=[], nothing=wanted.no_news)
    if not wanted.requests:
        emitter.emit(NothingStarted(run_id="", use_case=wanted.use_case, cause=wanted.cause, reason=wanted.reason))
        return Started(runs=[], nothing=wanted.reason)
    for request in wanted.requests:
        try:
            steps.start_execution(
                stateMachineArn=machine_arn,
                name=request.run_id,
                input=json.dumps(request.model_dump(mode="json", exclude_none=True)),
            )
        except ClientError as error:
            # The same event came again: the run is there. Later than 90 days the ledger's claim says so.
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
    return Started(runs=[request.run_id for request in wanted.requests])


def _on_newest(matching: list[UseCase], datasets: Datasets, cause: str, missing: str, **trigger: Any) -> Plan:
    """Runs on the newest data of each use case; use cases without data are named."""
    requests, without = [], []
    for use_case in matching:
        dataset = datasets.newest_of(use_case)
        if dataset is None:
            without.append(use_case.name)
        else:
            requests.append(request_run(use_case.name, Trigger(dataset=dataset, **trigger)))
    if requests:
        return Plan(requests=requests, cause=cause)
    reason = f"no dataset is registered yet for {', '.join(without)}" if without else missing
    return Plan(cause=cause, reason=reason)


def _on_labelled(event: DatasetRegistered, use_cases: list[UseCase]) -> Plan:
    """A run of the use case whose drift it was, where its labels may start one; nobody else's."""
    cause = f"dataset {event.dataset} {event.version}"
    use_case = next((use_case for use_case in use_cases if use_case.name == event.retraining_of), None)
    if use_case is None:
        return Plan(cause=cause, reason=f"there is no use case {event.retraining_of!r}")
    if use_case.monitoring.retraining.mode != "start":
        command = f"fmops run {use_case.name} --dataset {event.dataset} --version {event.version}"
        reason = f"it holds labelled prompts of drifted traffic, and a person decides: `{command}` starts a run on them"
        return Plan(cause=cause, reason=reason, use_case=use_case.name)
    trigger = Trigger(kind="retraining", dataset=DatasetRef(name=event.dataset, version=event.version))
    return Plan(requests=[request_run(use_case.name, trigger)], cause=cause)


def _nobody(what: str, task: str) -> str:
    return f"no use case names this {what} with the task {task!r}; `fmops use-case list` shows what each names"
