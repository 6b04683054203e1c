"""Takes a vote: its words into the capture bucket, the rest into the ledger."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fmops.core.artifacts import Location, Store
from fmops.core.errors import BadInput, NotFound
from fmops.core.ledger import Ledger
from fmops.monitoring.feedback import votes
from fmops.monitoring.feedback.models import Outcome, Vote
from fmops.monitoring.feedback.requests import Request, Said, TooLarge, request
from fmops.usecases.store import load


class Box(NamedTuple):
    """Where votes go."""

    ledger: Ledger
    store: Store
    bucket: str
    """The capture bucket: its objects are encrypted, and expire as what was asked and answered does."""


class Taken(NamedTuple):
    """The answer to a request."""

    status: int
    document: dict[str, str]

    @property
    def response(self) -> dict[str, Any]:
        """As API Gateway takes it (payload 2.0)."""
        return {
            "statusCode": self.status,
            "headers": {"content-type": "application/json", "cache-control": "no-store"},
            "body": json.dumps(self.document),
        }


def take_feedback(box: Box, event: Mapping[str, Any], now: datetime) -> Taken:
    """Write the vote down. What is wrong with a request stands in the answer: 400, 404 for no such use case, 413."""
    try:
        asked = request(event)
        load(box.ledger, asked.said.use_case)
    except TooLarge as error:
        return Taken(413, {"message": str(error)})
    except BadInput as error:
        return Taken(400, {"message": str(error)})
    except NotFound:
        return Taken(404, {"message": f"there is no use case {asked.said.use_case}"})
    said, outcome = asked.said, take(box, asked, now)
    document = {"use_case": said.use_case, "inference_id": said.inference_id, "thumb": said.thumb, "outcome": outcome}
    return Taken(200, document)


def take(box: Box, asked: Request, now: datetime) -> Outcome:
    """Write a vote, once for each voter and answer: another one of theirs replaces it."""
    said, voter = asked
    before = votes.get(box.ledger, said.use_case, said.inference_id, voter)
    if before and not said.text and (before.thumb, before.tenant, before.text_uri) == (said.thumb, said.tenant, None):
        # A request that was sent again is no newer vote.
        return "unchanged"
    place = Location(
        box.bucket, f"feedback/{said.use_case}/{votes.vote_id(said.use_case, said.inference_id, voter)}.json"
    )
    if said.text or (before and before.text_uri):
        # Words that somebody took back are written over.
        box.store.write_json(place, {**said.model_dump(mode="json", exclude={"user"}), "given_at": now.isoformat()})
    votes.put(box.ledger, _vote(said, voter, now, place.uri if said.text else None))
    return "replaced" if before else "recorded"


def _vote(said: Said, voter: str, now: datetime, text_uri: str | None) -> Vote:
    return Vote(
        use_case=said.use_case,
        inference_id=said.inference_id,
        voter=voter,
        thumb=said.thumb,
        given_at=now,
        tenant=said.tenant,
        text_uri=text_uri,
    )
