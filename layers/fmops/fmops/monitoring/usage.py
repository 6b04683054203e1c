"""Tokens and cost of a window by tenant: rules without I/O."""

from fmops.monitoring.models import TenantUsage, WindowUsage
from fmops.monitoring.profile.model import Profile, Usage

MOST = 20


def usage(window: Profile, cost_usd: float | None, most: int = MOST) -> WindowUsage:
    """The tenants that used most; the rest of them, and records of nobody, are one.

    `cost_usd` is the price of what served the window, dealt by tokens.
    """
    counters = window.counters
    asked, answered = counters["prompt_tokens"], counters["answer_tokens"]
    tokens = asked + answered
    ordered = sorted(
        window.tenants.items(), key=lambda item: (-(item[1].prompt_tokens + item[1].answer_tokens), item[0])
    )
    shown = dict(ordered[:most])
    if window.tenants:
        known = [sum(used[n] for used in shown.values()) for n in range(3)]
        rest = Usage(window.records - known[0], asked - known[1], answered - known[2])
        if rest.records:
            shown["(others)"] = rest

    def cost(used: Usage) -> float | None:
        if cost_usd is None or not tokens:
            return None
        return round(cost_usd * (used.prompt_tokens + used.answer_tokens) / tokens, 6)

    return WindowUsage(
        prompt_tokens=asked,
        answer_tokens=answered,
        estimated_share=round(counters["estimated_tokens"] / window.records, 4) if window.records else 0.0,
        cost_usd=None if cost_usd is None else round(cost_usd, 6),
        tenants=[TenantUsage(tenant=tenant, **used._asdict(), cost_usd=cost(used)) for tenant, used in shown.items()],
    )
