"""What a use case asks of people's review: who compares which answers, how many, and how long that may take."""

from typing import Literal, Self

from pydantic import Field, model_validator

from fmops.core.models import Ours
from fmops.usecases.approvals import Email


class Review(Ours):
    """A blind comparison of sampled answers by people."""

    reviewers: list[Email] = Field(min_length=1, max_length=20)
    items: int = Field(default=40, ge=1, le=200)
    """How many rows are sampled for each comparison."""
    overlap: int = Field(default=2, ge=1, le=20)
    """How many reviewers judge each pair of answers. From 2 on it is known how far they agree."""
    min_items: int = Field(default=20, ge=1, le=200)
    """With fewer judged rows than this the metric is not told."""
    days: int = Field(default=3, ge=1, le=30)
    """How long is waited; what is there by then counts."""
    against: Literal["champion", "base"] = "champion"
    """`champion`: what serves today; without one, and by `base` always, the untuned model of a tuned candidate."""
    candidates: list[str] = Field(default_factory=list, max_length=40)
    """Whose answers are shown, by id; none: those of every candidate that has something to be compared with."""
    show_target: bool = False
    """Whether reviewers see what the dataset expects."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        by_person = [address.lower() for address in self.reviewers]
        twice = sorted({address for address in by_person if by_person.count(address) > 1})
        if twice:
            raise ValueError(f"reviewer {twice[0]!r} is named twice")
        if self.overlap > len(self.reviewers):
            raise ValueError(
                f"overlap {self.overlap} is more than the {len(self.reviewers)} reviewers: name more reviewers or "
                "lower it (with an overlap of 1 nobody can tell how far they agree)"
            )
        if self.min_items > self.items:
            raise ValueError(f"min_items {self.min_items} is more than the {self.items} items that are sampled")
        return self
