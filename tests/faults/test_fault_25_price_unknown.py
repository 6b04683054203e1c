"""Fault 25: nobody knows what an instance costs. It is refused with what to do, and never taken as 0."""

import pytest

from fmops.catalog import prices
from fmops.core.errors import LaunchRefused
from fmops.launches.costs import Cost
from tests.fakes.plans import planned
from tests.fakes.run import MODEL, use_case


@pytest.fixture
def no_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table without the entry of ml.g5.xlarge."""
    table = prices._table()
    left = {name: price for name, price in table["per_hour"].items() if name != "ml.g5.xlarge"}
    monkeypatch.setattr(prices, "_table", lambda: {**table, "per_hour": left})


@pytest.mark.usefixtures("no_price")
def test_fault_25_run_on_an_instance_without_a_price_is_not_planned() -> None:
    with pytest.raises(LaunchRefused, match=r"price of ml\.g5\.xlarge is unknown: add it to catalog/prices\.json"):
        planned()


@pytest.mark.usefixtures("no_price")
def test_fault_25_launch_without_a_price_has_no_cost_to_reserve() -> None:
    with pytest.raises(LaunchRefused, match="unknown"):
        Cost.of("ml.g5.xlarge", 3600)


def test_fault_25_type_that_might_be_taken_needs_a_price_too() -> None:
    candidate = {
        "id": "base",
        "model_id": MODEL,
        "instance_type": "ml.g5.xlarge",
        "other_instance_types": ["ml.z9.large"],
    }

    with pytest.raises(LaunchRefused, match=r"ml\.z9\.large"):
        planned(use_case(candidates=[candidate]))
