"""Notices what is new in the hub and at Bedrock: announced once, evaluated or told by what use cases want."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import ValidationError

from fmops.catalog import listing, versions, withdrawals
from fmops.catalog.bedrock import Bedrock
from fmops.catalog.features import of_hub
from fmops.catalog.hub import Hub
from fmops.catalog.listing import BEDROCK, Listed
from fmops.core.clock import parse
from fmops.core.errors import AlreadyExists, NotFound
from fmops.core.events import Emitter, ModelDiscovered, ModelsNoticed, NoticedModel
from fmops.core.ids import short_hash
from fmops.core.ledger import Key, Ledger, Record
from fmops.core.models import Ours
from fmops.usecases.candidates import BedrockCandidate
from fmops.usecases.interest import Discovery, NewModel, Noticed, may_want, select
from fmops.usecases.models import UseCase

KIND, DIGEST_KIND = "model", "digest"
_WEEK = timedelta(days=7)
_LISTED = 100
"""So many models are named in one digest."""


class Look(Ours):
    """What a look at one catalogue found."""

    catalogue: str
    seen: int
    first_look: bool
    """Whether everything was only written down: on the first look all models are new, and none of them is news."""
    discovered: list[str]
    runs: int
    """How many evaluations that asks for."""
    told: list[str]
    """The use cases that got a digest."""
    withdrawn: list[str]
    """Models that a use case names and that should not be used any more."""


class Desk(NamedTuple):
    """What looking needs."""

    ledger: Ledger
    emitter: Emitter
    hub: Hub
    bedrock: Bedrock
    use_cases: Sequence[UseCase]


def model_key(hub: str, model_id: str, version: str) -> Key:
    return Key(f"MODEL#{hub}#{model_id}", f"VERSION#{version}")


def discover(desk: Desk, now: datetime) -> list[Look]:
    """Look at the hub, and at Bedrock where a use case has to do with it."""
    looks = [look_at_hub(desk, now)]
    if any(_is_of_bedrock(use_case) for use_case in desk.use_cases):
        looks.append(look_at_bedrock(desk, now))
    return looks


def look_at_hub(desk: Desk, now: datetime) -> Look:
    def describe(listed: Listed) -> NewModel:
        # Asked only of what somebody may want: a document for each of a thousand models takes minutes.
        if not any(may_want(one.discovery, "jumpstart", listed.model_id, listed.task) for one in desk.use_cases):
            return listing.new_of_hub(listed, None, None)
        try:
            model = desk.hub.model(listed.model_id, listed.version)
        except (NotFound, ValidationError):
            # Gone since, or written as nobody reads it: what it is stays unknown.
            return listing.new_of_hub(listed, None, None)
        return listing.new_of_hub(listed, of_hub(model), model.document)

    return look(desk, desk.hub.name, [listing.of_hub(one) for one in desk.hub.models()], describe, now)


def look_at_bedrock(desk: Desk, now: datetime) -> Look:
    models = {model.model_id: model for model in desk.bedrock.models()}

    def describe(listed: Listed) -> NewModel:
        return listing.new_of_bedrock(listed, models[listed.model_id])

    return look(desk, BEDROCK, listing.of_foundation_models(models.values()), describe, now)


def look(
    desk: Desk, catalogue: str, found: list[Listed], describe: Callable[[Listed], NewModel], now: datetime
) -> Look:
    """Write down and announce each model version that is newer than what the ledger knows."""
    first_look = desk.ledger.get(_seeded_key(catalogue)) is None
    records = [record for record in desk.ledger.of_kind(KIND) if record["hub"] == catalogue]
    news = versions.unseen(found, _known(records))
    told: list[str] = []
    runs = 0
    if first_look:
        for one in news:
            _remember(desk, catalogue, one, None, now)
        # Written last: a first look that was cut short goes on next time without announcing the rest.
        desk.ledger.put(_seeded_key(catalogue), {"hub": catalogue, "models": len(found)}, kind="hub", now=now)
    elif news:
        discoveries = {use_case.name: use_case.discovery for use_case in desk.use_cases}
        selection = select(discoveries, [describe(one) for one in news], _recent(desk.ledger, discoveries, now))
        # Before the models count as known: a look that is cut short tells once more rather than never.
        for use_case, noticed in selection.digests.items():
            evaluated = [model.name for model, names in selection.runs if use_case in names]
            _tell(desk, catalogue, use_case, noticed, evaluated, now)
            told.append(use_case)
        for one, (model, names) in zip(news, selection.runs, strict=True):
            _remember(desk, catalogue, one, _announcement(catalogue, model, names), now)
            runs += len(names)
    return Look(
        catalogue=catalogue,
        seen=len(found),
        first_look=first_look,
        discovered=[] if first_look else [f"{one.model_id}@{one.version}" for one in news],
        runs=runs,
        told=told,
        withdrawn=withdrawals.tell(desk.ledger, desk.emitter, catalogue, found, desk.use_cases, now),
    )


def _seeded_key(catalogue: str) -> Key:
    return Key(f"HUB#{catalogue}", "SEEDED")


def _is_of_bedrock(use_case: UseCase) -> bool:
    wanted = "bedrock" in use_case.discovery.sources and use_case.discovery.model_ids
    return bool(wanted) or any(isinstance(one, BedrockCandidate) for one in use_case.candidates)


def _known(records: Iterable[Record]) -> dict[str, str]:
    newest: dict[str, str] = {}
    for record in records:
        model_id, version = record["model_id"], record["version"]
        if model_id not in newest or versions.order(version) > versions.order(newest[model_id]):
            newest[model_id] = version
    return newest


def _recent(ledger: Ledger, discoveries: dict[str, Discovery], now: datetime) -> dict[str, int]:
    """How many runs new models of any catalogue started within a week, by use case."""
    recent = [one for one in ledger.of_kind(KIND) if now - parse(one["created_at"]) < _WEEK]
    return {name: sum(name in (one.get("evaluated_by") or ()) for one in recent) for name in discoveries}


def _announcement(catalogue: str, model: NewModel, names: list[str]) -> ModelDiscovered:
    return ModelDiscovered(
        run_id="",
        use_case="",
        hub=catalogue,
        model_id=model.model_id,
        version=model.version,
        task=model.task,
        evaluated_by=names,
    )


def _remember(desk: Desk, catalogue: str, listed: Listed, event: ModelDiscovered | None, now: datetime) -> None:
    record = {
        "run_id": "",
        "use_case": "",
        "hub": catalogue,
        "model_id": listed.model_id,
        "version": listed.version,
        "task": listed.task,
        "arn": listed.arn,
        "discovered": event is not None,
        "evaluated_by": event.evaluated_by if event else [],
    }
    key = model_key(catalogue, listed.model_id, listed.version)
    # A look at the same time may have been first; its announcement may still be due.
    with contextlib.suppress(AlreadyExists):
        desk.ledger.put_once(key, record, kind=KIND, now=now, emit=event)
    desk.ledger.announce(key, desk.emitter)


def _tell(
    desk: Desk, catalogue: str, use_case: str, noticed: list[Noticed], evaluated: list[str], now: datetime
) -> None:
    """One digest of these models, once."""
    event = ModelsNoticed(
        run_id="",
        use_case=use_case,
        hub=catalogue,
        count=len(noticed),
        models=[NoticedModel(**one.model.model_dump(exclude={"obstacle", "task"}), why=one.why) for one in noticed][
            :_LISTED
        ],
        evaluated=evaluated,
    )
    key = Key(f"USECASE#{use_case}", f"DIGEST#{short_hash(catalogue, [one.model.name for one in noticed], length=16)}")
    with contextlib.suppress(AlreadyExists):
        desk.ledger.put_once(key, event.model_dump(mode="json"), kind=DIGEST_KIND, now=now, emit=event)
    desk.ledger.announce(key, desk.emitter)
