"""Builds are started once for each image and version of the sources."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fmops.core.errors import NotReady
from fmops.deployment.building import Builder
from fmops.launches.images import Image, Images, parameter
from tests.contract.botocore_validation import problems

SOURCES = {"SOURCES": "arn:aws:lambda:us-east-1:123456789012:layer:fmops-containers:1", "BERTSCORE_MODELS": ""}


class FakeCodeBuild:
    def __init__(self) -> None:
        self.started: list[dict[str, Any]] = []

    def start_build(self, **request: Any) -> dict[str, Any]:
        assert problems("codebuild", "start_build", request) == []
        self.started.append(request)
        return {"build": {}}


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("ssm", region_name="us-east-1")


def test_each_image_is_built_and_says_where_it_will_be_found(ssm: Any) -> None:
    codebuild = FakeCodeBuild()

    tag = Builder(codebuild, ssm, "fmops-images", "/fmops/images").start(SOURCES)

    variables = [
        {one["name"]: one["value"] for one in request["environmentVariablesOverride"]} for request in codebuild.started
    ]
    assert [one["IMAGE"] for one in variables] == ["evaluate", "fine-tune"]
    assert {one["TAG"] for one in variables} == {tag}
    assert variables[0]["PARAMETER"] == parameter(f"/fmops/images/{tag}", Image.EVALUATE)
    assert variables[0]["SOURCES"] == SOURCES["SOURCES"]
    assert len({request["idempotencyToken"] for request in codebuild.started}) == 2


def test_other_sources_have_another_tag_and_the_same_ones_the_same(ssm: Any) -> None:
    builder = Builder(FakeCodeBuild(), ssm, "fmops-images", "/fmops/images")

    first, again = builder.start(SOURCES), builder.start(dict(reversed(SOURCES.items())))
    other = builder.start({**SOURCES, "BERTSCORE_MODELS": "microsoft/deberta-xlarge-mnli"})

    assert first == again
    assert first != other


def test_what_is_written_about_images_goes_with_the_stack_and_nothing_else(ssm: Any) -> None:
    for name in (*(f"/fmops/images/t{number}/evaluate" for number in range(13)), "/fmops/name-prefix"):
        ssm.put_parameter(Name=name, Type="String", Value="x")

    Builder(FakeCodeBuild(), ssm, "fmops-images", "/fmops/images").forget()

    assert [one["Name"] for one in ssm.describe_parameters()["Parameters"]] == ["/fmops/name-prefix"]


def test_an_image_is_ready_only_for_the_sources_that_it_was_built_of(ssm: Any) -> None:
    ssm.put_parameter(Name="/fmops/images/old/evaluate", Type="String", Value="evaluate@sha256:old")

    assert Images(ssm, "/fmops/images/old").one(Image.EVALUATE) == "evaluate@sha256:old"
    with pytest.raises(NotReady, match="images are being built: evaluate"):
        Images(ssm, "/fmops/images/new").one(Image.EVALUATE)
