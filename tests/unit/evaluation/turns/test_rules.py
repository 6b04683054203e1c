"""Runs take turns: so many at once, in the order in which they asked, and within the account's quotas."""

import pytest

from fmops.core.errors import QuotaReached
from fmops.evaluation.turns.rules import Turn, Turns, needs
from tests.fakes.plans import planned
from tests.fakes.run import use_case

ENDPOINTS = "ml.g5.xlarge for endpoint usage"


def turn(run_id: str, **changes: object) -> Turn:
    return Turn.model_validate(
        {
            "run_id": run_id,
            "use_case": "trivia",
            "execution_arn": f"arn:{run_id}",
            "task_token": f"token-{run_id}",
            "asked_at": "2026-11-24T04:18:00.000Z",
            **changes,
        }
    )


def queue(*run_ids: str, most: int, **changes: object) -> Turns:
    turns = Turns()
    for run_id in run_ids:
        turns = turns.asked(turn(run_id, **changes)).admitted(most)
    return turns


def ids(turns: list[Turn]) -> list[str]:
    return [each.run_id for each in turns]


def test_as_many_run_as_may_and_the_others_wait_in_order() -> None:
    turns = queue("a", "b", "c", "d", most=2)

    assert (ids(turns.running), ids(turns.waiting)) == (["a", "b"], ["c", "d"])


def test_end_lets_the_first_that_waits_begin() -> None:
    turns = queue("a", "b", "c", "d", most=2).without("a").admitted(2)

    assert (ids(turns.running), ids(turns.waiting)) == (["b", "c"], ["d"])


def test_run_that_asks_again_keeps_its_place_with_its_newest_task() -> None:
    turns = queue("a", "b", "c", most=1).asked(turn("b", task_token="newer"))

    assert ids(turns.waiting) == ["b", "c"]
    assert turns.waiting[0].task_token == "newer"


def test_quota_of_one_endpoint_lets_one_run_at_a_time() -> None:
    turns = queue("a", "b", most=4, needs={ENDPOINTS: 1}, quotas={ENDPOINTS: 1})

    assert (ids(turns.running), ids(turns.waiting)) == (["a"], ["b"])


def test_run_that_alone_needs_more_than_the_quota_is_not_kept_for_ever() -> None:
    turns = queue("a", most=4, needs={ENDPOINTS: 2}, quotas={ENDPOINTS: 1})

    assert ids(turns.running) == ["a"]


def test_nobody_passes_a_run_that_waits() -> None:
    turns = queue("a", "b", most=4, needs={ENDPOINTS: 1}, quotas={ENDPOINTS: 1})
    turns = turns.asked(turn("c")).admitted(4)

    assert ids(turns.waiting) == ["b", "c"]


def test_unknown_quota_holds_nobody_back() -> None:
    assert ids(queue("a", "b", most=4, needs={ENDPOINTS: 3}).running) == ["a", "b"]


def test_needs_are_the_instances_that_a_run_may_hold_at_once() -> None:
    assert needs(planned()) == {
        ENDPOINTS: 2,
        "ml.g5.2xlarge for spot training job usage": 1,
        "ml.m5.xlarge for processing job usage": 2,
    }


def test_type_without_quota_is_passed_over() -> None:
    plan = planned().model_copy(update={"no_quota": ["ml.g5.2xlarge for spot training job usage"]})

    assert "ml.g5.2xlarge for training job usage" in needs(plan)


def test_run_whose_types_all_have_no_quota_says_which_to_ask_for() -> None:
    plan = planned(use_case()).model_copy(update={"no_quota": [ENDPOINTS]})

    with pytest.raises(QuotaReached, match=r"'ml\.g5\.xlarge for endpoint usage': ask for more in Service Quotas"):
        needs(plan)
