"""From facts to findings: rules without I/O. What is well is said too, so that nobody wonders what was looked at."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from fmops.approval.wording import masked
from fmops.launches.models import JobKind
from fmops.launches.options import in_order, quota_name
from fmops.links.people import approver_id
from fmops.release.routing import INVOCATION_LOGS
from fmops.usecases.candidates import BedrockCandidate, JumpStartCandidate
from fmops.usecases.models import UseCase
from fmops.usecases.releasing import EndpointTarget, RouteTarget
from fmops_cli.doctor.facts import Facts


class Level(StrEnum):
    WELL = "well"
    LOOK = "look at it"
    """Runs go on; somebody should see to it."""
    WRONG = "wrong"
    """A run would wait or fail."""


class Finding(NamedTuple):
    """One thing that was looked at."""

    about: str
    level: Level
    what: str
    do: str = ""


def findings(facts: Facts) -> list[Finding]:
    """All of them, each once, in the order in which one would set things right."""
    found = [
        *_images(facts),
        *_use_cases(facts),
        *_operators(facts),
        *_approvers(facts),
        *_quotas(facts),
        *_licences(facts),
        *_bedrock(facts),
        *_routes(facts),
        *_budgets(facts),
        *_alarms(facts),
        *_dead_letters(facts),
    ]
    # Several candidates may be of one model.
    return list(dict.fromkeys(found))


def _images(facts: Facts) -> Iterator[Finding]:
    for one in facts.images:
        match one.state:
            case "ready":
                yield Finding("images", Level.WELL, f"{one.image} is built")
            case "being built":
                yield Finding("images", Level.LOOK, f"{one.image} is being built", one.advice)
            case state:
                yield Finding("images", Level.WRONG, f"{one.image}: {state}", one.advice)


def _use_cases(facts: Facts) -> Iterator[Finding]:
    if facts.use_cases:
        names = ", ".join(use_case.name for use_case in facts.use_cases)
        yield Finding("use cases", Level.WELL, names)
    else:
        yield Finding("use cases", Level.LOOK, "there is none yet", "`fmops use-case add FILE`")


def _operators(facts: Facts) -> Iterator[Finding]:
    if any(facts.operators):
        yield Finding("alerts", Level.WELL, f"{sum(facts.operators)} confirmed subscriptions")
    elif facts.operators:
        advice = (
            "open the mail from AWS Notifications and confirm; it is sent again by a deployment with another address"
        )
        yield Finding("alerts", Level.WRONG, "nobody has confirmed the subscription to alerts", advice)
    else:
        advice = "deploy with OperationsEmail, or add a use case: its owner is subscribed"
        yield Finding("alerts", Level.LOOK, "nobody is subscribed to alerts", advice)


def _approvers(facts: Facts) -> Iterator[Finding]:
    for use_case in facts.use_cases:
        missing = [one for one in use_case.approvers if approver_id(one) not in facts.confirmed]
        able, needed = len(use_case.approvers) - len(missing), use_case.approval.needed
        what = f"{use_case.name}: {able} of {len(use_case.approvers)} have confirmed, {needed} must approve"
        people = ", ".join(masked(one) for one in missing)
        if able < needed:
            advice = f"{people} must open the mail from AWS Notifications; `fmops use-case add` sends it again"
            yield Finding("approvers", Level.WRONG, what, advice)
        else:
            yield Finding(
                "approvers", Level.LOOK if missing else Level.WELL, what, people and f"not confirmed: {people}"
            )


def _quotas(facts: Facts) -> Iterator[Finding]:
    wanted = [(use_case, name) for use_case in facts.use_cases for name in quota_names(use_case)]
    if facts.quotas is None:
        if wanted:
            advice = "launches find their limits when they meet them; let yourself read servicequotas to see them now"
            yield Finding("quotas", Level.LOOK, "the account does not tell its quotas", advice)
        return
    short: dict[str, list[str]] = {}
    for use_case, name in wanted:
        if facts.quotas.get(name, 1.0) < 1:
            short.setdefault(name, []).append(use_case.name)
    for name, cases in short.items():
        advice = f"ask for it in Service Quotas (SageMaker: {name}), or name another instance type"
        yield Finding("quotas", Level.WRONG, f"{name} is 0, which {', '.join(dict.fromkeys(cases))} needs", advice)
    if wanted and not short:
        yield Finding("quotas", Level.WELL, f"none of the {len({name for _, name in wanted})} in question is 0")


def quota_names(use_case: UseCase) -> list[str]:
    """What Service Quotas calls the limits on the instances that a use case names."""
    evaluation = use_case.evaluation
    kinds = [(JobKind.PROCESSING, (evaluation.instance_type,))]
    for one in use_case.candidates:
        if isinstance(one, JumpStartCandidate):
            kinds.append((JobKind.ENDPOINT, (one.instance_type,)))
            if one.tune:
                kinds.append((JobKind.TRAINING, (one.tune.instance_type,)))
    if isinstance(use_case.release, EndpointTarget):
        kinds.append((JobKind.ENDPOINT, (use_case.release.instance_type,)))
    return list(dict.fromkeys(quota_name(kind, option) for kind, types in kinds for option in in_order(types)))


def _licences(facts: Facts) -> Iterator[Finding]:
    for use_case in facts.use_cases:
        for one in use_case.candidates:
            if not isinstance(one, JumpStartCandidate):
                continue
            about, gated = f"{use_case.name}: {one.model_id}", facts.gated.get(one.model_id)
            if gated is None:
                yield Finding("models", Level.WRONG, f"{about} is not in the hub", "correct its model_id, or HubName")
            elif gated and not one.accept_eula:
                advice = f"read its licence, then set accept_eula: true on the candidate {one.id}"
                yield Finding("models", Level.WRONG, f"{about} is gated", advice)
            else:
                yield Finding("models", Level.WELL, f"{about} may be used")


def _bedrock(facts: Facts) -> Iterator[Finding]:
    for use_case in facts.use_cases:
        for one in use_case.candidates:
            if not isinstance(one, BedrockCandidate):
                continue
            reason = facts.bedrock.get(one.model_id, "")
            about = f"{use_case.name}: {one.model_id}"
            if reason:
                advice = "ask for access on Bedrock's page Model access, in this account and region"
                yield Finding("models", Level.WRONG, f"{about}: {reason}", advice)
            else:
                yield Finding("models", Level.WELL, f"{about} may be used")


def _routes(facts: Facts) -> Iterator[Finding]:
    routed = [one.name for one in facts.use_cases if isinstance(one.release, RouteTarget)]
    if not routed:
        return
    wanted = f"{facts.capture_bucket}/{INVOCATION_LOGS}"
    if facts.call_logs == wanted:
        yield Finding("routes", Level.WELL, f"Bedrock logs its calls to {wanted}, where the monitor reads them")
        return
    where = {None: "whether Bedrock logs its calls is not told", "": "Bedrock does not log its calls"}
    what = where.get(facts.call_logs, f"Bedrock logs its calls to {facts.call_logs}")
    advice = (
        f"have it log texts to the bucket {facts.capture_bucket} with the prefix {INVOCATION_LOGS}: docs/monitoring.md"
    )
    yield Finding("routes", Level.LOOK, f"{what}, so nobody watches the traffic of {', '.join(routed)}", advice)


def _budgets(facts: Facts) -> Iterator[Finding]:
    for use_case in facts.use_cases:
        left = use_case.budget.month_usd - facts.committed.get(use_case.name, 0.0)
        what = f"{use_case.name}: {left:,.2f} of {use_case.budget.month_usd:,.2f} USD are left this month"
        if left < use_case.budget.run_usd:
            advice = (
                f"a run may take {use_case.budget.run_usd:,.2f} USD: raise budget.month_usd, or wait for the next month"
            )
            yield Finding("budgets", Level.LOOK, what, advice)
        else:
            yield Finding("budgets", Level.WELL, what)


def _alarms(facts: Facts) -> Iterator[Finding]:
    for name in facts.alarms:
        yield Finding(
            "alarms", Level.WRONG, f"{name} is in ALARM", "its description and the dashboard say what it means"
        )
    if not facts.alarms:
        yield Finding("alarms", Level.WELL, "none is in ALARM")


def _dead_letters(facts: Facts) -> Iterator[Finding]:
    if facts.dead_letters:
        what = f"{facts.dead_letters} events could not be done"
        yield Finding("dead letters", Level.WRONG, what, "`fmops redrive` shows why, and sends them again")
    else:
        yield Finding("dead letters", Level.WELL, "none")
