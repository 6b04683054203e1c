"""SageMaker Runtime: InvokeEndpoint."""

import time
from typing import Any, ClassVar, Protocol

from local.protocol import ACCOUNT, PARTITION, REGION, Aws, AwsError, Caller, Service
from local.sagemaker.capture import Exchange, Message
from local.sagemaker.metrics import ENDPOINTS
from local.sagemaker.service import SageMaker
from local.sagemaker.serving import Answer
from local.sagemaker.traffic import Route

_FAILED_CLIENT = 400
_FAILED_SERVER = 500


class AwsWithSageMaker(Aws, Protocol):
    """The embedded AWS once it has its SageMaker."""

    @property
    def sagemaker(self) -> SageMaker: ...


class SageMakerRuntime(Service):
    """Sends requests to the processes behind endpoints."""

    name: ClassVar[str] = "sagemaker-runtime"

    def __init__(self, aws: AwsWithSageMaker) -> None:
        self._aws = aws

    def invoke_endpoint(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        endpoint, sagemaker = request["EndpointName"], self._aws.sagemaker
        route = sagemaker.endpoints.route(endpoint, request.get("TargetVariant"))
        if route is None:
            raise AwsError("ValidationError", f"Endpoint {endpoint} of account {ACCOUNT} not found.")
        content_type = request.get("ContentType", "application/octet-stream")
        variant, begun = route.variant, time.perf_counter()
        answer = variant.invoke(
            request["Body"], _headers(request, content_type), sagemaker.machine.settings.invocation_timeout
        )
        self._measure(endpoint, route, answer, time.perf_counter() - begun)
        if not 200 <= answer.status < 300:
            raise _model_error(endpoint, answer)
        if route.capture:
            sagemaker.capture.add(
                route.capture,
                Exchange(
                    endpoint,
                    variant.name,
                    variant.role,
                    Message(request["Body"], content_type),
                    Message(answer.body, answer.content_type),
                    request.get("InferenceId"),
                    request.get("CustomAttributes"),
                ),
            )
        result = {
            "Body": answer.body,
            "ContentType": answer.content_type,
            "InvokedProductionVariant": variant.name,
        }
        return {**result, "CustomAttributes": request["CustomAttributes"]} if "CustomAttributes" in request else result

    def _measure(self, endpoint: str, route: Route, answer: Answer, seconds: float) -> None:
        metrics = self._aws.sagemaker.machine.metrics
        client = _FAILED_CLIENT <= answer.status < _FAILED_SERVER
        server = answer.status == 0 or answer.status >= _FAILED_SERVER
        whole = {"EndpointName": endpoint, "VariantName": route.variant.name}
        # With the configuration as a dimension the old fleet and the new one are told apart.
        for dimensions in (whole, {**whole, "EndpointConfigName": route.config}):
            metrics.record(ENDPOINTS, "Invocations", 1, "Count", dimensions)
            metrics.record(ENDPOINTS, "ModelLatency", seconds * 1_000_000, "Microseconds", dimensions)
            # Recorded for good answers too: an alarm on their average is the share of failures.
            metrics.record(ENDPOINTS, "Invocation4XXErrors", int(client), "Count", dimensions)
            metrics.record(ENDPOINTS, "Invocation5XXErrors", int(server), "Count", dimensions)


def _headers(request: dict[str, Any], content_type: str) -> dict[str, str]:
    headers = {"Content-Type": content_type}
    for member, header in (
        ("Accept", "Accept"),
        ("CustomAttributes", "X-Amzn-SageMaker-Custom-Attributes"),
        ("InferenceId", "X-Amzn-SageMaker-Inference-Id"),
    ):
        if member in request:
            headers[header] = request[member]
    return headers


def _model_error(endpoint: str, answer: Answer) -> AwsError:
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    whose = "client" if _FAILED_CLIENT <= answer.status < _FAILED_SERVER else "server"
    text = answer.body.decode("utf-8", "replace")
    if answer.status == 0:
        text = (
            "Your invocation timed out while waiting for a response from container primary. Review the latency "
            "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
        )
    return AwsError(
        "ModelError",
        f'Received {whose} error ({answer.status}) from primary with message "{text}". '
        f"See the log group {group} in account {ACCOUNT} for more information.",
        424,
        {
            "OriginalStatusCode": answer.status,
            "OriginalMessage": text,
            "LogStreamArn": f"arn:{PARTITION}:logs:{REGION}:{ACCOUNT}:log-group:{group}",
        },
    )
