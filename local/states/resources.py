"""Which work a Task's Resource names, and what of it is known here."""

import functools
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import botocore.session

from local.protocol import PARTITION

_RESOURCE = re.compile(r"arn:aws:states:::(aws-sdk:)?([a-z0-9]+):([A-Za-z0-9]+)(\.[A-Za-z:0-9]+)?$")
_FUNCTION = re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9-_]+(:[A-Za-z0-9-_$.]+)?$")


class Pattern(StrEnum):
    """How a task waits: for the answer, for a callback, or for the started execution."""

    REQUEST = ""
    CALLBACK = ".waitForTaskToken"
    SYNC = ".sync"
    SYNC2 = ".sync:2"


@dataclass(frozen=True)
class Optimised:
    """A service with an integration of its own: its error prefix and the error of everything unmodelled."""

    prefix: str
    unmodelled: str
    actions: dict[str, frozenset[Pattern]]


_CALLBACK = frozenset({Pattern.REQUEST, Pattern.CALLBACK})
_REQUEST = frozenset({Pattern.REQUEST})

OPTIMISED = {
    "lambda": Optimised("Lambda", "AWSLambdaException", {"invoke": _CALLBACK}),
    "sqs": Optimised("SQS", "AmazonSQSException", {"sendMessage": _CALLBACK}),
    "sns": Optimised("SNS", "AmazonSNSException", {"publish": _CALLBACK}),
    "events": Optimised("EventBridge", "AmazonEventBridgeException", {"putEvents": _CALLBACK}),
    "dynamodb": Optimised(
        "DynamoDB",
        "AmazonDynamoDBException",
        {"putItem": _REQUEST, "getItem": _REQUEST, "updateItem": _REQUEST, "deleteItem": _REQUEST},
    ),
    "states": Optimised("StepFunctions", "AWSStepFunctionsException", {"startExecution": frozenset(Pattern)}),
}

# Service name in a Resource -> (botocore's name, the SDK client's name, which prefixes errors).
SDK = {
    "appconfig": ("appconfig", "AppConfig"),
    "appconfigdata": ("appconfigdata", "AppConfigData"),
    "bedrock": ("bedrock", "Bedrock"),
    "bedrockruntime": ("bedrock-runtime", "BedrockRuntime"),
    "cloudwatch": ("cloudwatch", "CloudWatch"),
    "cloudwatchlogs": ("logs", "CloudWatchLogs"),
    "dynamodb": ("dynamodb", "DynamoDb"),
    "eventbridge": ("events", "EventBridge"),
    "kms": ("kms", "Kms"),
    "lambda": ("lambda", "Lambda"),
    "s3": ("s3", "S3"),
    "sagemaker": ("sagemaker", "SageMaker"),
    "sagemakerruntime": ("sagemaker-runtime", "SageMakerRuntime"),
    "scheduler": ("scheduler", "Scheduler"),
    "secretsmanager": ("secretsmanager", "SecretsManager"),
    "sesv2": ("sesv2", "SesV2"),
    "sfn": ("stepfunctions", "Sfn"),
    "sns": ("sns", "Sns"),
    "sqs": ("sqs", "Sqs"),
    "ssm": ("ssm", "Ssm"),
    "sts": ("sts", "Sts"),
}
_BOTO = {"states": "stepfunctions"}


class UnknownResourceError(ValueError):
    """The Resource names work that is not known here."""


@dataclass(frozen=True)
class Resource:
    """A parsed Resource. `action` is empty for a function's own ARN."""

    arn: str
    service: str
    action: str
    pattern: Pattern
    sdk: bool

    @property
    def is_function(self) -> bool:
        return not self.action

    @property
    def boto_service(self) -> str:
        return SDK[self.service][0] if self.sdk else _BOTO.get(self.service, self.service)

    @property
    def operation(self) -> str:
        """The API's operation: `PutItem`."""
        return "Invoke" if self.is_function else self.action[0].upper() + self.action[1:]

    @property
    def prefix(self) -> str:
        """What the names of its errors begin with."""
        return SDK[self.service][1] if self.sdk else OPTIMISED[self.service].prefix

    @property
    def unmodelled(self) -> str:
        """The error of codes that the service's model does not list."""
        return f"{self.prefix}Exception" if self.sdk else OPTIMISED[self.service].unmodelled

    @property
    def history_type(self) -> str:
        return f"aws-sdk:{self.service}" if self.sdk else self.service

    @property
    def history_resource(self) -> str:
        return f"{self.action}{self.pattern}"


@functools.lru_cache(maxsize=1024)
def parse(arn: str) -> Resource:
    """The work that an ARN names. UnknownResourceError with the reason."""
    if _FUNCTION.match(arn):
        return Resource(arn, "lambda", "", Pattern.REQUEST, sdk=False)
    if not (match := _RESOURCE.match(arn)):
        raise UnknownResourceError(f"the resource {arn!r} is not supported (partition {PARTITION} only)")
    service, action, suffix = match[2], match[3], match[4] or ""
    if suffix not in tuple(Pattern):
        raise UnknownResourceError(f"the integration pattern {suffix!r} of {arn!r} is not supported")
    resource = Resource(arn, service, action, Pattern(suffix), sdk=bool(match[1]))
    if resource.sdk:
        _check_sdk(resource)
    else:
        _check_optimised(resource)
    return resource


def _check_optimised(resource: Resource) -> None:
    known = OPTIMISED.get(resource.service)
    if known is None or resource.action not in known.actions:
        raise UnknownResourceError(f"no integration {resource.service}:{resource.action} is supported here")
    if resource.pattern not in known.actions[resource.action]:
        raise UnknownResourceError(f"{resource.service}:{resource.action} has no pattern {resource.pattern!s}")


def _check_sdk(resource: Resource) -> None:
    if resource.service not in SDK:
        raise UnknownResourceError(f"the service aws-sdk:{resource.service} is not supported here")
    if resource.pattern not in _CALLBACK:
        raise UnknownResourceError(f"aws-sdk integrations have no pattern {resource.pattern!s}")
    if not resource.action[0].islower():
        raise UnknownResourceError(f"the action {resource.action!r} must be in camelCase")
    if resource.operation not in service_model(resource.boto_service).operation_names:
        raise UnknownResourceError(f"{resource.service} has no action {resource.action!r}")


@functools.cache
def service_model(boto_service: str) -> Any:
    """botocore's model of a service."""
    return botocore.session.get_session().get_service_model(boto_service)


def operation_model(resource: Resource) -> Any:
    return service_model(resource.boto_service).operation_model(resource.operation)
