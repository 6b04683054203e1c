"""Whether a resource's own policy lets an AWS service in, as EventBridge, SNS and API Gateway need it."""

import fnmatch
import json
from collections.abc import Mapping
from typing import Any

from local.protocol import ACCOUNT

# What a service needs of a key to put something into an encrypted topic or queue.
_DELIVERS_WITH = ("kms:Decrypt", "kms:GenerateDataKey")


def key_lets_in(policy: str, *, service: str, key_arn: str, source_arn: str) -> bool:
    """Whether a key's policy (JSON text) lets a service deliver into what the key encrypts.

    EventBridge tells KMS neither account nor rule, so a condition on them keeps it out; the other services do.
    """
    told = {"aws:principalisawsservice": "true"} if service == "events.amazonaws.com" else _service_context(source_arn)
    return all(
        _allows(policy, service=service, action=action, resource=key_arn, known=told) for action in _DELIVERS_WITH
    )


def service_allowed(
    policy: str | None,
    *,
    service: str,
    action: str,
    resource: str,
    source_arn: str,
    more: Mapping[str, str] | None = None,
) -> bool:
    """Whether the policy document (JSON text) allows the service principal to act for `source_arn`.

    `more` holds condition keys (lower case) besides aws:SourceArn and aws:SourceAccount.

    An explicit Deny wins. A condition that this does not know never holds, so that nothing is allowed by mistake.
    """
    if not policy:
        return False
    known = {**_service_context(source_arn), **(more or {})}
    return _allows(policy, service=service, action=action, resource=resource, known=known)


def _service_context(source_arn: str) -> dict[str, str]:
    return {"aws:sourcearn": source_arn, "aws:sourceaccount": ACCOUNT, "aws:principalisawsservice": "true"}


def _allows(policy: str, *, service: str, action: str, resource: str, known: Mapping[str, str]) -> bool:
    statements = json.loads(policy).get("Statement", [])
    applying = [
        statement
        for statement in ([statements] if isinstance(statements, dict) else statements)
        if _principal(statement.get("Principal"), service)
        and _any_like(statement.get("Action"), action, ignore_case=True)
        and _any_like(statement.get("Resource", "*"), resource)
        and _conditions(statement.get("Condition", {}), known)
    ]
    effects = {statement.get("Effect") for statement in applying}
    return "Allow" in effects and "Deny" not in effects


def _principal(principal: object, service: str) -> bool:
    if isinstance(principal, Mapping):
        return service in _strings(principal.get("Service")) or "*" in _strings(principal.get("AWS"))
    return principal == "*"


def _any_like(patterns: object, value: str, *, ignore_case: bool = False) -> bool:
    fold = str.lower if ignore_case else str
    return any(_like(fold(pattern), fold(value)) for pattern in _strings(patterns))


def _like(pattern: str, value: str) -> bool:
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


def _conditions(conditions: Mapping[str, Mapping[str, Any]], known: Mapping[str, str]) -> bool:
    for operator, keys in conditions.items():
        for key, wanted in keys.items():
            value = known.get(key.lower())
            if value is None or not _holds(operator, value, _strings(wanted)):
                return False
    return True


def _holds(operator: str, value: str, wanted: list[str]) -> bool:
    match operator.removesuffix("IfExists"):
        case "StringEquals" | "Bool":
            return value in wanted
        case "StringLike" | "ArnLike" | "ArnEquals":
            # ARNs in policies may hold wildcards for either operator.
            return any(_like(pattern, value) for pattern in wanted)
        case _:
            return False


def _strings(value: object) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
