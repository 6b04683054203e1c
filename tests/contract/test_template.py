"""Promises of the template that no linter knows: nothing that comes by itself can be lost in silence."""

from pathlib import Path
from typing import Any

import pytest

from tools.templates import read, resources

ASYNCHRONOUS = ("EventBridgeRule", "ScheduleV2", "SNS")


@pytest.fixture(scope="module")
def functions(repo: Path) -> dict[str, dict[str, Any]]:
    return resources(read(repo / "template.yaml"), "AWS::Serverless::Function")


def events(properties: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: event for name, event in properties.get("Events", {}).items() if event["Type"] in ASYNCHRONOUS}


def test_what_a_function_cannot_handle_reaches_the_queue(functions: dict[str, dict[str, Any]]) -> None:
    called = {name: properties for name, properties in functions.items() if events(properties)}

    assert len(called) > 5
    assert [name for name, properties in called.items() if "EventInvokeConfig" not in properties] == []


def test_what_cannot_be_delivered_reaches_the_queue(functions: dict[str, dict[str, Any]], repo: Path) -> None:
    machines = resources(read(repo / "template.yaml"), "AWS::Serverless::StateMachine")
    undelivered = [
        f"{name}.{event_name}"
        for name, properties in (functions | machines).items()
        for event_name, event in events(properties).items()
        if not {"RetryPolicy", "DeadLetterConfig"} <= set(event["Properties"])
    ]

    assert undelivered == []


def test_what_a_rule_cannot_deliver_reaches_the_queue(repo: Path) -> None:
    rules = resources(read(repo / "template.yaml"), "AWS::Events::Rule")
    undelivered = [
        name
        for name, properties in rules.items()
        for target in properties["Targets"]
        if not {"RetryPolicy", "DeadLetterConfig"} <= set(target)
    ]

    assert rules
    assert undelivered == []


def test_whatever_starts_a_journey_goes_through_its_alias(functions: dict[str, dict[str, Any]], repo: Path) -> None:
    """So a deployment changes nothing that runs; what starts is what the alias names."""
    template = read(repo / "template.yaml")
    machines = resources(template, "AWS::Serverless::StateMachine")
    settings = [
        str(value)
        for properties in functions.values()
        for name, value in properties.get("Environment", {}).get("Variables", {}).items()
        if name.endswith("_MACHINE")
    ]

    assert {properties["AutoPublishAlias"] for properties in machines.values()} == {"live"}
    assert settings
    assert [setting for setting in settings if ":live" not in setting] == []
    # SAM would aim them at the machine itself.
    assert [name for name, properties in machines.items() if properties.get("Events")] == []
    for properties in functions.values():
        for statement in statements(properties):
            if "states:StartExecution" in str(statement["Action"]):
                assert statement["Condition"] == {"StringEquals": {"states:StateMachineQualifier": "live"}}


KEPT = ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::DynamoDB::Table")


def test_keys_ledger_and_buckets_outlive_the_stack(repo: Path) -> None:
    found = {name: body for name, body in read(repo / "template.yaml")["Resources"].items() if body["Type"] in KEPT}
    going = [
        name
        for name, body in found.items()
        if (body.get("DeletionPolicy"), body.get("UpdateReplacePolicy")) != ("Retain", "Retain")
    ]

    assert len(found) >= 9
    assert going == []


def test_buckets_are_private_versioned_encrypted_logged_and_lose_what_is_old(repo: Path) -> None:
    template = read(repo / "template.yaml")
    buckets = resources(template, "AWS::S3::Bucket")
    policies = resources(template, "AWS::S3::BucketPolicy").values()
    encrypted_connections = {
        str(policy["Bucket"])
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }

    for name, properties in buckets.items():
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert properties["VersioningConfiguration"] == {"Status": "Enabled"}, name
        assert properties["BucketEncryption"], name
        assert properties["LifecycleConfiguration"]["Rules"], name
        assert str({"Ref": name}) in encrypted_connections, name
        assert "LoggingConfiguration" in properties or name == "AccessLogsBucket", name
    capture = buckets["CaptureBucket"]["LifecycleConfiguration"]["Rules"]
    assert [rule["ExpirationInDays"] for rule in capture if "ExpirationInDays" in rule] == [{"Ref": "CaptureDays"}]


