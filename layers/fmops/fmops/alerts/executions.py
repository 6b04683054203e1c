"""Executions that failed, from Step Functions' status events to the words that people read."""

import json
import re
from typing import Any

from pydantic import Field

from fmops.alerts.models import Alert, Severity
from fmops.alerts.wording import LINE_LENGTH, Text, alert_of
from fmops.core.models import Theirs
from fmops.core.plain import one_line

EXECUTION_EVENT = "Step Functions Execution Status Change"
_FAILED = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})
# pydantic's messages quote what they found fault with, and that may be somebody's prompt.
_QUOTED = re.compile(r"input_value=.*?(?=, input_type=|\]|$)", re.DOTALL)


class ExecutionChange(Theirs):
    """The part of Step Functions' status event that we read."""

    execution_arn: str = Field(alias="executionArn")
    state_machine_arn: str = Field(alias="stateMachineArn")
    name: str
    status: str
    input: str | None = None
    error: str | None = None
    cause: str | None = None

    @property
    def journey(self) -> str:
        """The machine's name without the stack's."""
        return self.state_machine_arn.rsplit(":", 1)[1].rsplit("-", 1)[-1]


def of_execution(detail: dict[str, Any]) -> Alert | None:
    """The alert about an execution that failed, or None for any other."""
    change = ExecutionChange.model_validate(detail)
    if change.status not in _FAILED:
        return None
    given = _object(change.input)
    run_id, use_case = str(given.get("run_id", "")), str(given.get("use_case", ""))
    error = change.error or change.status
    lines = [
        f"The {change.journey} {change.name} ended as {change.status}.",
        f"Error: {error}",
        f"Cause: {one_line(_said(change.cause), LINE_LENGTH)}",
        "",
        f"Execution: {change.execution_arn}",
        "Next: mend the cause, then redrive the execution or start a new run.",
    ]
    # A redrive may fail again, and that is news: the status event of each attempt has its own cause at least.
    cause = [change.execution_arn, change.status, error, change.cause or ""]
    subject = f"{use_case or change.name}: {change.journey} failed: {error}"
    return alert_of(error, Text(Severity.ALARM, subject, lines, cause), use_case, run_id)


def _said(cause: str | None) -> str:
    """What a cause says, without a function's stack trace and without the values that a message quotes."""
    message = str(_object(cause).get("errorMessage") or cause or "none was given")
    return _QUOTED.sub("input_value=(not shown)", message)


def _object(text: str | None) -> dict[str, Any]:
    """What a JSON text holds, as far as the event carries it."""
    try:
        given = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return given if isinstance(given, dict) else {}
