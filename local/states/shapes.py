"""Between the PascalCase JSON of a machine and the members of botocore's models."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from local.states.errors import RUNTIME, StatesError
from local.states.query import is_expression
from local.states.values import kind_of, text_of

_NUMBERS = ("integer", "long", "float", "double")


def member_of(shape: Any, name: str) -> str | None:
    """The model's own name of a member that a machine writes in PascalCase."""
    if not name or name[0] != name[0].upper():
        return None
    lower = name.lower()
    return next((member for member in shape.members if member.lower() == lower), None)


def unknown_members(template: Any, shape: Any, where: str) -> Iterable[str]:
    """What of literal Arguments the API does not know, each as a sentence. Expressions are left to run time."""
    if is_expression(template) or shape is None:
        return
    if shape.type_name == "structure" and isinstance(template, dict):
        for key, item in template.items():
            member = member_of(shape, key)
            if member is None:
                yield f"{where}/{key}: the field {key!r} is not supported by Step Functions"
            else:
                yield from unknown_members(item, shape.members[member], f"{where}/{key}")
    elif shape.type_name == "list" and isinstance(template, list):
        for i, item in enumerate(template):
            yield from unknown_members(item, shape.member, f"{where}/{i}")
    elif shape.type_name == "map" and isinstance(template, dict):
        for key, item in template.items():
            yield from unknown_members(item, shape.value, f"{where}/{key}")


def missing_members(template: Any, shape: Any) -> list[str]:
    """Required members that a literal object lacks, in PascalCase."""
    if not isinstance(template, dict) or shape is None:
        return []
    given = {key.lower() for key in template}
    return [pascal(name) for name in shape.required_members if name.lower() not in given]


def pascal(name: str) -> str:
    return name[0].upper() + name[1:]


def request_of(value: Any, shape: Any, json_strings: bool, where: str = "") -> Any:
    """The request of botocore's model. `json_strings`: where the API wants text, any JSON may stand.

    StatesError States.Runtime for members that the API does not know and values of the wrong type.
    """
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            return dict(_member(key, item, shape, json_strings, where) for key, item in value.items())
        case "list" if isinstance(value, list):
            return [request_of(item, shape.member, json_strings, f"{where}/{i}") for i, item in enumerate(value)]
        case "map" if isinstance(value, dict):
            return {key: request_of(item, shape.value, json_strings, f"{where}/{key}") for key, item in value.items()}
        case "string" if isinstance(value, str):
            return value
        case "string" | "blob" if json_strings and not isinstance(value, str):
            return text_of(value)
        case "blob" if isinstance(value, str):
            return value.encode()
        case "boolean" if isinstance(value, bool):
            return value
        case "timestamp" if isinstance(value, str):
            return value
        case kind if kind in _NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
            return value
        case kind:
            raise _unusable(
                where,
                f"The value for the field '{where.rsplit('/', 1)[-1]}' must be a {kind.upper()}, not {kind_of(value)}",
            )


def _member(key: str, item: Any, shape: Any, json_strings: bool, where: str) -> tuple[str, Any]:
    member = member_of(shape, key)
    if member is None:
        raise _unusable(where, f"The field '{key}' is not supported by Step Functions")
    return member, request_of(item, shape.members[member], json_strings, f"{where}/{key}")


def _unusable(where: str, why: str) -> StatesError:
    return StatesError(RUNTIME, f"The Parameters could not be used to start the Task: [{why} at {where or '/'}]")


def response_of(value: Any, shape: Any) -> Any:
    """A response of boto3 as a machine sees it: PascalCase members, times as ISO 8601, bytes as text."""
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return _text_of_bytes(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    kind = shape.type_name if shape is not None else ""
    if isinstance(value, dict):
        if kind == "structure":
            members = shape.members
            return {pascal(key): response_of(item, members.get(key)) for key, item in value.items()}
        inner = shape.value if kind == "map" else None
        return {key: response_of(item, inner) for key, item in value.items()}
    if isinstance(value, list):
        return [response_of(item, shape.member if kind == "list" else None) for item in value]
    return value


def _text_of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()
