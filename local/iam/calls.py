"""What an API call needs: which actions on which resources, from the call's own parameters."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from local.iam import reference
from local.iam.dynamodb import needs_of as dynamodb_needs
from local.iam.s3 import needs_of as s3_needs
from local.protocol import ACCOUNT, REGION, NotImplementedByEmbeddedAws


class Need(NamedTuple):
    """An action that must be allowed on a resource. `also` are other forms of the same resource's ARN."""

    action: str
    resource: str
    context: Mapping[str, Any] = {}
    also: tuple[str, ...] = ()


class Lookups(NamedTuple):
    """What the parameters alone do not tell."""

    hash_key: Callable[[str, str | None], str | None]
    """(table, index) -> name of the partition key."""
    kms_key: Callable[[str], str]
    """KMS key id, ARN or alias -> key ARN."""
    secret: Callable[[str], str]
    """Secret name or ARN -> ARN."""


_PREFIXES = {
    "stepfunctions": "states",
    "sesv2": "ses",
    "sagemaker-runtime": "sagemaker",
    "bedrock-runtime": "bedrock",
    "service-quotas": "servicequotas",
}
_ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:GetLayerVersionByArn": "lambda:GetLayerVersion",
    "bedrock:Converse": "bedrock:InvokeModel",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}
_PASSED_TO = {"scheduler": "scheduler", "states": "states", "lambda": "lambda", "events": "events"}


def needs(service: str, operation: str, params: Mapping[str, Any], lookups: Lookups) -> list[Need]:
    """Everything that IAM would look at before it lets the call through. Loud when a call is not understood."""
    if service == "sts" and operation == "GetCallerIdentity":
        return []  # needs no permission, even against an explicit deny
    if service == "s3":
        return [Need(*need) for need in s3_needs(operation, params)]
    if service == "dynamodb" and (tables := dynamodb_needs(operation, params, lookups.hash_key)):
        return [Need(*need) for need in tables]
    prefix = _PREFIXES.get(service, service)
    action = _ACTIONS.get(f"{prefix}:{operation}", f"{prefix}:{operation}")
    described = reference.action(action)
    if described is None:
        raise NotImplementedByEmbeddedAws(f"the IAM action behind {service}:{operation}")
    context = _context(described, params)
    if special := _SPECIAL.get(prefix):
        found = special(action, operation, params, lookups)
        if found:
            return [need._replace(context={**context, **need.context}) for need in found]
    resources = _resources(described, params)
    if not resources and any(kind.required for kind in described.resources) and described.access_level == "Write":
        raise NotImplementedByEmbeddedAws(f"the IAM resource of {service}:{operation}")
    return [Need(action, resource, context) for resource in resources or ["*"]] + list(
        _dependent(prefix, described, params, resources)
    )


def _dependent(
    prefix: str, described: reference.Action, params: Mapping[str, Any], resources: list[str]
) -> Iterator[Need]:
    if f"{prefix}:AddTags" in described.dependent and params.get("Tags") and resources:
        keys = [tag["Key"] for tag in params["Tags"]]
        yield Need(f"{prefix}:AddTags", resources[0], {"aws:tagkeys": keys})
    if "iam:PassRole" not in described.dependent:
        return
    for name, value in _leaves(params):
        if name.lower() in ("role", "rolearn", "executionrolearn") and isinstance(value, str):
            service = _PASSED_TO.get(prefix, "sagemaker")
            yield Need("iam:PassRole", value, {"iam:passedtoservice": f"{service}.amazonaws.com"})


def _resources(described: reference.Action, params: Mapping[str, Any]) -> list[str]:
    """ARNs that the parameters give or name, by the ARN templates of the action's resource types."""
    strings = {name.lower(): value for name, value in params.items() if isinstance(value, str)}
    found = []
    for kind in described.resources:
        pattern = reference.arn_pattern(kind.arn)
        given = [value for value in strings.values() if value.startswith("arn:") and pattern.fullmatch(value)]
        if given:
            found.append(given[0])
            continue
        names = {variable: _named(variable, strings) for variable in reference.variables(kind.arn)}
        if all(names.values()):
            # AWS' public hub belongs to an account called "aws".
            account = "aws" if strings.get("hubname") == "SageMakerPublicHub" else ACCOUNT
            values = {key: value for key, value in names.items() if value}
            found.append(
                reference.filled(kind.arn, {"Partition": "aws", "Region": REGION, "Account": account, **values})
            )
    return list(dict.fromkeys(found))


