"""Payload format 2.0: the event that a function gets, and the HTTP answer that its result means."""

import base64
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, unquote

from local.http_api.routes import Match
from local.http_front import Request
from local.protocol import ACCOUNT
from local.wire.response import Response

_TEXT: Final = re.compile(r"(text/.+|application/(json|javascript|xml|.+\+json|.+\+xml))(\s*;.*)?", re.IGNORECASE)


class Stage(NamedTuple):
    """Where a request came in."""

    api_id: str
    name: str
    variables: Mapping[str, str]


class Headers(Mapping[str, str]):
    """Headers of an answer; Set-Cookie may be there several times."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def __getitem__(self, name: str) -> str:
        return dict(self._pairs)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._pairs))

    def __len__(self) -> int:
        return len(dict(self._pairs))

    def items(self) -> Any:
        """Every pair, repeated names included."""
        return list(self._pairs)


def event(request: Request, match: Match, stage: Stage, now: float) -> dict[str, Any]:
    """The event for a request, as API Gateway makes it."""
    path, _, query = request.target.partition("?")
    headers = {**_joined(request.headers), "x-forwarded-proto": "http", "x-forwarded-for": "127.0.0.1"}
    cookies = headers.pop("cookie", None)
    raw_path = unquote(path)
    body, encoded = _body(request.body, headers.get("content-type", ""))
    parameters = _joined_query(query)
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": raw_path,
        "rawQueryString": query,
        **({"cookies": [part.strip() for part in cookies.split(";")]} if cookies else {}),
        "headers": headers,
        **({"queryStringParameters": parameters} if parameters else {}),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": stage.api_id,
            "domainName": headers.get("host", ""),
            "domainPrefix": stage.api_id,
            "http": {
                "method": request.method,
                "path": raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": uuid.uuid4().hex[:15] + "=",
            "routeKey": match.route.key,
            "stage": stage.name,
            "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now * 1000),
        },
        **({"pathParameters": dict(match.parameters)} if match.parameters else {}),
        **({"stageVariables": dict(stage.variables)} if stage.variables else {}),
        "isBase64Encoded": encoded,
    }
    if body is not None:
        made["body"] = body
    return made


def _joined(headers: Mapping[str, str]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        joined[lower] = f"{joined[lower]},{value}" if lower in joined else value
    return joined


def _joined_query(query: str) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(body: bytes, content_type: str) -> tuple[str | None, bool]:
    """The body as text, or in Base64 for types that are not text; forms are not, for API Gateway."""
    if not body:
        return None, False
    if _TEXT.fullmatch(content_type.strip()) or not content_type:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # no text after all
    return base64.b64encode(body).decode(), True


class AnswerError(ValueError):
    """A function's result that is no HTTP answer."""


def answer(result: bytes) -> Response:
    """The HTTP answer that a function's result means. AnswerError when it means none."""
    try:
        document = json.loads(result) if result else None
    except ValueError as error:
        raise AnswerError(f"the result is not JSON: {error}") from error
    if not isinstance(document, dict) or "statusCode" not in document:
        text = document if isinstance(document, str) else json.dumps(document)
        return Response(200, {"content-type": "application/json"}, text.encode())
    return Response(_status(document["statusCode"]), _headers(document), _content(document))


def _status(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdigit() or not 100 <= int(value) <= 599:
        raise AnswerError(f"{value!r} is not a status code")
    return int(value)


def _headers(document: Mapping[str, Any]) -> Headers:
    headers = document.get("headers") or {}
    if not isinstance(headers, dict):
        raise AnswerError("headers are not an object")
    pairs = []
    for name, value in headers.items():
        if isinstance(value, list | dict) or value is None:
            raise AnswerError(f"the header {name} has no single value")
        pairs.append((name.lower(), str(value).lower() if isinstance(value, bool) else str(value)))
    if "content-type" not in {name for name, _ in pairs}:
        # What the HTTP API says of a body that nobody described.
        pairs.append(("content-type", "text/plain;charset=utf-8"))
    return Headers([*pairs, *(("set-cookie", str(cookie)) for cookie in document.get("cookies") or [])])


def _content(document: Mapping[str, Any]) -> bytes:
    body = document.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise AnswerError("the body is not a string")
    if not document.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise AnswerError("the body is not Base64") from error
