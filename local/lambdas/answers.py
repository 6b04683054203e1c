"""How Lambda's API shows a function."""

from datetime import UTC, datetime
from typing import Any

from local.lambdas.functions import AsyncSettings, Function

_REPEATED = (
    "Description",
    "Architectures",
    "DeadLetterConfig",
    "TracingConfig",
    "EphemeralStorage",
    "LoggingConfig",
    "VpcConfig",
    "KMSKeyArn",
)


def configuration(function: Function) -> dict[str, Any]:
    """FunctionConfiguration."""
    answer = {
        "FunctionName": function.name,
        "FunctionArn": function.qualified_arn,
        "Runtime": function.runtime,
        "Role": function.role,
        "Handler": function.handler,
        "CodeSize": function.code_size,
        "Timeout": function.timeout,
        "MemorySize": function.memory_mb,
        # Lambda's own form, with the zone as four digits.
        "LastModified": datetime.fromtimestamp(function.modified, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "Version": function.version,
        "RevisionId": function.revision,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Layers": [{"Arn": arn} for arn in function.request.get("Layers", [])],
        **{name: function.request[name] for name in _REPEATED if name in function.request},
    }
    if function.environment:
        answer["Environment"] = {"Variables": function.environment}
    return answer


def event_invoke_config(function: Function, qualifier: str, settings: AsyncSettings) -> dict[str, Any]:
    """FunctionEventInvokeConfig."""
    return {
        "LastModified": settings.modified,
        "FunctionArn": f"{function.arn}:{qualifier}",
        "MaximumRetryAttempts": settings.retries,
        "MaximumEventAgeInSeconds": settings.max_age_seconds,
        "DestinationConfig": {
            "OnSuccess": {"Destination": settings.on_success} if settings.on_success else {},
            "OnFailure": {"Destination": settings.on_failure} if settings.on_failure else {},
        },
    }