def _named(variable: str, strings: Mapping[str, str]) -> str | None:
    if variable == "GroupName":
        return strings.get("groupname", "default")
    return strings.get(variable.lower()) or (strings.get("name") if variable.endswith("Name") else None)


def _context(described: reference.Action, params: Mapping[str, Any]) -> dict[str, Any]:
    """Condition keys whose values stand in the request under the key's own name, and the tags."""
    context: dict[str, Any] = {}
    leaves: dict[str, list[Any]] = {}
    for name, value in _leaves(params):
        leaves.setdefault(name.lower(), []).append(value)
    for key in described.condition_keys:
        name = re.split(r"[:/]", key)[-1].lower()
        values = leaves.get(name) or leaves.get(f"{name}id") or leaves.get(name.removesuffix("s"))
        if values and not key.startswith("aws:"):
            context[key.lower()] = values if len(values) > 1 else values[0]
    tags = params.get("Tags")
    if isinstance(tags, list):
        tags = {tag["Key"]: tag["Value"] for tag in tags if isinstance(tag, dict) and "Key" in tag}
    if isinstance(tags, dict):
        context["aws:tagkeys"] = list(tags)
        context |= {f"aws:requesttag/{key.lower()}": value for key, value in tags.items()}
    return context


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item, name)
    else:
        yield name, value


