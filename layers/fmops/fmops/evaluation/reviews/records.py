"""Reviews and ballots in the ledger. A vote is one conditional write: it counts only while its ballot is open."""

from datetime import datetime
from typing import Any

from fmops.core.clock import iso
from fmops.core.errors import AlreadyExists, NotFound, StaleTransition
from fmops.core.ledger import Key, Ledger
from fmops.evaluation.reviews.models import (
    Ballot,
    BallotStatus,
    Callback,
    Reviewer,
    ReviewRecord,
    ReviewStatus,
    Vote,
    vote_member,
)

KIND, BALLOT_KIND = "review", "ballot"
_SUBJECT = "review-"


def key(run_id: str) -> Key:
    return Key(f"RUN#{run_id}", "REVIEW")


def ballot_key(run_id: str, reviewer: str) -> Key:
    return Key(f"RUN#{run_id}", f"BALLOT#{reviewer}")


def subject(run_id: str) -> str:
    """What a reviewer's link is about: no link to an approval of the same run is one to its review, or the reverse."""
    return f"{_SUBJECT}{run_id}"


def find(ledger: Ledger, subject: str) -> ReviewRecord | None:
    """The review that a link's subject names."""
    if not subject.startswith(_SUBJECT):
        return None
    record = ledger.get(key(subject.removeprefix(_SUBJECT)))
    return ReviewRecord.model_validate(record) if record else None


def load(ledger: Ledger, run_id: str) -> ReviewRecord:
    """NotFound where this run has no review."""
    return ReviewRecord.model_validate(ledger.require(key(run_id)))


def open_once(ledger: Ledger, review: ReviewRecord, now: datetime) -> ReviewRecord:
    """Write the review, or bind the newest waiting task to the one that is there; the record as it is now."""
    try:
        ledger.put_once(key(review.run_id), review.model_dump(mode="json"), kind=KIND, now=now)
    except AlreadyExists:
        binding = {"task_token": review.task_token, "execution_arn": review.execution_arn}
        found = load(ledger, review.run_id)
        told = Callback.WAITING if found.status is ReviewStatus.OPEN else Callback.DUE
        return ReviewRecord.model_validate(ledger.change(key(review.run_id), {**binding, "callback": told}, now=now))
    return load(ledger, review.run_id)


def mark_mailed(ledger: Ledger, review: ReviewRecord, reviewer: str, now: datetime) -> ReviewRecord:
    """Remember that a reviewer's mail is out, so that a retry does not send it again."""
    changes = {"mailed": [*review.mailed, reviewer]}
    return ReviewRecord.model_validate(ledger.change(key(review.run_id), changes, now=now))


def give_ballot(ledger: Ledger, review: ReviewRecord, reviewer: Reviewer, items: int, now: datetime) -> None:
    """A reviewer's empty ballot; one that is there stays as it is."""
    record = {
        "run_id": review.run_id,
        "use_case": review.use_case,
        "reviewer": reviewer.id,
        "address": reviewer.address,
        # Whoever reads the mailbox can vote: without a sign-in nothing more is known of who it was.
        "identity": "mailbox",
        "items": items,
        "status": BallotStatus.OPEN,
        "sent_at": None,
    }
    ledger.put_new(ballot_key(review.run_id, reviewer.id), record, kind=BALLOT_KIND, now=now)


def all_given(ledger: Ledger, review: ReviewRecord, count: int, now: datetime) -> ReviewRecord:
    """From here on the review is over when every ballot is."""
    return ReviewRecord.model_validate(ledger.change(key(review.run_id), {"given": count}, now=now))


def ballot(ledger: Ledger, run_id: str, reviewer: str) -> Ballot:
    """NotFound where this reviewer has none."""
    return Ballot.of(ledger.require(ballot_key(run_id, reviewer)))


def ballots(ledger: Ledger, run_id: str) -> list[Ballot]:
    return [Ballot.of(record) for record in ledger.records(f"RUN#{run_id}", "BALLOT#")]


def vote(ledger: Ledger, run_id: str, reviewer: str, item: str, given: Vote, now: datetime) -> Ballot:
    """Give or change the vote on one item. StaleTransition where the ballot is open no more."""
    change = {vote_member(item): given.model_dump(mode="json")}
    return _move(ledger, run_id, reviewer, BallotStatus.OPEN, change, now)


def send(ledger: Ledger, run_id: str, reviewer: str, now: datetime) -> Ballot:
    """The reviewer is done. StaleTransition where they were before, or the time is over."""
    return _move(ledger, run_id, reviewer, BallotStatus.SENT, {"sent_at": iso(now)}, now)


def close(ledger: Ledger, run_id: str, now: datetime) -> list[Ballot]:
    """Close whatever ballot is open still: from here on no vote changes. All ballots of the run."""
    for found in ballots(ledger, run_id):
        if found.status is BallotStatus.OPEN:
            try:
                _move(ledger, run_id, found.reviewer, BallotStatus.CLOSED, {}, now)
            except StaleTransition:
                # Sent in this very moment.
                continue
    return ballots(ledger, run_id)


def settle(ledger: Ledger, run_id: str, changes: dict[str, Any], now: datetime) -> ReviewRecord:
    """Close the review with its outcome. Twice is no harm."""
    before = [ReviewStatus.OPEN, ReviewStatus.CLOSED]
    return ReviewRecord.model_validate(ledger.transition(key(run_id), before, ReviewStatus.CLOSED, changes, now=now))


def note(ledger: Ledger, review: ReviewRecord, callback: Callback, now: datetime) -> None:
    """Remember what became of telling the execution, unless a newer task waits by now."""
    try:
        newest = load(ledger, review.run_id)
    except NotFound:
        return
    if newest.task_token == review.task_token:
        ledger.change(key(review.run_id), {"callback": callback}, now=now)


def waiting(ledger: Ledger, newest: int = 200) -> list[ReviewRecord]:
    """Reviews whose execution was not told yet that it may go on."""
    found = (ReviewRecord.model_validate(record) for record in ledger.of_kind(KIND, newest=newest))
    return [review for review in found if review.callback in (Callback.WAITING, Callback.DUE)]


def _move(
    ledger: Ledger, run_id: str, reviewer: str, after: BallotStatus, changes: dict[str, Any], now: datetime
) -> Ballot:
    place = ballot_key(run_id, reviewer)
    return Ballot.of(ledger.transition(place, [BallotStatus.OPEN], after, changes, now=now))
