"""Tenants: bounded in number, and told once where they come near their budget or above it."""

from typing import Any

from fmops.core.clock import parse
from fmops.monitoring.budgets import spending
from fmops.monitoring.models import TenantUsage, Window, WindowUsage
from fmops.monitoring.profile.model import OTHERS, Profile, Usage, bounded, empty
from fmops.monitoring.usage import usage

WINDOW = Window(start=parse("2026-11-24T05:00:00Z"), hours=1)


def used(**costs: float) -> WindowUsage:
    rows = [TenantUsage(tenant=t, records=1, prompt_tokens=1, answer_tokens=1, cost_usd=c) for t, c in costs.items()]
    return WindowUsage(tenants=rows)


def record(start: str, **costs: float) -> dict[str, Any]:
    return {"window": start, "start": start, "usage": used(**costs).model_dump(mode="json")}


def told(now: float, *before: dict[str, Any], budget: float = 10.0) -> list[tuple[str, float, str]]:
    found = spending(used(blue=now), WINDOW, before, {"blue": budget})
    return [(one.tenant, one.spent_usd, one.severity) for one in found]


def test_a_budget_is_told_when_it_is_crossed_and_not_again() -> None:
    assert told(7.9) == []
    assert told(1.0, record("2026-11-20T01:00:00Z", blue=7.5)) == [("blue", 8.5, "WARNING")]
    assert told(1.0, record("2026-11-20T01:00:00Z", blue=8.5)) == []
    assert told(2.0, record("2026-11-20T01:00:00Z", blue=8.5)) == [("blue", 10.5, "ALARM")]
    assert told(2.0, record("2026-11-20T01:00:00Z", blue=10.5)) == []


def test_other_months_and_the_window_itself_do_not_count() -> None:
    assert told(1.0, record("2026-10-31T23:00:00Z", blue=9.5)) == []
    assert told(1.0, record(WINDOW.name, blue=9.5)) == []


def test_each_other_tenant_has_the_budget_of_the_star() -> None:
    found = spending(used(blue=5, red=5), WINDOW, [], {"blue": 100, "*": 5})

    assert [(one.tenant, one.severity) for one in found] == [("red", "ALARM")]


def test_the_rest_of_a_profile_has_no_budget() -> None:
    rest = TenantUsage(tenant=OTHERS, records=1, prompt_tokens=1, answer_tokens=1, cost_usd=99, rest=True)

    assert spending(WindowUsage(tenants=[rest]), WINDOW, [], {"*": 5}) == []


def test_a_profile_names_those_that_used_most() -> None:
    tenants = {f"t{n}": Usage(1, n, 0) for n in range(6)} | {OTHERS: Usage(2, 7, 0)}

    found = bounded(tenants, most=2)

    assert found == {"t5": Usage(1, 5, 0), "t4": Usage(1, 4, 0), OTHERS: Usage(6, 13, 0)}
    assert bounded(found, most=2) == found


def test_tenants_with_a_budget_are_shown_however_little_they_use() -> None:
    made = empty()
    tenants = {f"t{n}": Usage(1, 100 - n, 0) for n in range(30)}
    counters = made.counters | {"records": 30, "prompt_tokens": sum(one.prompt_tokens for one in tenants.values())}
    profile = Profile(rate=1, counters=counters, arrays=made.arrays, tenants=tenants)

    rows = usage(profile, 10.0, named=["t29", "nobody"], most=2).tenants

    assert [row.tenant for row in rows] == ["t0", "t1", "t29", OTHERS]
    assert rows[-1].rest
    assert sum(row.records for row in rows) == 30
    assert abs(sum(row.cost_usd or 0 for row in rows) - 10) < 1e-4
