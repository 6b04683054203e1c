"""HTTP APIs."""

import uuid

from local.deploy.making import Deployment, Made, Properties
from local.protocol import LocalError


def http_api(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::ApiGatewayV2::Api, whose routes stand in its OpenAPI body"""
    body = p.take("Body")
    if body is None or p.take("ProtocolType", "HTTP") != "HTTP":
        raise LocalError("only HTTP APIs with an OpenAPI body are deployed")
    for about in ("Name", "Description", "Tags", "FailOnWarnings"):
        p.take(about)
    api_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{d.stack_name}/{logical}").hex[:10]
    d.api_bodies[api_id] = body
    d.aws.http_api.register(api_id, body)
    return Made(api_id, {"ApiId": api_id, "ApiEndpoint": d.aws.http_api.endpoint(api_id)})


def http_stage(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::ApiGatewayV2::Stage"""
    stage = p.rest()
    d.aws.http_api.register(stage["ApiId"], d.api_bodies[stage["ApiId"]], stage)
    return Made(stage["StageName"])
