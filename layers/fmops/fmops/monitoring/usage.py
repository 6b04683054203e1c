"""Tokens and cost of a window by tenant: rules without I/O."""

from collections.abc import Collection

from fmops.monitoring.models import TenantUsage, WindowUsage
from fmops.monitoring.profile.model import OTHERS, Profile, Usage

MOST = 20


def usage(window: Profile, cost_usd: float | None, named: Collection[str] = (), most: int = MOST) -> WindowUsage:
    """The tenants that used most, and those that are `named`; the rest, and records of nobody, are one.

    `cost_usd` is the price of what served the window, dealt by tokens.
    """
    counters = window.counters
    asked, answered = counters["prompt_tokens"], counters["answer_tokens"]
    tenants = {tenant: used for tenant, used in window.tenants.items() if tenant != OTHERS}
    ordered = sorted(tenants.items(), key=lambda item: (-(item[1].prompt_tokens + item[1].answer_tokens), item[0]))
    shown = dict(ordered[:most]) | {tenant: tenants[tenant] for tenant in named if tenant in tenants}

    def row(tenant: str, used: Usage, *, rest: bool = False) -> TenantUsage:
        tokens = asked + answered
        cost = None
        if cost_usd is not None and tokens:
            cost = round(cost_usd * (used.prompt_tokens + used.answer_tokens) / tokens, 6)
        return TenantUsage(tenant=tenant, **used._asdict(), cost_usd=cost, rest=rest)

    rows = [row(tenant, used) for tenant, used in shown.items()]
    known = [sum(used[n] for used in shown.values()) for n in range(3)]
    rest = Usage(window.records - known[0], asked - known[1], answered - known[2])
    if window.tenants and rest.records:
        rows.append(row(OTHERS, rest, rest=True))
    return WindowUsage(
        prompt_tokens=asked,
        answer_tokens=answered,
        estimated_share=round(counters["estimated_tokens"] / window.records, 4) if window.records else 0.0,
        cost_usd=None if cost_usd is None else round(cost_usd, 6),
        tenants=rows,
    )
