"""From an event to its deliveries: which rules match, and what each target is given."""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.events.delivery import Dispatcher, Failure, RetryPolicy
from local.events.rules import Bus, Rule
from local.events.targets import DeliveryError, Sender, calling, send, send_to_queue
from local.events.transform import TransformError, target_input
from local.protocol import ACCOUNT, REGION, Aws

logger = logging.getLogger(__name__)

_PRINCIPAL = "events.amazonaws.com"

Event = dict[str, Any]


def new_event(source: str, detail_type: str, detail: Any, resources: list[str], at: float) -> Event:
    """An event in its envelope."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": second(at),
        "region": REGION,
        "resources": resources,
        "detail": detail,
    }


def second(at: float) -> str:
    """A time as events carry it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Router:
    """Matches events with rules and hands deliveries to the dispatcher."""

    def __init__(self, aws: Aws, dispatcher: Dispatcher, find_bus: Callable[[str], Bus | None]) -> None:
        self._aws = aws
        self._dispatcher = dispatcher
        self._find_bus = find_bus

    def route(self, bus: Bus, event: Event, *, forwarded: bool = False) -> None:
        """Match the event with the bus's rules and deliver, all of it in other threads."""
        ingested = self._aws.clock.iso()
        self._dispatcher.track(lambda: self._match(bus, event, ingested, forwarded))

    def _match(self, bus: Bus, event: Event, ingested: str, forwarded: bool) -> None:
        for rule in list(bus.rules.values()):
            if rule.enabled and rule.pattern is not None and rule.pattern.matches(event):
                self.trigger(rule, event, ingested, forwarded=forwarded)

    def trigger(self, rule: Rule, event: Event, ingested: str, *, forwarded: bool = False) -> None:
        """Deliver an event to all targets of a rule."""
        for target in list(rule.targets.values()):
            self._dispatcher.submit(RuleDelivery(self, rule.arn, rule.name, target, event, ingested, forwarded))

    def attempt(self, delivery: "RuleDelivery") -> None:
        """Deliver once. Raises DeliveryError."""
        target = delivery.target
        if ":event-bus/" in target["Arn"]:
            self._forward(delivery)
            return
        try:
            payload = target_input(
                target,
                delivery.event,
                rule_arn=delivery.rule_arn,
                rule_name=delivery.rule_name,
                ingested=delivery.ingested,
            )
        except TransformError as error:
            raise DeliveryError("INVALID_JSON", str(error), permanent=True) from error
        send(self._aws, delivery.sender, target, payload)

    def _forward(self, delivery: "RuleDelivery") -> None:
        """To another bus. AWS lets an event hop once."""
        arn = delivery.target["Arn"]
        if delivery.forwarded:
            raise DeliveryError(
                "THIRD_ACCOUNT_HOP_DETECTED", f"the event came from another bus already: {arn}", permanent=True
            )
        bus = self._find_bus(arn)
        if bus is None:
            raise DeliveryError("NO_RESOURCE", f"there is no {arn}", permanent=True)
        self.route(bus, delivery.event, forwarded=True)

    def bury(self, delivery: "RuleDelivery", failure: Failure) -> bool:
        """Send the original event to the target's dead-letter queue, if it has one. Raises DeliveryError."""
        queue = delivery.target.get("DeadLetterConfig", {}).get("Arn")
        if queue is None:
            return False
        attributes = {
            "RULE_ARN": delivery.rule_arn,
            "TARGET_ARN": delivery.target["Arn"],
            "ERROR_CODE": failure.code,
            "ERROR_MESSAGE": failure.message or failure.code,
            "RETRY_ATTEMPTS": str(failure.retries),
            **({"EXHAUSTED_RETRY_CONDITION": failure.exhausted} if failure.exhausted else {}),
        }
        # The rule's own right to the queue counts, not the target's role.
        sender = Sender(_PRINCIPAL, delivery.rule_arn, None)
        calling(
            lambda: send_to_queue(
                self._aws, sender, queue, json.dumps(delivery.event), MessageAttributes=text_attributes(attributes)
            )
        )
        return True


def text_attributes(attributes: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """SQS message attributes of type String."""
    return {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}


@dataclass(frozen=True)
class RuleDelivery:
    """One event on its way to one target of a rule. The target is as it was when the event came."""

    router: Router
    rule_arn: str
    rule_name: str
    target: Mapping[str, Any]
    event: Event
    ingested: str
    forwarded: bool

    @property
    def name(self) -> str:
        return f"{self.event['detail-type']} {self.event['id']} by rule {self.rule_name} to {self.target['Arn']}"

    @property
    def retry(self) -> RetryPolicy:
        return retry_policy(self.target)

    @property
    def sender(self) -> Sender:
        return Sender(_PRINCIPAL, self.rule_arn, self.target.get("RoleArn"))

    def attempt(self, number: int) -> None:  # noqa: ARG002 - rules tell their targets no attempt numbers
        self.router.attempt(self)

    def bury(self, failure: Failure) -> bool:
        return self.router.bury(self, failure)


def retry_policy(target: Mapping[str, Any]) -> RetryPolicy:
    """What the target says about retries, AWS' defaults for the rest."""
    given, default = target.get("RetryPolicy", {}), RetryPolicy()
    return RetryPolicy(
        given.get("MaximumRetryAttempts", default.maximum_attempts),
        given.get("MaximumEventAgeInSeconds", default.maximum_age_seconds),
    )
