"""The records of EventBridge Scheduler, and one invocation of a schedule's target."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import botocore.session
from botocore import xform_name

from local.events.delivery import Failure, RetryPolicy
from local.events.expressions import ExpressionError, Schedule, parse
from local.events.router import retry_policy, second, text_attributes
from local.events.targets import DeliveryError, Sender, calling, send, send_to_queue, supported
from local.protocol import ACCOUNT, PARTITION, REGION, Aws, AwsError, NotImplementedByEmbeddedAws

DEFAULT_GROUP: Final = "default"
_PREFIX: Final = f"arn:{PARTITION}:scheduler:{REGION}:{ACCOUNT}"
_PRINCIPAL: Final = "scheduler.amazonaws.com"
_UNIVERSAL: Final = "arn:aws:scheduler:::aws-sdk:"
_TARGET_MEMBERS: Final = frozenset(
    {"Arn", "RoleArn", "DeadLetterConfig", "RetryPolicy", "Input", "EventBridgeParameters", "SqsParameters"}
)
# How Scheduler names services where botocore names them otherwise.
_SERVICES: Final = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs"}
_DOCUMENT: Final = (
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "EndDate",
    "Description",
    "State",
    "KmsKeyArn",
    "Target",
    "FlexibleTimeWindow",
    "ActionAfterCompletion",
)


@dataclass
class Group:
    """A schedule group."""

    name: str
    created_at: float

    @property
    def arn(self) -> str:
        return f"{_PREFIX}:schedule-group/{self.name}"

    def described(self) -> dict[str, Any]:
        members = {"Arn": self.arn, "Name": self.name, "State": "ACTIVE"}
        return {**members, "CreationDate": self.created_at, "LastModificationDate": self.created_at}


@dataclass
class Record:
    """A schedule: its document as it was given, and when it fires next."""

    name: str
    group: str
    created_at: float
    changed_at: float
    document: dict[str, Any]
    schedule: Schedule
    next_at: float | None

    @classmethod
    def made(cls, request: Mapping[str, Any], now: float, created_at: float | None = None) -> "Record":
        """A record from a Create or Update request. AwsError for what AWS or the embedded AWS refuses."""
        document = {name: request[name] for name in _DOCUMENT if name in request}
        document = {"State": "ENABLED", "ScheduleExpressionTimezone": "UTC", "ActionAfterCompletion": "NONE"} | document
        _check(document)
        created = now if created_at is None else created_at
        start = _seconds(document.get("StartDate"))
        try:
            schedule = parse(
                document["ScheduleExpression"],
                anchor=created if start is None else start,
                timezone=document["ScheduleExpressionTimezone"],
            )
        except ExpressionError as error:
            raise _invalid(str(error)) from error
        # Just before: without a start date a rate begins at once, as AWS documents it.
        begin = max(now, start or now) - 0.001
        record = cls(request["Name"], request.get("GroupName", DEFAULT_GROUP), created, now, document, schedule, None)
        record.next_at = record.bounded(schedule.next_after(begin))
        return record

    @property
    def arn(self) -> str:
        return f"{_PREFIX}:schedule/{self.group}/{self.name}"

    @property
    def enabled(self) -> bool:
        return bool(self.document["State"] == "ENABLED")

    @property
    def target(self) -> dict[str, Any]:
        target: dict[str, Any] = self.document["Target"]
        return target

    def bounded(self, moment: float | None) -> float | None:
        """The moment, unless it lies after the schedule's end."""
        end = _seconds(self.document.get("EndDate"))
        return None if moment is None or (end is not None and moment > end) else moment

    def next_after(self, moment: float) -> float | None:
        return self.bounded(self.schedule.next_after(moment))

    def described(self) -> dict[str, Any]:
        return {
            "Arn": self.arn,
            "Name": self.name,
            "GroupName": self.group,
            **self.document,
            "CreationDate": self.created_at,
            "LastModificationDate": self.changed_at,
        }


