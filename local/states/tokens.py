"""Task tokens: what waits for SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat."""

import asyncio
import base64
import re
import secrets
from dataclasses import dataclass
from typing import Any

from local.clock import Clock
from local.protocol import AwsError
from local.states.errors import StatesError

_FORM = re.compile(r"AQC[A-Za-z0-9_-]{128}$")


@dataclass
class Ticket:
    """A task that waits for its token."""

    token: str
    beat: float
    """The moment of the newest heartbeat."""
    answer: "asyncio.Future[tuple[Any, StatesError | None]]"


class Tokens:
    """All tokens that were ever given out. Used in the loop's thread only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[str, Ticket] = {}
        self._closed: set[str] = set()

    def new(self) -> Ticket:
        token = f"AQC{base64.urlsafe_b64encode(secrets.token_bytes(96)).decode()}"
        ticket = Ticket(token, self._clock.now(), asyncio.get_running_loop().create_future())
        self._waiting[token] = ticket
        return ticket

    def close(self, ticket: Ticket) -> None:
        """From now on the token answers TaskTimedOut."""
        self._waiting.pop(ticket.token, None)
        self._closed.add(ticket.token)

    def succeed(self, token: str, value: Any) -> None:
        self._answer(token, value, None)

    def fail(self, token: str, error: StatesError) -> None:
        self._answer(token, None, error)

    def heartbeat(self, token: str) -> None:
        self._find(token).beat = self._clock.now()

    def _answer(self, token: str, value: Any, error: StatesError | None) -> None:
        ticket = self._find(token)
        ticket.answer.set_result((value, error))
        self.close(ticket)

    def _find(self, token: str) -> Ticket:
        if ticket := self._waiting.get(token):
            return ticket
        if token in self._closed:
            raise AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        if _FORM.match(token):
            raise AwsError("TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist'")
        raise AwsError("InvalidToken", "Invalid Token: 'Invalid token'")
