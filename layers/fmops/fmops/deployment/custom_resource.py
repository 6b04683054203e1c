"""CloudFormation's side of a custom resource: what it asks, and the answer that it waits for."""

import json
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import Field

from fmops.core.models import Theirs
from fmops.core.plain import one_line

# CloudFormation takes 4 KB in all.
_REASON = 1000
_SECONDS = 20


class Request(Theirs):
    """What CloudFormation sends."""

    type: Literal["Create", "Update", "Delete"] = Field(alias="RequestType")
    answer_to: str = Field(alias="ResponseURL", repr=False)
    stack_id: str = Field(alias="StackId")
    request_id: str = Field(alias="RequestId")
    logical_id: str = Field(alias="LogicalResourceId")
    physical_id: str | None = Field(alias="PhysicalResourceId", default=None)
    properties: dict[str, Any] = Field(alias="ResourceProperties", default_factory=dict)


Send = Callable[[str, bytes], None]


def put(url: str, body: bytes) -> None:
    """Put an answer where CloudFormation reads it."""
    # The address is signed without a content type.
    request = urllib.request.Request(url, body, {"Content-Type": ""}, method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310 - CloudFormation's own address
        pass


def serve(request: Request, work: Callable[[Request], Mapping[str, str]], send: Send = put) -> dict[str, Any]:
    """Do the work and answer with what it found, or with why it could not be done: without an answer the stack would
    hang for an hour. The answer, as it was sent.
    """
    answer: dict[str, Any] = {
        "Status": "SUCCESS",
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_id,
        # Always the same, so that an update replaces nothing.
        "PhysicalResourceId": request.physical_id or request.logical_id,
    }
    try:
        answer["Data"] = dict(work(request))
    except Exception as error:
        answer |= {"Status": "FAILED", "Reason": one_line(f"{type(error).__name__}: {error}", _REASON)}
        send(request.answer_to, json.dumps(answer).encode())
        raise
    send(request.answer_to, json.dumps(answer).encode())
    return answer
