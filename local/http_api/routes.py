"""The routes of an HTTP API, read from the OpenAPI body that samtranslator writes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from local.http_api.authorizers import Authorizer, authorizers, chosen
from local.protocol import NotImplementedByEmbeddedAws

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch")
_ANY: Final = "x-amazon-apigateway-any-method"
_INTEGRATION: Final = "x-amazon-apigateway-integration"
_FUNCTION: Final = re.compile(r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/2015-03-31/functions/(?P<arn>.+)/invocations")
# What may stand in a body without changing how it answers.
_KNOWN_BODY: Final = frozenset({"openapi", "info", "paths", "tags", "servers", "components"})
_KNOWN_OPERATION: Final = frozenset(
    # SAM repeats the path's variables as `parameters`.
    {_INTEGRATION, "security", "responses", "isDefaultRoute", "summary", "description", "operationId", "parameters"}
)
_KNOWN_INTEGRATION: Final = frozenset(
    {"httpMethod", "type", "uri", "payloadFormatVersion", "timeoutInMillis", "connectionType", "passthroughBehavior"}
)
_LONGEST_MILLISECONDS: Final = 30000


@dataclass(frozen=True)
class Route:
    """One route and the function behind it."""

    method: str
    """GET and so on, or ANY."""
    path: str
    """As declared, with {variables}; "" for $default."""
    function_arn: str
    timeout: float
    """Seconds that the integration may take."""
    authorizer: Authorizer | None = None
    """None where anybody may come."""

    @property
    def key(self) -> str:
        """The route key, as events carry it."""
        return f"{self.method} {self.path}" if self.path else "$default"


@dataclass(frozen=True)
class Match:
    """A route and the values of its path variables."""

    route: Route
    parameters: Mapping[str, str]


class Routes:
    """All routes of an API."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        """Raises NotImplementedByEmbeddedAws for what the gateway here would not do."""
        _refuse("HTTP API with", set(body) - _KNOWN_BODY)
        known = authorizers(body.get("components", {}))
        self.routes = [route for path, item in body.get("paths", {}).items() for route in _routes(path, item, known)]

    @property
    def guarded(self) -> bool:
        """Whether any route asks who comes."""
        return any(route.authorizer for route in self.routes)

    def match(self, method: str, path: str) -> Match | None:
        """The most specific route for a request's path (still encoded); None when there is none."""
        found = [
            Match(route, parameters)
            for route in self.routes
            if route.method in (method, "ANY") and (parameters := _parameters(route.path, path)) is not None
        ]
        return max(found, key=lambda match: _specificity(match.route), default=None)


def _routes(path: str, item: Mapping[str, Any], known: Mapping[str, Authorizer]) -> list[Route]:
    _refuse(f"the path {path} with", set(item) - {*_METHODS, _ANY})
    declared = "" if path in ("$default", "/$default") else path
    return [
        _route(declared, "ANY" if name == _ANY else name.upper(), operation, known) for name, operation in item.items()
    ]


def _route(path: str, method: str, operation: Mapping[str, Any], known: Mapping[str, Authorizer]) -> Route:
    _refuse(f"the route {method} {path} with", set(operation) - _KNOWN_OPERATION)
    integration = operation[_INTEGRATION]
    _refuse(f"the integration of {method} {path} with", set(integration) - _KNOWN_INTEGRATION)
    function = _FUNCTION.fullmatch(integration["uri"])
    kind, version = integration["type"].lower(), str(integration.get("payloadFormatVersion"))
    if function is None or kind != "aws_proxy" or version != "2.0":
        raise NotImplementedByEmbeddedAws(f"an integration of type {kind}, format {version}, to {integration['uri']}")
    milliseconds = min(int(integration.get("timeoutInMillis", _LONGEST_MILLISECONDS)), _LONGEST_MILLISECONDS)
    authorizer = chosen(f"{method} {path}", operation.get("security", []), known)
    return Route(method, path, function["arn"], milliseconds / 1000, authorizer)


def _refuse(what: str, unknown: set[str]) -> None:
    if unknown:
        raise NotImplementedByEmbeddedAws(f"{what} {', '.join(sorted(unknown))}")


def _parameters(declared: str, path: str) -> dict[str, str] | None:
    """The values of the path's variables; None when the path does not fit."""
    if not declared:
        return {}
    wanted, given = _segments(declared), _segments(path)
    values: dict[str, str] = {}
    for place, segment in enumerate(wanted):
        if segment.startswith("{") and segment.endswith("+}"):
            if len(given) <= place:
                return None
            values[segment[1:-2]] = unquote("/".join(given[place:]))
            return values
        if place == len(given):
            return None
        if segment.startswith("{"):
            values[segment[1:-1]] = unquote(given[place])
        elif segment != unquote(given[place]):
            return None
    return values if len(wanted) == len(given) else None


def _segments(path: str) -> list[str]:
    """A slash at the end makes no difference, except alone."""
    return path.strip("/").split("/")


def _specificity(route: Route) -> tuple[bool, list[int], bool]:
    """Declared paths go ahead of $default, fixed segments of variables, those of greedy ones, methods of ANY."""
    kinds = [0 if each.endswith("+}") else 1 if each.startswith("{") else 2 for each in _segments(route.path)]
    return bool(route.path), kinds, route.method != "ANY"
