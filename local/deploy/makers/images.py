"""Repositories of images, and the project that builds them."""

from typing import Any

from local.deploy.making import Deployment, Made, Properties, lower_first, tag_list


def repository(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::ECR::Repository"""
    ecr, name = d.client("ecr"), p.take("RepositoryName")
    p.take("EmptyOnDelete")  # nothing is deleted here
    lifecycle = p.take("LifecyclePolicy", {}).get("LifecyclePolicyText")
    settings = {
        "imageTagMutability": p.take("ImageTagMutability", "MUTABLE"),
        "imageScanningConfiguration": lower_first(p.take("ImageScanningConfiguration", {"ScanOnPush": False})),
    }
    made = ecr.create_repository(repositoryName=name, tags=tag_list(p.take("Tags", [])), **settings)["repository"]
    if lifecycle:
        ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=lifecycle)
    return Made(name, {"Arn": made["repositoryArn"], "RepositoryUri": made["repositoryUri"]})


def build_project(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::CodeBuild::Project"""
    tags = lower_first(tag_list(p.take("Tags", [])))
    request: dict[str, Any] = lower_first(p.rest())
    request["name"] = request.get("name") or d.physical(logical)
    source = request["source"]
    if "buildSpec" in source:
        source["buildspec"] = source.pop("buildSpec")
    if "timeoutInMinutes" in request:
        request["timeoutInMinutes"] = int(request["timeoutInMinutes"])
    made = d.client("codebuild").create_project(**request, tags=tags)["project"]
    return Made(made["name"], {"Arn": made["arn"]})
