"""Gives runs their turn: a record of the ledger that is changed as a whole, and the tasks that wait for it."""

import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from fmops.core.clock import iso
from fmops.core.errors import LedgerBusy, StaleTransition
from fmops.core.ids import canonical_json
from fmops.core.ledger import Key, Ledger
from fmops.core.models import Ours
from fmops.evaluation import runs
from fmops.evaluation.desk import Desk
from fmops.evaluation.turns.rules import Turn, Turns, needs
from fmops.launches import executions

KEY = Key("TURNS#evaluation", "TURNS")
KIND = "turns"
_TRIES = 10
# The execution was stopped, timed out or was answered already: there is nobody to tell.
_NOBODY_WAITS = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class TurnTask(Ours):
    """AwaitTurn's payload."""

    run_id: str
    use_case: str
    execution_arn: str
    task_token: str


class TurnDesk:
    def __init__(self, ledger: Ledger, states: Any, most: int, pause: Callable[[float], None] = time.sleep) -> None:
        """`states` is a boto3 client of Step Functions; `most` runs evaluate at once."""
        self._ledger, self._states, self._most, self._pause = ledger, states, most, pause

    def ask(self, desk: Desk, task: TurnTask, now: datetime) -> int:
        """Queue a run for its turn; how many are before it, 0 where it has it. Its task is told when it comes."""
        plan = desk.plan(task.run_id)
        turn = Turn(
            run_id=task.run_id,
            use_case=task.use_case,
            execution_arn=task.execution_arn,
            task_token=task.task_token,
            asked_at=iso(now),
            needs=needs(plan),
            quotas=plan.quotas,
        )
        after = self._change(lambda turns: turns.asked(turn), now)
        if not after.is_waiting(task.run_id):
            return 0
        runs.waiting(self._ledger, task.run_id, now)
        return 1 + [each.run_id for each in after.waiting].index(task.run_id)

    def end(self, run_id: str, now: datetime) -> None:
        """A run's jobs are over, and the next may begin. Twice is no harm."""
        self._change(lambda turns: turns.without(run_id), now)

    def sweep(self, now: datetime) -> list[str]:
        """Take their turn from runs whose execution is over, and tell whom a crash left untold; those taken from."""
        turns = self.read()
        over = [
            each.run_id
            for each in (*turns.running, *turns.waiting)
            if executions.is_over(self._states, each.execution_arn)
        ]
        self._change(lambda turns: turns.without(*over), now)
        return over

    def read(self) -> Turns:
        return _turns(self._ledger.get(KEY))

    def _change(self, change: Callable[[Turns], Turns], now: datetime) -> Turns:
        after = self._write(lambda turns: change(turns).admitted(self._most), now)
        for turn in after.running:
            if turn.task_token:
                self._tell(turn, now)
        return after

    def _tell(self, turn: Turn, now: datetime) -> None:
        runs.evaluating(self._ledger, turn.run_id, now)
        try:
            self._states.send_task_success(taskToken=turn.task_token, output=canonical_json({"run_id": turn.run_id}))
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOBODY_WAITS:
                raise
        self._write(lambda turns: turns.told(turn.run_id, turn.task_token), now)

    def _write(self, change: Callable[[Turns], Turns], now: datetime) -> Turns:
        """The record's status counts its versions: a change of an older one is made anew."""
        for left in reversed(range(_TRIES)):
            record = self._ledger.get(KEY)
            if record is None:
                self._begin(now)
                continue
            before = _turns(record)
            after = change(before)
            if after == before:
                return after
            version = int(record["status"])
            try:
                self._ledger.transition(KEY, [str(version)], str(version + 1), after.model_dump(mode="json"), now=now)
            except StaleTransition:
                if left:
                    self._pause(random.uniform(0, 0.05 * (_TRIES - left)))  # noqa: S311
            else:
                return after
        raise LedgerBusy("too many runs ask for their turn at once")

    def _begin(self, now: datetime) -> None:
        self._ledger.put_new(KEY, {"status": "0", **Turns().model_dump(mode="json")}, kind=KIND, now=now)


def _turns(record: dict[str, Any] | None) -> Turns:
    return Turns.model_validate({name: (record or {}).get(name, []) for name in ("running", "waiting")})
