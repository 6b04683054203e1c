"""Answers and errors as AWS sends them: the operation's members in, HTTP out."""

import base64
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple

from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from local.protocol import AwsError


class Response(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def serialise(operation: OperationModel, answer: Mapping[str, Any]) -> Response:
    """Write the answer by the operation's model. TypeError for a member that the model does not have."""
    shape = operation.output_shape
    status = int(operation.http.get("responseCode", 200))
    headers = {"x-amzn-requestid": str(uuid.uuid4())}
    if operation.service_model.resolved_protocol == "json":
        headers["content-type"] = _content_type(operation.service_model)
        document = {} if shape is None else _members(shape, answer)
        return Response(status, headers, _dumps(document))
    headers["content-type"] = "application/json"
    if shape is None:
        return Response(status, headers, b"")
    return _rest(shape, dict(answer), status, headers)


def _rest(shape: StructureShape, answer: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    for name, member in shape.members.items():
        where = member.serialization.get("location")
        if where is None or name not in answer:
            continue
        value = answer.pop(name)
        wire = member.serialization.get("name", name)
        if where == "statusCode":
            status = int(value)
        elif value is not None and where == "headers":
            headers |= {f"{wire}{key}": str(item) for key, item in value.items()}
        elif value is not None:
            headers[wire] = _header(member, value)
    payload = shape.serialization.get("payload")
    if payload is None:
        return Response(status, headers, _dumps(_members(shape, answer)))
    value = answer.get(payload)
    if shape.members[payload].type_name == "blob":
        body = value.encode() if isinstance(value, str) else value or b""
        if "ContentType" not in shape.members:
            return Response(status, headers, body)
        headers["content-type"] = headers.pop("Content-Type", headers["content-type"])
        return Response(status, headers, body)
    return Response(status, headers, b"" if value is None else _dumps(_value(shape.members[payload], value)))


def fail(service: ServiceModel, error: AwsError) -> Response:
    """Write an error in the shape that the service's protocol has for it."""
    shape = _error_shape(service, error.code)
    status, member = error.status, "message"
    fields: dict[str, Any] = {}
    if shape is not None:
        status = int(shape.metadata.get("error", {}).get("httpStatusCode", status)) if status == 400 else status
        member = next((name for name in shape.members if name.lower() == "message"), member)
        fields = _members(shape, error.fields)
    headers = {"x-amzn-requestid": str(uuid.uuid4()), "x-amzn-errortype": error.code}
    if service.resolved_protocol == "json":
        headers["content-type"] = _content_type(service)
        return Response(status, headers, _dumps({"__type": error.code, member: error.message, **fields}))
    headers["content-type"] = "application/json"
    return Response(status, headers, _dumps({member: error.message, **fields}))


def _error_shape(service: ServiceModel, code: str) -> StructureShape | None:
    for shape in service.error_shapes:
        if code in (shape.name, shape.metadata.get("error", {}).get("code")):
            found: StructureShape = shape
            return found
    return None


def _content_type(service: ServiceModel) -> str:
    return f"application/x-amz-json-{service.metadata.get('jsonVersion', '1.1')}"


def _dumps(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()


def _members(shape: StructureShape, answer: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(answer) - set(shape.members):
        raise TypeError(f"{shape.name} has no members {sorted(unknown)}")
    return {
        shape.members[name].serialization.get("name", name): _value(shape.members[name], value)
        for name, value in answer.items()
        if value is not None
    }


def _value(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return value if shape.is_document_type else _members(shape, value)
    if isinstance(shape, ListShape):
        return [_value(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _value(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return _timestamp(shape, value, "unixTimestamp")
    if shape.type_name == "blob":
        return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
    return value


def _header(shape: Shape, value: Any) -> str:
    if shape.serialization.get("jsonvalue"):
        return base64.b64encode(_dumps(value)).decode()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | int | float) and shape.type_name == "timestamp":
        return str(_timestamp(shape, value, "rfc822"))
    return str(value)


def _timestamp(shape: Shape, value: datetime | float, usual: str) -> float | str:
    moment = value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)
    match shape.serialization.get("timestampFormat", usual):
        case "iso8601":
            return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case "rfc822":
            return format_datetime(moment.astimezone(UTC), usegmt=True)
    return round(moment.timestamp(), 3)
