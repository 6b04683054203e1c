"""What the runs of a month may cost, against the use case's budget."""

from datetime import datetime

from fmops.core.errors import BudgetExceeded
from fmops.core.ledger import Ledger
from fmops.evaluation.plans import Plan
from fmops.evaluation.runs import RUN_KIND
from fmops.usecases.models import UseCase


def check_month(ledger: Ledger, plan: Plan, use_case: UseCase, now: datetime) -> None:
    """BudgetExceeded where this run does not fit what the month's other runs leave, all at worst case."""
    month = now.strftime("%Y-%m")
    spent = sum(
        float(record.get("worst_case_usd") or 0)
        for record in ledger.of_kind(RUN_KIND)
        if record["use_case"] == plan.use_case
        and record["run_id"] != plan.run_id
        and str(record["created_at"]).startswith(month)
    )
    if spent + plan.worst_case_usd > use_case.budget.month_usd:
        raise BudgetExceeded(
            f"this run may cost {plan.worst_case_usd:.2f} USD at worst and the month's other runs {spent:.2f} USD; "
            f"{use_case.name} allows {use_case.budget.month_usd:.2f} USD a month"
        )