@dataclass(frozen=True)
class Invocation:
    """One occurrence of a schedule on its way to the target."""

    aws: Aws
    schedule_arn: str
    target: Mapping[str, Any]
    scheduled_at: float
    execution_id: str

    @property
    def name(self) -> str:
        return f"{self.schedule_arn} of {second(self.scheduled_at)} to {self.target['Arn']}"

    @property
    def retry(self) -> RetryPolicy:
        return retry_policy(self.target)

    @property
    def _sender(self) -> Sender:
        return Sender(_PRINCIPAL, self.schedule_arn, self.target["RoleArn"])

    def attempt(self, number: int) -> None:
        """Invoke the target once. Raises DeliveryError."""
        payload = self._payload(number)
        if self.target["Arn"].startswith(_UNIVERSAL):
            self._call(payload)
        else:
            send(self.aws, self._sender, self.target, payload)

    def _payload(self, number: int) -> str:
        text = self.target.get("Input")
        if text is None:
            return json.dumps(self._default())
        for name, value in {
            "schedule-arn": self.schedule_arn,
            "scheduled-time": second(self.scheduled_at),
            "execution-id": self.execution_id,
            "attempt-number": str(number),
        }.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return str(text)

    def _default(self) -> dict[str, Any]:
        """What a target without Input gets; the detail is text there."""
        return {
            "version": "0",
            "id": self.execution_id,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": ACCOUNT,
            "time": second(self.scheduled_at),
            "region": REGION,
            "resources": [self.schedule_arn],
            "detail": "{}",
        }

    def _call(self, payload: str) -> None:
        """A universal target: any operation, with Input as its parameters."""
        service, operation = _universal(self.target["Arn"])
        try:
            parameters = json.loads(payload)
        except ValueError as error:
            raise DeliveryError("INVALID_JSON", f"Input is not JSON: {error}", permanent=True) from error
        client = self.aws.client(service, self.target["RoleArn"])
        calling(lambda: getattr(client, operation)(**parameters))

    def bury(self, failure: Failure) -> bool:
        """Send what the target would have got to the dead-letter queue, by the target's role. Raises DeliveryError."""
        queue = self.target.get("DeadLetterConfig", {}).get("Arn")
        if queue is None:
            return False
        attributes = {
            "SCHEDULE_ARN": self.schedule_arn,
            "TARGET_ARN": self.target["Arn"],
            "SCHEDULED_TIME": second(self.scheduled_at),
            "EXECUTION_ID": self.execution_id,
            "ERROR_CODE": failure.code,
            "ERROR_MESSAGE": failure.message or failure.code,
            "RETRY_ATTEMPTS": str(failure.retries),
            "IS_PAYLOAD_TRUNCATED": "false",
            **({"EXHAUSTED_RETRY_CONDITION": failure.exhausted} if failure.exhausted else {}),
        }
        body = self._payload(failure.retries + 1)
        calling(
            lambda: send_to_queue(self.aws, self._sender, queue, body, MessageAttributes=text_attributes(attributes))
        )
        return True


def new_execution_id() -> str:
    return uuid.uuid4().hex[:16]


def _check(document: Mapping[str, Any]) -> None:
    target, window = document["Target"], document["FlexibleTimeWindow"]
    flexible = window["Mode"] == "FLEXIBLE"
    if flexible != ("MaximumWindowInMinutes" in window):
        raise _invalid("MaximumWindowInMinutes is for FlexibleTimeWindow mode FLEXIBLE, and needed there.")
    unknown = set(target) - _TARGET_MEMBERS
    universal = target["Arn"].startswith(_UNIVERSAL)
    if unknown or not (universal or supported(target["Arn"])):
        raise NotImplementedByEmbeddedAws(f"schedule targets like {target['Arn']} with {sorted(unknown)}")
    if universal:
        _universal(target["Arn"])


def _universal(arn: str) -> tuple[str, str]:
    """Service and operation as boto3 names them. AwsError when there are none such."""
    name, _, action = arn.removeprefix(_UNIVERSAL).partition(":")
    service = _SERVICES.get(name, name)
    session = botocore.session.get_session()
    operation = f"{action[:1].upper()}{action[1:]}"
    if service not in session.get_available_services() or operation not in (
        session.get_service_model(service).operation_names
    ):
        raise _invalid(f"{arn} is not a service and operation that can be called.")
    return service, xform_name(operation)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
