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
            about=about(shown["input"]),
            steps=draw(self._reader.definition(arn), self._reader.history(arn), running=running),
            why="" if running else failure(shown),
        )


_CAUSES = {"dataset": "new dataset", "model": "new model", "person": "asked for by a person"}


def lanes(step: Step) -> tuple[Lane, ...]:
    """What runs inside a state, where there is more to see than that it is done."""
    return () if step.stand is Stand.DONE else step.lanes


def about(text: str) -> str:
    """What an execution is about, from the ids in its input, which may be anything that somebody started it with."""
    given = json.loads(text)
    kind, model = _text(given, "trigger", "kind"), _text(given, "trigger", "model", "id")
    dataset, window = _text(given, "trigger", "dataset", "name"), _text(given, "window_start")
    package = _text(given, "detail", "ModelPackageArn")
    parts = [
        _text(given, "use_case"),
        _CAUSES.get(kind, kind),
        f"{model} {_text(given, 'trigger', 'model', 'version')}" if model else "",
        f"on {dataset} {_text(given, 'trigger', 'dataset', 'version')}" if dataset else "",
        f"window {window[:16].replace('T', ' ')}" if window else "",
        f"package {package.rpartition('model-package/')[2]}" if package else "",
    ]
    return " · ".join(part for part in parts if part)


def _text(given: Any, *path: str) -> str:
    """The text at the end of a path of members; empty where there is none."""
    for name in path:
        given = given.get(name) if isinstance(given, dict) else None
    return given if isinstance(given, str) else ""


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
