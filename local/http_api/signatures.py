"""Checks Signature Version 4 of a request to an HTTP API, by making the signature again with botocore."""

import hmac
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.http_front import Request
from local.protocol import REGION

_SERVICE: Final = "execute-api"
_TOLERATED_SECONDS: Final = 300
_HEADER: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/,]+)/(?P<service>[^/,]+)/aws4_request"
    r",\s*SignedHeaders=(?P<headers>[a-z0-9;_-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


class BadSignature(Exception):
    """The request is not signed, or not by whom it says."""


class _Signed(NamedTuple):
    key: str
    headers: frozenset[str]
    signature: str
    at: str


def verified(request: Request, secret_of: Callable[[str], str | None]) -> str:
    """The access key that signed the request. BadSignature where it does not hold, or its time is not now."""
    signed = _signed(request)
    secret = secret_of(signed.key)
    if secret is None:
        raise BadSignature("nobody issued this access key")
    if not hmac.compare_digest(_again(request, signed, secret), signed.signature):
        raise BadSignature("the signature does not match the request")
    return signed.key


def _signed(request: Request) -> _Signed:
    found = _HEADER.fullmatch(request.header("authorization").strip())
    if found is None:
        raise BadSignature("the request has no signature (version 4, in the header)")
    at = request.header("x-amz-date")
    try:
        moment = datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadSignature("X-Amz-Date is no time") from error
    if not at.startswith(found["date"]) or (found["region"], found["service"]) != (REGION, _SERVICE):
        raise BadSignature(f"the signature is not for {_SERVICE} in {REGION} on that day")
    # Whoever signs looks at the real clock, wherever the embedded AWS' own stands.
    if abs(time.time() - moment.timestamp()) > _TOLERATED_SECONDS:
        raise BadSignature("the signature is too old, or from the future")
    headers = frozenset(found["headers"].split(";"))
    if not headers >= {"host", "x-amz-date"}:
        raise BadSignature("host and x-amz-date must be signed")
    return _Signed(found["key"], headers, found["signature"], at)


def _again(request: Request, signed: _Signed, secret: str) -> str:
    """The signature that this secret makes of the request as it came."""
    digest = request.header("x-amz-content-sha256")
    if digest and digest != sha256(request.body).hexdigest():
        raise BadSignature("the body is not the one that was signed")
    headers = {name: value for name, value in request.headers.items() if name.lower() in signed.headers}
    again = AWSRequest(request.method, f"http://{request.header('host')}{request.target}", headers, request.body)
    again.context["timestamp"] = signed.at
    auth = SigV4Auth(Credentials(signed.key, secret), _SERVICE, REGION)
    signature: str = auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again)
    return signature
