"""Which candidates a run is about, and which of them the use case's conditions leave: rules without I/O."""

import re
from collections.abc import Callable
from typing import NamedTuple

from fmops.catalog.features import of_hub
from fmops.catalog.hub import HubModel
from fmops.catalog.matrix import FeatureMatrix, Wanted, matrix
from fmops.core.errors import BadInput, NotFound
from fmops.core.ids import short_hash
from fmops.evaluation.champion import Champion
from fmops.usecases.models import Candidate, UseCase
from fmops.usecases.triggers import RunRequest

CHAMPION_ID = "champion"
FindModel = Callable[[str, str], HubModel]
"""The hub's document of a model id and version (`*` for the newest). NotFound where there is none."""


class ConstraintsNotMet(BadInput):
    """No candidate meets the use case's hard conditions."""


class Chosen(NamedTuple):
    """A candidate with its model's document."""

    candidate: Candidate
    model: HubModel


class Choice(NamedTuple):
    """The feature matrix, and the candidates that it leaves."""

    matrix: FeatureMatrix
    chosen: list[Chosen]


def choose(request: RunRequest, use_case: UseCase, champion: Champion | None, find_model: FindModel) -> Choice:
    """What a trigger asks for, without what the conditions cut. BadInput or NotFound where it asks for nothing."""
    found = [
        Chosen(candidate, find_model(candidate.model_id, candidate.model_version))
        for candidate in _wanted(request, use_case, find_model)
    ]
    wanted = [Wanted(candidate.id, of_hub(model), candidate.instance_type) for candidate, model in found]
    if champion:
        wanted += _champion(champion, use_case, find_model)
    judged = matrix(wanted, use_case.constraints, spared=frozenset({CHAMPION_ID}))
    cut = judged.cut()
    return Choice(judged, [one for one in found if one.candidate.id not in cut])


def check(choice: Choice, use_case: str) -> None:
    """ConstraintsNotMet, with the reasons, where nothing is left."""
    if not choice.chosen:
        reasons = "; ".join(f"{candidate}: {', '.join(why)}" for candidate, why in choice.matrix.cut().items())
        raise ConstraintsNotMet(f"no candidate meets the constraints of {use_case}: {reasons}")


def slug(text: str) -> str:
    """A candidate's id from a model's; two models that look alike afterwards differ by a hash."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return plain if plain == text and len(plain) <= 40 else f"{plain[:33].strip('-')}-{short_hash(text, length=6)}"


def _wanted(request: RunRequest, use_case: UseCase, find_model: FindModel) -> list[Candidate]:
    trigger = request.trigger
    if trigger.kind != "model":
        return list(use_case.candidates)
    if trigger.model is None:
        raise BadInput(f"{request.run_id} was started by a new model and names none")
    found = find_model(trigger.model.id, trigger.model.version)
    instance_type = use_case.discovery.instance_type or found.document.default_inference_instance_type
    if instance_type is None:
        raise BadInput(f"{found.id} names no instance type: set discovery.instance_type in {use_case.name}")
    # Asked as the team asks its own candidates.
    pattern = use_case.candidates[0]
    return [
        Candidate(
            id=slug(found.id),
            model_id=found.id,
            model_version=found.version,
            instance_type=instance_type,
            prompt_template=pattern.prompt_template,
            decoding=pattern.decoding,
        )
    ]


def _champion(champion: Champion, use_case: UseCase, find_model: FindModel) -> list[Wanted]:
    """The champion's model, to be seen beside the others; the hub may have dropped it since."""
    try:
        model = find_model(champion.artifact.model_id, champion.artifact.model_version)
    except NotFound:
        return []
    return [Wanted(CHAMPION_ID, of_hub(model), use_case.release.instance_type)]
