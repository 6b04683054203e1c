"""Sending one payload to one target, by the target's ARN: what rules and schedules have in common."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from local.events.policies import key_lets_in, service_allowed
from local.protocol import Aws, AwsError

# What no retry mends: AWS sends these to the dead-letter queue at once.
_PERMANENT: Final = {
    "AccessDenied": "NO_PERMISSIONS",
    "AccessDeniedException": "NO_PERMISSIONS",
    "AuthorizationError": "NO_PERMISSIONS",
    "AuthorizationErrorException": "NO_PERMISSIONS",
    "AWS.SimpleQueueService.NonExistentQueue": "NO_RESOURCE",
    "QueueDoesNotExist": "NO_RESOURCE",
    "NotFound": "NO_RESOURCE",
    "NotFoundException": "NO_RESOURCE",
    "ResourceNotFoundException": "NO_RESOURCE",
    "ResourceNotFound": "NO_RESOURCE",
    "StateMachineDoesNotExist": "NO_RESOURCE",
    "ExecutionAlreadyExists": "RESOURCE_ALREADY_EXISTS",
    "InvalidExecutionInput": "INVALID_PARAMETER",
    "InvalidParameter": "INVALID_PARAMETER",
    "InvalidParameterException": "INVALID_PARAMETER",
    "InvalidParameterValueException": "INVALID_PARAMETER",
    "InvalidRequestContentException": "INVALID_JSON",
    "RequestTooLargeException": "EVENT_SIZE_EXCEEDED",
    "ValidationException": "INVALID_PARAMETER",
    "NotImplementedByEmbeddedAws": "SDK_CLIENT_ERROR",
}


class DeliveryError(Exception):
    """One attempt that failed. `code` is EventBridge's error code; `permanent` says that no retry helps."""

    def __init__(self, code: str, message: str, *, permanent: bool) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.permanent = permanent


@dataclass(frozen=True)
class Sender:
    """Who delivers: the service principal, and the rule or schedule on whose behalf."""

    service: str
    """events.amazonaws.com or scheduler.amazonaws.com."""
    source_arn: str
    role_arn: str | None
    """The target's role. A rule without one needs the target's own policy; schedules always have one."""


def send(aws: Aws, sender: Sender, target: Mapping[str, Any], payload: str) -> None:
    """Hand the payload to the target once. Raises DeliveryError."""
    arn = str(target["Arn"])
    service = arn.split(":")[2]
    deliver = _SENDERS.get(service)
    if deliver is None:
        raise DeliveryError("SDK_CLIENT_ERROR", f"targets of type {service} are not embedded: {arn}", permanent=True)
    calling(lambda: deliver(aws, sender, target, payload))


def calling(call: Callable[[], None]) -> None:
    """Run a call to AWS and turn its error into a DeliveryError."""
    try:
        call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise failed(code, error.response["Error"].get("Message", "")) from error
    except AwsError as error:
        raise failed(error.code, error.message) from error
    except BotoCoreError as error:
        raise DeliveryError("SDK_CLIENT_ERROR", str(error), permanent=False) from error


def failed(code: str, message: str) -> DeliveryError:
    known = _PERMANENT.get(code)
    return DeliveryError(known or "ERROR_FROM_TARGET", f"{code}: {message}", permanent=known is not None)


def supported(arn: str) -> bool:
    return arn.split(":")[2] in _SENDERS


def _refuse_unless(allowed: bool, service: str, action: str, arn: str) -> None:
    if not allowed:
        message = f"{service} may not {action} on {arn}: no policy of the resource allows it"
        raise DeliveryError("NO_PERMISSIONS", message, permanent=True)


def _to_lambda(aws: Aws, sender: Sender, target: Mapping[str, Any], payload: str) -> None:
    arn = target["Arn"]
    if sender.role_arn is not None:
        aws.client("lambda", sender.role_arn).invoke(FunctionName=arn, InvocationType="Event", Payload=payload.encode())
        return
    refuse_lambda_unless_allowed(aws, sender.service, sender.source_arn, arn)
    result = aws.lambdas.invoke(arn, payload.encode(), "Event")
    if result.status >= 300:
        raise DeliveryError("ERROR_FROM_TARGET", f"Lambda answered {result.status}", permanent=result.status < 500)


def refuse_lambda_unless_allowed(aws: Aws, service: str, source_arn: str, function_arn: str) -> None:
    """Raise DeliveryError unless AddPermission let the service call the function, alias or version."""
    allowed = service_allowed(
        lambda_policy(aws, function_arn),
        service=service,
        action="lambda:InvokeFunction",
        resource=function_arn,
        source_arn=source_arn,
    )
    _refuse_unless(allowed, service, "lambda:InvokeFunction", function_arn)


def lambda_policy(aws: Aws, function_arn: str) -> str | None:
    """The resource policy of a function, alias or version; None when it has none."""
    parts = function_arn.split(":")
    qualifier = {"Qualifier": parts[7]} if len(parts) > 7 else {}
    try:
        policy: str = aws.client("lambda").get_policy(FunctionName=":".join(parts[:7]), **qualifier)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    return policy


