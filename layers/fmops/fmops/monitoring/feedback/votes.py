"""Votes in the ledger, by the answer that they are of and in the order in which they were given."""

from collections.abc import Iterator
from datetime import datetime

from fmops.core.clock import iso
from fmops.core.ids import short_hash
from fmops.core.ledger import Key, Ledger
from fmops.monitoring.feedback.models import Vote

MOST = 20_000
"""So many of the newest votes count: a bound on what reading them costs."""


def key(use_case: str, inference_id: str, voter: str) -> Key:
    """One place for each voter and answer: who votes again replaces what they said."""
    return Key(f"FEEDBACK#{use_case}#{inference_id}", f"VOTE#{voter}")


def kind(use_case: str) -> str:
    return f"feedback#{use_case}"


def vote_id(use_case: str, inference_id: str, voter: str) -> str:
    return short_hash(use_case, inference_id, voter, length=32)


def get(ledger: Ledger, use_case: str, inference_id: str, voter: str) -> Vote | None:
    record = ledger.get(key(use_case, inference_id, voter))
    return None if record is None else _vote(record)


def put(ledger: Ledger, vote: Vote) -> None:
    """Write a vote; it takes the place of the same voter's last one, and counts from now on."""
    record = {**vote.model_dump(mode="json"), "given_at": iso(vote.given_at)}
    place = key(vote.use_case, vote.inference_id, vote.voter)
    ledger.put(place, record, kind=kind(vote.use_case), now=vote.given_at)


def between(ledger: Ledger, use_case: str, since: datetime, until: datetime) -> Iterator[Vote]:
    """The newest votes that were given in this time, newest first."""
    for record in ledger.of_kind(kind(use_case), newest=MOST, since=since, until=until):
        yield _vote(record)


def _vote(record: dict[str, object]) -> Vote:
    return Vote.model_validate({name: record[name] for name in Vote.model_fields if name in record})
