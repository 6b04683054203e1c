"""Releases over a model that serves: trial, traffic under alarms, golden prompts in the bake, and the ways back."""

import json
from typing import Any

import pytest

from fmops.core.errors import NotFound
from fmops_cli import rolling_back
from tests.journeys.life import OWNER, Life
from tests.journeys.releases import Releases, forget_skills, served
from tests.journeys.routes import Routes


def test_a_release_is_tried_baked_and_crowned_and_leaves_nothing_of_its_own(stack: Life) -> None:
    releases = Releases(stack, served("calm"))
    first = releases.released(releases.approve())
    assert first["previous_config"] is None

    package = releases.approve()
    arn = releases.execution(package)
    stack.until(lambda: any(name.endswith("-trial") for name in stack.endpoints()))
    releases.at(arn, "AwaitRelease")
    during = releases.endpoint
    assert len(releases.alarms()) == 2
    assert not any(name.endswith("-trial") for name in stack.endpoints())
    releases.bake(arn)

    assert releases.ended(arn)["status"] == "SUCCEEDED"
    record = releases.record(package)
    assert (during["EndpointStatus"], during["EndpointConfigName"]) == ("Updating", first["endpoint_config"])
    assert releases.endpoint["EndpointConfigName"] == record["endpoint_config"]
    assert record["shifting"] == "all_at_once: one instance can't be split"
    assert record["trial"]["compared"][0]["now"] == record["verification"]["compared"][0]["now"] == 1
    assert releases.alarms() == []
    assert releases.endpoint["DataCaptureConfig"]["EnableCapture"] is True


def test_a_worse_model_is_rolled_back_by_quality_alone(stack: Life) -> None:
    releases = Releases(stack, served("worse", rollout={"guard": {"latency_p95_ms": 30_000}}))
    first = releases.released(releases.approve())
    package = releases.approve()
    arn = releases.execution(package)
    trial = stack.until(lambda: [name for name in stack.endpoints() if name.endswith("-trial")])[0]
    stack.until(lambda: releases.sagemaker.describe_endpoint(EndpointName=trial)["EndpointStatus"] == "InService")

    forget_skills(stack, package)
    releases.at(arn, "RollBackRelease")
    stack.aws.clock.advance(61)
    ended = releases.ended(arn)

    assert (ended["status"], ended["error"]) == ("FAILED", "ReleaseRolledBack")
    assert "exact_match 0" in ended["cause"]
    assert "instead of 1.000 over 40 prompts" in ended["cause"]
    record = releases.record(package)
    assert record["status"] == "rolled_back"
    assert [one.split(":")[0] for one in record["tripped"]] == ["quality"]
    assert "was greater than the threshold (0.5)" in record["tripped"][0]
    assert releases.endpoint["EndpointConfigName"] == first["endpoint_config"]
    assert releases.alarms() == []
    assert "instead of 1.000 over 40 prompts" in releases.events_for("release rolled back")["text"]


def test_a_model_that_is_worse_on_its_trial_never_sees_traffic(stack: Life) -> None:
    releases = Releases(stack, served("unskilled"))
    first = releases.released(releases.approve())

    package = releases.approve(skilled=False)
    ended = releases.ended(releases.execution(package))

    assert ended["error"] == "ReleaseRolledBack"
    assert "on a trial endpoint the golden prompts are answered worse" in ended["cause"]
    record = releases.record(package)
    assert (record["shifting"], record["verification"]) == ("", None)
    assert releases.endpoint["EndpointConfigName"] == first["endpoint_config"]
    assert releases.endpoint["EndpointStatus"] == "InService"
    assert not any(name.endswith("-trial") for name in stack.endpoints())


def test_errors_of_the_new_fleet_have_sagemaker_go_back_with_the_numbers(stack: Life) -> None:
    releases = Releases(stack, served("errors"))
    first = releases.released(releases.approve())
    package = releases.approve()
    arn = releases.execution(package)
    releases.at(arn, "AwaitRelease")

    stack.ask_badly(releases.endpoint["EndpointName"], 3)
    stack.aws.clock.advance(120)
    ended = releases.ended(arn)

    assert ended["error"] == "ReleaseRolledBack"
    assert "SageMaker went back after alarm errors: Threshold Crossed" in ended["cause"]
    assert releases.endpoint["EndpointConfigName"] == first["endpoint_config"]
    assert releases.record(package)["tripped"][0].startswith("errors: Threshold Crossed")


