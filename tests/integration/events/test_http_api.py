"""HTTP APIs, by real requests."""

import base64
import http.client
import json
import logging
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from local.protocol import ACCOUNT, REGION, InvokeResult, NotImplementedByEmbeddedAws
from tests.integration.events.world import World, function_arn

API = "a1b2c3d4"


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


def integration(name: str = "fn", **more: Any) -> dict[str, Any]:
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function_arn(name)}/invocations"
    made = {"httpMethod": "POST", "type": "aws_proxy", "uri": uri, "payloadFormatVersion": "2.0", **more}
    return {"x-amazon-apigateway-integration": made, "responses": {}}


def body(paths: Mapping[str, Any]) -> dict[str, Any]:
    return {"openapi": "3.0.1", "info": {"version": "1.0", "title": {"Ref": "AWS::StackName"}}, "paths": paths}


def serve(
    world: World, paths: Mapping[str, Any] | None = None, stage: dict[str, Any] | None = None, allowed: bool = True
) -> None:
    if allowed:
        world.lambdas.permit(
            "fn",
            "apigateway.amazonaws.com",
            ArnLike={"aws:SourceArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API}/*"},
        )
    world.http_api.register(API, body(paths or {"/hello/{name}": {"get": integration()}}), stage)


def ask(world: World, method: str, target: str, content: bytes | None = None, **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", world.api_port, timeout=20)
    try:
        connection.request(method, target, content, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def test_function_gets_a_request_in_format_two(world: World) -> None:
    serve(world)

    ask(world, "GET", "/hello/J%C3%BCrgen?a=1&a=2&b=%26", Cookie="x=1; y=2", X_Custom="Z", User_Agent="tests")

    (event,) = world.lambdas.events("fn")
    assert event["version"] == "2.0"
    assert event["routeKey"] == "GET /hello/{name}"
    assert event["rawPath"] == "/hello/Jürgen"
    assert event["rawQueryString"] == "a=1&a=2&b=%26"
    assert event["queryStringParameters"] == {"a": "1,2", "b": "&"}
    assert event["pathParameters"] == {"name": "Jürgen"}
    assert event["cookies"] == ["x=1", "y=2"]
    assert "cookie" not in event["headers"]
    assert event["headers"]["x-custom"] == "Z"
    assert event["isBase64Encoded"] is False
    assert "body" not in event
    context = event["requestContext"]
    assert (context["accountId"], context["apiId"], context["stage"]) == (ACCOUNT, API, "$default")
    assert context["routeKey"] == "GET /hello/{name}"
    assert context["http"] == {
        "method": "GET",
        "path": "/hello/Jürgen",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "tests",
    }
    assert abs(context["timeEpoch"] / 1000 - world.clock.now()) < 60


def test_request_without_query_has_no_query_parameters(world: World) -> None:
    serve(world)

    ask(world, "GET", "/hello/x")

    assert "queryStringParameters" not in world.lambdas.events("fn")[0]
    assert world.lambdas.events("fn")[0]["rawQueryString"] == ""


@pytest.mark.parametrize(
    "content_type,content,expected,encoded",
    [
        ("application/json", b'{"a": 1}', '{"a": 1}', False),
        ("text/plain; charset=utf-8", "é".encode(), "é", False),
        ("application/x-www-form-urlencoded", b"a=1", base64.b64encode(b"a=1").decode(), True),
        ("application/octet-stream", b"\x00\xff", base64.b64encode(b"\x00\xff").decode(), True),
        ("text/plain", b"\xff", base64.b64encode(b"\xff").decode(), True),
    ],
)
def test_body_is_text_or_base64(world: World, content_type: str, content: bytes, expected: str, encoded: bool) -> None:
    serve(world, {"/in": {"post": integration()}})

    ask(world, "POST", "/in", content, Content_Type=content_type)

    (event,) = world.lambdas.events("fn")
    assert (event["body"], event["isBase64Encoded"]) == (expected, encoded)


def test_answer_carries_status_headers_cookies_and_body(world: World) -> None:
    serve(world)
    world.lambdas.answers["fn"] = lambda _: {
        "statusCode": 201,
        "headers": {"Content-Type": "text/html", "X-Count": 3},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": base64.b64encode(b"<p>\xff").decode(),
        "isBase64Encoded": True,
    }

    answer = ask(world, "GET", "/hello/x")

    assert (answer.status, answer.body) == (201, b"<p>\xff")
    assert answer.header("content-type") == "text/html"
    assert answer.header("x-count") == "3"
    assert [value for name, value in answer.headers if name == "set-cookie"] == ["a=1; Path=/", "b=2"]


@pytest.mark.parametrize(
    "result,expected", [({"a": 1}, b'{"a": 1}'), ("words", b"words"), ([1, 2], b"[1, 2]"), (None, b"null")]
)
def test_bare_result_is_the_body(world: World, result: Any, expected: bytes) -> None:
    serve(world)
    world.lambdas.answers["fn"] = lambda _: result

    answer = ask(world, "GET", "/hello/x")

    assert (answer.status, answer.header("content-type"), answer.body) == (200, "application/json", expected)


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "many"},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "headers": {"x": ["a"]}},
        {"statusCode": 200, "body": "%%", "isBase64Encoded": True},
        InvokeResult(200, "Unhandled", b'{"errorMessage": "boom"}'),
        InvokeResult(200, None, b"no json"),
    ],
)
def test_result_that_is_no_answer_is_an_internal_error(
    world: World, result: Any, caplog: pytest.LogCaptureFixture
) -> None:
    serve(world)
    world.lambdas.answers["fn"] = lambda _: result

    with caplog.at_level(logging.ERROR):
        answer = ask(world, "GET", "/hello/x")

    assert (answer.status, json.loads(answer.body)) == (500, {"message": "Internal Server Error"})
    assert "GET /hello/x" in caplog.text


