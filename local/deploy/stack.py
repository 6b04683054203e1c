"""Deploys a template: translated, ordered, made one by one; nothing in it is skipped."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from local.deploy.makers import MAKERS
from local.deploy.making import Deployment, Made, Properties
from local.deploy.resolver import Resolver
from local.deploy.template import translate
from local.protocol import ACCOUNT, PARTITION, REGION, AwsError, LocalError

if TYPE_CHECKING:
    from local.embedded import EmbeddedAws

logger = logging.getLogger(__name__)

_RESOURCE_KEYS = {
    "Type",
    "Properties",
    "Condition",
    "DependsOn",
    "Metadata",
    "DeletionPolicy",
    "UpdateReplacePolicy",
}


@dataclass(frozen=True)
class Stack:
    """A deployed stack."""

    name: str
    id: str
    outputs: dict[str, str]
    resources: dict[str, str]
    """Logical name -> physical id."""
    types: dict[str, str] = field(default_factory=dict)
    """Logical name -> resource type."""


def deploy(aws: "EmbeddedAws", template_path: Path, name: str, parameters: dict[str, str]) -> Stack:
    """Make every resource of the template. LocalError names what cannot be made and why."""
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9-]{0,127}", name):
        raise LocalError(f"{name!r} is no stack name: letters, digits and hyphens, a letter first")
    deployment = Deployment(aws, name, {})
    template = translate(template_path, parameters, aws.managed_policies())
    pseudo: dict[str, Any] = {
        "AWS::AccountId": ACCOUNT,
        "AWS::Region": REGION,
        "AWS::Partition": PARTITION,
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::StackName": name,
        "AWS::StackId": deployment.stack_id,
        "AWS::NotificationARNs": [],
    }
    resolver = Resolver(template, parameters, pseudo, lambda path: _parameter(deployment, path))
    active = resolver.active()
    _refuse_unknown(active)
    for logical in resolver.order():
        made = _make(deployment, logical, active[logical], resolver)
        resolver.ids[logical], resolver.attributes[logical] = made
    outputs = {
        key: str(resolver.value(output["Value"], f"Outputs/{key}"))
        for key, output in template.get("Outputs", {}).items()
        if "Condition" not in output or resolver.condition(output["Condition"])
    }
    types = {logical: resource["Type"] for logical, resource in active.items()}
    return Stack(name, pseudo["AWS::StackId"], outputs, dict(resolver.ids), types)


def _refuse_unknown(resources: Mapping[str, Any]) -> None:
    problems = sorted({resource["Type"] for resource in resources.values()} - set(MAKERS))
    if problems:
        raise LocalError(f"the local deployment does not know the resource types {', '.join(problems)}")
    for logical, resource in resources.items():
        if unknown := set(resource) - _RESOURCE_KEYS:
            raise LocalError(f"{logical}: the local deployment does not know {sorted(unknown)}")


def _make(deployment: Deployment, logical: str, resource: Mapping[str, Any], resolver: Resolver) -> Made:
    kind = resource["Type"]
    properties = Properties(resolver.value(resource.get("Properties", {}), logical))
    try:
        made = MAKERS[kind](deployment, logical, properties)
    except (ClientError, BotoCoreError, AwsError, LocalError) as error:
        raise LocalError(f"{logical} ({kind}) cannot be made: {error}") from error
    if properties.unread:
        raise LocalError(f"{logical} ({kind}): the local deployment does not know {sorted(properties.unread)}")
    logger.debug("%s (%s) is %s", logical, kind, made.id)
    return made


def _parameter(deployment: Deployment, path: str) -> str:
    value: str = deployment.client("ssm").get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"]
    return value
