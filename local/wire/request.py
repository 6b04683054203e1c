"""What a request says: HTTP in, the operation's members out, as botocore names and types them."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from local.protocol import AwsError


def parse(
    operation: OperationModel, uri: Mapping[str, str], query: str, headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    """Members of the request. AwsError `SerializationException` when the body cannot be read at all.

    Wrong types are left as they came, so that validation can name them.
    """
    shape = operation.input_shape
    if shape is None:
        return {}
    if operation.service_model.resolved_protocol == "json":
        return dict(_value(shape, _json(body)))
    return _rest(shape, uri, parse_qs(query, keep_blank_values=True), headers, body)


def _rest(
    shape: StructureShape,
    uri: Mapping[str, str],
    query: Mapping[str, list[str]],
    headers: Mapping[str, str],
    body: bytes,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    payload = shape.serialization.get("payload")
    lower = {name.lower(): value for name, value in headers.items()}
    for name, member in shape.members.items():
        where, wire = member.serialization.get("location"), member.serialization.get("name", name)
        if where == "uri" and wire in uri:
            found[name] = _text(member, uri[wire])
        elif where == "querystring" and wire in query:
            found[name] = _from_query(member, query[wire])
        elif where == "header" and wire.lower() in lower:
            found[name] = _header(member, lower[wire.lower()])
        elif where == "headers":
            start = wire.lower()
            found[name] = {key[len(start) :]: value for key, value in lower.items() if key.startswith(start)}
    if payload is None:
        body_members = {n: m for n, m in shape.members.items() if "location" not in m.serialization}
        if body_members:
            found |= _members(body_members, _json(body))
    elif shape.members[payload].type_name == "blob":
        if body:
            found[payload] = body
    elif body:
        found[payload] = _value(shape.members[payload], _json(body))
    return found


def _from_query(shape: Shape, values: list[str]) -> Any:
    if isinstance(shape, ListShape):
        return [_text(shape.member, value) for value in values]
    return _text(shape, values[-1])


def _header(shape: Shape, value: str) -> Any:
    if shape.serialization.get("jsonvalue"):
        return json.loads(base64.b64decode(value))
    return _text(shape, value)


def _text(shape: Shape, value: str) -> Any:
    try:
        match shape.type_name:
            case "boolean":
                return {"true": True, "false": False}[value]
            case "integer" | "long":
                return int(value)
            case "float" | "double":
                return float(value)
            case "timestamp":
                return _timestamp(float(value) if value.replace(".", "", 1).isdigit() else value)
    except (KeyError, ValueError):
        return value
    return value


def _json(body: bytes) -> Any:
    try:
        document = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise AwsError("SerializationException", f"the request is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise AwsError("SerializationException", "Start of structure or map found where not expected.")
    return document


def _value(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        # A document type is any JSON.
        return value if shape.is_document_type else _members(shape.members, value)
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_value(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _value(shape.value, item) for key, item in value.items() if item is not None}
    if shape.type_name == "blob" and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise AwsError("SerializationException", f"a blob is not base64: {error}") from error
    if shape.type_name == "timestamp" and isinstance(value, int | float | str) and not isinstance(value, bool):
        return _timestamp(value)
    if shape.type_name in ("float", "double") and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _members(members: Mapping[str, Shape], document: dict[str, Any]) -> dict[str, Any]:
    names = {shape.serialization.get("name", name): name for name, shape in members.items()}
    found = {}
    for wire, value in document.items():
        if value is None:
            continue
        name = names.get(wire)
        # Unknown members stay, for validation to refuse: what we would drop silently might matter.
        found[name or wire] = value if name is None else _value(members[name], value)
    return found


def _timestamp(value: float | str) -> datetime | str | float:
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        parsed: datetime = parse_timestamp(value)
    except (ValueError, OverflowError, OSError):
        return value
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
