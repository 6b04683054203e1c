"""Checks of API requests beyond botocore's model: names, ARNs, inputs, pages."""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from local.protocol import ACCOUNT, REGION, AwsError, NotImplementedByEmbeddedAws
from local.states.definition import check
from local.states.errors import InvalidDefinition
from local.states.values import DATA_BYTES, size_of, value_of

PREFIX = f"arn:aws:states:{REGION}:{ACCOUNT}"
PAGE = 100

T = TypeVar("T")

_NAME = re.compile(r"[^\s\[\]{}<>?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}$")
_TOKEN = re.compile(r"after-(\d+)$")


class Page(NamedTuple):
    """Some of a list's entries, and what the next request needs to go on."""

    entries: list[Any]
    following: dict[str, str]


def checked_name(name: str) -> str:
    if not _NAME.match(name):
        raise AwsError("InvalidName", f"Invalid Name: '{name}'")
    return name


def checked_machine_arn(arn: str) -> str:
    if not arn.startswith(f"{PREFIX}:stateMachine:"):
        raise AwsError("InvalidArn", f"Invalid Arn: '{arn}' is no state machine of this account and region")
    return arn


def checked_execution_arn(arn: str) -> str:
    if arn.startswith(f"{PREFIX}:express:"):
        raise AwsError("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
    if not arn.startswith(f"{PREFIX}:execution:"):
        raise AwsError("InvalidArn", f"Invalid Arn: '{arn}' is no execution of this account and region")
    return arn


def checked_definition(text: str, *, express: bool) -> dict[str, Any]:
    """The parsed definition. AwsError InvalidDefinition with the place of what is wrong."""
    try:
        definition = json.loads(text, object_pairs_hook=_without_duplicates)
        check(definition, express=express)
    except InvalidDefinition as error:
        message = f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {error.why} at {error.where}'"
        raise AwsError("InvalidDefinition", message) from error
    except ValueError as error:
        message = f"Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: {error}'"
        raise AwsError("InvalidDefinition", message) from error
    result: dict[str, Any] = definition
    return result


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON would silently keep the last of two states with the same name."""
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"duplicate fields {sorted({name for name in names if names.count(name) > 1})}")
    return value


def checked_input(text: str) -> str:
    if size_of(text) > DATA_BYTES:
        raise AwsError("ValidationException", "The input is larger than 256 KiB.")
    try:
        value_of(text)
    except ValueError as error:
        raise AwsError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from error
    return text


def page_of(entries: Sequence[T], request: dict[str, Any], most: int = PAGE) -> Page:
    """The page that maxResults and nextToken ask for. AwsError InvalidToken for a foreign token."""
    first = 0
    if token := request.get("nextToken"):
        if not (match := _TOKEN.match(token)):
            raise AwsError("InvalidToken", f"Invalid Token: '{token}'")
        first = int(match[1])
    last = first + (request.get("maxResults") or most)
    return Page(list(entries[first:last]), {"nextToken": f"after-{last}"} if last < len(entries) else {})


def refuse_unsupported(request: dict[str, Any]) -> None:
    """What is not done here is refused, not ignored."""
    if request.get("publish"):
        raise NotImplementedByEmbeddedAws(
            "publishing a version with the change (publish); PublishStateMachineVersion does"
        )
    if request.get("encryptionConfiguration", {}).get("type", "AWS_OWNED_KEY") != "AWS_OWNED_KEY":
        raise NotImplementedByEmbeddedAws("state machines encrypted with customer managed keys")
