"""The journeys' executions as the console shows them: drawn from their definitions and histories."""

import json
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from fmops_cli.picture import Lane, Stand, Step, draw
from fmops_cli.reading import JOURNEYS, Document, Reader, failure
from fmops_cli.target import Target


@dataclass(frozen=True)
class Execution:
    """One execution, ready to be shown."""

    journey: str
    name: str
    arn: str
    status: str
    began: datetime
    ended: datetime | None
    about: str
    steps: tuple[Step, ...]
    why: str
    """Why it failed; empty where it did not."""

    @property
    def is_open(self) -> bool:
        """Whether what runs inside its states is worth a look at once."""
        return self.status != "SUCCEEDED"


class Executions:
    """Reads executions; those that have ended are read once."""

    def __init__(self, target: Target) -> None:
        self._target, self._reader = target, Reader(target)
        self._lock = threading.Lock()
        self._ended: dict[tuple[Any, ...], Execution] = {}

    def newest(self, count: int) -> list[Execution]:
        """The newest executions of each journey; those that run come first."""
        found = [
            self._read(journey, listed)
            for journey in JOURNEYS
            for listed in self._reader.executions(journey, newest=count)
        ]
        found.sort(key=lambda execution: (execution.status == "RUNNING", execution.began), reverse=True)
        return found

    def one(self, journey: str, name: str) -> Execution | None:
        """None where there is none of this name."""
        machine = self._target.output(f"{journey.capitalize()}MachineArn")
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        try:
            return self._read(journey, self._reader.execution(arn))
        except ClientError as error:
            if error.response["Error"]["Code"] in ("ExecutionDoesNotExist", "InvalidArn"):
                return None
            raise

    def events(self, execution: Execution) -> list[Document]:
        """The history as rows: number, seconds since the start, what, about which state, data."""
        return [_row(event, execution.began) for event in self._reader.history(execution.arn)]

    def _read(self, journey: str, listed: Document) -> Execution:
        # A redriven execution has the same name and another end.
        key = (listed["executionArn"], listed["status"], listed.get("stopDate"))
        with self._lock:
            known = self._ended.get(key)
        if known:
            return known
        found = self._drawn(journey, listed)
        if found.status != "RUNNING":
            with self._lock:
                self._ended[key] = found
        return found

    def _drawn(self, journey: str, listed: Document) -> Execution:
        arn = listed["executionArn"]
        shown = self._reader.execution(arn)
        running = shown["status"] == "RUNNING"
        return Execution(
            journey=journey,
            name=shown["name"],
            arn=arn,
            status=shown["status"],
            began=shown["startDate"],
            ended=shown.get("stopDate"),
            about=_about(shown["input"]),
            steps=draw(self._reader.definition(arn), self._reader.history(arn), running=running),
            why="" if running else failure(shown),
        )


_CAUSES = {"dataset": "new dataset", "model": "new model", "person": "asked for by a person"}


def lanes(step: Step) -> tuple[Lane, ...]:
    """What runs inside a state, where there is more to see than that it is done."""
    return () if step.stand is Stand.DONE else step.lanes


def _about(text: str) -> str:
    """What an execution is about, from the ids in its input."""
    given = json.loads(text)
    if not isinstance(given, dict):
        return ""
    trigger = given.get("trigger") or {}
    package = (given.get("detail") or {}).get("ModelPackageArn")
    dataset, model = trigger.get("dataset") or {}, trigger.get("model") or {}
    parts = [
        given.get("use_case"),
        _CAUSES.get(trigger.get("kind", ""), trigger.get("kind")),
        f"{model['id']} {model['version']}" if model else None,
        f"on {dataset['name']} {dataset['version']}" if dataset else None,
        f"window {given['window_start'][:16].replace('T', ' ')}" if "window_start" in given else None,
        f"package {package.rpartition('model-package/')[2]}" if package else None,
    ]
    return " · ".join(str(part) for part in parts if part)


def _row(event: Document, began: datetime) -> Document:
    details: Document = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
    data = {
        key: _pretty(details[key]) for key in ("input", "output", "parameters", "error", "cause") if details.get(key)
    }
    return {
        "id": event["id"],
        "seconds": (event["timestamp"] - began).total_seconds(),
        "type": event["type"],
        "name": details.get("name", ""),
        "data": data,
    }


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except ValueError:
        return text
