"""Notices what is new in the hub and at Bedrock: announced once, evaluated or told by what use cases want."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from fmops.catalog import digests, listing, versions, withdrawals
from fmops.catalog.bedrock import Bedrock
from fmops.catalog.features import of_hub
from fmops.catalog.hub import Hub
from fmops.catalog.known import Known
from fmops.catalog.listing import BEDROCK, Listed
from fmops.core.errors import FmopsError, NotFound
from fmops.core.events import Emitter
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.usecases.candidates import BedrockCandidate
from fmops.usecases.interest import NewModel, Selection, may_want, select
from fmops.usecases.models import UseCase


class CatalogueSilent(FmopsError):
    """A catalogue did not say all that it was asked. What it did say is done; the next look takes up the rest."""


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
    """Models of use cases that should not be used any more."""
    unread: list[str]
    """New models whose document the catalogue did not give: they stay new."""


class Desk(NamedTuple):
    """What looking needs."""

    ledger: Ledger
    emitter: Emitter
    hub: Hub
    bedrock: Bedrock
    use_cases: Sequence[UseCase]


class Description(NamedTuple):
    """A new version, and what it is; None where the catalogue did not say."""

    listed: Listed
    model: NewModel | None


def discover(desk: Desk, now: datetime) -> list[Look]:
    """Look at the hub, and at Bedrock where a use case has to do with it.

    CatalogueSilent, after all else is done, where one of them did not answer.
    """
    ways: dict[str, Callable[[Desk, datetime], Look]] = {desk.hub.name: look_at_hub}
    if any(_is_of_bedrock(use_case) for use_case in desk.use_cases):
        ways[BEDROCK] = look_at_bedrock
    looks, silent = [], []
    for catalogue, way in ways.items():
        try:
            looks.append(way(desk, now))
        except (ClientError, BotoCoreError) as error:
            # One that is out of order does not keep the news of the other.
            silent.append(f"{catalogue}: {error}")
        else:
            silent += [f"{catalogue}: no document of {name}" for name in looks[-1].unread]
    if silent:
        raise CatalogueSilent(f"asked again at the next look: {'; '.join(silent)}")
    return looks


def look_at_hub(desk: Desk, now: datetime) -> Look:
    def describe(listed: Listed) -> NewModel | None:
        # Asked only of what somebody may want: the list comes a hundred to a page, a document is a request for each.
        if not any(may_want(one.discovery, "jumpstart", listed.model_id, listed.task) for one in desk.use_cases):
            return listing.new_of_hub(listed)
        if not versions.is_semantic(listed.version):
            # The hub would refuse to describe it.
            return listing.unreadable(listed, "its version is no semantic one")
        try:
            model = desk.hub.model(listed.model_id, listed.version)
        except ValidationError:
            return listing.unreadable(listed, "its document cannot be read")
        except (NotFound, ClientError, BotoCoreError):
            return None
        return listing.new_of_hub(listed, of_hub(model), model.document)

    found = [listing.of_hub(one) for one in desk.hub.models()]
    return _look(
        desk, desk.hub.name, found, describe, lambda: withdrawals.unlisted(desk.hub, found, desk.use_cases), now
    )


def look_at_bedrock(desk: Desk, now: datetime) -> Look:
    models = {model.model_id: model for model in desk.bedrock.models()}

    def describe(listed: Listed) -> NewModel:
        return listing.new_of_bedrock(listed, models[listed.model_id])

    return _look(desk, BEDROCK, listing.of_foundation_models(models.values()), describe, list, now)


def _look(
    desk: Desk,
    catalogue: str,
    found: list[Listed],
    describe: Callable[[Listed], NewModel | None],
    others: Callable[[], list[Listed]],
    now: datetime,
) -> Look:
    """Write down and announce each model version that is newer than what the ledger knows. `others` are in no list."""

    def tell_withdrawn(listed: list[Listed]) -> list[str]:
        concerned = withdrawals.concerned(listed, desk.use_cases, known.evaluations(catalogue))
        return withdrawals.tell(desk.ledger, desk.emitter, catalogue, concerned, now)

    known = Known(desk.ledger, desk.emitter)
    news = versions.unseen(found, known.newest_versions(catalogue))
    first_look = known.is_first_look(catalogue)
    selection = Selection([], {})
    told: list[str] = []
    unread: list[str] = []
    if first_look:
        for one in news:
            known.remember(catalogue, one, None, now)
        # Written last: a first look that was cut short goes on next time without announcing the rest.
        known.end_first_look(catalogue, len(found), now)
    else:
        described = [Description(one, describe(one)) for one in news]
        unread = [one.listed.name for one in described if one.model is None]
        selection, told = _announce(desk, known, catalogue, described, now)
    withdrawn = tell_withdrawn(found)
    # Last, for it asks the catalogue once more: where that fails, all else is done.
    withdrawn += tell_withdrawn([*found, *others()])
    return Look(
        catalogue=catalogue,
        seen=len(found),
        first_look=first_look,
        discovered=[model.name for model, _ in selection.runs],
        runs=sum(len(names) for _, names in selection.runs),
        told=told,
        withdrawn=withdrawn,
        unread=unread,
    )


def _announce(
    desk: Desk, known: Known, catalogue: str, described: list[Description], now: datetime
) -> tuple[Selection, list[str]]:
    """What becomes of new models, and the use cases that got a digest."""
    discoveries = {use_case.name: use_case.discovery for use_case in desk.use_cases}
    models = [(one.listed, one.model) for one in described if one.model is not None]
    selection = select(discoveries, [model for _, model in models], known.runs_of_a_week(now))
    # Before the models count as known: a look that is cut short comes to the digest again.
    told = [
        use_case
        for use_case, noticed in selection.digests.items()
        if digests.tell(desk.ledger, desk.emitter, catalogue, use_case, noticed, selection.evaluated(use_case), now)
    ]
    for (listed, _), (_, names) in zip(models, selection.runs, strict=True):
        known.remember(catalogue, listed, names, now)
    return selection, told


def _is_of_bedrock(use_case: UseCase) -> bool:
    wanted = "bedrock" in use_case.discovery.sources and use_case.discovery.model_ids
    return bool(wanted) or any(isinstance(one, BedrockCandidate) for one in use_case.candidates)
