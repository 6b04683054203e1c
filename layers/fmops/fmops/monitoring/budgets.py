"""What tenants have spent of their month's budget: rules without I/O."""

from collections.abc import Iterable, Mapping
from typing import Any

from fmops.monitoring.models import TenantSpend, Window, WindowUsage

NEAR = 0.8
"""From this part of a budget on it is a warning."""
EACH_OTHER = "*"
"""In the budgets: each tenant that has none of its own."""


def month_of(window: Window) -> str:
    return f"{window.start:%Y-%m}"


def spending(
    used: WindowUsage, window: Window, records: Iterable[Mapping[str, Any]], budgets: Mapping[str, float]
) -> list[TenantSpend]:
    """The tenants that crossed a part of their budget with this window, each once a month and level.

    `records` are the use case's judged windows; those of the same month count, whatever the release.
    """
    if not budgets:
        return []
    month, spent = month_of(window), dict[str, float]()
    for record in records:
        if record["window"] != window.name and str(record["start"]).startswith(month):
            for tenant, cost in _costs(WindowUsage.model_validate(record.get("usage") or {})):
                spent[tenant] = spent.get(tenant, 0.0) + cost
    found = []
    for tenant, cost in _costs(used):
        budget = budgets.get(tenant, budgets.get(EACH_OTHER))
        before = spent.get(tenant, 0.0)
        if budget is None or not cost:
            continue
        now = before + cost
        if before < budget <= now or before < NEAR * budget <= now:
            found.append(
                TenantSpend(
                    tenant=tenant,
                    month=month,
                    spent_usd=round(now, 4),
                    budget_usd=budget,
                    severity="ALARM" if now >= budget else "WARNING",
                )
            )
    return found


def _costs(used: WindowUsage) -> Iterable[tuple[str, float]]:
    return ((one.tenant, one.cost_usd or 0.0) for one in used.tenants if not one.rest)
