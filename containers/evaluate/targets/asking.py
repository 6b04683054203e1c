"""What every target has in common: an answer, or a reason why there is none."""

from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from botocore.config import Config
from botocore.exceptions import ClientError

LONGEST_REASON = 300
_READ_TIMEOUT = 190  # SageMaker itself gives up after 60; endpoints on small machines take longer.


class Trouble(StrEnum):
    """Why there is no answer, by what to do about it."""

    REFUSED = "refused"
    """This prompt will be refused again."""
    FORBIDDEN = "forbidden"
    """No prompt will be answered."""
    THROTTLED = "throttled"
    """Too many were asked at once."""
    BROKEN = "broken"
    """The target or the way to it failed; it may be well in a while."""


class Reply(NamedTuple):
    """An answer."""

    text: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    intervened: bool = False
    """Whether a guardrail answered in the model's place."""


class NotAnswered(Exception):
    """The target gave no answer to one prompt."""

    def __init__(self, reason: str, trouble: Trouble, retry_after: float | None = None) -> None:
        super().__init__(reason[:LONGEST_REASON])
        self.trouble = trouble
        self.retry_after = retry_after
        """Seconds that the target asks to be left alone."""


class Target(Protocol):
    """Whatever answers prompts. Called from many threads at once."""

    def ask(self, prompt: str) -> Reply:
        """The answer. NotAnswered where there is none."""


def patient(connections: int) -> Config:
    """How boto3 clients ask: once. Repeating is for whoever knows what else is under way."""
    return Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=10,
        read_timeout=_READ_TIMEOUT,
        max_pool_connections=connections,
    )


def of_client_error(error: ClientError, known: dict[str, Trouble]) -> NotAnswered:
    """From AWS' error: by its code where that is known, else by the status of the response."""
    details: dict[str, Any] = dict(error.response.get("Error", {}))
    code = details.get("Code", "Unknown")
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    return NotAnswered(f"{code}: {details.get('Message', '')}", known.get(code) or of_status(status))


def of_status(status: int) -> Trouble:
    """What an HTTP status other than 200 means for the prompts to come. 0: there was no response."""
    match status:
        case 401 | 403 | 404 | 405:
            return Trouble.FORBIDDEN
        case 429:
            return Trouble.THROTTLED
        case 408 | 409 | 424 | 425:
            return Trouble.BROKEN
        case _ if 400 <= status < 500:
            return Trouble.REFUSED
        case _:
            return Trouble.BROKEN
