"""The records of EventBridge: buses, rules and their targets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local.events.expressions import Schedule
from local.events.patterns import EventPattern
from local.protocol import ACCOUNT, PARTITION, REGION, AwsError

DEFAULT_BUS: Final = "default"
_PREFIX: Final = f"arn:{PARTITION}:events:{REGION}:{ACCOUNT}"


@dataclass
class Rule:
    """A rule; replaced as a whole by PutRule, except for its targets and tags."""

    name: str
    bus: str
    created_at: float
    pattern: EventPattern | None = None
    expression: str | None = None
    schedule: Schedule | None = None
    next_at: float | None = None
    state: str = "ENABLED"
    description: str | None = None
    role_arn: str | None = None
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"{_PREFIX}:rule/{'' if self.bus == DEFAULT_BUS else f'{self.bus}/'}{self.name}"

    @property
    def enabled(self) -> bool:
        return self.state != "DISABLED"

    def described(self) -> dict[str, Any]:
        """As ListRules shows it."""
        members = {
            "Name": self.name,
            "Arn": self.arn,
            "EventBusName": self.bus,
            "State": self.state,
            "EventPattern": None if self.pattern is None else self.pattern.text,
            "ScheduleExpression": self.expression,
            "Description": self.description,
            "RoleArn": self.role_arn,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass
class Bus:
    """An event bus and its rules."""

    name: str
    created_at: float
    changed_at: float
    description: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    """KmsKeyIdentifier, DeadLetterConfig and LogConfig as they were given."""
    statements: list[dict[str, Any]] = field(default_factory=list)
    rules: dict[str, Rule] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"{_PREFIX}:event-bus/{self.name}"

    def rule(self, name: str) -> Rule:
        """The rule. AwsError when there is none."""
        if name not in self.rules:
            raise not_found(f"Rule {name} does not exist on EventBus {self.name}.")
        return self.rules[name]


class Buses:
    """All buses, by name or ARN. The caller holds a lock."""

    def __init__(self, now: float) -> None:
        self._buses = {DEFAULT_BUS: Bus(DEFAULT_BUS, now, now)}

    def find(self, name_or_arn: str | None) -> Bus | None:
        name = (name_or_arn or DEFAULT_BUS).rpartition("event-bus/")[2]
        return self._buses.get(name)

    def get(self, name_or_arn: str | None) -> Bus:
        """The bus. AwsError when there is none."""
        bus = self.find(name_or_arn)
        if bus is None:
            raise not_found(f"Event bus {name_or_arn} does not exist.")
        return bus

    def add(self, bus: Bus) -> None:
        if bus.name in self._buses:
            raise AwsError("ResourceAlreadyExistsException", f"Event bus {bus.name} already exists.")
        self._buses[bus.name] = bus

    def remove(self, name: str) -> None:
        if name == DEFAULT_BUS:
            raise AwsError("ValidationException", "Cannot delete event bus default.")
        bus = self.find(name)
        if bus is not None and bus.rules:
            raise AwsError("ValidationException", f"Event bus {name} can't be deleted since it has rules.")
        self._buses.pop(name, None)

    def all(self) -> list[Bus]:
        return list(self._buses.values())

    def rules(self) -> list[Rule]:
        return [rule for bus in self._buses.values() for rule in bus.rules.values()]


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message)


def page(items: list[Any], request: Mapping[str, Any], limit: int = 100, limit_name: str = "Limit") -> dict[str, Any]:
    """One page of a list: its items under "", and NextToken if there is more."""
    try:
        start = int(request.get("NextToken") or 0)
    except ValueError as error:
        raise AwsError("ValidationException", "NextToken is not valid") from error
    end = start + (request.get(limit_name) or limit)
    return {"": items[start:end], **({"NextToken": str(end)} if end < len(items) else {})}
