"""A review: the sheet, the ballots, and the result."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field

from fmops.core.models import Ours, Theirs

LONGEST_COMMENT = 400
_VOTE = "vote_"


class Choice(StrEnum):
    """What a reviewer clicks. They know two sides and no candidates."""

    LEFT = "left"
    RIGHT = "right"
    BOTH_GOOD = "both_good"
    BOTH_BAD = "both_bad"


class Preference(StrEnum):
    """What a choice means for the candidate."""

    WIN = "win"
    TIE = "tie"
    LOSS = "loss"

    @property
    def score(self) -> float:
        """1, 0 or -1."""
        return {Preference.WIN: 1.0, Preference.TIE: 0.0, Preference.LOSS: -1.0}[self]


class Pair(Ours):
    """A candidate, and whose answers its own are compared with."""

    candidate: str
    rival: str


class Item(Ours):
    """Two answers to one question, of which a reviewer says which is better. Its texts are masked and cut."""

    id: str
    """Opaque: it says nothing of row and candidate."""
    row: str
    pair: Pair
    question: str
    target: str | None = None
    """What the dataset expects, where reviewers may see it."""
    answer: str | None
    """The candidate's. None where there is no answer."""
    rival_answer: str | None


class Settled(Ours):
    """A sampled row on which both gave the same answer: a tie that nobody needs to be asked about."""

    row: str
    pair: Pair


class Sheet(Ours):
    """`review/sheet.json`: what was asked of whom."""

    run_id: str
    use_case: str
    seed: str
    """Decides sample, sides and order. It stands in no page, mail or link."""
    pairs: list[Pair]
    sampled: int = Field(ge=0)
    """Rows, the same for each pair."""
    items: list[Item]
    settled: list[Settled]
    assigned: dict[str, list[str]]
    """Which items a reviewer judges, by opaque id, in the order in which they are shown."""

    def item(self, item_id: str) -> Item:
        """KeyError where the sheet has none of this id."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)


class Reviewer(Ours):
    """Somebody who is asked. `id` is opaque and stands in the link; `address` never leaves the ledger."""

    id: str
    address: str


class ReviewStatus(StrEnum):
    """`open`: votes are taken. `closed`: they were counted, or there was nothing to ask."""

    OPEN = "open"
    CLOSED = "closed"


class Callback(StrEnum):
    """Whether the execution that waits was told. `gone`: nothing waits any more."""

    WAITING = "waiting"
    DUE = "due"
    SENT = "sent"
    GONE = "gone"


class ReviewRecord(Theirs):
    """The ledger's record of a run's review."""

    run_id: str
    use_case: str
    status: ReviewStatus
    seed: str = Field(repr=False)
    reviewers: list[Reviewer]
    """Those who could be reached when it was opened."""
    invited: int
    """How many the use case names."""
    expires_at: datetime
    execution_arn: str
    task_token: str = Field(repr=False)
    callback: Callback = Callback.WAITING
    given: int | None = None
    """How many ballots were given out; None before all of them were."""
    mailed: tuple[str, ...] = ()
    reason: str = ""
    """Why nobody was asked."""

    def asked(self, reviewer_id: str) -> Reviewer | None:
        return next((reviewer for reviewer in self.reviewers if reviewer.id == reviewer_id), None)


class Vote(Theirs):
    """What a reviewer says of one item."""

    choice: Choice
    comment: str = ""
    """Masked."""
    at: str


class BallotStatus(StrEnum):
    """`open`: votes may be given and changed. `sent`: the reviewer is done. `closed`: the time was over."""

    OPEN = "open"
    SENT = "sent"
    CLOSED = "closed"


class Ballot(Ours):
    """One reviewer's votes: one record, so that a vote is taken only while it is open."""

    reviewer: str
    status: BallotStatus
    votes: dict[str, Vote]
    """By item."""

    @classmethod
    def of(cls, record: dict[str, Any]) -> Self:
        """Of the ledger's record, in which each vote is a member of its own: two at once lose none."""
        votes = {name.removeprefix(_VOTE): vote for name, vote in record.items() if name.startswith(_VOTE)}
        return cls.model_validate({"reviewer": record["reviewer"], "status": record["status"], "votes": votes})


def vote_member(item_id: str) -> str:
    """The member of a ballot's record that holds the vote on an item."""
    return f"{_VOTE}{item_id}"


class Judgement(Ours):
    """One vote with what it means: a line of the audit."""

    reviewer: int
    """By number, in the order of the sheet: no address."""
    row: str
    pair: Pair
    preference: Preference
    choice: Choice
    shown_left: Literal["candidate", "rival"]
    comment: str = ""


class PairCounts(Ours):
    """How much people were asked of one candidate, and what they said."""

    sampled: int = Field(ge=0)
    """Rows."""
    asked: int = Field(ge=0)
    """Rows on which the two answers differ."""
    judged: int = Field(ge=0)
    """Of these, rows with at least one vote."""
    same: int = Field(ge=0)
    """Rows on which both answers are the same; they count as ties in the proportion in which the others were judged."""
    wins: int = Field(ge=0)
    """Votes, as the next ones."""
    losses: int = Field(ge=0)
    both_good: int = Field(ge=0)
    both_bad: int = Field(ge=0)


class PairResult(PairCounts):
    """What people say of one candidate."""

    pair: Pair
    scores: dict[str, float]
    """By row: the mean of its votes, 1 for the candidate, -1 for the other, 0 for neither."""


def win_rate(score: float) -> float:
    """0 for -1, one half for a tie, 1 for 1."""
    return (1 + score) / 2


class Agreed(Ours):
    """How far the reviewers agree on win, tie and loss."""

    alpha: float | None
    share: float | None
    items: int
    votes: int


class ReviewResult(Ours):
    """`review/result.json`."""

    run_id: str
    reviewers: int = Field(ge=0)
    """Who were asked."""
    voted: int = Field(ge=0)
    sent: int = Field(ge=0)
    """Who sent their sheet in; the votes of the others count too."""
    invited: int = Field(ge=0)
    reason: str = ""
    """Why nobody was asked."""
    pairs: list[PairResult]
    agreement: Agreed
    judgements: list[Judgement]
    sheet_digest: str | None
    votes_digest: str

    @property
    def scorer(self) -> str:
        """What gave the numbers, for the lineage."""
        if self.sheet_digest is None:
            return f"nobody: {self.reason}"
        return f"{self.voted} of {self.invited} reviewers, sheet {self.sheet_digest}, votes {self.votes_digest}"

    def of(self, candidate: str) -> PairResult | None:
        return next((found for found in self.pairs if found.pair.candidate == candidate), None)