# ---- services whose resources do not stand in the parameters by their own names


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def _events(action: str, operation: str, params: Mapping[str, Any], _: Lookups) -> list[Need]:
    if operation == "PutEvents":
        return [
            Need(
                action,
                bus if bus.startswith("arn:") else _arn("events", f"event-bus/{bus}"),
                {"events:source": entry.get("Source"), "events:detail-type": entry.get("DetailType")},
            )
            for entry in params["Entries"]
            for bus in [entry.get("EventBusName", "default")]
        ]
    rule = params.get("Rule") or (params.get("Name") if "Rule" in operation else None)
    if rule is None:
        return []
    bus = params.get("EventBusName", "default").rsplit("/", 1)[-1]
    return [Need(action, _arn("events", f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}"))]


def _sqs(action: str, _: str, params: Mapping[str, Any], __: Lookups) -> list[Need]:
    name = params["QueueUrl"].rsplit("/", 1)[-1] if "QueueUrl" in params else params.get("QueueName")
    return [Need(action, _arn("sqs", name) if name else "*")]


def _ssm(action: str, _: str, params: Mapping[str, Any], __: Lookups) -> list[Need]:
    names = params.get("Names") or [params[key] for key in ("Name", "Path") if key in params]
    return [Need(action, _arn("ssm", f"parameter/{name.strip('/')}")) for name in names if not name.startswith("arn:")]


def _kms(action: str, _: str, params: Mapping[str, Any], lookups: Lookups) -> list[Need]:
    key = params.get("KeyId")
    if key is None:
        return []
    alias = {"kms:requestalias": key} if key.startswith("alias/") else {}
    return [Need(action, lookups.kms_key(key), alias)]


def _secrets(action: str, _: str, params: Mapping[str, Any], lookups: Lookups) -> list[Need]:
    return [Need(action, lookups.secret(params["SecretId"]))] if "SecretId" in params else []


def _lambda(action: str, _: str, params: Mapping[str, Any], __: Lookups) -> list[Need]:
    if "Arn" in params:
        return [Need(action, params["Arn"])]
    name = params.get("FunctionName")
    if name is None or action == "lambda:CreateFunction":
        return []
    arn = name if name.startswith("arn:") else _arn("lambda", f"function:{name.rsplit(':function:', 1)[-1]}")
    qualifier = params.get("Qualifier")
    return [Need(action, f"{arn}:{qualifier}" if qualifier and qualifier not in ("$LATEST", name) else arn)]


def _states(action: str, _: str, params: Mapping[str, Any], __: Lookups) -> list[Need]:
    """A version or an alias is asked for by its machine; which one it is, a condition key says."""
    parts = params.get("stateMachineArn", "").split(":")
    context = {"states:statemachinequalifier": ":".join(parts[7:])}
    return [Need(action, ":".join(parts[:7]), context)] if len(parts) > 7 else []


def _logs(action: str, _: str, params: Mapping[str, Any], __: Lookups) -> list[Need]:
    group = params.get("logGroupName")
    if group is None:
        return []
    arn = _arn("logs", f"log-group:{group}")
    # Policies name a group as it is or with `:*` behind; AWS takes both.
    return [Need(action, arn, {}, (f"{arn}:log-stream:{params.get('logStreamName', '')}",))]


def _ses(action: str, _: str, params: Mapping[str, Any], __: Lookups) -> list[Need]:
    sender = params.get("Source") or params.get("FromEmailAddress")
    if sender is None:
        return []
    address = sender.rpartition("<")[2].rstrip(">")
    domain = address.rpartition("@")[2]
    return [
        Need(
            action,
            _arn("ses", f"identity/{address}"),
            {"ses:fromaddress": address},
            (_arn("ses", f"identity/{domain}"),),
        )
    ]


def _cloudwatch(action: str, operation: str, params: Mapping[str, Any], __: Lookups) -> list[Need]:
    if operation == "PutMetricData":
        return [Need(action, "*", {"cloudwatch:namespace": params["Namespace"]})]
    if "Alarm" not in operation:
        return []
    # An alarm's request may name a namespace too; what it is about is the alarm.
    names = params.get("AlarmNames") or [params[key] for key in ("AlarmName",) if key in params]
    return [Need(action, _arn("cloudwatch", f"alarm:{name}")) for name in names]


def _sagemaker(action: str, operation: str, params: Mapping[str, Any], _: Lookups) -> list[Need]:
    group = params.get("ModelPackageGroupName")
    if operation != "CreateModelPackage" or group is None:
        return []
    group = group.rsplit("/", 1)[-1]
    # The version's number is AWS' to choose; both resource types of the action are asked for.
    return [
        Need(action, _arn("sagemaker", f"model-package-group/{group}")),
        Need(action, _arn("sagemaker", f"model-package/{group}/*")),
    ]


# An inference profile is named as its model, behind the regions that it leads to.
_PROFILE = re.compile(r"^(us|us-gov|eu|apac|jp|au|ca|global)\.")


def _bedrock(action: str, _: str, params: Mapping[str, Any], __: Lookups) -> list[Need]:
    model = params.get("modelId")
    if model is None:
        return []
    found = [Need(action, arn) for arn in _models(model)]
    rail = params.get("guardrailConfig", {}).get("guardrailIdentifier")
    if rail:
        arn = rail if rail.startswith("arn:") else _arn("bedrock", f"guardrail/{rail}")
        found.append(Need("bedrock:ApplyGuardrail", arn))
    return found


def _models(model: str) -> list[str]:
    """What must be allowed: the model, and the inference profile that leads to it."""
    name = model.rpartition("/")[2]
    foundation = f"arn:aws:bedrock:{REGION}::foundation-model/{_PROFILE.sub('', name)}"
    if model.startswith("arn:"):
        return [model, foundation] if ":inference-profile/" in model else [model]
    return [_arn("bedrock", f"inference-profile/{model}"), foundation] if _PROFILE.match(model) else [foundation]


_SPECIAL: Mapping[str, Callable[[str, str, Mapping[str, Any], Lookups], list[Need]]] = {
    "events": _events,
    "sqs": _sqs,
    "ssm": _ssm,
    "kms": _kms,
    "secretsmanager": _secrets,
    "lambda": _lambda,
    "states": _states,
    "logs": _logs,
    "ses": _ses,
    "cloudwatch": _cloudwatch,
    "sagemaker": _sagemaker,
    "bedrock": _bedrock,
}
