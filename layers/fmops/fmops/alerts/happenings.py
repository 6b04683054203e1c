"""What happens once, from our events to the words that people read. No prompt and no answer stands in a mail."""

from collections.abc import Callable
from typing import Any

from fmops.alerts.catalogues import noticed, withdrawn
from fmops.alerts.models import Severity
from fmops.alerts.wording import Text
from fmops.core.events import (
    ApprovalDecided,
    BaselineAccepted,
    BiasDetected,
    DatasetRejected,
    EndpointStuck,
    EvaluationCompleted,
    Event,
    ModelReleased,
    ModelsNoticed,
    ModelWithdrawn,
    NothingStarted,
    ReleaseRolledBack,
    RetrainingRequested,
    TenantBudgetReached,
)


def _rejected(event: DatasetRejected) -> Text:
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
    return Text(Severity.WARNING, subject, lines, [event.bucket, event.key, *_problems(event)], owner)


def _problems(event: DatasetRejected) -> list[str]:
    return [problem.model_dump_json() for problem in event.problems]


def _nothing(event: NothingStarted) -> Text:
    lines = [f"What arrived: {event.cause}.", f"Why no evaluation was started: {event.reason}."]
    # Of a use case's own something is left to its people; what nobody wants is only said.
    what = f"{event.use_case} waits for you:" if event.use_case else "Nothing started by"
    subject = f"{what} {event.cause}"
    return Text(Severity.INFO, subject, lines, [event.cause, event.reason])


def _evaluated(event: EvaluationCompleted) -> Text:
    """Whoever dropped the data gets a decision, whatever it is."""
    winner = f"; the best candidate is {event.winner}" if event.winner else ""
    lines = [
        f"The evaluation's verdict is {event.verdict}{winner}.",
        *(f"- {reason}" for reason in dict.fromkeys(event.reasons)),
        "",
        f"More: fmops report {event.run_id}",
    ]
    return Text(Severity.INFO, f"{event.use_case}: evaluation says {event.verdict}", lines, [event.run_id])


def _decided(event: ApprovalDecided) -> Text | None:
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
    return Text(severity, f"Approval for {event.use_case} {event.decision}", lines, [event.approval_id])


def _released(event: ModelReleased) -> Text:
    lines = [f"{event.model_package_arn} serves on the endpoint {event.endpoint}.", f"Artifact: {event.digest}"]
    return Text(Severity.INFO, f"{event.use_case}: a new model serves", lines, [event.release_id])


def _rolled_back(event: ReleaseRolledBack) -> Text:
    lines = [
        f"The release of {event.model_package_arn} on the endpoint {event.endpoint or '(none yet)'} was undone.",
        f"Why: {event.reason}",
        "",
        "Now: the endpoint serves what it served before, which was checked; where it was new, it is gone.",
        f"Next: read the release {event.release_id} and its execution; docs/releasing.md says what each reason means.",
    ]
    return Text(Severity.ALARM, f"{event.use_case}: release rolled back", lines, [event.release_id])


def _stuck(event: EndpointStuck) -> Text:
    lines = [
        f"The endpoint {event.endpoint} did not get where it should within {event.seconds // 60} minutes.",
        f"The release {event.release_id} is taken back as soon as SageMaker lets go of the endpoint.",
        "",
        "Next: look at the endpoint's events and logs; a case with AWS helps where it stays so.",
    ]
    return Text(Severity.ALARM, f"{event.use_case}: endpoint {event.endpoint} is stuck", lines, [event.release_id])


def _tenant(event: TenantBudgetReached) -> Text:
    lines = [
        f"The tenant {event.tenant} has cost ${event.spent_usd:,.2f} in {event.month}, by its part of the tokens that",
        f"{event.use_case} served; its budget is ${event.budget_usd:,.2f} (monitoring.tenant_budgets of the use case).",
        "",
        "Next: talk to the tenant, limit its requests, or give it a larger budget. Nothing is stopped by itself.",
    ]
    part = event.spent_usd / event.budget_usd
    subject = f"{event.use_case}: tenant {event.tenant} has spent {part:.0%} of its budget of {event.month}"
    return Text(Severity(event.severity), subject, lines, [event.tenant, event.month, event.severity])


