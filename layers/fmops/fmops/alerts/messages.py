"""From an event to the alert that people get: rules without I/O. No prompt and no answer stands in a mail."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import Field

from fmops.alerts.models import Alert, Severity
from fmops.core.events import (
    ApprovalDecided,
    DatasetRejected,
    DriftDetected,
    EndpointStuck,
    EvaluationCompleted,
    Event,
    ModelReleased,
    MonitoringCompleted,
    NothingStarted,
    ReleaseRolledBack,
    ToxicityDetected,
)
from fmops.core.ids import short_hash
from fmops.core.models import Theirs
from fmops.core.plain import one_line

SUBJECT_LENGTH = 99
"""SNS takes subjects of less than 100 characters."""
EXECUTION_EVENT = "Step Functions Execution Status Change"
_FAILED = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})
_LINE = 500


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


class _Text(NamedTuple):
    severity: Severity
    subject: str
    lines: list[str]
    cause: list[str]
    """What makes this cause another one than the last; with the reason it is the alert's identity."""
    recipients: list[str] = []


def _rejected(event: DatasetRejected) -> _Text:
    lines = [
        f"The dataset {event.dataset} {event.version} was not registered, and nothing was started with it.",
        "",
        *(f"- {_where(p.file, p.line)}: {p.problem}. To do: {p.advice}." for p in event.problems),
    ]
    if event.problem_count > len(event.problems):
        lines.append(f"- and {event.problem_count - len(event.problems)} more")
    lines += ["", f"The file that was dropped: s3://{event.bucket}/{event.key}", "It was left where it is."]
    subject = f"Dataset {event.dataset} rejected: {event.problems[0].problem if event.problems else 'see the mail'}"
    owner = [event.owner] if event.owner else []
    return _Text(Severity.WARNING, subject, lines, [event.bucket, event.key, *_problems(event)], owner)


def _problems(event: DatasetRejected) -> list[str]:
    return [problem.model_dump_json() for problem in event.problems]


def _nothing(event: NothingStarted) -> _Text:
    lines = [f"What arrived: {event.cause}.", f"Why no evaluation was started: {event.reason}."]
    return _Text(Severity.INFO, f"Nothing started by {event.cause}", lines, [event.cause, event.reason])


def _evaluated(event: EvaluationCompleted) -> _Text:
    """Whoever dropped the data gets a decision, whatever it is."""
    winner = f"; the best candidate is {event.winner}" if event.winner else ""
    lines = [
        f"The evaluation's verdict is {event.verdict}{winner}.",
        *(f"- {reason}" for reason in dict.fromkeys(event.reasons)),
        "",
        f"More: fmops report {event.run_id}",
    ]
    return _Text(Severity.INFO, f"{event.use_case}: evaluation says {event.verdict}", lines, [event.run_id])


def _decided(event: ApprovalDecided) -> _Text | None:
    match event.decision:
        case "approved":
            # The release that follows says how it ended.
            return None
        case "expired":
            text = f"Too few decided on {event.model_package_arn} in time, so it counts as rejected: {event.reason}."
            severity = Severity.WARNING
        case "rejected":
            text = f"An approver rejected {event.model_package_arn}: {event.reason}"
            severity = Severity.INFO
        case "superseded":
            text = f"The request to approve {event.model_package_arn} was closed: {event.reason}."
            severity = Severity.INFO
    lines = [text, "", f"More: fmops report {event.run_id}"]
    return _Text(severity, f"Approval for {event.use_case} {event.decision}", lines, [event.approval_id])


def _released(event: ModelReleased) -> _Text:
    lines = [f"{event.model_package_arn} serves on the endpoint {event.endpoint}.", f"Artifact: {event.digest}"]
    return _Text(Severity.INFO, f"{event.use_case}: a new model serves", lines, [event.release_id])


def _rolled_back(event: ReleaseRolledBack) -> _Text:
    lines = [
        f"The release of {event.model_package_arn} on the endpoint {event.endpoint or '(none yet)'} was undone.",
        f"Why: {event.reason}",
        "",
        "Now: the endpoint serves what it served before, which was checked; where it was new, it is gone.",
        f"Next: read the release {event.release_id} and its execution; docs/releasing.md says what each reason means.",
    ]
    return _Text(Severity.ALARM, f"{event.use_case}: release rolled back", lines, [event.release_id])


def _stuck(event: EndpointStuck) -> _Text:
    lines = [
        f"The endpoint {event.endpoint} did not get where it should within {event.seconds // 60} minutes.",
        f"The release {event.release_id} is taken back as soon as SageMaker lets go of the endpoint.",
        "",
        "Next: look at the endpoint's events and logs; a case with AWS helps where it stays so.",
    ]
    return _Text(Severity.ALARM, f"{event.use_case}: endpoint {event.endpoint} is stuck", lines, [event.release_id])


