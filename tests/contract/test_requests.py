"""Every request that an evaluation builds passes AWS' own model: required, types, lengths, enums, patterns."""

from typing import Any

import pytest

from fmops.core.artifacts import Location
from fmops.evaluation.job_request import JobPlaces, processing_job
from fmops.evaluation.launching.training import training_job
from fmops.evaluation.places import RunPlaces
from fmops.evaluation.planning.candidates import Known, ScoredRows, plan
from fmops.evaluation.planning.choosing import Chosen
from fmops.evaluation.planning.plans import Plan, PlannedCandidate
from fmops.launches.costs import Cost
from fmops.launches.options import Option
from fmops.serving import requests
from fmops.serving.digest import digest
from fmops.serving.endpoint import temporary_endpoint
from fmops.serving.models import Artifact
from fmops.usecases.triggers import DatasetRef, RunRequest, Trigger
from tests.contract.botocore_validation import problems
from tests.fakes.run import dataset, hub_model, use_case

ROLE = "arn:aws:iam::123456789012:role/fmops-role"
# As long as the rooms allow.
RUN_ID = "run-0123456789ab"
LONG = "a-rather-long-candidate-name-of-40-signs"


def hosted(candidate: PlannedCandidate) -> Artifact:
    assert isinstance(candidate.artifact, Artifact)
    return candidate.artifact


def planned(**document: Any) -> Plan:
    candidates = [{**c, "id": f"{LONG[:-1]}{i}"} for i, c in enumerate(use_case().model_dump()["candidates"])]
    candidates = [{**c, "accept_eula": True} for c in candidates]
    trigger = Trigger(kind="dataset", dataset=DatasetRef(name="trivia", version="v1"))
    request = RunRequest(run_id=RUN_ID, use_case="trivia", trigger=trigger)
    wanted = use_case(candidates=candidates)
    chosen = [Chosen(one, hub_model(one.model_id, **document)) for one in wanted.candidates]
    return plan(request, Known(wanted, dataset(), None, ScoredRows(dataset().test_uri, [])), chosen)


@pytest.mark.parametrize("spot", [False, True])
@pytest.mark.parametrize("gated", [False, True])
def test_training_job(gated: bool, spot: bool) -> None:
    candidate = planned(GatedBucket=gated).candidates[1]
    assert candidate.tune is not None
    places = RunPlaces("bucket-" + "b" * 56, RUN_ID).candidate(candidate.id)

    option = Option(instance_type="ml.g5.xlarge", spot=spot)
    request = training_job(
        "ab12cd34-tune", candidate, candidate.tune, places, option=option, image="repo:1", role_arn=ROLE
    )

    assert problems("sagemaker", "create_training_job", request) == []
    assert request["HyperParameters"]["lora_layers"] == "8"
    model = request["InputDataConfig"][1]["DataSource"]["S3DataSource"]
    assert model.get("ModelAccessConfig") == ({"AcceptEula": True} if gated else None)


def test_processing_job() -> None:
    place = Location("bucket", "runs/run-1/config/")

    request = processing_job(
        "ab12cd34-score",
        JobPlaces(place, place, place, place, place, place, place),
        image="repo:1",
        role_arn=ROLE,
        instance_type="ml.m5.xlarge",
        max_runtime_seconds=3600,
    )

    assert problems("sagemaker", "create_processing_job", request) == []


def test_temporary_endpoint() -> None:
    candidate = planned().candidates[0]

    launch = temporary_endpoint(
        "ab12cd34",
        hosted(candidate),
        cost=Cost.of("ml.g5.xlarge", 3600),
        role_arn=ROLE,
        run_id=RUN_ID,
        use_case="trivia",
        candidate=candidate.id,
        execution_arn="arn",
        task_token="token",
    )

    assert [problems("sagemaker", create.operation, create.request) for create in launch.creates] == [[], [], []]


def test_endpoint_configuration_with_capture() -> None:
    capture = requests.capture("s3://capture-bucket/trivia", 100)

    request = requests.endpoint_config("ab12cd34-live", "ab12cd34-model", "ml.g5.xlarge", {}, capture=capture)

    assert problems("sagemaker", "create_endpoint_config", request) == []


def test_model_package() -> None:
    artifact = hosted(planned().candidates[0])

    request = requests.model_package(
        "ab12cd34-fmops",
        artifact,
        digest(artifact),
        run_id=RUN_ID,
        use_case="trivia",
        candidate=LONG,
        report_uri="s3://artifacts-bucket/runs/run-1/report.json",
    )

    assert problems("sagemaker", "create_model_package", request) == []
    assert set(request["CustomerMetadataProperties"]) == {"digest", "fmops_run_id", "fmops_use_case", "fmops_candidate"}


def test_helper_finds_what_aws_would_refuse() -> None:
    bad = {"EndpointName": "under_score", "EndpointConfigName": "x" * 64}

    assert len(problems("sagemaker", "create_endpoint", bad)) == 3
