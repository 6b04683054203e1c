"""The HTTP of the pages behind links: API Gateway's payload 2.0 in, answers with strict headers out."""

import base64
from binascii import Error as BadBase64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

_LONGEST_FORM = 16 * 1024
_FORM = "application/x-www-form-urlencoded"


class FormUnreadable(Exception):
    """The body is no form that our page sends."""


class Request(NamedTuple):
    """What the page needs to know of a request."""

    method: str
    token: str
    event: Mapping[str, Any]

    @property
    def is_from_our_page(self) -> bool:
        """What a browser says of where a POST comes from. No word of it (an old browser, a program) passes: the link
        itself is the secret that such a request had to know."""
        return str((self.event.get("headers") or {}).get("sec-fetch-site", "same-origin")) in ("same-origin", "none")

    def form(self) -> dict[str, str]:
        """The fields of a POST. FormUnreadable for any other body."""
        return _form(self.event)


def request(event: Mapping[str, Any]) -> Request:
    """The request that API Gateway describes (HTTP API, payload 2.0)."""
    method = str(event["requestContext"]["http"]["method"])
    return Request(method, str((event.get("pathParameters") or {}).get("token", "")), event)


def _form(event: Mapping[str, Any]) -> dict[str, str]:
    content_type = str((event.get("headers") or {}).get("content-type", "")).split(";")[0].strip().lower()
    body = str(event.get("body") or "")
    if content_type != _FORM or len(body) > 2 * _LONGEST_FORM:
        raise FormUnreadable
    try:
        data = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        if len(data) > _LONGEST_FORM:
            raise FormUnreadable
        pairs = parse_qsl(data.decode("ascii"), keep_blank_values=True, max_num_fields=16, errors="strict")
    except (BadBase64, ValueError) as error:
        raise FormUnreadable from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise FormUnreadable
    return fields


def see(address: str) -> dict[str, Any]:
    """After a form: have the browser get another page, so that going back or loading again sends nothing twice."""
    return {
        "statusCode": 303,
        "headers": {"location": address, "cache-control": "no-store", "referrer-policy": "no-referrer"},
        "body": "",
        "isBase64Encoded": False,
    }


def response(status: int, page: str, style: str, *, head: bool = False) -> dict[str, Any]:
    """An HTML answer that no cache keeps, no frame shows, no script runs in, and whose address nobody learns."""
    fingerprint = base64.b64encode(sha256(style.encode()).digest()).decode()
    return {
        "statusCode": status,
        "headers": {
            "content-type": "text/html; charset=utf-8",
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "x-frame-options": "DENY",
            "x-content-type-options": "nosniff",
            "x-robots-tag": "noindex, nofollow",
            "content-security-policy": (
                f"default-src 'none'; style-src 'sha256-{fingerprint}'; form-action 'self'; "
                "frame-ancestors 'none'; base-uri 'none'"
            ),
        },
        "body": "" if head else page,
        "isBase64Encoded": False,
    }
