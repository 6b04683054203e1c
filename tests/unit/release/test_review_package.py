"""What follows from the registry's news, by whose package it is and what became of it."""

import pytest

from fmops.release.review_package import Follows, follows

NAMED = {"fmops_use_case": "trivia"}


@pytest.mark.parametrize(
    ("status", "ours", "facts", "asks", "expected"),
    [
        ("PendingManualApproval", True, NAMED, False, Follows.NOTHING),
        ("PendingManualApproval", False, {}, False, Follows.EVALUATION),
        # Ours is released by the journey that hears of its approval itself.
        ("Approved", True, NAMED, False, Follows.NOTHING),
        ("Approved", False, NAMED, False, Follows.REFUSAL),
        ("Approved", False, NAMED, True, Follows.EVALUATION),
        ("Rejected", True, NAMED, False, Follows.WITHDRAWAL),
        ("Rejected", True, {}, False, Follows.NOTHING),
        ("Rejected", False, NAMED, True, Follows.NOTHING),
        (None, False, {}, False, Follows.EVALUATION),
    ],
)
def test_what_follows(status: str | None, ours: bool, facts: dict[str, str], asks: bool, expected: Follows) -> None:
    assert follows(status, facts, ours=ours, asks_about_console_approvals=asks) is expected
