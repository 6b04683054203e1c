"""Reads back what a stack did: from the ledger, the registry, Step Functions and the jobs. It writes nothing."""

import json
from datetime import datetime
from typing import Any

from fmops.core.artifacts import location
from fmops_cli.target import NoTarget, Target

Document = dict[str, Any]

JOURNEYS = ("evaluation", "release", "monitoring")


class Reader:
    def __init__(self, target: Target) -> None:
        self._target, self._ledger = target, target.ledger

    def runs(self, newest: int = 50) -> list[Document]:
        """The newest runs, as the ledger keeps them."""
        return self._ledger.of_kind("run", newest=newest)

    def run(self, run_id: str) -> Document:
        """A run. NoTarget where there is none of this id."""
        found = [record for record in self._ledger.records(f"RUN#{run_id}", "RUN") if record.get("run_id") == run_id]
        if not found:
            raise NoTarget(f"there is no run {run_id}; `fmops runs` lists them")
        return found[0]

    def candidates(self, run_id: str) -> list[Document]:
        return self._ledger.records(f"RUN#{run_id}", "CANDIDATE#")

    def approval(self, run_id: str) -> Document | None:
        """What was asked and decided, without the task's token."""
        found = self._ledger.records(f"RUN#{run_id}", "APPROVAL")
        return {name: value for name, value in found[0].items() if "token" not in name} if found else None

    def releases(self) -> list[Document]:
        return self._ledger.of_kind("release")

    def windows(self) -> list[Document]:
        """Judged windows, oldest first."""
        return sorted(self._ledger.of_kind("window"), key=lambda record: str(record["window"]))

    def alerts(self) -> list[Document]:
        """Alerts, those that are over and those that are not, oldest first."""
        found = [*self._ledger.of_kind("alert"), *self.open_alerts()]
        return sorted(found, key=lambda record: str(record["created_at"]))

    def open_alerts(self) -> list[Document]:
        """Alerts that somebody must look at, newest first."""
        return self._ledger.of_kind("alert_open")

    def datasets(self) -> list[Document]:
        return [record["dataset"] for record in self._ledger.of_kind("dataset")]

    def discovered_models(self) -> list[str]:
        """Models that were announced as new, oldest first."""
        found = [record for record in self._ledger.of_kind("model") if record["discovered"]]
        return [f"{record['model_id']}@{record['version']}".removesuffix("@") for record in reversed(found)]

    def use_cases(self) -> list[Document]:
        return [record["document"] for record in self._ledger.of_kind("use_case")]

    def jobs(self, run_id: str) -> list[Document]:
        """The jobs and endpoints that a run launched: name, job_kind, candidate."""
        return self._ledger.records(f"RUN#{run_id}", "JOB#")

    def spent(self, run_id: str) -> Document | None:
        """What a run's launches cost and may yet cost: `settled_usd`, `committed_usd`. None before the first."""
        found = self._ledger.records(f"RUN#{run_id}", "SPEND")
        return found[0] if found else None

    def months(self) -> list[Document]:
        """What each use case spent and reserved in each month, the newest first."""
        return sorted(self._ledger.of_kind("spend_month"), key=lambda record: str(record["month"]), reverse=True)

    def place_in_queue(self, run_id: str) -> int | None:
        """How many runs have their turn before a run that waits, itself included; None where it does not wait."""
        found = self._ledger.records("TURNS#evaluation", "TURNS")
        waiting = [turn["run_id"] for turn in found[0]["waiting"]] if found else []
        return 1 + waiting.index(run_id) if run_id in waiting else None

    def report(self, run: Document) -> Document | None:
        """A run's report, where there is one yet."""
        uri = run.get("report_uri")
        return self._target.store.read_json(location(uri)) if uri else None

    # -- Step Functions

    def executions(self, journey: str, newest: int | None = None) -> list[Document]:
        """A journey's executions, newest first: name, status, startDate, stopDate, executionArn."""
        pages = self._steps.get_paginator("list_executions").paginate(
            stateMachineArn=self._machine(journey), PaginationConfig={"MaxItems": newest}
        )
        return [execution for page in pages for execution in page["executions"]]

    def execution(self, arn: str) -> Document:
        found: Document = self._steps.describe_execution(executionArn=arn)
        return found

    def definition(self, arn: str) -> Document:
        """The state machine that an execution runs, as it was when the execution began."""
        answer = self._steps.describe_state_machine_for_execution(executionArn=arn)
        definition: Document = json.loads(answer["definition"])
        return definition

    def history(self, arn: str) -> list[Document]:
        """All events of an execution, oldest first."""
        pages = self._steps.get_paginator("get_execution_history").paginate(
            executionArn=arn, includeExecutionData=True, maxResults=1000
        )
        return [event for page in pages for event in page["events"]]

    def states(self, arn: str) -> list[str]:
        """The names of the states that an execution is in now, outermost first."""
        return current_states(self.history(arn))

    @property
    def _steps(self) -> Any:
        return self._target.client("stepfunctions")

    def _machine(self, journey: str) -> str:
        return self._target.output(f"{journey.capitalize()}MachineArn")

    # -- the registry

    def packages(self) -> list[Document]:
        """The winners in the registry, newest first."""
        sagemaker = self._target.client("sagemaker")
        answer = sagemaker.list_model_packages(
            ModelPackageGroupName=self._target.output("ModelGroupName"), SortBy="CreationTime", SortOrder="Descending"
        )
        found: list[Document] = answer["ModelPackageSummaryList"]
        return found


def current_states(events: list[Document]) -> list[str]:
    """Which states a history leaves open: entered and not exited, in the order in which they were entered."""
    inside: list[str] = []
    for event in events:
        if event["type"].endswith("StateEntered"):
            inside.append(event["stateEnteredEventDetails"]["name"])
        elif event["type"].endswith("StateExited") and event["stateExitedEventDetails"]["name"] in inside:
            inside.remove(event["stateExitedEventDetails"]["name"])
    return inside


def stage_seconds(events: list[Document]) -> dict[str, float]:
    """How long an execution was in each state of its top level, in seconds; repeated states add up."""
    seconds: dict[str, float] = {}
    open_states: list[tuple[str, datetime]] = []
    for event in events:
        if event["type"].endswith("StateEntered"):
            open_states.append((event["stateEnteredEventDetails"]["name"], event["timestamp"]))
        elif event["type"].endswith("StateExited"):
            name = event["stateExitedEventDetails"]["name"]
            for index in range(len(open_states) - 1, -1, -1):
                if open_states[index][0] == name:
                    _, since = open_states.pop(index)
                    seconds[name] = seconds.get(name, 0.0) + (event["timestamp"] - since).total_seconds()
                    break
    return {name: round(value, 1) for name, value in seconds.items()}


def failure(execution: Document) -> str:
    """Why an execution failed, in one line, or an empty text."""
    cause = execution.get("cause") or ""
    try:
        parsed = json.loads(cause)
        cause = parsed.get("errorMessage", cause) if isinstance(parsed, dict) else cause
    except ValueError:
        pass
    return f"{execution.get('error', '')}: {cause}".strip(": ")
