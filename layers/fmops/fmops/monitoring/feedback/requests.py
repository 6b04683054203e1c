"""A request to the feedback API (payload 2.0): who votes, and for what. Each fault is said in words."""

import base64
import json
from binascii import Error as BadBase64
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from fmops.core.errors import BadInput
from fmops.core.ids import short_hash
from fmops.core.models import Ours
from fmops.monitoring.feedback.models import Thumb
from fmops.usecases.candidates import Slug
from fmops.usecases.store import explain

LARGEST = 16 * 1024
"""Bytes of a body."""
_ID_LENGTH = 32


class TooLarge(BadInput):
    """The body is larger than any vote."""


class Said(Ours):
    """The body of a request."""

    use_case: Slug
    inference_id: str = Field(pattern=r"^[!-~][ -~]*$", max_length=64)
    """The InferenceId that the endpoint was called with, or the event id of its record: as SageMaker allows them."""
    thumb: Thumb
    text: str = Field(default="", max_length=4000)
    tenant: str = Field(default="", max_length=128)
    user: str = Field(default="", max_length=256)
    """For whom an application votes; people who signed in vote for themselves."""


class Request(NamedTuple):
    said: Said
    voter: str
    """The same for the same person, and nobody's name."""


def request(event: Mapping[str, Any]) -> Request:
    """The vote that API Gateway describes. BadInput says what is wrong with it, TooLarge that it is too large."""
    said = _said(_body(event))
    return Request(said, _voter(event["requestContext"]["authorizer"], said.user))


def _body(event: Mapping[str, Any]) -> bytes:
    body = str(event.get("body") or "")
    try:
        data = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except (BadBase64, ValueError) as error:
        raise BadInput("the body is no text; send JSON") from error
    if len(data) > LARGEST:
        raise TooLarge(f"the body has {len(data):,} bytes; at most {LARGEST:,} are taken")
    return data


def _said(body: bytes) -> Said:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            'the body is no JSON; send {"use_case": …, "inference_id": …, "thumb": "up" or "down"}'
        ) from error
    if not isinstance(document, dict):
        raise BadInput("the body must be a JSON object")
    try:
        return Said.model_validate(document)
    except ValidationError as error:
        raise BadInput("; ".join(explain(error))) from error


def _voter(authorizer: Mapping[str, Any], user: str) -> str:
    if "jwt" in authorizer:
        if user:
            raise BadInput("user: who signs in votes for nobody else; leave it out")
        claims = authorizer["jwt"]["claims"]
        if not claims.get("sub"):
            raise BadInput("the token names nobody: it has no claim sub")
        return short_hash("jwt", claims["iss"], claims["sub"], length=_ID_LENGTH)
    arn = str(authorizer["iam"]["userArn"])
    if user and ":assumed-role/" in arn:
        # An application's instances have sessions of their own, and its user is one all the same.
        arn = arn.rpartition("/")[0]
    return short_hash("iam", arn, user, length=_ID_LENGTH)
