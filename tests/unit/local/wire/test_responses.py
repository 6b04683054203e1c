"""Answers and errors, read back by botocore's own parsers."""

from datetime import UTC, datetime
from typing import Any

import botocore.parsers
import pytest

from local.protocol import AwsError, NotImplementedByEmbeddedAws
from local.wire import response as responses
from local.wire import xml
from local.wire.models import service_model
from local.wire.response import Response

NOON = datetime(2026, 11, 24, 12, 0, 0, 250_000, tzinfo=UTC)


def _read(service: str, operation: str, answer: Response) -> Any:
    model = service_model(service)
    shape = model.operation_model(operation).output_shape
    parser = botocore.parsers.create_parser(model.resolved_protocol)
    return parser.parse({"status_code": answer.status, "headers": dict(answer.headers), "body": answer.body}, shape)


def test_json_answer_keeps_milliseconds_of_timestamps() -> None:
    operation = service_model("stepfunctions").operation_model("StartExecution")

    answer = responses.serialise(operation, {"executionArn": "arn", "startDate": NOON})

    assert _read("stepfunctions", "StartExecution", answer)["startDate"] == NOON


def test_rest_answer_puts_members_where_the_model_says() -> None:
    operation = service_model("lambda").operation_model("Invoke")

    answer = responses.serialise(operation, {"StatusCode": 202, "FunctionError": "Unhandled", "Payload": b"{}"})

    assert (answer.status, answer.headers["X-Amz-Function-Error"], answer.body) == (202, "Unhandled", b"{}")


def test_member_that_the_model_does_not_have_is_an_error_of_ours() -> None:
    operation = service_model("stepfunctions").operation_model("StartExecution")

    with pytest.raises(TypeError, match="stepExecution"):
        responses.serialise(operation, {"stepExecution": "x"})


@pytest.mark.parametrize(
    "service, operation, code, status",
    [
        ("stepfunctions", "DescribeExecution", "ExecutionDoesNotExist", 400),
        ("lambda", "Invoke", "ResourceNotFoundException", 404),
        ("scheduler", "GetSchedule", "ResourceNotFoundException", 404),
    ],
)
def test_error_has_the_code_status_and_message_of_its_service(
    service: str, operation: str, code: str, status: int
) -> None:
    answer = responses.fail(service_model(service), AwsError(code, "no such thing"))

    parsed = _read(service, operation, answer)["Error"]
    assert (answer.status, parsed["Code"], parsed["Message"]) == (status, code, "no such thing")


def test_what_is_not_implemented_is_a_501() -> None:
    answer = responses.fail(service_model("sagemaker"), NotImplementedByEmbeddedAws("sagemaker:CreateApp"))

    assert answer.status == 501
    assert b"does not implement sagemaker:CreateApp" in answer.body


@pytest.mark.parametrize(
    "service, code", [("s3", "AccessDenied"), ("iam", "AccessDenied"), ("sns", "AuthorizationError")]
)
def test_refusal_in_xml_has_the_service_own_code(service: str, code: str) -> None:
    answer = xml.fail(service, AwsError("AccessDenied", 'no "<b>"', 403))

    operation = {"s3": "GetObject", "iam": "GetRole", "sns": "Publish"}[service]
    assert _read(service, operation, answer)["Error"]["Code"] == code
    assert _read(service, operation, answer)["Error"]["Message"] == 'no "<b>"'
