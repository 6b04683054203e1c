"""EventBridge's API over buses, rules, targets and tags."""

import json
import threading
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from local.events import transform
from local.events.expressions import ExpressionError, parse
from local.events.patterns import EventPattern, PatternError
from local.events.rules import DEFAULT_BUS, Bus, Buses, Rule, not_found, page
from local.events.targets import supported
from local.protocol import ACCOUNT, Aws, AwsError, Caller, NotImplementedByEmbeddedAws, Service

_MOST_TARGETS: Final = 5
_TARGET_MEMBERS: Final = frozenset(
    {
        "Id",
        "Arn",
        "RoleArn",
        "Input",
        "InputPath",
        "InputTransformer",
        "SqsParameters",
        "DeadLetterConfig",
        "RetryPolicy",
    }
)

Request = dict[str, Any]
Answer = dict[str, Any]


class Registry(Service):
    """What is remembered: who listens for what. Everything below holds the lock."""

    name: ClassVar[str] = "events"

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._lock = threading.RLock()
        self._buses = Buses(aws.clock.now())
        self._tags: dict[str, dict[str, str]] = {}

    @abstractmethod
    def _schedules_changed(self) -> None:
        """A rule with a schedule came, changed or was enabled."""

    # ---------------------------------------------------------------- buses

    def create_event_bus(self, request: Request, _caller: Caller) -> Answer:
        name, now = request["Name"], self._aws.clock.now()
        if request.get("EventSourceName") or "/" in name:
            raise NotImplementedByEmbeddedAws("partner event buses")
        settings: dict[str, Any] = {
            key: request[key] for key in ("KmsKeyIdentifier", "DeadLetterConfig", "LogConfig") if key in request
        }
        bus = Bus(name, now, now, request.get("Description"), settings)
        with self._lock:
            self._buses.add(bus)
            self._tag(bus.arn, request.get("Tags", []))
        return {"EventBusArn": bus.arn, **_described(bus, arn=False)}

    def delete_event_bus(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            self._buses.remove(request["Name"])
        return {}

    def describe_event_bus(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            bus = self._buses.get(request.get("Name"))
            return {
                "Name": bus.name,
                **_described(bus),
                "Policy": _policy(bus),
                "CreationTime": bus.created_at,
                "LastModifiedTime": bus.changed_at,
            }

    def list_event_buses(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            buses = [bus for bus in self._buses.all() if bus.name.startswith(request.get("NamePrefix", ""))]
            found = page(buses, request)
            return {
                "EventBuses": [
                    {
                        "Name": bus.name,
                        "Arn": bus.arn,
                        "Description": bus.description,
                        "Policy": _policy(bus),
                        "CreationTime": bus.created_at,
                        "LastModifiedTime": bus.changed_at,
                    }
                    for bus in found.pop("")
                ],
                **found,
            }

    def put_permission(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            bus = self._buses.get(request.get("EventBusName"))
            if "Policy" in request:
                statements = json.loads(request["Policy"])["Statement"]
                bus.statements = statements if isinstance(statements, list) else [statements]
            else:
                principal = request["Principal"]
                statement = {
                    "Sid": request["StatementId"],
                    "Effect": "Allow",
                    "Principal": "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"},
                    "Action": request["Action"],
                    "Resource": bus.arn,
                }
                kept = [known for known in bus.statements if known.get("Sid") != statement["Sid"]]
                bus.statements = [*kept, statement]
        return {}

    def remove_permission(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            bus = self._buses.get(request.get("EventBusName"))
            kept = [known for known in bus.statements if known.get("Sid") != request.get("StatementId")]
            if not request.get("RemoveAllPermissions") and len(kept) == len(bus.statements):
                raise not_found("Statement with the provided id does not exist.")
            bus.statements = [] if request.get("RemoveAllPermissions") else kept
        return {}

    # ---------------------------------------------------------------- rules

    def put_rule(self, request: Request, _caller: Caller) -> Answer:
        text, expression = request.get("EventPattern"), request.get("ScheduleExpression")
        if not text and not expression:
            raise AwsError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
        pattern = compiled(text) if text else None
        with self._lock:
            bus, now = self._buses.get(request.get("EventBusName")), self._aws.clock.now()
            if expression and bus.name != DEFAULT_BUS:
                raise AwsError("ValidationException", "ScheduleExpression is supported only on the default event bus.")
            rule = bus.rules.setdefault(request["Name"], Rule(request["Name"], bus.name, now))
            rule.pattern, rule.expression = pattern, expression or None
            rule.state = request.get("State", "ENABLED")
            rule.description, rule.role_arn = request.get("Description"), request.get("RoleArn")
            self._schedule(rule, now)
            self._tag(rule.arn, request.get("Tags", []))
        self._schedules_changed()
        return {"RuleArn": rule.arn}

    def _schedule(self, rule: Rule, now: float) -> None:
        if rule.expression is None:
            rule.schedule = rule.next_at = None
            return
        try:
            rule.schedule = parse(rule.expression, anchor=now, one_time=False)
        except ExpressionError as error:
            raise AwsError("ValidationException", "Parameter ScheduleExpression is not valid.") from error
        rule.next_at = rule.schedule.next_after(now)

    def delete_rule(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            bus = self._buses.get(request.get("EventBusName"))
            rule = bus.rules.get(request["Name"])
            if rule is not None and rule.targets:
                raise AwsError("ValidationException", "Rule can't be deleted since it has targets.")
            bus.rules.pop(request["Name"], None)
        return {}

    def describe_rule(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            rule = self._rule(request)
            return {**rule.described(), "CreatedBy": ACCOUNT}

    def list_rules(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            rules = self._buses.get(request.get("EventBusName")).rules.values()
            prefix = request.get("NamePrefix", "")
            found = page([rule.described() for rule in rules if rule.name.startswith(prefix)], request)
        return {"Rules": found.pop(""), **found}

    def list_rule_names_by_target(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            rules = self._buses.get(request.get("EventBusName")).rules.values()
            wanted = request["TargetArn"]
            names = [rule.name for rule in rules if any(wanted == target["Arn"] for target in rule.targets.values())]
        found = page(names, request)
        return {"RuleNames": found.pop(""), **found}

    def enable_rule(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            rule, now = self._rule(request), self._aws.clock.now()
            if not rule.enabled and rule.schedule is not None:
                # What was missed while it was disabled is not made up for.
                rule.next_at = rule.schedule.next_after(now)
            rule.state = "ENABLED"
        self._schedules_changed()
        return {}

    def disable_rule(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            self._rule(request).state = "DISABLED"
        return {}

    def _rule(self, request: Request) -> Rule:
        return self._buses.get(request.get("EventBusName")).rule(request["Name"])

    # ---------------------------------------------------------------- targets

    def put_targets(self, request: Request, _caller: Caller) -> Answer:
        targets = request["Targets"]
        for target in targets:
            _check_target(target)
        with self._lock:
            rule = self._buses.get(request.get("EventBusName")).rule(request["Rule"])
            fresh = {**rule.targets, **{target["Id"]: target for target in targets}}
            if len(fresh) > _MOST_TARGETS:
                raise AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
            rule.targets = fresh
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def remove_targets(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            rule = self._buses.get(request.get("EventBusName")).rule(request["Rule"])
            gone = set(request["Ids"])
            rule.targets = {key: target for key, target in rule.targets.items() if key not in gone}
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def list_targets_by_rule(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            rule = self._buses.get(request.get("EventBusName")).rule(request["Rule"])
            found = page(list(rule.targets.values()), request)
        return {"Targets": found.pop(""), **found}

    # ---------------------------------------------------------------- tags

    def tag_resource(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            self._tag(self._known(request["ResourceARN"]), request["Tags"])
        return {}

    def untag_resource(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            tags = self._tags.setdefault(self._known(request["ResourceARN"]), {})
            for key in request["TagKeys"]:
                tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            tags = self._tags.get(self._known(request["ResourceARN"]), {})
            return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _tag(self, arn: str, tags: Sequence[dict[str, str]]) -> None:
        self._tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in tags})

    def _known(self, arn: str) -> str:
        known = {bus.arn for bus in self._buses.all()} | {rule.arn for rule in self._buses.rules()}
        if arn not in known:
            raise not_found(f"{arn} does not exist.")
        return arn


def _described(bus: Bus, *, arn: bool = True) -> Answer:
    members = {**({"Arn": bus.arn} if arn else {}), "Description": bus.description, **bus.settings}
    return {name: value for name, value in members.items() if value is not None}


def _policy(bus: Bus) -> str | None:
    return json.dumps({"Version": "2012-10-17", "Statement": bus.statements}) if bus.statements else None


def compiled(text: str) -> EventPattern:
    """The pattern. AwsError for one that EventBridge refuses."""
    try:
        return EventPattern(text)
    except PatternError as error:
        raise AwsError("InvalidEventPatternException", str(error)) from error


def _check_target(target: Request) -> None:
    unknown = set(target) - _TARGET_MEMBERS
    if unknown or not (supported(target["Arn"]) or ":event-bus/" in target["Arn"]):
        raise NotImplementedByEmbeddedAws(f"rule targets like {target['Arn']} with {sorted(unknown)}")
    if ":states:" in target["Arn"] and not target.get("RoleArn"):
        raise AwsError("ValidationException", f"RoleArn is required for target {target['Arn']}.")
    try:
        transform.check_target(target)
    except transform.TransformError as error:
        raise AwsError("ValidationException", str(error)) from error
