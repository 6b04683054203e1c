"""botocore's service models, and which operation of a service a request names."""

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

import botocore.session
from botocore.model import OperationModel, ServiceModel

# How the credential scope names a service, where botocore names it otherwise.
_SIGNING_NAMES = {
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "email": "ses",
    "apigateway": "apigatewayv2",
    "servicequotas": "service-quotas",
}
_TEMPLATE_PART = re.compile(r"\{(\w+)(\+?)\}")


@functools.cache
def service_model(service: str) -> ServiceModel:
    """The model of a service by botocore's name. Thread-safe because models are read-only once built."""
    return botocore.session.get_session().get_service_model(service)


def service_of(signing_name: str, target: str, path: str) -> str:
    """botocore's service name, from the credential scope and, where that is shared, from target or path."""
    if signing_name == "sagemaker":
        return "sagemaker" if target.startswith("SageMaker.") else "sagemaker-runtime"
    if signing_name == "bedrock":
        return "bedrock-runtime" if path.startswith(("/model/", "/guardrail/")) else "bedrock"
    if signing_name == "ses" and path.startswith("/v2/"):
        return "sesv2"
    return _SIGNING_NAMES.get(signing_name, signing_name)


class Matched(NamedTuple):
    """The operation that a request names, and the values that its path carries."""

    operation: OperationModel
    uri: Mapping[str, str]


def match(service: str, method: str, path: str, target: str) -> Matched | None:
    """Find the operation in a json or rest-json service; None when the request names none."""
    model = service_model(service)
    if model.resolved_protocol == "json":
        name = target.rpartition(".")[2]
        return Matched(model.operation_model(name), {}) if name in model.operation_names else None
    for candidate in _routes(service):
        if candidate.method == method and (found := candidate.pattern.fullmatch(path)):
            uri = {name: unquote(value) for name, value in found.groupdict().items()}
            return Matched(model.operation_model(candidate.operation), uri)
    return None


class _Route(NamedTuple):
    method: str
    pattern: re.Pattern[str]
    operation: str


@functools.cache
def _routes(service: str) -> tuple[_Route, ...]:
    model = service_model(service)
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        template = http["requestUri"].partition("?")[0]
        found.append((_weight(template), _Route(http["method"], _compile(template), name)))
    # Literal paths go ahead of those with a variable in the same place.
    return tuple(route for _, route in sorted(found, key=lambda pair: pair[0], reverse=True))


def _weight(template: str) -> tuple[int, int]:
    return len(_TEMPLATE_PART.sub("", template)), -template.count("{")


def _compile(template: str) -> re.Pattern[str]:
    pattern, end = "", 0
    for part in _TEMPLATE_PART.finditer(template):
        pattern += re.escape(template[end : part.start()])
        pattern += f"(?P<{part[1]}>{'.+' if part[2] else '[^/]+'})"
        end = part.end()
    return re.compile(pattern + re.escape(template[end:]) + "/?")