def test_every_api_is_throttled_and_notes_who_came(repo: Path) -> None:
    apis = resources(read(repo / "template.yaml"), "AWS::Serverless::HttpApi")

    assert set(apis) == {"Api", "FeedbackApi"}
    for api in apis.values():
        assert 0 < api["DefaultRouteSettings"]["ThrottlingRateLimit"] <= 100
        assert api["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0
        assert api["AccessLogSettings"]["DestinationArn"]


def test_every_route_of_the_feedback_api_asks_who_comes(repo: Path) -> None:
    (paths,) = (
        api["DefinitionBody"]["paths"]
        for api in resources(read(repo / "template.yaml"), "AWS::Serverless::HttpApi").values()
        if "DefinitionBody" in api
    )

    found = [path["Fn::If"][1] if "Fn::If" in path else path for path in paths.values()]
    assert [operation["security"] for path in found for operation in path.values()] == [
        [{"signed": []}],
        [{"signed_in": []}],
    ]


def test_traces_are_on_for_functions_and_journeys(repo: Path) -> None:
    template = read(repo / "template.yaml")

    assert template["Globals"]["Function"]["Tracing"] == "Active"
    machines = resources(template, "AWS::Serverless::StateMachine")
    assert [name for name, properties in machines.items() if properties.get("Tracing") != {"Enabled": True}] == []


def statements(properties: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a function's own policies, without those that stand under a condition."""
    return [
        statement
        for policy in properties["Policies"]
        for statement in policy["Statement"]
        if isinstance(statement, dict) and "Action" in statement
    ]


def test_every_function_has_its_own_rights(functions: dict[str, dict[str, Any]]) -> None:
    shared = [name for name, properties in functions.items() if "Role" in properties or "Policies" not in properties]

    assert shared == []


def test_every_star_in_a_policy_has_its_reason(repo: Path) -> None:
    """A right to everything stands with a comment right above or below it, or with a condition that narrows it."""
    lines = (repo / "template.yaml").read_text().splitlines()
    bare = [
        number + 1
        for number, line in enumerate(lines)
        if line.strip() == 'Resource: "*"'
        and not any("#" in near for near in lines[max(0, number - 4) : number + 3])
        and not any("Condition" in near for near in lines[number + 1 : number + 3])
        and not any("Principal" in near for near in lines[max(0, number - 3) : number])
    ]

    assert bare == []


# What a right's prefix needs of a private network; None where the caller never is in it.
ENDPOINTS = {
    "bedrock": {"bedrock", "bedrock-runtime"},
    "cloudwatch": {"monitoring"},
    "codebuild": {"codebuild"},
    "dynamodb": {"dynamodb"},
    "events": {"events"},
    "kms": {"kms"},
    "lambda": {"lambda"},
    "logs": {"logs"},
    "s3": {"s3"},
    "sagemaker": {"sagemaker.api", "sagemaker.runtime"},
    "secretsmanager": {"secretsmanager"},
    "servicequotas": {"servicequotas"},
    "sns": {"sns"},
    "ssm": {"ssm"},
    "states": {"states"},
    # The role is handed on, not called; images are pulled by SageMaker itself.
    "iam": set(),
    "ecr": set(),
}


def test_a_private_network_has_an_endpoint_for_each_service_that_functions_and_jobs_call(
    functions: dict[str, dict[str, Any]], repo: Path
) -> None:
    template = read(repo / "template.yaml")
    jobs = resources(template, "AWS::IAM::Role")
    called = [
        statement["Action"]
        for properties in functions.values()
        for statement in statements(properties)
        if "Action" in statement
    ] + [
        statement["Action"]
        for name in ("TrainingRole", "EvaluationRole", "EndpointRole")
        for policy in jobs[name]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    prefixes = {
        action.split(":")[0] for actions in called for action in ([actions] if isinstance(actions, str) else actions)
    }
    endpoints = resources(template, "AWS::EC2::VPCEndpoint").values()
    there = {endpoint["ServiceName"]["Fn::Sub"].removeprefix("com.amazonaws.${AWS::Region}.") for endpoint in endpoints}

    assert {service for prefix in prefixes for service in ENDPOINTS[prefix]} == there


def test_the_price_of_the_private_network_counts_all_its_interfaces(repo: Path) -> None:
    template = read(repo / "template.yaml")
    billed = [
        endpoint
        for endpoint in resources(template, "AWS::EC2::VPCEndpoint").values()
        if endpoint["VpcEndpointType"] == "Interface"
    ]

    count = sum(len(endpoint["SubnetIds"]) for endpoint in billed)
    assert template["Outputs"]["NetworkInterfaceCount"]["Value"] == str(count)