def _retraining(event: RetrainingRequested) -> Text | None:
    wanted = event.labels
    if wanted is None:
        # A run starts at once, and says how it ended.
        return None
    then = "That starts an evaluation run." if wanted.starts else "You will be told how to start an evaluation run."
    lines = [
        f"There is {event.reason}: it was seen in {wanted.windows} windows.",
        f"{wanted.prompts} different prompts of these windows wait for labels, masked and in random order:",
        wanted.prompts_uri,
        "sources.json beside them says which captured objects they come from, and at what rate.",
        "",
        f"Next: fetch them with `fmops dataset unlabelled {event.use_case} --out FILE`,",
        "write the right answer into `target` of each row that you can judge, and leave the others empty.",
        f"Then drop the file: fmops dataset label {event.use_case} {wanted.request_id} FILE",
        f"(which puts it to {wanted.return_uri})",
        f"The labelled rows are added to the use case's dataset, as a new version. {then}",
        "What the model answered is not in the file: the answers of a model that drifted are no labels.",
    ]
    subject = f"{event.use_case}: {wanted.prompts} prompts of drifted traffic want labels"
    return Text(Severity.INFO, subject, lines, [wanted.request_id])


def _biased(event: BiasDetected) -> Text:
    lines = [
        f"The endpoint {event.endpoint} was asked the same prompts about different groups of people:",
        *(f"- {finding}" for finding in event.findings),
        "",
        f"Next: `fmops monitoring bias {event.use_case}` shows all groups; read the answers beside the scores, then",
        "change the prompt or the model, or put a guardrail before it.",
    ]
    subject = f"{event.use_case}: answers are more toxic about {', '.join(event.groups)}"
    return Text(Severity.WARNING, subject, lines, [event.window])


def _accepted(event: BaselineAccepted) -> Text:
    first, last = event.windows[0], event.windows[-1]
    span = f"the window {first}" if first == last else f"the {len(event.windows)} windows from {first} to {last}"
    lines = [
        f"{event.by} accepted the traffic of {span} as normal ({event.records} records).",
        f"Why: {event.reason}",
        "",
        "Later windows are compared with it, and no longer with what was evaluated. The model was not evaluated on it:",
        "accepting says that it is expected, not that it is answered well. It stands in the run's audit.",
        "Not right? Accept other windows: fmops monitoring accept --help",
    ]
    return Text(
        Severity.INFO, f"{event.use_case}: {event.by} accepted new traffic as normal", lines, [event.accepted_id]
    )


def _where(file: str, line: int | None) -> str:
    return f"{file}, line {line}" if line else file


HAPPENINGS: dict[str, tuple[type[Event], Callable[[Any], Text | None]]] = {
    BaselineAccepted.kind: (BaselineAccepted, _accepted),
    BiasDetected.kind: (BiasDetected, _biased),
    DatasetRejected.kind: (DatasetRejected, _rejected),
    NothingStarted.kind: (NothingStarted, _nothing),
    EvaluationCompleted.kind: (EvaluationCompleted, _evaluated),
    ApprovalDecided.kind: (ApprovalDecided, _decided),
    ModelReleased.kind: (ModelReleased, _released),
    ReleaseRolledBack.kind: (ReleaseRolledBack, _rolled_back),
    EndpointStuck.kind: (EndpointStuck, _stuck),
    RetrainingRequested.kind: (RetrainingRequested, _retraining),
    ModelsNoticed.kind: (ModelsNoticed, noticed),
    ModelWithdrawn.kind: (ModelWithdrawn, withdrawn),
    TenantBudgetReached.kind: (TenantBudgetReached, _tenant),
}
