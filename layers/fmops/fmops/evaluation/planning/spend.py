"""Whether a run fits what its use case's month has left, before anything of it is launched."""

from datetime import datetime

from fmops.core.errors import BudgetExceeded
from fmops.core.ledger import Ledger
from fmops.evaluation.planning.plans import Plan
from fmops.launches.purse import Purse, month_of
from fmops.usecases.models import UseCase


def check_month(ledger: Ledger, plan: Plan, use_case: UseCase, now: datetime) -> None:
    """BudgetExceeded where this run, at worst case, does not fit what is left of the month.

    An early answer for people. What keeps the cap is each launch's own reservation: two runs that are planned at once
    may both pass here, and then it is launches that are refused.
    """
    month = month_of(now)
    taken = Purse(ledger).of_month(plan.use_case, month).committed
    if taken + plan.worst_case_usd > use_case.budget.month_usd:
        raise BudgetExceeded(
            f"this run may cost {plan.worst_case_usd:.2f} USD at worst, and {taken:.2f} of the "
            f"{use_case.budget.month_usd:.2f} USD that {use_case.name} allows for {month} are taken; "
            "`fmops spend` shows by what"
        )
