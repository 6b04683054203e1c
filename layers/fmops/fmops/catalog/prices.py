"""What an instance costs by the hour, from a table with a date. Unknown is unknown, never 0."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from fmops.core.errors import LaunchRefused


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(files("fmops.catalog").joinpath("prices.json").read_text(encoding="utf-8"))
    return table


def per_hour(instance_type: str) -> float:
    """US dollars for an hour of one instance. LaunchRefused where the price is not known."""
    price = known_per_hour(instance_type)
    if price is None:
        raise LaunchRefused(
            f"the price of {instance_type} is unknown: add it to catalog/prices.json, or choose another type"
        )
    return price


def known_per_hour(instance_type: str) -> float | None:
    """The same, or None where it is not known."""
    price = _table()["per_hour"].get(instance_type)
    return None if price is None else float(price)


def worst_case(instance_type: str, seconds: int, *, instances: int = 1, attempts: int = 1) -> float:
    """US dollars that a job or an endpoint can cost at most when it runs into its time limit."""
    return per_hour(instance_type) * seconds / 3600 * instances * attempts


def network_per_month(interfaces: int) -> float:
    """US dollars for a month (730 hours) of interface endpoints with so many interfaces, without what goes through."""
    return interfaces * float(_table()["network_interface_per_hour"]) * 730


def dated() -> str:
    """The day of the table."""
    return str(_table()["date"])
