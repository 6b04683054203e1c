"""The access log of an HTTP API's stage: one line for each request, in the stage's own format."""

import re
from collections.abc import Mapping
from typing import Any, Final

from local.protocol import NotImplementedByEmbeddedAws

_VARIABLE: Final = re.compile(r"\$context\.([A-Za-z.]+)")
_KNOWN: Final = frozenset(
    {
        "requestTime",
        "requestId",
        "routeKey",
        "status",
        "responseLatency",
        "identity.sourceIp",
        "identity.userAgent",
    }
)


def check(settings: Mapping[str, Any]) -> None:
    """NotImplementedByEmbeddedAws for variables that would stay empty here."""
    if unknown := {name for name in _VARIABLE.findall(settings["Format"]) if name not in _KNOWN}:
        raise NotImplementedByEmbeddedAws(f"access logs of $context.{', $context.'.join(sorted(unknown))}")


def group(settings: Mapping[str, Any]) -> str:
    """The log group's name."""
    return str(settings["DestinationArn"]).split(":")[6]


def line(settings: Mapping[str, Any], values: Mapping[str, str]) -> str:
    """The format with its variables filled in; what a request has no value for is written as `-`."""
    return _VARIABLE.sub(lambda found: _quoted(values.get(found[1]) or "-"), settings["Format"])


def _quoted(value: str) -> str:
    # So that what a client sends ends neither the line nor the JSON in which it stands.
    return "".join(char if char.isprintable() and char not in '"\\' else f"\\u{ord(char):04x}" for char in value)