def test_function_that_did_not_permit_the_api_is_not_called(world: World) -> None:
    serve(world, allowed=False)

    answer = ask(world, "GET", "/hello/x")

    assert answer.status == 500
    assert world.lambdas.given == []


@pytest.mark.parametrize(
    "method,path", [("POST", "/hello/x"), ("HEAD", "/hello/x"), ("OPTIONS", "/hello/x"), ("GET", "/")]
)
def test_request_without_a_route_is_not_found(world: World, method: str, path: str) -> None:
    serve(world)

    answer = ask(world, method, path)

    assert answer.status == 404
    assert answer.body == (b"" if method == "HEAD" else b'{"message": "Not Found"}')


@pytest.mark.parametrize(
    "method,path,route",
    [
        ("GET", "/a/b", "GET /a/b"),
        ("POST", "/a/b", "ANY /a/b"),
        ("GET", "/a/c", "GET /a/{x}"),
        ("GET", "/a/c/d", "ANY /a/{rest+}"),
        ("GET", "/a/b/", "GET /a/b"),
        ("HEAD", "/a/b", "ANY /a/b"),
        ("GET", "/z", "$default"),
    ],
)
def test_most_specific_route_answers(world: World, method: str, path: str, route: str) -> None:
    every = "x-amazon-apigateway-any-method"
    serve(
        world,
        {
            "/$default": {every: {**integration(), "isDefaultRoute": True}},
            "/a/{rest+}": {every: integration()},
            "/a/{x}": {"get": integration()},
            "/a/b": {every: integration(), "get": integration()},
        },
    )

    ask(world, method, path)

    assert world.lambdas.events("fn")[0]["routeKey"] == route


def test_greedy_variable_holds_the_rest_of_the_path(world: World) -> None:
    serve(world, {"/files/{path+}": {"get": integration()}})

    ask(world, "GET", "/files/a/b%20c")

    assert world.lambdas.events("fn")[0]["pathParameters"] == {"path": "a/b c"}


def test_too_large_body_is_refused(world: World) -> None:
    serve(world, {"/in": {"post": integration()}})

    answer = ask(world, "POST", "/in", b"x" * (10 * 1024 * 1024 + 1))

    assert (answer.status, json.loads(answer.body)) == (413, {"message": "Request Entity Too Large"})


def test_slow_function_is_given_up(world: World) -> None:
    serve(world, {"/slow": {"get": integration(timeoutInMillis=50)}})
    done = threading.Event()
    world.lambdas.answers["fn"] = lambda _: done.wait(20)

    answer = ask(world, "GET", "/slow")
    done.set()

    assert (answer.status, json.loads(answer.body)) == (503, {"message": "Service Unavailable"})


def test_stage_throttles_its_routes(world: World) -> None:
    serve(world, stage={"DefaultRouteSettings": {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.001}})

    statuses = [ask(world, "GET", "/hello/x").status for _ in range(3)]
    world.clock.advance(2000)

    assert statuses == [200, 200, 429]
    assert ask(world, "GET", "/hello/x").status == 200


def test_named_stage_answers_below_its_name(world: World) -> None:
    serve(world, stage={"StageName": "test", "StageVariables": {"v": "1"}})

    below, outside = ask(world, "GET", "/test/hello/x"), ask(world, "GET", "/hello/x")

    assert (below.status, outside.status) == (200, 404)
    (event,) = world.lambdas.events("fn")
    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/test/hello/x", "test")
    assert event["stageVariables"] == {"v": "1"}


def test_unregistered_api_is_gone(world: World) -> None:
    serve(world)

    world.http_api.unregister(API)

    assert ask(world, "GET", "/hello/x").status == 404


@pytest.mark.parametrize(
    "operation",
    [
        {**integration(), "security": [{"jwt": []}]},
        integration(payloadFormatVersion="1.0"),
        integration(type="http_proxy"),
        integration(uri="https://example.com"),
        integration(credentials="arn:aws:iam::123456789012:role/r"),
    ],
)
def test_route_that_would_behave_otherwise_is_refused(world: World, operation: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedByEmbeddedAws):
        world.http_api.register(API, body({"/x": {"get": operation}}))


def test_stage_settings_that_would_be_ignored_are_refused(world: World) -> None:
    with pytest.raises(NotImplementedByEmbeddedAws, match="ClientCertificateId"):
        world.http_api.register(API, body({}), {"ClientCertificateId": "x"})
    settings = {"DestinationArn": "x", "Format": "$context.status $context.authorizer.claims"}
    with pytest.raises(NotImplementedByEmbeddedAws, match=r"\$context.authorizer.claims"):
        world.http_api.register(API, body({}), {"AccessLogSettings": settings})
