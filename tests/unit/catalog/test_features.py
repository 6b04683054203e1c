"""What catalogues tell of a model becomes one row, and what they leave out stays unknown."""

from pathlib import Path
from typing import Any

import pytest

from fmops.catalog.bedrock import Bedrock, of_bedrock, read
from fmops.catalog.features import Features, amount, of_hub
from fmops.catalog.hub import HubModel
from fmops.catalog.languages import code
from fmops.catalog.models import HubDocument
from fmops.core.errors import NotFound

ARN = "arn:aws:sagemaker:eu-west-1:aws:hub-content/SageMakerPublicHub/Model/m/1.0.0"
NEWER: dict[str, Any] = {
    "Provider": "meta",
    "License": "Llama 3.1 Community License",
    "Languages": ["English", "German", "Thai"],
    "InputModalities": ["Text"],
    "OutputModalities": ["Text"],
    "ContextWindow": "128K",
    "ModelAccess": "Gated",
    "SupportedInferenceInstanceTypes": ["ml.g5.48xlarge", "ml.p4d.24xlarge"],
    "FineTuningSupported": True,
}
# As the API's reference shows an answer.
CLAUDE = {
    "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0:200k",
    "modelId": "anthropic.claude-3-haiku-20240307-v1:0:200k",
    "modelName": "Claude 3 Haiku",
    "providerName": "Anthropic",
    "inputModalities": ["TEXT", "IMAGE"],
    "outputModalities": ["TEXT"],
    "responseStreamingSupported": True,
    "customizationsSupported": ["FINE_TUNING"],
    "inferenceTypesSupported": ["PROVISIONED"],
    "modelLifecycle": {"status": "ACTIVE"},
}
NOVA = {
    "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    "modelId": "amazon.nova-lite-v1:0",
}


def features(**members: Any) -> Features:
    return of_hub(HubModel("m", "1.0.0", ARN, HubDocument.model_validate(members)))


def test_a_newer_hub_document_tells_nearly_all() -> None:
    assert features(**NEWER) == Features(
        source="jumpstart",
        model_id="m",
        version="1.0.0",
        provider="meta",
        licence="Llama 3.1 Community License",
        languages=["en", "de", "th"],
        context_tokens=128_000,
        input_modalities=["text"],
        output_modalities=["text"],
        instance_types=["ml.g5.48xlarge", "ml.p4d.24xlarge"],
        region="eu-west-1",
        gated=True,
        fine_tunable=True,
    )


def test_what_an_older_document_leaves_out_is_unknown(repo: Path) -> None:
    text = (repo / "tests/data/jumpstart/llama-2-13b.hub-document.json").read_text()

    found = of_hub(HubModel("llama", "4.0.0", ARN, HubDocument.model_validate_json(text)))

    assert (found.licence, found.languages) == (None, None)
    assert (found.gated, found.input_modalities, found.fine_tunable) == (True, ["text"], True)
    assert "ml.g5.12xlarge" in (found.instance_types or [])
    assert found.context_tokens == 4096


def test_an_empty_document_tells_nothing() -> None:
    found = features()

    known = found.model_dump(exclude_none=True)
    assert known == {"source": "jumpstart", "model_id": "m", "version": "1.0.0", "region": "eu-west-1", "gated": False}


def test_the_server_may_allow_less_than_the_model_can() -> None:
    told = [{"Name": "MAX_TOTAL_TOKENS", "Default": "2048"}]

    assert features(ContextWindow=8192, InferenceEnvironmentVariables=told).context_tokens == 2048
    assert features(InferenceEnvironmentVariables=told).context_tokens == 2048
    assert features(ContextWindow=8192).context_tokens == 8192


@pytest.mark.parametrize(
    ("text", "number"),
    [(4096, 4096), ("4096", 4096), ("8,192 tokens", 8192), ("128K", 128_000), ("1.5 M", 1_500_000), ("long", None)],
)
def test_amounts_are_read(text: int | str, number: int | None) -> None:
    assert amount(text) == number


@pytest.mark.parametrize(
    ("name", "short"), [("English", "en"), ("EN", "en"), ("pt-BR", "pt"), ("zh_Hans", "zh"), ("Klingon", "klingon")]
)
def test_languages_have_one_name(name: str, short: str) -> None:
    assert code(name) == short


def test_a_foundation_model_of_bedrock_becomes_a_row() -> None:
    (model,) = read({"modelSummaries": [CLAUDE]})

    assert of_bedrock(model) == Features(
        source="bedrock",
        model_id="anthropic.claude-3-haiku-20240307-v1:0:200k",
        version="",
        provider="Anthropic",
        context_tokens=200_000,
        input_modalities=["text", "image"],
        output_modalities=["text"],
        instance_types=[],
        region="us-east-1",
        fine_tunable=True,
    )


def test_bedrocks_barest_summary_is_mostly_unknown() -> None:
    (model,) = read({"modelSummaries": [NOVA]})

    found = of_bedrock(model)

    assert (found.licence, found.languages, found.context_tokens, found.gated, found.fine_tunable) == (None,) * 5


def test_a_model_of_bedrock_is_found_by_its_id_or_its_inference_profile() -> None:
    class Client:
        def list_foundation_models(self) -> dict[str, Any]:
            return {"modelSummaries": [CLAUDE, NOVA]}

    bedrock = Bedrock(Client())

    assert bedrock.model("amazon.nova-lite-v1:0").model_id == "amazon.nova-lite-v1:0"
    assert bedrock.model("us.amazon.nova-lite-v1:0").model_id == "amazon.nova-lite-v1:0"
    with pytest.raises(NotFound, match="nova-pro"):
        bedrock.model("amazon.nova-pro-v1:0")