def _to_states(aws: Aws, sender: Sender, target: Mapping[str, Any], payload: str) -> None:
    if sender.role_arn is None:
        raise DeliveryError("NO_PERMISSIONS", f"the target {target['Arn']} has no RoleArn", permanent=True)
    aws.client("stepfunctions", sender.role_arn).start_execution(stateMachineArn=target["Arn"], input=payload)


def _to_sns(aws: Aws, sender: Sender, target: Mapping[str, Any], payload: str) -> None:
    arn = target["Arn"]
    client = aws.client("sns", sender.role_arn)
    if sender.role_arn is None:
        attributes = client.get_topic_attributes(TopicArn=arn)["Attributes"]
        allowed = _allows(attributes.get("Policy"), sender, "sns:Publish", arn)
        _refuse_unless(allowed, sender.service, "sns:Publish", arn)
        refuse_unless_key_allows(aws, sender.service, sender.source_arn, attributes.get("KmsMasterKeyId"))
    client.publish(TopicArn=arn, Message=payload)


def _to_sqs(aws: Aws, sender: Sender, target: Mapping[str, Any], payload: str) -> None:
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    send_to_queue(aws, sender, target["Arn"], payload, **({"MessageGroupId": group} if group else {}))


def send_to_queue(aws: Aws, sender: Sender, arn: str, body: str, **more: Any) -> None:
    """Send a message to the queue, by its policy or by the sender's role. Raises ClientError or DeliveryError."""
    client = aws.client("sqs", sender.role_arn)
    url = aws.client("sqs").get_queue_url(QueueName=arn.split(":")[5])["QueueUrl"]
    if sender.role_arn is None:
        wanted = ["Policy", "KmsMasterKeyId"]
        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=wanted).get("Attributes", {})
        allowed = _allows(attributes.get("Policy"), sender, "sqs:SendMessage", arn)
        _refuse_unless(allowed, sender.service, "sqs:SendMessage", arn)
        refuse_unless_key_allows(aws, sender.service, sender.source_arn, attributes.get("KmsMasterKeyId"))
    client.send_message(QueueUrl=url, MessageBody=body, **more)


def refuse_unless_key_allows(aws: Aws, service: str, source_arn: str, key_id: str | None) -> None:
    """Raise DeliveryError unless the key that encrypts a topic or queue (None: none does) lets the service use it."""
    if not key_id:
        return
    kms = aws.client("kms")
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    policy = kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    if not key_lets_in(policy, service=service, key_arn=arn, source_arn=source_arn):
        message = f"{service} may not use {arn}: the key's policy does not let it in"
        raise DeliveryError("NO_PERMISSIONS", message, permanent=True)


def _to_logs(aws: Aws, sender: Sender, target: Mapping[str, Any], payload: str) -> None:
    arn = target["Arn"]
    group = arn.split(":")[6]
    client = aws.client("logs")
    policies = [policy["policyDocument"] for policy in client.describe_resource_policies()["resourcePolicies"]]
    resource = f"{arn.removesuffix(':*')}:*"
    allowed = any(_allows(policy, sender, "logs:PutLogEvents", resource) for policy in policies)
    _refuse_unless(allowed, sender.service, "logs:PutLogEvents", arn)
    stream = sender.source_arn.rpartition("/")[2]
    with suppress(client.exceptions.ResourceAlreadyExistsException):
        client.create_log_stream(logGroupName=group, logStreamName=stream)
    entry = {"timestamp": int(aws.clock.now() * 1000), "message": payload}
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[entry])


def _to_events(aws: Aws, sender: Sender, target: Mapping[str, Any], payload: str) -> None:
    """A schedule's event; what a rule forwards to another bus never leaves EventBridge itself."""
    parameters = target.get("EventBridgeParameters")
    if parameters is None:
        raise DeliveryError("INVALID_PARAMETER", "EventBridgeParameters are missing", permanent=True)
    entry = {
        "Source": parameters["Source"],
        "DetailType": parameters["DetailType"],
        "Detail": payload,
        "EventBusName": target["Arn"],
    }
    answer = aws.client("events", sender.role_arn).put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        refused = answer["Entries"][0]
        raise DeliveryError("ERROR_FROM_TARGET", json.dumps(refused), permanent=True)


def _allows(policy: str | None, sender: Sender, action: str, resource: str) -> bool:
    return service_allowed(
        policy, service=sender.service, action=action, resource=resource, source_arn=sender.source_arn
    )


_SENDERS: Final[dict[str, Callable[[Aws, Sender, Mapping[str, Any], str], None]]] = {
    "lambda": _to_lambda,
    "states": _to_states,
    "sns": _to_sns,
    "sqs": _to_sqs,
    "logs": _to_logs,
    "events": _to_events,
}
