"""The money of launches in the ledger: reserved at worst case before a launch, settled after it."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from fmops.core.clock import iso, parse
from fmops.core.errors import AlreadyExists, BudgetExceeded, LedgerBusy, LimitReached, StaleTransition
from fmops.core.ledger import Key, Ledger
from fmops.core.models import Theirs
from fmops.core.transactions import Add, Move, Part, PutOnce
from fmops.launches.costs import Cost, Journey
from fmops.launches.models import Launch
from fmops.usecases import store as usecases

RESERVED_KIND, SETTLED_KIND = "reserved", "settled"
MONTH_KIND, RUN_KIND = "spend_month", "spend_run"
_RESERVED, _SETTLED = "reserved", "settled"
_TRIES = 8
_LONGEST_PAUSE = 0.4


class Reservation(Theirs):
    """The ledger's record of a launch's money: `JOB#<name>`/`SPEND#<number>`."""

    name: str
    number: int
    """An endpoint that was deleted and is launched anew is paid for anew."""
    run_id: str
    use_case: str
    candidate: str
    journey: Journey
    kind: str
    month: str
    cost: Cost
    reserved_usd: float
    status: str
    settled_usd: float | None = None
    billed_seconds: float | None = None
    """None where AWS did not say: then the worst case stays."""
    created_at: str = ""

    @property
    def key(self) -> Key:
        return Key(f"JOB#{self.name}", f"SPEND#{self.number:04}")

    @property
    def open(self) -> bool:
        return self.status == _RESERVED


class Spent(NamedTuple):
    """US dollars of a month or a run: what is settled, and with it what may yet be spent."""

    committed: float
    settled: float


class Purse:
    def __init__(self, ledger: Ledger, pause: Callable[[float], None] = time.sleep) -> None:
        self._ledger, self._pause = ledger, pause

    def reserve(self, launch: Launch, now: datetime) -> None:
        """Take the worst case of a launch from its run's and its use case's month's budget, once.

        BudgetExceeded where it does not fit either of them; NotFound where the use case is gone.
        """
        known = self._newest(launch.name)
        if known and known.open:
            return
        budget = usecases.load(self._ledger, launch.use_case).budget
        made = _reservation(launch, 1 + (known.number if known else 0), now)
        amounts = {"committed_usd": made.reserved_usd, f"{made.journey}_usd": made.reserved_usd}
        # A run's cap is what its evaluation may cost; watching what it released goes on for months.
        run_cap = budget.run_usd if made.journey is Journey.EVALUATION else None
        try:
            self._transact(
                [
                    PutOnce(made.key, made.model_dump(mode="json"), RESERVED_KIND, now),
                    _on_run(made, amounts, now, run_cap),
                    _on_month(made, amounts, now, budget.month_usd),
                ]
            )
        except AlreadyExists:
            # A second try of the same launch was faster.
            return
        except LimitReached as error:
            raise BudgetExceeded(self._refusal(made, budget.run_usd, budget.month_usd)) from error

    def settle(self, name: str, billed_seconds: float | None, now: datetime, *, launched: bool = True) -> None:
        """Give back what a launch did not use. Twice is no harm, and what was never reserved is passed over.

        `billed_seconds` None: nobody knows, so its worst case counts. `launched` False: it never was, and cost nothing.
        """
        found = self._newest(name)
        if found is None or not found.open:
            return
        settled = _settled(found.cost, billed_seconds) if launched else 0.0
        back = round(settled - found.reserved_usd, 6)
        amounts = {"committed_usd": back, "settled_usd": settled, f"{found.journey}_usd": back}
        changes = {"settled_usd": settled, "billed_seconds": billed_seconds, "settled_at": iso(now)}
        try:
            self._transact(
                [
                    Move(found.key, _RESERVED, _SETTLED, changes, SETTLED_KIND, now),
                    _on_run(found, amounts, now),
                    _on_month(found, amounts, now),
                ]
            )
        except StaleTransition:
            return

    def settle_until(self, name: str, now: datetime) -> None:
        """Settle what was billed from its launch until now: an endpoint that is deleted."""
        found = self._newest(name)
        if found and found.open:
            self.settle(name, (now - parse(found.created_at)).total_seconds(), now)

    def open(self) -> list[Reservation]:
        """What is reserved and not settled."""
        return [Reservation.model_validate(record) for record in self._ledger.of_kind(RESERVED_KIND)]

    def of_month(self, use_case: str, month: str) -> Spent:
        """`month` as `2026-11`."""
        return _spent(self._ledger.get(_month_key(use_case, month)))

    def of_run(self, run_id: str) -> Spent:
        return _spent(self._ledger.get(_run_key(run_id)))

    def _newest(self, name: str) -> Reservation | None:
        found = self._ledger.records(f"JOB#{name}", "SPEND#")
        return Reservation.model_validate(found[-1]) if found else None

    def _refusal(self, made: Reservation, run_usd: float, month_usd: float) -> str:
        run, month = self.of_run(made.run_id), self.of_month(made.use_case, made.month)
        what = f"{made.name} may cost {made.reserved_usd:.2f} USD at worst"
        if made.journey is Journey.EVALUATION and run.committed + made.reserved_usd > run_usd:
            where = f"{made.run_id} has {run.committed:.2f} of its {run_usd:.2f} USD taken"
        else:
            where = f"{made.use_case} has {month.committed:.2f} of its {month_usd:.2f} USD for {made.month} taken"
        return f"{what}, and {where}: lower the time limits, choose smaller instances or raise the budget"

    def _transact(self, parts: Sequence[Part]) -> None:
        for left in reversed(range(_TRIES)):
            try:
                self._ledger.transact(parts)
            except LedgerBusy:
                # The totals of a month are one record that all launches write: they meet, and give way by chance.
                if not left:
                    raise
                self._pause(random.uniform(0, min(_LONGEST_PAUSE, 0.02 * 2 ** (_TRIES - left))))  # noqa: S311
            else:
                return


def month_of(now: datetime) -> str:
    return now.strftime("%Y-%m")


def _settled(cost: Cost, billed_seconds: float | None) -> float:
    # A job may run over its limit by the time in which it is asked to end: that is paid, too.
    return cost.worst_case_usd if billed_seconds is None else cost.after(billed_seconds)


def _reservation(launch: Launch, number: int, now: datetime) -> Reservation:
    return Reservation(
        name=launch.name,
        number=number,
        run_id=launch.run_id,
        use_case=launch.use_case,
        candidate=launch.candidate,
        journey=launch.journey,
        kind=launch.kind.value,
        month=month_of(now),
        cost=launch.cost,
        reserved_usd=launch.cost.worst_case_usd,
        status=_RESERVED,
        created_at=iso(now),
    )


def _month_key(use_case: str, month: str) -> Key:
    return Key(f"SPEND#{use_case}", f"MONTH#{month}")


def _run_key(run_id: str) -> Key:
    return Key(f"RUN#{run_id}", "SPEND")


def _on_month(of: Reservation, amounts: dict[str, float], now: datetime, most: float | None = None) -> Add:
    record = {"use_case": of.use_case, "month": of.month}
    return Add(_month_key(of.use_case, of.month), amounts, record, MONTH_KIND, now, "committed_usd", most)


def _on_run(of: Reservation, amounts: dict[str, float], now: datetime, most: float | None = None) -> Add:
    record = {"run_id": of.run_id, "use_case": of.use_case, "journey": of.journey}
    return Add(_run_key(of.run_id), amounts, record, RUN_KIND, now, "committed_usd", most)


def _spent(record: dict[str, object] | None) -> Spent:
    found = record or {}
    return Spent(float(str(found.get("committed_usd") or 0)), float(str(found.get("settled_usd") or 0)))
