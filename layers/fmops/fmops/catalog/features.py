"""What is known of a model before it is evaluated, in one form for JumpStart's and Bedrock's. Unknown stays unknown."""

import re
from collections.abc import Iterable
from typing import Literal

from fmops.catalog.hub import HubModel
from fmops.catalog.languages import code
from fmops.catalog.models import EnvironmentVariable, HubDocument
from fmops.core.models import Ours

_AMOUNT = re.compile(r"^\s*(\d[\d,_.]*)\s*([km])?", re.IGNORECASE)
_THOUSANDS = {"": 1, "k": 1000, "m": 1_000_000}
# What TGI, LMI and vLLM are told of the longest prompt with its answer.
_LENGTH_VARIABLES = frozenset({"MAX_TOTAL_TOKENS", "OPTION_MAX_MODEL_LEN", "MAX_MODEL_LEN", "SM_VLLM_MAX_MODEL_LEN"})


class Features(Ours):
    """A row of the feature matrix. None: the documents don't say."""

    source: Literal["jumpstart", "bedrock"]
    model_id: str
    version: str
    """Empty for Bedrock, whose ids carry it."""
    provider: str | None = None
    licence: str | None = None
    languages: list[str] | None = None
    """ISO 639-1 codes."""
    context_tokens: int | None = None
    input_modalities: list[str] | None = None
    output_modalities: list[str] | None = None
    instance_types: list[str] | None = None
    """Which may host it; none are needed for Bedrock."""
    region: str | None = None
    gated: bool | None = None
    """Whether a person must accept the licence first."""
    fine_tunable: bool | None = None
    """By its publisher's trainer."""


def of_hub(model: HubModel) -> Features:
    """The features that a hub document tells."""
    document = model.document
    modalities = [document.data_type] if document.data_type else None
    return Features(
        source="jumpstart",
        model_id=model.id,
        version=model.version,
        provider=document.provider or None,
        licence=document.license,
        languages=_languages(document.languages),
        context_tokens=_context(document),
        input_modalities=lowered(document.input_modalities or modalities),
        output_modalities=lowered(document.output_modalities or modalities),
        instance_types=_instance_types(document),
        region=region_of(model.arn),
        gated=document.gated,
        fine_tunable=document.fine_tuning_supported,
    )


def region_of(arn: str) -> str | None:
    parts = arn.split(":")
    return parts[3] or None if len(parts) > 3 else None


def lowered(names: Iterable[str] | None) -> list[str] | None:
    """Names in lower case, each once; None where there are none."""
    return list(dict.fromkeys(name.strip().lower() for name in names)) or None if names is not None else None


def amount(text: int | str | None) -> int | None:
    """`131072`, `128K`, `8,192 tokens`; None where it is no number."""
    if text is None or isinstance(text, int):
        return text
    match = _AMOUNT.match(text)
    if not match:
        return None
    digits, unit = match[1].strip(",._"), (match[2] or "").lower()
    # Behind a unit a point is a decimal one, else it and the comma part thousands.
    number = float(digits.replace(",", "")) if unit else float(re.sub(r"[,_.]", "", digits))
    return int(number * _THOUSANDS[unit])


def _languages(names: list[str] | None) -> list[str] | None:
    return list(dict.fromkeys(code(name) for name in names)) if names else None


def _context(document: HubDocument) -> int | None:
    """The least of what the document says of the model and what its server is told."""
    variables: list[EnvironmentVariable] = list(document.inference_environment_variables or [])
    for component in (document.inference_config_components or {}).values():
        variables += component.inference_environment_variables or []
    told = [amount(str(v.default)) for v in variables if v.name in _LENGTH_VARIABLES and v.default is not None]
    known = [length for length in (amount(document.context_window), *told) if length]
    return min(known) if known else None


def _instance_types(document: HubDocument) -> list[str] | None:
    found = list(document.supported_inference_instance_types or [])
    for component in (document.inference_config_components or {}).values():
        found += component.supported_inference_instance_types or []
    return list(dict.fromkeys(found)) or None
