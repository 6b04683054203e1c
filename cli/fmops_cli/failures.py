"""Turns what may be expected to go wrong into one sentence and an exit code."""

import errno
from typing import NamedTuple

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from fmops.core.errors import BadInput, FmopsError
from fmops_cli.target import NoTarget

FAILED = 1
"""It could not be done."""
WRONG = 2
"""What was given is wrong: trying again does not help."""

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"})


class CommandFailed(Exception):
    """A command could not do its work; the text is the sentence that people read."""


class Sentence(NamedTuple):
    """What is said, and the process' exit code."""

    text: str
    code: int


def explain(error: BaseException) -> Sentence | None:
    """The sentence for an expected error; None for one that nobody expected."""
    match error:
        case BadInput():
            return Sentence(str(error), WRONG)
        case NoTarget() | CommandFailed() | FmopsError():
            return Sentence(str(error), FAILED)
        case ClientError():
            return Sentence(_refused(error), FAILED)
        case EndpointConnectionError() | ConnectionClosedError():
            where = error.kwargs.get("endpoint_url", "")
            text = f"nothing answers at {where}: the local run has ended or there is no network; `fmops local status`"
            return Sentence(text, FAILED)
        case ReadTimeoutError():
            return Sentence(f"no answer in time: {error}", FAILED)
        case NoCredentialsError():
            return Sentence("there are no AWS credentials: sign in, or set AWS_PROFILE", FAILED)
        case BotoCoreError():
            return Sentence(str(error), FAILED)
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return Sentence(f"the disk is full: nothing more can be written to {error.filename or 'it'}", FAILED)
        case FileNotFoundError() | PermissionError() | IsADirectoryError():
            return Sentence(f"{error.filename}: {error.strerror}", WRONG)
        case _:
            return None


def _refused(error: ClientError) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in _DENIED:
        return f"AWS denied {error.operation_name}: {message}"
    if code in _EXPIRED:
        return f"the AWS credentials are not valid (any more): {message}"
    return f"AWS refused {error.operation_name}: {code}: {message}"
