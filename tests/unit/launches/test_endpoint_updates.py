"""Who waits for an update goes on when all traffic is on the new fleet, or when it has ended."""

from typing import Any

import pytest

from fmops.launches.sagemaker import endpoint_state


def updating(*variants: dict[str, Any]) -> dict[str, Any]:
    return {"EndpointStatus": "Updating", "PendingDeploymentSummary": {"ProductionVariants": list(variants)}}


def variant(status: str, on: int, of: int) -> dict[str, Any]:
    message = (
        "Baking for 600 seconds (TerminationWaitInSeconds) with traffic enabled on canary capacity of 1 instance(s)."
    )
    return {
        "VariantName": "AllTraffic",
        "CurrentInstanceCount": on,
        "DesiredInstanceCount": of,
        "VariantStatus": [{"Status": status, "StatusMessage": message}],
    }


def test_a_bake_with_all_instances_has_all_traffic() -> None:
    state = endpoint_state(updating(variant("Baking", 3, 3)))

    assert (state.all_traffic, state.final) == (True, False)


@pytest.mark.parametrize(
    "answer",
    [
        updating(variant("Baking", 1, 3)),
        updating(variant("Creating", 3, 3)),
        updating(variant("ActivatingTraffic", 3, 3)),
        updating(variant("Baking", 3, 3), variant("Baking", 1, 3)),
        updating({"VariantName": "AllTraffic"}),
        updating(),
        {"EndpointStatus": "Updating"},
        {**updating(variant("Baking", 3, 3)), "EndpointStatus": "RollingBack"},
    ],
)
def test_nothing_else_has(answer: dict[str, Any]) -> None:
    assert endpoint_state(answer).all_traffic is False


@pytest.mark.parametrize(
    ("status", "ok"), [("InService", True), ("Failed", False), ("UpdateRollbackFailed", False), ("OutOfService", False)]
)
def test_an_end_is_an_end(status: str, ok: bool) -> None:
    state = endpoint_state({"EndpointStatus": status})

    assert (state.final, state.ok, state.all_traffic) == (True, ok, False)
