"""What the hub's and Bedrock's lists tell of their models, in one form."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from fmops.catalog.bedrock import FoundationModel, of_bedrock
from fmops.catalog.features import Features
from fmops.catalog.models import HubDocument, HubSummary
from fmops.catalog.token_prices import per_million_tokens
from fmops.core.events import WithdrawnStatus
from fmops.usecases.interest import NewModel, Source

BEDROCK = "bedrock"
"""Stands in the ledger where a hub's name stands for other models."""
Status = Literal["supported"] | WithdrawnStatus
_STATUSES: dict[str, Status] = {
    "Supported": "supported",
    "Deprecated": "deprecated",
    "Restricted": "restricted",
    # Bedrock's words.
    "ACTIVE": "supported",
    "LEGACY": "deprecated",
}
# `llama-3-8b-instruct`, `phi-3.5b`, `mixtral-8x7b`: the size in a name.
_SIZE_IN_ID = re.compile(r"(?:^|[-_.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?:$|[-_.:])", re.IGNORECASE)
_BILLIONS = re.compile(r"(\d+(?:\.\d+)?)\s*B", re.IGNORECASE)


class Listed(NamedTuple):
    """One version of a model in a catalogue's list."""

    source: Source
    model_id: str
    version: str
    arn: str
    status: Status
    task: str = ""
    until: str = ""
    """The last day of a model that is being withdrawn, where its publisher says so."""

    @property
    def name(self) -> str:
        return f"{self.model_id} {self.version}".strip()


def of_hub(summary: HubSummary) -> Listed:
    """A row of ListHubContents. A status that AWS adds some day is taken for a restriction."""
    return Listed(
        "jumpstart",
        summary.hub_content_name,
        summary.hub_content_version,
        summary.hub_content_arn,
        _STATUSES.get(summary.support_status, "restricted"),
        summary.task,
    )


def of_foundation_models(models: Iterable[FoundationModel]) -> list[Listed]:
    """Those that answer with text to whoever asks; variants for provisioned throughput are none of them."""
    return [
        Listed(
            "bedrock",
            model.model_id,
            "",
            model.model_arn,
            _STATUSES.get(model.model_lifecycle.status or "ACTIVE", "restricted"),
            until=ends.date().isoformat() if (ends := model.model_lifecycle.end_of_life_time) else "",
        )
        for model in models
        if "TEXT" in (model.output_modalities or ()) and {"ON_DEMAND", "INFERENCE_PROFILE"} & {*_inference(model)}
    ]


def unreadable(listed: Listed, why: str) -> NewModel:
    """What its publisher says of it is nothing that we understand."""
    return new_of_hub(listed).model_copy(update={"obstacle": f"{why}: wait for its next version", "unreadable": True})


def new_of_hub(listed: Listed, features: Features | None = None, document: HubDocument | None = None) -> NewModel:
    """Without features only what the list tells."""
    return NewModel(
        source="jumpstart",
        model_id=listed.model_id,
        version=listed.version,
        task=listed.task,
        provider=features.provider if features else None,
        licence=features.licence if features else None,
        billion_parameters=billion_parameters(listed.model_id, document.model_size if document else None),
        fine_tunable=features.fine_tunable if features else None,
        obstacle="its licence must be accepted first: name it as a candidate with accept_eula"
        if features and features.gated
        else "",
    )


def new_of_bedrock(listed: Listed, model: FoundationModel) -> NewModel:
    features = of_bedrock(model)
    return NewModel(
        source="bedrock",
        model_id=listed.model_id,
        version="",
        provider=features.provider,
        billion_parameters=billion_parameters(listed.model_id, None),
        fine_tunable=features.fine_tunable,
        obstacle=_obstacle(model),
    )


def billion_parameters(model_id: str, size_class: str | None) -> float | None:
    """As the id names it, else the upper end of the document's class (`70B-100B`); None where neither does.

    Experts (`8x7b`) are counted whole, though they share a part: never less than it has.
    """
    named = [float(size) * int(experts or 1) for experts, size in _SIZE_IN_ID.findall(model_id)]
    return max(named or map(float, _BILLIONS.findall(size_class or "")), default=None)


def _obstacle(model: FoundationModel) -> str:
    if "ON_DEMAND" not in _inference(model):
        return "it answers only through an inference profile: name one as a candidate"
    if per_million_tokens(model.model_id) is None:
        return "its price is not known: name it as a candidate with a price"
    return ""


def _inference(model: FoundationModel) -> list[str]:
    return model.inference_types_supported