def test_several_instances_get_the_traffic_by_a_canary_or_in_steps(stack: Life) -> None:
    releases = Releases(stack, served("several", instance_count=3, rollout={"step_minutes": 10}))
    before = releases.released(releases.approve())

    # Of 3 instances a quarter is one, and so is a fifth.
    for shifting, steps in {"canary": [1], "linear": [1, 2]}.items():
        traffic = "auto" if shifting == "canary" else shifting
        stack.save(served("several", instance_count=3, rollout={"step_minutes": 10, "traffic": traffic}))
        package = releases.approve()
        arn = releases.execution(package)
        releases.at(arn, "DeployRelease")
        for on in steps:
            stack.until(lambda on=on: releases.baking() == on, 180)  # type: ignore[misc]
            assert releases.state(arn) == "DeployRelease"
            stack.aws.clock.advance(601)
        releases.bake(arn)

        assert releases.ended(arn)["status"] == "SUCCEEDED"
        record = releases.record(package)
        assert record["shifting"].startswith(f"{shifting}: ")
        assert record["verification"]["compared"][0]["now"] == 1
        assert releases.endpoint["EndpointConfigName"] == record["endpoint_config"] != before["endpoint_config"]
        assert releases.endpoint["ProductionVariants"][0]["CurrentInstanceCount"] == 3
        before = record


def test_a_person_takes_one_step_back_and_forward_again_and_a_rejection_takes_one_too(
    stack: Life, capsys: pytest.CaptureFixture[str]
) -> None:
    releases = Releases(stack, served("back", on_rejected="roll_back"))
    first = releases.released(releases.approve())
    package = releases.approve()
    second = releases.released(package)

    for goal in (first, second):
        rolling_back.started(stack.target, "back", "complaints since noon", "ann", as_json=True)
        arn = json.loads(capsys.readouterr().out)["execution"]
        releases.bake(arn)
        assert releases.ended(arn)["status"] == "SUCCEEDED"
        assert releases.endpoint["EndpointConfigName"] == goal["endpoint_config"]
    newest = stack.reader.releases()[0]
    assert (newest["wanted_by"], newest["reason"]) == ("ann", "complaints since noon")

    releases.sagemaker.update_model_package(ModelPackageArn=package.arn, ModelApprovalStatus="Rejected")

    rule = "the rule release.on_rejected"
    (back,) = stack.until(lambda: [one for one in stack.reader.releases() if one["wanted_by"] == rule])
    releases.bake(back["execution_arn"])
    assert releases.ended(back["execution_arn"])["status"] == "SUCCEEDED"
    assert releases.endpoint["EndpointConfigName"] == first["endpoint_config"]
    assert back["reason"] == "its model package was rejected in the registry"


def test_there_is_no_step_back_from_a_first_release(stack: Life) -> None:
    releases = Releases(stack, served("first"))
    releases.released(releases.approve())

    with pytest.raises(NotFound, match="serves its first release"):
        rolling_back.started(stack.target, "first", "I changed my mind", "ann", as_json=True)


def test_a_route_names_what_was_approved_and_goes_one_step_back(
    stack: Life, capsys: pytest.CaptureFixture[str]
) -> None:
    routes = Routes(stack, "route")
    first, second = routes.model("first"), routes.model("second")

    assert routes.release(first)["status"] == "SUCCEEDED"
    assert routes.named == first
    assert routes.record["trial"]["compared"][0]["now"] == 1
    assert routes.release(second)["status"] == "SUCCEEDED"
    assert routes.named == second

    assert routes.step_back("complaints", capsys)["status"] == "SUCCEEDED"
    assert routes.named == first
    assert (routes.record["wanted_by"], routes.record["reason"]) == ("ann", "complaints")

    # Its traffic is watched by Bedrock's logs.
    bucket = stack.outputs["CaptureBucketName"]
    stack.target.client("bedrock").put_model_invocation_logging_configuration(
        loggingConfig={"s3Config": {"bucketName": bucket, "keyPrefix": "bedrock"}, "textDataDeliveryEnabled": True}
    )
    stack.quiet()
    stack.to_the_next_hour(900)
    routes.ask(40)
    stack.to_the_next_hour(660)

    def watched() -> list[dict[str, Any]]:
        return [w for w in stack.reader.windows() if w["use_case"] == "route" and w.get("verdict") and w["records"]]

    (window,) = stack.until(watched)
    assert (window["records"], window["endpoint"]) == (40, "")
    assert window["coverage"]["invocations"] == window["coverage"]["records"] == 40


def test_a_route_never_names_a_model_that_answers_worse_than_evaluated(stack: Life) -> None:
    routes = Routes(stack, "steady")
    sound, worse = routes.model("sound"), routes.model("worse", skilled=False)
    routes.release(sound)

    ended = routes.release(worse)

    assert (ended["status"], ended["error"]) == ("FAILED", "ReleaseRolledBack")
    assert "the golden prompts are answered worse" in ended["cause"]
    assert routes.named == sound
    assert stack.until(lambda: stack.mails("release rolled back", OWNER))
