"""Which use case a model package is for that somebody else registered, and the one run that it starts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fmops.core.errors import AlreadyExists
from fmops.core.events import Emitter
from fmops.core.ledger import Key, Ledger
from fmops.usecases.models import UseCase
from fmops.usecases.starting import Datasets, Plan, Started, start
from fmops.usecases.triggers import Trigger, request_run

KIND = "foreign_package"
USE_CASE = "fmops_use_case"
"""The member of a package's metadata that names the use case."""


def key(arn: str) -> Key:
    return Key(f"PACKAGE#{arn}", "REVIEW")


def group_of(stack: str, use_case: str) -> str:
    """The model package group in which others register for a use case."""
    return f"{stack}-{use_case}"


def use_case_of(described: Mapping[str, Any], use_cases: list[UseCase], stack: str) -> UseCase | None:
    """By the package's group; in another group (the stack's own too) by its metadata. `described` is AWS' answer."""
    group = described.get("ModelPackageGroupName", "")
    named = described.get("CustomerMetadataProperties", {}).get(USE_CASE)
    by_group = [one for one in use_cases if group_of(stack, one.name) == group]
    return next(iter([*by_group, *(one for one in use_cases if one.name == named)]), None)


def plan(described: Mapping[str, Any], use_cases: list[UseCase], datasets: Datasets, stack: str) -> Plan:
    """The run that a foreign package asks for, or why there is none."""
    arn = str(described["ModelPackageArn"])
    cause = f"model package {arn}"
    use_case = use_case_of(described, use_cases, stack)
    if use_case is None:
        reason = (
            f"it belongs to no use case: register it in the group {group_of(stack, '<use case>')}, or name the use "
            f"case in its metadata as {USE_CASE}"
        )
        return Plan(cause=cause, reason=reason)
    dataset = datasets.newest_of(use_case)
    if dataset is None:
        return Plan(cause=cause, reason=f"no dataset is registered yet for {use_case.name}")
    trigger = Trigger(kind="package", dataset=dataset, package_arn=arn)
    return Plan(requests=[request_run(use_case.name, trigger)], cause=cause)


def review(
    ledger: Ledger, steps: Any, machine_arn: str, emitter: Emitter, wanted: Plan, arn: str, now: datetime
) -> Started:
    """Start what a package asks for, once, whatever the registry repeats and however the data go on.

    `steps` is a boto3 client of Step Functions. What was planned is written down first, and started from there.
    """
    if wanted.requests:
        try:
            ledger.put_once(key(arn), wanted.model_dump(mode="json"), kind=KIND, now=now)
        except AlreadyExists:
            known = ledger.require(key(arn))
            wanted = Plan.model_validate({name: known[name] for name in Plan.model_fields})
    return start(steps, machine_arn, emitter, wanted)
