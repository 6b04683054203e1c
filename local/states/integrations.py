"""What a Task calls: Lambda, and every other API through boto3 with the machine's role. Runs in worker threads."""

from collections.abc import Callable
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from local.states.errors import RUNTIME, StatesError
from local.states.resources import Resource, operation_model, service_model
from local.states.shapes import request_of, response_of
from local.states.values import text_of, value_of

ClientOf = Callable[[str], Any]
"""A boto3 client of a service, as the machine's role."""


def call(resource: Resource, arguments: Any, client_of: ClientOf) -> Any:
    """The result of the task's call. StatesError with the name that AWS documents for the failure."""
    if resource.is_function:
        return _payload(_answer(resource, {"FunctionName": resource.arn, "Payload": arguments}, client_of))
    if not isinstance(arguments, dict):
        raise StatesError(RUNTIME, f"The Parameters of {resource.arn} must be a JSON object")
    answer = _answer(resource, arguments, client_of)
    metadata = answer.pop("ResponseMetadata", {})
    if resource.service == "lambda" and resource.action == "invoke" and not resource.sdk:
        payload = _payload(answer)
        answer = {"ExecutedVersion": answer.get("ExecutedVersion", "$LATEST"), "StatusCode": answer["StatusCode"]}
        return {**answer, "Payload": payload, **_sdk_metadata(metadata)}
    result = response_of(answer, operation_model(resource).output_shape)
    if resource.service == "events" and not resource.sdk and result.get("FailedEntryCount"):
        raise StatesError("EventBridge.FailedEntry", f"{result['FailedEntryCount']} entries failed: {result}")
    return result if resource.sdk else {**result, **_sdk_metadata(metadata)}


def _sdk_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """What optimised integrations add to the API's answer; the HTTP headers are left out."""
    return {
        "SdkHttpMetadata": {"HttpStatusCode": metadata.get("HTTPStatusCode", 200)},
        "SdkResponseMetadata": {"RequestId": metadata.get("RequestId", "")},
    }


def _answer(resource: Resource, arguments: dict[str, Any], client_of: ClientOf) -> dict[str, Any]:
    operation = operation_model(resource)
    if resource.service == "lambda" and not resource.sdk:
        # The payload is JSON whatever it is: a string becomes a JSON string.
        arguments = {**arguments, "Payload": text_of(arguments.get("Payload", {}))}
    request = request_of(arguments, operation.input_shape, json_strings=not resource.sdk)
    try:
        answer: dict[str, Any] = getattr(client_of(resource.boto_service), xform_name(operation.name))(**request)
    except ClientError as error:
        raise _named(resource, error) from error
    except ParamValidationError as error:
        raise StatesError(RUNTIME, f"The Parameters could not be used to start the Task: [{error}]") from error
    except BotoCoreError as error:
        raise StatesError(f"{resource.prefix}.SdkClientException", str(error)) from error
    return answer


def _named(resource: Resource, error: ClientError) -> StatesError:
    details: Any = error.response.get("Error", {})
    metadata: Any = error.response.get("ResponseMetadata", {})
    code, message = str(details.get("Code", "Unknown")), details.get("Message", "")
    # Services that changed from query to JSON keep their old codes in Code, and the shape's name beside it.
    name = str(details.get("QueryErrorCode", code)).rsplit("#", 1)[-1]
    if name in _modelled(resource):
        name = name if name.endswith("Exception") else f"{name}Exception"
    else:
        name = resource.unmodelled
    cause = (
        f"{message} (Service: {resource.prefix}; Status Code: {metadata.get('HTTPStatusCode', 0)}; "
        f"Error Code: {code}; Request ID: {metadata.get('RequestId', '')})"
    )
    return StatesError(f"{resource.prefix}.{name}", cause)


def _modelled(resource: Resource) -> set[str]:
    """The error codes that the service's model knows, under both their names."""
    shapes = service_model(resource.boto_service).error_shapes
    return {shape.name for shape in shapes} | {shape.error_code for shape in shapes}


def _payload(answer: dict[str, Any]) -> Any:
    """A function's answer. StatesError named by the errorType of a function that failed."""
    body = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise StatesError(_error_type(body), body.decode())
    try:
        return value_of(body) if body else {}
    except ValueError as error:
        raise StatesError("Lambda.Unknown", f"the function answered something that is no JSON: {error}") from error


def _error_type(body: bytes) -> str:
    try:
        failure = value_of(body)
    except ValueError:
        return "Lambda.Unknown"
    name = failure.get("errorType") if isinstance(failure, dict) else None
    return name if isinstance(name, str) and name else "Lambda.Unknown"
