"""What votes amount to, and how the time is divided."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fmops.approval.models import Status, Vote
from fmops.approval.rules import tally, timetable

DAY = 86_400


def votes(*decisions: Any) -> list[Vote]:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    return [
        Vote(approver=str(place), decision=decision, reason="", at=at, nonce="00112233")
        for place, decision in enumerate(decisions)
    ]


@pytest.mark.parametrize(
    ("decisions", "needed", "status"),
    [
        ((), 1, Status.PENDING),
        (("approved",), 1, Status.APPROVED),
        (("approved",), 2, Status.PENDING),
        (("approved", "approved"), 2, Status.APPROVED),
        (("rejected",), 1, Status.REJECTED),
        (("approved", "rejected"), 2, Status.REJECTED),
    ],
)
def test_votes_decide_once_there_are_enough_and_one_rejection_rejects(
    decisions: Any, needed: int, status: Status
) -> None:
    assert tally(votes(*decisions), needed) is status


@pytest.mark.parametrize(("escalates", "steps"), [(False, (3.5, 3.5, 0)), (True, (3.5, 1.75, 1.75))])
def test_reminder_comes_at_half_time_and_the_second_list_at_three_quarters(escalates: bool, steps: Any) -> None:
    found = timetable(7, escalates=escalates)

    assert (found.ask_seconds, found.remind_seconds, found.escalate_seconds) == tuple(days * DAY for days in steps)
    assert found.total_seconds == 7 * DAY
