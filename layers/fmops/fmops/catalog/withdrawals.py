"""Notices that a model of a use case is deprecated, restricted or gone, and tells its team once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from fmops.catalog import listing, versions
from fmops.catalog.hub import Hub
from fmops.catalog.listing import Listed
from fmops.catalog.token_prices import model_behind
from fmops.core.errors import NotFound
from fmops.core.events import Emitter, ModelWithdrawn, WithdrawnStatus
from fmops.core.ledger import Key, Ledger
from fmops.usecases.candidates import BedrockCandidate, Candidate, JumpStartCandidate
from fmops.usecases.models import UseCase

KIND = "model_withdrawal"


class Withdrawal(NamedTuple):
    """A version that a use case should not rest on any more."""

    listed: Listed
    status: WithdrawnStatus
    use_case: str


def unlisted(hub: Hub, found: Iterable[Listed], use_cases: Sequence[UseCase]) -> list[Listed]:
    """How candidates stand that the hub's list leaves out: it names only the newest version of each model."""
    listed = {(one.model_id, one.version) for one in found} | {(one.model_id, "*") for one in found}
    named = {
        (candidate.model_id, candidate.model_version)
        for use_case in use_cases
        for candidate in use_case.candidates
        if isinstance(candidate, JumpStartCandidate)
    }
    return [_standing(hub, model_id, version) for model_id, version in sorted(named - listed)]


def concerned(
    listed: Iterable[Listed], use_cases: Sequence[UseCase], evaluations: Mapping[tuple[str, str], Sequence[str]]
) -> list[Withdrawal]:
    """Each withdrawn version with each use case that takes it for a candidate, or evaluated it when it was new.

    `evaluations`: by model id and version, the use cases that did.
    """
    found = list(listed)
    newest = versions.newest(found)
    return [
        Withdrawal(one, one.status, use_case.name)
        for one in found
        if one.status != "supported"
        for use_case in use_cases
        if use_case.name in evaluations.get((one.model_id, one.version), ())
        or any(_names(candidate, one, newest[one.model_id].version) for candidate in use_case.candidates)
    ]


def tell(
    ledger: Ledger, emitter: Emitter, catalogue: str, withdrawals: Iterable[Withdrawal], now: datetime
) -> list[str]:
    """Tell each team once of each model and status; the models that they were told of now."""
    told = []
    for one, status, use_case in withdrawals:
        event = ModelWithdrawn(
            run_id="",
            use_case=use_case,
            hub=catalogue,
            model_id=one.model_id,
            version=one.version,
            status=status,
            until=one.until,
        )
        key = Key(f"MODEL#{catalogue}#{one.model_id}", f"WITHDRAWN#{one.version}#{status}#{use_case}")
        if ledger.put_new(key, event.model_dump(mode="json"), kind=KIND, now=now, emit=event):
            told.append(one.name)
        ledger.announce(key, emitter)
    return told


def _standing(hub: Hub, model_id: str, version: str) -> Listed:
    try:
        return listing.of_hub(hub.summary(model_id, version))
    except NotFound:
        return Listed("jumpstart", model_id, "" if version == "*" else version, "", "removed")


def _names(candidate: Candidate, listed: Listed, newest: str) -> bool:
    match candidate:
        case JumpStartCandidate() if listed.source == "jumpstart":
            wanted = newest if candidate.model_version == "*" else candidate.model_version
            return (candidate.model_id, wanted) == (listed.model_id, listed.version)
        case BedrockCandidate() if listed.source == "bedrock":
            return model_behind(candidate.model_id) == listed.model_id
        case _:
            return False
