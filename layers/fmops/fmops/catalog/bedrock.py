"""Bedrock's foundation models, as ListFoundationModels describes them."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from fmops.catalog.features import Features, amount, lowered, region_of
from fmops.core.errors import NotFound
from fmops.core.models import Theirs

# Variants for provisioned throughput end in their context length: `…-v1:0:200k`.
_LENGTH = re.compile(r":(\d+k)$")


class _Camel(Theirs):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Lifecycle(_Camel):
    status: str = ""
    end_of_life_time: datetime | None = None


class FoundationModel(_Camel):
    """One of `modelSummaries`."""

    model_arn: str
    model_id: str
    model_name: str = ""
    provider_name: str | None = None
    input_modalities: list[str] | None = None
    output_modalities: list[str] | None = None
    customizations_supported: list[str] | None = None
    inference_types_supported: list[str] = Field(default_factory=list)
    model_lifecycle: Lifecycle = Field(default_factory=Lifecycle)


def read(answer: dict[str, Any]) -> list[FoundationModel]:
    """The models that an answer of ListFoundationModels holds."""
    return [FoundationModel.model_validate(summary) for summary in answer.get("modelSummaries", [])]


def of_bedrock(model: FoundationModel) -> Features:
    """The features that a summary tells. It says nothing of licence, languages and price."""
    length = _LENGTH.search(model.model_id)
    return Features(
        source="bedrock",
        model_id=model.model_id,
        version="",
        provider=model.provider_name,
        context_tokens=amount(length[1]) if length else None,
        input_modalities=lowered(model.input_modalities),
        output_modalities=lowered(model.output_modalities),
        instance_types=[],
        region=region_of(model.model_arn),
        fine_tunable="FINE_TUNING" in model.customizations_supported
        if model.customizations_supported is not None
        else None,
    )


class Bedrock:
    """Talks to Bedrock."""

    def __init__(self, bedrock: Any) -> None:
        """`bedrock` is a boto3 client of Bedrock's control plane."""
        self._bedrock = bedrock

    def models(self) -> Iterator[FoundationModel]:
        """All foundation models of the region; one answer holds them all."""
        yield from read(self._bedrock.list_foundation_models())

    def model(self, model_id: str) -> FoundationModel:
        """NotFound where the region has no such model. An inference profile's id (`eu.…`) means the model behind it."""
        for model in self.models():
            if model.model_id == model_id or model_id.partition(".")[2] == model.model_id:
                return model
        raise NotFound(f"Bedrock has no foundation model {model_id} in this region")
