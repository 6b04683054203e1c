"""Notices that a model which a use case names is deprecated or restricted, and tells its team once."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from fmops.catalog import versions
from fmops.catalog.listing import Listed
from fmops.catalog.token_prices import model_behind
from fmops.core.errors import AlreadyExists
from fmops.core.events import Emitter, ModelWithdrawn
from fmops.core.ledger import Key, Ledger
from fmops.usecases.candidates import BedrockCandidate, Candidate, JumpStartCandidate
from fmops.usecases.models import UseCase

KIND = "model_withdrawal"


def concerned(listed: Iterable[Listed], use_cases: Sequence[UseCase]) -> Iterator[tuple[Listed, UseCase]]:
    """Each withdrawn version with each use case that would take it for a candidate."""
    found = list(listed)
    newest = versions.newest(found)
    for one in found:
        if one.status == "supported":
            continue
        for use_case in use_cases:
            if any(_names(candidate, one, newest[one.model_id].version) for candidate in use_case.candidates):
                yield one, use_case


def tell(
    ledger: Ledger,
    emitter: Emitter,
    catalogue: str,
    listed: Iterable[Listed],
    use_cases: Sequence[UseCase],
    now: datetime,
) -> list[str]:
    """Tell each team once of each model and status; the models that they were told of now."""
    told = []
    for one, use_case in concerned(listed, use_cases):
        event = ModelWithdrawn(
            run_id="",
            use_case=use_case.name,
            hub=catalogue,
            model_id=one.model_id,
            version=one.version,
            status=one.status,
        )
        key = Key(f"MODEL#{catalogue}#{one.model_id}", f"WITHDRAWN#{one.version}#{one.status}#{use_case.name}")
        with contextlib.suppress(AlreadyExists):
            ledger.put_once(key, event.model_dump(mode="json"), kind=KIND, now=now, emit=event)
            told.append(f"{one.model_id}@{one.version}")
        ledger.announce(key, emitter)
    return told


def _names(candidate: Candidate, listed: Listed, newest: str) -> bool:
    match candidate:
        case JumpStartCandidate() if listed.source == "jumpstart":
            wanted = newest if candidate.model_version == "*" else candidate.model_version
            return (candidate.model_id, wanted) == (listed.model_id, listed.version)
        case BedrockCandidate() if listed.source == "bedrock":
            return model_behind(candidate.model_id) == listed.model_id
        case _:
            return False
