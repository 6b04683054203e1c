"""Each kind of candidate says plainly what is wrong with it."""

from typing import Any

import pytest

from fmops.core.errors import UseCaseInvalid
from fmops.usecases.candidates import BedrockCandidate, JumpStartCandidate
from fmops.usecases.store import check
from tests.unit.usecases.test_models import candidate, document

NOVA = {"id": "nova", "kind": "bedrock", "model_id": "amazon.nova-lite-v1:0"}
APP = {"id": "app", "kind": "application", "url": "https://app.example.com"}
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:fmops-app-rag"


def test_candidate_without_a_kind_is_of_the_hub() -> None:
    assert isinstance(check(document()).candidates[0], JumpStartCandidate)


def test_kinds_stand_side_by_side_and_survive_being_stored() -> None:
    found = check(
        document(candidates=[candidate(), NOVA, APP, {"id": "e", "kind": "endpoint", "endpoint_name": "E-1"}])
    )

    assert [one.kind for one in found.candidates] == ["jumpstart", "bedrock", "application", "endpoint"]
    assert check(found.model_dump(mode="json")) == found


@pytest.mark.parametrize(
    "model_id",
    [
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "us.meta.llama3-3-70b-instruct-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0",
        "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2c3",
        "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/a1b2c3",
    ],
)
def test_models_and_inference_profiles_of_bedrock_are_taken(model_id: str) -> None:
    found = check(document(candidates=[{**NOVA, "model_id": model_id}])).candidates[0]

    assert isinstance(found, BedrockCandidate)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"id": "x", "kind": "oracle"}, "kind must be one of jumpstart, bedrock, application, endpoint"),
        ({**NOVA, "model_id": "gpt"}, "neither a Bedrock model"),
        ({**NOVA, "model_id": "arn:aws:s3:::bucket"}, "neither a Bedrock model"),
        ({**NOVA, "instance_type": "ml.g5.xlarge"}, "instance_type"),
        ({**NOVA, "guardrail": {"id": "gr1", "version": "latest"}}, r"guardrail\.version"),
        ({**NOVA, "price": {"input": -1, "output": 1}}, r"price\.input"),
        ({**APP, "url": "http://app.example.com"}, "must begin with https://"),
        ({**APP, "url": "https://user:word@app.example.com"}, "no user, password"),
        ({**APP, "url": "https:///path"}, "must name a host"),
        ({**APP, "lambda_arn": FUNCTION}, "a url or a lambda_arn, one of both"),
        ({"id": "app", "kind": "application"}, "a url or a lambda_arn, one of both"),
        ({"id": "app", "kind": "application", "lambda_arn": "fmops-app-rag"}, "not the ARN of a Lambda function"),
        ({"id": "app", "kind": "application", "lambda_arn": FUNCTION, "authorization_secret": "s"}, "IAM's rights"),
        (candidate(system="Be brief."), "needs chat: true"),
        (candidate(chat=True, tune={"instance_type": "ml.g5.xlarge"}), "asked as it was trained"),
    ],
)
def test_wrong_candidate_is_explained(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(UseCaseInvalid, match=says):
        check(document(candidates=[wrong]))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/ask", "http://localhost/ask", "https://app.example.com/ask?v=1"]
)
def test_loopback_needs_no_tls(url: str) -> None:
    assert check(document(candidates=[{**APP, "url": url}])).candidates[0].kind == "application"
