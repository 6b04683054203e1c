"""Which candidates a run is about, and which of them the use case's conditions leave: rules without I/O."""

import re
from collections.abc import Callable
from typing import NamedTuple

from fmops.catalog.bedrock import FoundationModel, of_bedrock
from fmops.catalog.features import Features, of_hub
from fmops.catalog.hub import HubModel
from fmops.catalog.matrix import FeatureMatrix, Wanted, matrix
from fmops.catalog.token_prices import model_behind
from fmops.core.errors import BadInput, NotFound
from fmops.core.ids import short_hash
from fmops.evaluation.champion import Champion
from fmops.evaluation.models import INPUT_PLACE
from fmops.evaluation.planning.packages import FindPackage, PackageCandidate, no_packages, of_package
from fmops.evaluation.remote import Remote
from fmops.usecases.candidates import ApplicationCandidate, BedrockCandidate, Candidate, Decoding, JumpStartCandidate
from fmops.usecases.models import EndpointTarget, UseCase
from fmops.usecases.triggers import RunRequest

CHAMPION_ID = "champion"
_ALIAS = re.compile(r":(application-inference-profile|provisioned-model)/")
FindModel = Callable[[str, str], HubModel]
"""The hub's document of a model id and version (`*` for the newest). NotFound where there is none."""
FindFoundationModel = Callable[[str], FoundationModel]
"""Bedrock's summary of a foundation model. NotFound where there is none."""


class ConstraintsNotMet(BadInput):
    """No candidate meets the use case's hard conditions."""


class Chosen(NamedTuple):
    """A candidate with its model's document."""

    candidate: Candidate | PackageCandidate
    model: HubModel | None = None
    """None for what is not hosted from the hub."""


class Catalogs(NamedTuple):
    """Where models are looked up."""

    hub: FindModel
    bedrock: FindFoundationModel
    package: FindPackage = no_packages


class Choice(NamedTuple):
    """The feature matrix, and the candidates that it leaves."""

    matrix: FeatureMatrix
    chosen: list[Chosen]


def choose(request: RunRequest, use_case: UseCase, champion: Champion | None, catalogs: Catalogs) -> Choice:
    """What a trigger asks for, without what the conditions cut. BadInput or NotFound where it asks for nothing."""
    found = [_looked_up(candidate, catalogs) for candidate in _wanted(request, use_case, catalogs)]
    wanted = [one.row for one in found if one.row]
    if champion:
        wanted += _champion(champion, use_case, catalogs.hub)
    judged = matrix(wanted, use_case.constraints, spared=frozenset({CHAMPION_ID}))
    cut = judged.cut()
    return Choice(judged, [one.chosen for one in found if one.chosen.candidate.id not in cut])


class _LookedUp(NamedTuple):
    chosen: Chosen
    row: Wanted | None
    """Conditions are on models: an application or an endpoint of the team's own has none to judge."""


def _looked_up(candidate: Candidate | PackageCandidate, catalogs: Catalogs) -> _LookedUp:
    match candidate:
        case JumpStartCandidate():
            model = catalogs.hub(candidate.model_id, candidate.model_version)
            return _LookedUp(Chosen(candidate, model), Wanted(candidate.id, of_hub(model), candidate.instance_type))
        case BedrockCandidate():
            features = _features(candidate.model_id, catalogs.bedrock)
            return _LookedUp(Chosen(candidate), Wanted(candidate.id, features, None))
        case _:
            return _LookedUp(Chosen(candidate), None)


def _features(model_id: str, find: FindFoundationModel) -> Features:
    if _ALIAS.search(model_id):
        # Behind it stands a model that Bedrock's list does not tell.
        return Features(source="bedrock", model_id=model_id, version="")
    return of_bedrock(find(model_behind(model_id)))


def check(choice: Choice, use_case: str) -> None:
    """ConstraintsNotMet, with the reasons, where nothing is left."""
    if not choice.chosen:
        reasons = "; ".join(f"{candidate}: {', '.join(why)}" for candidate, why in choice.matrix.cut().items())
        raise ConstraintsNotMet(f"no candidate meets the constraints of {use_case}: {reasons}")


def slug(text: str) -> str:
    """A candidate's id from a model's; two models that look alike afterwards differ by a hash."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return plain if plain == text and len(plain) <= 40 else f"{plain[:33].strip('-')}-{short_hash(text, length=6)}"


def _wanted(request: RunRequest, use_case: UseCase, catalogs: Catalogs) -> list[Candidate | PackageCandidate]:
    trigger = request.trigger
    # Asked as the team asks its own candidates.
    pattern = next((one for one in use_case.candidates if not isinstance(one, ApplicationCandidate)), None)
    if trigger.kind == "package":
        if trigger.package_arn is None:
            raise BadInput(f"{request.run_id} was started by a model package and names none")
        return [of_package(catalogs.package(trigger.package_arn), use_case, pattern)]
    if trigger.kind != "model":
        return list(use_case.candidates)
    if trigger.model is None:
        raise BadInput(f"{request.run_id} was started by a new model and names none")
    if trigger.model.source == "bedrock":
        return [
            BedrockCandidate(
                id=slug(trigger.model.id),
                kind="bedrock",
                model_id=trigger.model.id,
                prompt_template=pattern.prompt_template if pattern else INPUT_PLACE,
                decoding=pattern.decoding if pattern else Decoding(),
            )
        ]
    found = catalogs.hub(trigger.model.id, trigger.model.version)
    instance_type = use_case.discovery.instance_type or found.document.default_inference_instance_type
    if instance_type is None:
        raise BadInput(f"{found.id} names no instance type: set discovery.instance_type in {use_case.name}")
    return [
        JumpStartCandidate(
            id=slug(found.id),
            model_id=found.id,
            model_version=found.version,
            instance_type=instance_type,
            prompt_template=pattern.prompt_template if pattern else INPUT_PLACE,
            decoding=pattern.decoding if pattern else Decoding(),
        )
    ]


def _champion(champion: Champion, use_case: UseCase, find_model: FindModel) -> list[Wanted]:
    """The champion's model, to be seen beside the others; the hub may have dropped it since, or never had it."""
    if isinstance(champion.artifact, Remote) or not isinstance(use_case.release, EndpointTarget):
        return []
    try:
        model = find_model(champion.artifact.model_id, champion.artifact.model_version)
    except NotFound:
        return []
    return [Wanted(CHAMPION_ID, of_hub(model), use_case.release.instance_type)]
