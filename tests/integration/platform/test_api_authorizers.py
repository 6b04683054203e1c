"""Routes that ask who comes: signed requests by IAM's word, and tokens of an issuer."""

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.deploy.stack import Stack
from local.embedded import EmbeddedAws
from local.protocol import ACCOUNT
from tests.fakes import oidc

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Issuer: {Type: String}
Conditions:
  HasIssuer: !Not [!Equals [!Ref Issuer, ""]]
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        openapi: 3.0.1
        info: {title: guarded, version: "1"}
        paths:
          /signed:
            post: &operation
              responses: {}
              security: [{signed: []}]
              x-amazon-apigateway-integration: &integration
                type: aws_proxy
                httpMethod: POST
                uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Echo.Arn}/invocations
                payloadFormatVersion: "2.0"
          /people:
            Fn::If:
              - HasIssuer
              - post: {responses: {}, security: [{people: []}], x-amazon-apigateway-integration: *integration}
              - !Ref AWS::NoValue
        components:
          securitySchemes:
            signed: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
            people:
              type: oauth2
              x-amazon-apigateway-authorizer:
                type: jwt
                identitySource: $request.header.Authorization
                jwtConfiguration: {issuer: !Ref Issuer, audience: [fmops-approvals]}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: code
      Timeout: 20
      Events:
        Signed: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /signed, Method: POST}}
        People: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /people, Method: POST}}
Outputs:
  ApiId: {Value: !Ref Api}
  Url: {Value: !GetAtt Api.ApiEndpoint}
"""
HANDLER = 'def handler(event, context):\n    return event["requestContext"]["authorizer"]\n'
BODY = b'{"a": 1}'


class Answer(NamedTuple):
    status: int
    document: dict[str, Any]
    challenge: str | None = None


@pytest.fixture(scope="module")
def issuer() -> Iterator[oidc.Issuer]:
    with oidc.issuer() as found:
        yield found


@pytest.fixture(scope="module")
def guarded(aws: EmbeddedAws, issuer: oidc.Issuer, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    folder: Path = tmp_path_factory.mktemp("guarded")
    (folder / "code").mkdir()
    (folder / "code" / "app.py").write_text(HANDLER, encoding="utf-8")
    (folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    return aws.deploy(folder / "template.yaml", "guarded", {"Issuer": issuer.url})


def post(url: str, headers: dict[str, str], body: bytes = BODY) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port)
    try:
        connection.request("POST", parts.path, body, {**headers, "Host": parts.netloc})
        answer = connection.getresponse()
        return Answer(answer.status, json.loads(answer.read()), answer.getheader("www-authenticate"))
    finally:
        connection.close()


def signed(of: dict[str, str], url: str, service: str = "execute-api", secret: str | None = None) -> dict[str, str]:
    request = AWSRequest("POST", url, {"content-type": "application/json"}, BODY)
    keys = Credentials(of["AWS_ACCESS_KEY_ID"], secret or of["AWS_SECRET_ACCESS_KEY"], of["AWS_SESSION_TOKEN"])
    SigV4Auth(keys, service, "us-east-1").add_auth(request)
    return dict(request.headers.items())


def test_role_whose_policy_names_the_route_gets_through_and_the_function_knows_it(
    aws: EmbeddedAws, guarded: Stack, make_role: Callable[..., str]
) -> None:
    url, api = f"{guarded.outputs['Url']}/signed", guarded.outputs["ApiId"]
    route = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{api}/$default/POST/signed"
    may = make_role("may", {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": route})
    may_elsewhere = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": route.replace("POST", "GET")}
    other = make_role("other", may_elsewhere)

    answer = post(url, signed(aws.credentials_for(may), url))

    assert answer.status == 200
    assert answer.document["iam"]["userArn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/may/embedded"
    assert set(answer.document["iam"]) == {
        *("accessKey", "accountId", "callerId", "cognitoIdentity", "principalOrgId", "userArn", "userId")
    }
    assert post(url, signed(aws.credentials_for(other), url)) == (403, {"message": "Forbidden"}, None)


def test_request_that_is_not_signed_as_it_came_is_forbidden(
    aws: EmbeddedAws, guarded: Stack, make_role: Callable[..., str]
) -> None:
    url = f"{guarded.outputs['Url']}/signed"
    everything = make_role("everything", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    keys = aws.credentials_for(everything)
    right = signed(keys, url)

    refused = [
        post(url, {}),
        post(url, {"Authorization": "Bearer x"}),
        post(url, right, b'{"a": 2}'),
        post(url, {**right, "X-Amz-Date": "20200101T000000Z"}),
        post(url, {**right, "X-Amz-Security-Token": "another"}),
        post(url, signed(keys, url, service="sagemaker")),
        post(url, signed(keys, url, secret="another")),
        post(url, signed({**keys, "AWS_ACCESS_KEY_ID": "ASIANOBODY"}, url)),
        post(url, signed(keys, f"{guarded.outputs['Url']}/other")),
    ]

    assert post(url, right).status == 200
    assert refused == [(403, {"message": "Forbidden"}, None)] * len(refused)


def test_token_of_the_issuer_for_the_audience_gets_through(guarded: Stack, issuer: oidc.Issuer) -> None:
    url, (key,) = f"{guarded.outputs['Url']}/people", issuer.keys

    def ask(with_key: oidc.Key = key, **claims: Any) -> Answer:
        token = with_key.token(issuer.claims("ann@example.com", "n", **claims))
        return post(url, {"Authorization": f"Bearer {token}"})

    right = ask()
    refused = [
        ask(aud="another"),
        ask(iss="https://another.example.com"),
        ask(exp=1),
        ask(exp=None),
        ask(nbf=32503680000),
        ask(oidc.Key("one")),
        ask(oidc.Key("unknown")),
        post(url, {"Authorization": "Bearer a.b.c"}),
        post(url, {}),
    ]

    assert right.status == 200
    claims = right.document["jwt"]["claims"]
    assert (claims["sub"], claims["email_verified"], right.document["jwt"]["scopes"]) == (
        "subject-of-ann",
        "true",
        None,
    )
    assert claims["exp"].isdigit()
    assert refused == [(401, {"message": "Unauthorized"}, "Bearer")] * len(refused)
