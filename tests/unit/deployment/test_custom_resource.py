"""CloudFormation always gets an answer."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from fmops.deployment.custom_resource import Request, put, serve

EVENT = {
    "RequestType": "Create",
    "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:f",
    "ResponseURL": "https://answers.invalid/1",
    "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/fmops/guid",
    "RequestId": "request-1",
    "ResourceType": "Custom::JobImages",
    "LogicalResourceId": "JobImages",
    "ResourceProperties": {"ServiceToken": "arn:…", "SOURCES": "arn:layer:1"},
}


def test_what_the_work_found_is_answered_as_attributes() -> None:
    sent: list[tuple[str, bytes]] = []

    serve(Request.model_validate(EVENT), lambda _: {"Tag": "abc"}, lambda url, body: sent.append((url, body)))

    ((url, body),) = sent
    assert url == EVENT["ResponseURL"]
    assert json.loads(body) == {
        "Status": "SUCCESS",
        "StackId": EVENT["StackId"],
        "RequestId": "request-1",
        "LogicalResourceId": "JobImages",
        "PhysicalResourceId": "JobImages",
        "Data": {"Tag": "abc"},
    }


def test_an_update_keeps_the_physical_id_so_that_nothing_is_replaced() -> None:
    update = Request.model_validate({**EVENT, "RequestType": "Update", "PhysicalResourceId": "as-it-was"})

    assert serve(update, lambda _: {}, lambda _url, _body: None)["PhysicalResourceId"] == "as-it-was"


def test_work_that_fails_is_answered_too_and_fails_the_function() -> None:
    sent: list[dict[str, Any]] = []

    def work(_: Request) -> dict[str, str]:
        raise LookupError("no such project\n" + "x" * 5000)

    with pytest.raises(LookupError):
        serve(Request.model_validate(EVENT), work, lambda _, body: sent.append(json.loads(body)))

    (answer,) = sent
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("LookupError: no such project")
    assert len(json.dumps(answer)) < 4096


def test_the_answer_is_put_without_a_content_type_for_which_nothing_is_signed() -> None:
    heard: list[tuple[str, str | None, bytes]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, self.headers["Content-Type"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.handle_request).start()
        put(f"http://127.0.0.1:{server.server_port}/key?signature=1", b"{}")

    assert heard == [("/key?signature=1", "", b"{}")]
