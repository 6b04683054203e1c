"""In a stack with a network of its own, every job and every model runs in it."""

import pytest

from fmops.launches.models import Create
from fmops.launches.network import network, placed
from tests.contract.botocore_validation import problems

NETWORK = network(("subnet-0a1", "subnet-0b2"), ("sg-0c3",))
PLACE = {"Subnets": ["subnet-0a1", "subnet-0b2"], "SecurityGroupIds": ["sg-0c3"]}
MODEL = {"ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/endpoint"}


@pytest.mark.parametrize("operation", ["create_training_job", "create_model"])
def test_trainings_and_models_are_placed(operation: str) -> None:
    create = Create.model_validate({"operation": operation, "request": {"EnableNetworkIsolation": True}})

    assert placed(create, NETWORK) == {"EnableNetworkIsolation": True, "VpcConfig": PLACE}


def test_processing_jobs_are_placed_beside_what_they_ask_of_their_network() -> None:
    request = {"NetworkConfig": {"EnableInterContainerTrafficEncryption": True}}
    create = Create(operation="create_processing_job", request=request)

    assert placed(create, NETWORK)["NetworkConfig"] == {
        "EnableInterContainerTrafficEncryption": True,
        "VpcConfig": PLACE,
    }


def test_aws_takes_what_is_placed() -> None:
    assert problems("sagemaker", "create_model", placed(Create(operation="create_model", request=MODEL), NETWORK)) == []


@pytest.mark.parametrize("operation", ["create_endpoint", "create_endpoint_config"])
def test_endpoints_are_where_their_model_is(operation: str) -> None:
    create = Create.model_validate({"operation": operation, "request": {"EndpointName": "e"}})

    assert placed(create, NETWORK) == {"EndpointName": "e"}


def test_a_stack_without_a_network_asks_for_none() -> None:
    assert network((), ()) is None
    assert placed(Create(operation="create_model", request=MODEL), None) == MODEL
