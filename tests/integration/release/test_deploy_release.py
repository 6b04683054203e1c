"""Model, configuration and endpoint are made once, and the waiting state hears how that ends."""

import json
from typing import Any

import pytest

from fmops.core.errors import EndpointBusy
from tests.integration.doubles import SageMakerDouble

ENDPOINT = "ab12cd34-trivia"


def prepared(yard: Any, number: int = 1) -> str:
    approved = yard.approve(number)
    release_id: str = yard.claim(approved, execution=str(number))["release_id"]
    yard.prepare(release_id)
    return release_id


def test_the_configuration_captures_prompts_and_answers_as_json(yard: Any) -> None:
    prepared(yard)

    (config,) = yard.sagemaker.made["endpoint-config"].values()
    capture = config["DataCaptureConfig"]
    assert capture["EnableCapture"] is True
    assert capture["InitialSamplingPercentage"] == 50
    assert capture["DestinationS3Uri"] == "s3://capture-bucket"
    assert capture["CaptureContentTypeHeader"] == {"JsonContentTypes": ["application/json"]}
    assert config["ProductionVariants"][0]["InstanceType"] == "ml.g5.xlarge"


def test_the_model_is_the_approved_artifact(yard: Any) -> None:
    prepared(yard)

    (model,) = yard.sagemaker.made["model"].values()
    assert "runs/run-000000000001/candidates/tuned/model/" in str(model["PrimaryContainer"]["ModelDataSource"])
    assert model["EnableNetworkIsolation"] is True


def test_preparing_twice_makes_nothing_twice(yard: Any) -> None:
    release_id = prepared(yard)

    again = yard.prepare(release_id)

    assert again["previous_config"] is None
    assert len(yard.sagemaker.made["model"]) == len(yard.sagemaker.made["endpoint-config"]) == 1


def test_the_first_release_creates_the_endpoint_and_waits(yard: Any) -> None:
    release_id = prepared(yard)

    yard.deploy(release_id, "t1")

    assert yard.endpoint["EndpointStatus"] == "Creating"
    assert yard.tasks.succeeded == []
    yard.settle()
    ((token, output),) = yard.tasks.succeeded
    assert token == "t1"
    assert json.loads(output)["endpoint_name"] == ENDPOINT


def test_a_later_release_updates_the_endpoint(yard: Any) -> None:
    first = yard.released(yard.approve(1))
    second = prepared(yard, 2)

    yard.deploy(second, "t2")

    assert yard.endpoint["EndpointStatus"] == "Updating"
    assert yard.record(second)["previous_config"] == yard.record(first)["endpoint_config"]
    yard.settle()
    assert yard.tasks.succeeded[-1][0] == "t2"
    assert yard.endpoint["EndpointConfigName"] == yard.record(second)["endpoint_config"]


def test_a_retry_with_a_new_token_is_the_one_that_hears(yard: Any) -> None:
    release_id = prepared(yard)
    yard.deploy(release_id, "t1")

    yard.deploy(release_id, "t2")
    yard.settle()

    assert [token for token, _ in yard.tasks.succeeded] == ["t2"]


def test_a_state_that_is_retried_when_all_is_done_hears_at_once(yard: Any) -> None:
    release_id = prepared(yard)
    yard.deploy(release_id, "t1")
    yard.settle()

    yard.deploy(release_id, "t2")

    assert [token for token, _ in yard.tasks.succeeded] == ["t1", "t2"]


def test_an_endpoint_that_fails_fails_the_state_with_the_reason(yard: Any) -> None:
    release_id = prepared(yard)
    yard.deploy(release_id, "t1")

    yard.settle(works=False)

    ((token, error, cause),) = yard.tasks.failed
    assert (token, error) == ("t1", "EndpointFailed")
    assert "ended as Failed: no" in cause


def test_an_endpoint_in_change_is_waited_for(yard: Any) -> None:
    yard.released(yard.approve(1))
    second, third = prepared(yard, 2), prepared(yard, 3)
    yard.deploy(second, "t2")

    with pytest.raises(EndpointBusy):
        yard.deploy(third, "t3")


def test_an_endpoint_whose_creation_failed_before_is_made_anew(yard: Any) -> None:
    first = prepared(yard, 1)
    yard.deploy(first, "t1")
    yard.settle(works=False)
    second = prepared(yard, 2)

    with pytest.raises(EndpointBusy):
        yard.deploy(second, "t2")
    yard.deploy(second, "t2")

    assert yard.endpoint["EndpointStatus"] == "Creating"
    assert yard.record(second)["previous_config"] is None


def test_names_begin_with_the_stacks_prefix_and_fit(yard: Any) -> None:
    prepared(yard)
    sagemaker: SageMakerDouble = yard.sagemaker

    for made in sagemaker.made.values():
        for name in made:
            assert name.startswith("ab12cd34-")
            assert len(name) <= 63
