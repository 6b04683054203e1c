"""Requests as API Gateway sends them, and answers with the headers that a decision deserves."""

import base64
from typing import Any

import pytest

from fmops.links.http import FormUnreadable, request, response

FORM = "application/x-www-form-urlencoded"


def event(body: str | None = None, *, encoded: bool = False, content_type: str = FORM) -> dict[str, Any]:
    return {
        "version": "2.0",
        "requestContext": {"http": {"method": "POST"}},
        "pathParameters": {"token": "abc.def"},
        "headers": {"content-type": content_type},
        "body": body,
        "isBase64Encoded": encoded,
    }


def test_a_form_is_read_plain_and_encoded() -> None:
    body = "decision=reject&reason=zu+langsam+%C3%BC"
    expected = {"decision": "reject", "reason": "zu langsam ü"}

    assert request(event(body)).form() == expected
    assert request(event(base64.b64encode(body.encode()).decode(), encoded=True)).form() == expected


def test_empty_fields_are_kept() -> None:
    assert request(event("decision=&reason=")).form() == {"decision": "", "reason": ""}


@pytest.mark.parametrize(
    "broken",
    [
        event("decision=approve&decision=reject"),
        event("reason=%FF%FE"),
        event("&".join(f"f{i}=1" for i in range(100))),
        event("reason=" + "x" * 100_000),
        event("not base64 ä", encoded=True),
        event('{"decision": "approve"}', content_type="application/json"),
        event("decision=approve", content_type=""),
    ],
)
def test_any_other_body_is_unreadable(broken: dict[str, Any]) -> None:
    with pytest.raises(FormUnreadable):
        request(broken).form()


def test_a_request_without_a_token_has_an_empty_one() -> None:
    assert request({"requestContext": {"http": {"method": "GET"}}}).token == ""


def test_an_answer_is_neither_kept_nor_framed_and_runs_no_script() -> None:
    headers = response(200, "<p>page", "body{}")["headers"]

    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "form-action 'self'" in policy


def test_an_answer_to_head_has_no_body() -> None:
    assert response(200, "<p>page", "body{}", head=True)["body"] == ""
