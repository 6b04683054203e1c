"""Versions and aliases: what a state machine was at a moment, and a name that says which of them starts."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from local.protocol import AwsError


@dataclass(frozen=True)
class Version:
    """A snapshot of a machine; nothing changes it."""

    arn: str
    number: int
    revision: str
    text: str
    definition: dict[str, Any]
    role: str
    created: datetime
    description: str

    def shown(self) -> dict[str, Any]:
        return {"stateMachineVersionArn": self.arn, "creationDate": self.created}


@dataclass
class Alias:
    """A name for one version, or for two by weight."""

    arn: str
    name: str
    routes: list[dict[str, Any]]
    created: datetime
    updated: datetime
    description: str = ""

    def choose(self) -> str:
        """The ARN of the version that one execution starts with."""
        arns = [str(route["stateMachineVersionArn"]) for route in self.routes]
        return random.choices(arns, [int(route["weight"]) for route in self.routes])[0]  # noqa: S311

    def shown(self) -> dict[str, Any]:
        return {
            "stateMachineAliasArn": self.arn,
            "name": self.name,
            "description": self.description,
            "routingConfiguration": self.routes,
            "creationDate": self.created,
            "updateDate": self.updated,
        }


class Qualified(NamedTuple):
    """A machine's ARN without its qualifier, and the qualifier: a version's number, an alias' name, or nothing."""

    machine: str
    qualifier: str

    @classmethod
    def of(cls, arn: str) -> "Qualified":
        parts = arn.split(":")
        return cls(":".join(parts[:7]), ":".join(parts[7:]))


class Started(NamedTuple):
    """By which names an execution was started, beside its machine's."""

    version: Version | None = None
    alias_arn: str | None = None

    def shown(self) -> dict[str, str | None]:
        return {
            "stateMachineVersionArn": self.version.arn if self.version else None,
            "stateMachineAliasArn": self.alias_arn,
        }


UNQUALIFIED = Started()


def checked_routes(routes: list[dict[str, Any]], versions: dict[int, Version]) -> list[dict[str, Any]]:
    """AwsError where weights do not add up to 100, or a version is not one of the machine's."""
    known = {version.arn for version in versions.values()}
    if sum(int(route["weight"]) for route in routes) != 100:
        raise AwsError("ValidationException", "The sum of the weights in the routing configuration must be 100")
    for route in routes:
        if route["stateMachineVersionArn"] not in known:
            raise AwsError("ResourceNotFound", f"Resource not found: '{route['stateMachineVersionArn']}'")
    return routes
