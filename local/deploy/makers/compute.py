"""Roles, functions, layers, state machines and model groups."""

import json
import re
from typing import Any

import yaml

from local.deploy.making import (
    Deployment,
    Made,
    Properties,
    local_path,
    lower_first,
    tag_list,
    tag_map,
)
from local.protocol import LocalError
from local.wire.models import service_model
from local.wire.validation import validate

_FUNCTION = (
    "Architectures",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
)


def role(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::IAM::Role"""
    iam, name = d.client("iam"), p.take("RoleName") or d.physical(logical)
    made = iam.create_role(
        **p.some("Description", "Path", "MaxSessionDuration"),
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(p.take("AssumeRolePolicyDocument")),
        Tags=tag_list(p.take("Tags", [])),
    )["Role"]
    for policy in p.take("Policies", []):
        # SAM's policy templates carry no version, and IAM refuses none.
        document = {"Version": "2012-10-17", **policy["PolicyDocument"]}
        iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(document))
    for arn in p.take("ManagedPolicyArns", []):
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    return Made(name, {"Arn": made["Arn"], "RoleId": made["RoleId"]})


def policy(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::IAM::Policy"""
    name, document = p.take("PolicyName"), json.dumps(p.take("PolicyDocument"))
    for role_name in p.take("Roles", []):
        d.client("iam").put_role_policy(RoleName=role_name, PolicyName=name, PolicyDocument=document)
    return Made(name)


def layer(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Lambda::LayerVersion"""
    folder = local_path(p.take("Content"), "S3Bucket", "S3Key")
    request = p.rest()
    request.setdefault("LayerName", logical)
    validate(service_model("lambda").operation_model("PublishLayerVersion"), {**request, "Content": {}})
    return Made(d.aws.lambdas.deploy_layer(request, folder)["LayerVersionArn"])


def function(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Lambda::Function"""
    folder = local_path(p.take("Code"), "S3Bucket", "S3Key")
    request = {**p.some(*_FUNCTION), "FunctionName": p.take("FunctionName") or d.physical(logical)}
    if variables := request.get("Environment", {}).get("Variables"):
        request["Environment"] = {"Variables": {name: _text(value) for name, value in variables.items()}}
    for name in ("Timeout", "MemorySize"):
        if name in request:
            request[name] = int(request[name])
    if tags := p.take("Tags"):
        request["Tags"] = tag_map(tags)
    validate(service_model("lambda").operation_model("CreateFunction"), {**request, "Code": {}})
    made = d.aws.lambdas.deploy(request, folder)
    if (most := p.take("ReservedConcurrentExecutions")) is not None:
        d.client("lambda").put_function_concurrency(
            FunctionName=made["FunctionName"], ReservedConcurrentExecutions=int(most)
        )
    return Made(made["FunctionName"], {"Arn": made["FunctionArn"]})


def version(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::Lambda::Version"""
    made = d.client("lambda").publish_version(**p.rest())
    return Made(made["FunctionArn"], {"Version": made["Version"], "FunctionArn": made["FunctionArn"]})


def alias(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::Lambda::Alias"""
    arn = d.client("lambda").create_alias(**p.rest())["AliasArn"]
    return Made(arn, {"AliasArn": arn})


def permission(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Lambda::Permission"""
    d.client("lambda").add_permission(**p.rest(), StatementId=d.physical(logical, 100))
    return Made(d.physical(logical, 100))


def event_invoke_config(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Lambda::EventInvokeConfig"""
    d.client("lambda").put_function_event_invoke_config(**p.rest())
    return Made(d.physical(logical))


def state_machine(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::StepFunctions::StateMachine"""
    substitutions = p.take("DefinitionSubstitutions", {})
    request: dict[str, Any] = {
        "name": p.take("StateMachineName") or d.physical(logical, 80),
        "definition": _definition(p, {name: _text(value) for name, value in substitutions.items()}),
        "roleArn": p.take("RoleArn"),
        "type": p.take("StateMachineType", "STANDARD"),
    }
    for name in ("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration"):
        if name in p:
            request[name[:1].lower() + name[1:]] = lower_first(p.take(name))
    if tags := p.take("Tags"):
        request["tags"] = lower_first(tag_list(tags))
    arn = d.client("stepfunctions").create_state_machine(**request)["stateMachineArn"]
    return Made(arn, {"Arn": arn, "Name": request["name"], "StateMachineRevisionId": "INITIAL"})


def state_machine_version(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::StepFunctions::StateMachineVersion"""
    request = {"stateMachineArn": p.take("StateMachineArn"), "revisionId": p.take("StateMachineRevisionId")}
    if description := p.take("Description"):
        request["description"] = description
    arn = d.client("stepfunctions").publish_state_machine_version(**request)["stateMachineVersionArn"]
    return Made(arn, {"Arn": arn})


def state_machine_alias(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::StepFunctions::StateMachineAlias"""
    preference = p.take("DeploymentPreference", {})
    routes = lower_first(p.take("RoutingConfiguration", []))
    if preference:
        # A new alias has one version: there is nothing to shift from.
        routes = [{"stateMachineVersionArn": preference["StateMachineVersionArn"], "weight": 100}]
    request = {"name": p.take("Name"), "routingConfiguration": routes}
    if description := p.take("Description"):
        request["description"] = description
    arn = d.client("stepfunctions").create_state_machine_alias(**request)["stateMachineAliasArn"]
    return Made(arn, {"Arn": arn})


def _definition(p: Properties, substitutions: dict[str, str]) -> str:
    if location := p.take("DefinitionS3Location"):
        path = local_path(location, "Bucket", "Key")
        text = path.read_text(encoding="utf-8")
        if path.suffix in (".yaml", ".yml"):
            text = json.dumps(yaml.safe_load(text))
    elif definition := p.take("Definition"):
        text = json.dumps(definition)
    else:
        text = p.take("DefinitionString")
    for name, value in substitutions.items():
        # Inside a JSON string, so quotes and backslashes of the value need their escapes.
        text = text.replace("${" + name + "}", json.dumps(value)[1:-1])
    if left := sorted(set(re.findall(r"\$\{(\w+)\}", text))):
        raise LocalError(f"the definition names {', '.join(left)}, which DefinitionSubstitutions does not give")
    return text


def model_package_group(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::SageMaker::ModelPackageGroup"""
    tags = {"Tags": tag_list(p.take("Tags"))} if p.get("Tags") else {}
    arn = d.client("sagemaker").create_model_package_group(**p.rest(), **tags)["ModelPackageGroupArn"]
    return Made(arn, {"ModelPackageGroupArn": arn, "ModelPackageGroupStatus": "Completed"})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