def _drift(event: DriftDetected) -> _Text:
    lines = [
        f"The traffic of the endpoint {event.endpoint} in the window {event.window} is unlike the baseline.",
        event.summary,
        f"Features that moved: {', '.join(event.features)}",
        "",
        "Next: look at the dashboard, then decide whether the model needs new data.",
    ]
    subject = f"{event.use_case}: drift in {', '.join(event.features[:3])}"
    return _Text(Severity(event.severity), subject, lines, [event.window, *event.features])


def _toxicity(event: ToxicityDetected) -> _Text:
    lines = [
        f"Toxic answers of the endpoint {event.endpoint} in the window {event.window}:",
        f"an estimated {event.share:.1%} (95 % interval {event.low:.1%} to {event.high:.1%}).",
        event.summary,
        "",
        "Next: look at the dashboard; roll back, or put a guardrail before the model.",
    ]
    return _Text(Severity(event.severity), f"{event.use_case}: {event.share:.1%} toxic answers", lines, [event.window])


def _monitored(event: MonitoringCompleted) -> _Text | None:
    if event.verdict != "INSUFFICIENT_DATA":
        return None
    lines = [
        f"The window {event.window} could not be judged: it holds {event.records} usable records.",
        "",
        "Next: see whether the endpoint gets traffic and captures it.",
    ]
    return _Text(Severity.WARNING, f"{event.use_case}: a window could not be judged", lines, [event.window])


_RULES: dict[str, tuple[type[Event], Callable[[Any], _Text | None]]] = {
    DatasetRejected.kind: (DatasetRejected, _rejected),
    NothingStarted.kind: (NothingStarted, _nothing),
    EvaluationCompleted.kind: (EvaluationCompleted, _evaluated),
    ApprovalDecided.kind: (ApprovalDecided, _decided),
    ModelReleased.kind: (ModelReleased, _released),
    ReleaseRolledBack.kind: (ReleaseRolledBack, _rolled_back),
    EndpointStuck.kind: (EndpointStuck, _stuck),
    DriftDetected.kind: (DriftDetected, _drift),
    ToxicityDetected.kind: (ToxicityDetected, _toxicity),
    MonitoringCompleted.kind: (MonitoringCompleted, _monitored),
}

EVENTS = frozenset(_RULES)
"""The detail-types that may become alerts."""


def of_event(detail_type: str, detail: dict[str, Any]) -> Alert | None:
    """The alert that one of our events asks for, or None."""
    kind, rule = _RULES[detail_type]
    event = kind.model_validate(detail)
    text = rule(event)
    return None if text is None else _alert(detail_type, text, event.use_case, event.run_id)


def of_execution(detail: dict[str, Any]) -> Alert | None:
    """The alert about an execution that failed, or None for any other."""
    change = ExecutionChange.model_validate(detail)
    if change.status not in _FAILED:
        return None
    given = _input(change.input)
    run_id, use_case = str(given.get("run_id", "")), str(given.get("use_case", ""))
    error = change.error or change.status
    lines = [
        f"The {change.journey} {change.name} ended as {change.status}.",
        f"Error: {error}",
        f"Cause: {one_line(change.cause or 'none was given', _LINE)}",
        "",
        f"Execution: {change.execution_arn}",
        "Next: mend the cause, then redrive the execution or start a new run.",
    ]
    # A redrive may fail again, and that is news: the status event of each attempt has its own cause at least.
    cause = [change.execution_arn, change.status, error, change.cause or ""]
    subject = f"{use_case or change.name}: {change.journey} failed: {error}"
    return _alert(error, _Text(Severity.ALARM, subject, lines, cause), use_case, run_id)


def _alert(reason: str, text: _Text, use_case: str, run_id: str) -> Alert:
    return Alert(
        alert_id=f"alert-{short_hash(reason, use_case, text.cause, length=12)}",
        severity=text.severity,
        reason=one_line(reason, 60),
        subject=one_line(text.subject, SUBJECT_LENGTH),
        body="\n".join(one_line(line, _LINE) for line in text.lines) + "\n",
        use_case=use_case,
        run_id=run_id,
        recipients=text.recipients,
    )


def _where(file: str, line: int | None) -> str:
    return f"{file}, line {line}" if line else file


def _input(text: str | None) -> dict[str, Any]:
    """An execution's input, as far as the event carries it."""
    try:
        given = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return given if isinstance(given, dict) else {}
