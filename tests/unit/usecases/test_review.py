"""What a use case may ask of people's review."""

from typing import Any

import pytest
from pydantic import ValidationError

from fmops.usecases.models import UseCase
from tests.fakes.run import use_case

ANN, BOB = "ann@example.org", "bob@example.org"
HUMAN = [{"name": "f1", "weight": 1}, {"name": "human_win_rate", "margin": 0.1}]


def asking(metrics: list[dict[str, Any]] | None = None, **review: Any) -> UseCase:
    return use_case(review={"reviewers": [ANN, BOB], **review}, **({"metrics": metrics} if metrics else {}))


def test_reviewers_are_all_that_must_be_named() -> None:
    review = asking(HUMAN).review

    assert review is not None
    assert (review.items, review.overlap, review.min_items, review.days, review.against) == (40, 2, 20, 3, "champion")
    assert use_case().review is None


@pytest.mark.parametrize(
    ("review", "words"),
    [
        ({"reviewers": []}, "at least 1"),
        ({"reviewers": ["ann"]}, "pattern"),
        ({"reviewers": [ANN, "Ann@Example.org"]}, "named twice"),
        ({"reviewers": [ANN]}, "overlap 2 is more than the 1 reviewers"),
        ({"overlap": 0}, "greater than or equal to 1"),
        ({"items": 10}, "min_items 20 is more than the 10 items"),
        ({"days": 0}, "greater than or equal to 1"),
        ({"against": "best"}, "'champion' or 'base'"),
        ({"candidates": ["nobody"]}, "'nobody', which is no candidate"),
        ({"reminders": 2}, "not permitted"),
    ],
)
def test_a_review_that_can_not_work_is_refused_with_a_reason(review: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        asking(**review)


def test_peoples_verdict_needs_people() -> None:
    with pytest.raises(ValidationError, match="`review` must say who is asked"):
        use_case(metrics=HUMAN)


def test_a_weight_ranks_against_the_champion_alone() -> None:
    weighted = [{"name": "f1", "weight": 1}, {"name": "human_win_rate", "weight": 1}]

    assert asking(weighted).review
    with pytest.raises(ValidationError, match="must be `champion`"):
        asking(weighted, against="base")
    assert asking(HUMAN, against="base").review
