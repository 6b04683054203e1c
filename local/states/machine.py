"""A state machine's record, and the events that its executions send."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from local.protocol import Aws
from local.states.values import size_of, text_of
from local.states.versions import Alias, Version

if TYPE_CHECKING:
    from local.states.execution import Execution

_EVENT_BYTES = 248 * 1024

Kind = Literal["STANDARD", "EXPRESS"]


@dataclass
class Machine:
    """What the API keeps of a machine. Executions keep the definition and role that they began with."""

    aws: Aws
    arn: str
    name: str
    kind: Kind
    role: str
    text: str
    """The definition as it was given."""
    definition: dict[str, Any]
    created: datetime
    logging: dict[str, Any]
    tracing: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    updated: datetime | None = None
    revision: str = "INITIAL"
    deleting: bool = False
    versions: dict[int, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    published: int = 0
    """How many versions there ever were: a number is not given twice."""

    def update(self, changes: dict[str, Any], definition: dict[str, Any] | None, now: datetime) -> None:
        if definition is not None:
            self.text, self.definition = changes["definition"], definition
        self.role = changes.get("roleArn", self.role)
        self.logging = changes.get("loggingConfiguration", self.logging)
        self.tracing = changes.get("tracingConfiguration", self.tracing)
        self.updated, self.revision = now, str(uuid.uuid4())

    def publish(self, description: str, now: datetime) -> Version:
        """The version of what the machine is now; the same one where it is published already."""
        for version in self.versions.values():
            if version.revision == self.revision:
                return version
        self.published += 1
        made = Version(
            arn=f"{self.arn}:{self.published}",
            number=self.published,
            revision=self.revision,
            text=self.text,
            definition=self.definition,
            role=self.role,
            created=now,
            description=description,
        )
        self.versions[made.number] = made
        return made

    def version_of(self, arn: str | None) -> Version | None:
        return next((version for version in self.versions.values() if version.arn == arn), None)

    def announce(self, execution: "Execution") -> None:
        """Send the status-change event. Express executions and children of maps send none."""
        if execution.express or execution.map_run:
            return
        self.aws.emit(
            "aws.states", "Step Functions Execution Status Change", _detail(execution), resources=[execution.arn]
        )


def _detail(execution: "Execution") -> dict[str, Any]:
    why = execution.why_not_redrivable()
    output, shown_input = execution.output, execution.input
    if output is not None and _escaped(output) > _EVENT_BYTES:
        output = None
    if _escaped(shown_input) + _escaped(output or "") > _EVENT_BYTES:
        shown_input = None  # type: ignore[assignment]  # the event then carries null
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine.arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": _milliseconds(execution.started),
        "stopDate": _milliseconds(execution.stopped),
        "input": shown_input,
        "inputDetails": {"included": shown_input is not None},
        "output": output,
        "outputDetails": {"included": output is not None} if execution.output is not None else None,
        **execution.by.shown(),
        "redriveCount": execution.redrive_count,
        "redriveDate": _milliseconds(execution.redriven),
        "redriveStatus": "REDRIVABLE" if why is None else "NOT_REDRIVABLE",
        "redriveStatusReason": why,
        "error": execution.error,
        "cause": execution.cause,
    }


def _escaped(text: str) -> int:
    return size_of(text_of(text))


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
