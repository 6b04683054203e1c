"""A Step Functions of its own for each test: real boto3 clients in front, functions and moto behind."""

import functools
import io
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from local.clock import Clock
from local.protocol import AwsError, Caller, JobSettings
from local.states import StepFunctions
from local.wire import request as requests
from local.wire import response as responses
from local.wire.models import match, service_model
from local.wire.validation import validate

ROLE = "arn:aws:iam::123456789012:role/machine"
PATIENCE = 20.0

Function = Callable[[Any], Any]


class FunctionError(Exception):
    """Raised by a test's function: fails as a Lambda handler that raised `kind`."""

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Throttled(Exception):
    """Raised by a test's function: Lambda itself refuses the call."""


@functools.cache
def _client(service: str) -> Any:
    """One for all tests: making clients is slow. moto answers hosts of AWS only, so Step Functions is ours alone."""
    session = boto3.Session(region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    config = Config(retries={"max_attempts": 0}, inject_host_prefix=False)
    url = "http://states.test" if service == "stepfunctions" else None
    return session.client(service, config=config, endpoint_url=url)


class FakeLambda:
    """boto3's Lambda client, as far as machines use it."""

    def __init__(self, functions: dict[str, Function]) -> None:
        self._functions = functions

    def invoke(self, *, FunctionName: str, Payload: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        function = self._functions.get(FunctionName.rsplit(":", 1)[-1])
        if function is None:
            raise _client_error("ResourceNotFoundException", f"Function not found: {FunctionName}", 404)
        answer: dict[str, Any] = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "ResponseMetadata": {}}
        try:
            result = function(json.loads(Payload))
        except Throttled:
            raise _client_error("TooManyRequestsException", "Rate Exceeded.", 429) from None
        except FunctionError as error:
            result = {"errorType": error.kind, "errorMessage": error.message}
            answer["FunctionError"] = "Unhandled"
        return {**answer, "Payload": io.BytesIO(json.dumps(result).encode())}


def _client_error(code: str, message: str, status: int) -> ClientError:
    metadata = {"HTTPStatusCode": status, "RequestId": "r-1"}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "Invoke")


class FakeAws:
    """What Step Functions asks of the embedded AWS, without the embedded AWS."""

    root = Path("/nowhere")
    url = api_url = "http://127.0.0.1:0"
    api_port = 0
    jobs: JobSettings | None = None

    def __init__(self) -> None:
        self.clock = Clock()
        self.functions: dict[str, Function] = {}
        self.events: list[dict[str, Any]] = []
        self.roles: set[str | None] = set()
        self.states = StepFunctions(self)
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    @property
    def lambdas(self) -> Any:
        raise NotImplementedError

    def credentials_for(self, role_arn: str) -> dict[str, str]:
        raise NotImplementedError

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: dict[str, Any],
        resources: Sequence[str] = (),
        bus: str = "default",
    ) -> None:
        event = {"source": source, "detail-type": detail_type, "detail": detail, "resources": list(resources)}
        self.events.append(json.loads(json.dumps(event)))

    def client(self, service: str, role_arn: str | None = None) -> Any:
        self.roles.add(role_arn)
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._new_client(service)
            return self._clients[service]

    def _new_client(self, service: str) -> Any:
        if service == "lambda":
            return FakeLambda(self.functions)
        client = _client(service)
        if service == "stepfunctions":
            client.meta.events.register("before-send.stepfunctions", self._answer, unique_id="states")
        return client

    def forget(self) -> None:
        """Leave the shared client to the next test."""
        if client := self._clients.get("stepfunctions"):
            client.meta.events.unregister("before-send.stepfunctions", unique_id="states")

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """The way of a request through the front: botocore's bytes in, botocore's bytes out."""
        headers = {str(name): _text(value) for name, value in request.headers.items()}
        found = match("stepfunctions", "POST", "/", headers["X-Amz-Target"])
        assert found is not None
        try:
            params = requests.parse(found.operation, {}, "", headers, _bytes(request.body))
            validate(found.operation, params)
            answer = getattr(self.states, xform_name(found.operation.name))(params, Caller())
            response = responses.serialise(found.operation, answer)
        except AwsError as error:
            response = responses.fail(service_model("stepfunctions"), error)
        return AWSResponse(str(request.url), response.status, dict(response.headers), _Raw(response.body))


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value or b"")


class Machines:
    """Shortcuts for tests: make a machine, run it, look at what happened."""

    def __init__(self, aws: FakeAws) -> None:
        self.aws = aws
        self.clock = aws.clock
        self.api = aws.client("stepfunctions")
        self._made = 0

    def create(self, states: dict[str, Any], name: str | None = None, **more: Any) -> str:
        """A machine of these states; the first is the start. `more` goes into the definition, `type` into the API."""
        self._made += 1
        kind = more.pop("type", "STANDARD")
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **more}
        made = self.api.create_state_machine(
            name=name or f"machine-{self._made}", definition=json.dumps(definition), roleArn=ROLE, type=kind
        )
        return str(made["stateMachineArn"])

    def start(self, machine: str, value: Any = None, **more: Any) -> str:
        text = json.dumps({} if value is None else value)
        return str(self.api.start_execution(stateMachineArn=machine, input=text, **more)["executionArn"])

    def run(self, states: dict[str, Any], value: Any = None, **more: Any) -> Any:
        """The description of an execution that has ended."""
        return self.ended(self.start(self.create(states, **more), value))

    def output(self, states: dict[str, Any], value: Any = None, **more: Any) -> Any:
        shown = self.run(states, value, **more)
        assert shown["status"] == "SUCCEEDED", (shown.get("error"), shown.get("cause"))
        return json.loads(shown["output"])

    def ended(self, execution: str) -> Any:
        """The description, as soon as the execution has ended."""
        return self.when(lambda: self._if_ended(execution))

    def _if_ended(self, execution: str) -> dict[str, Any] | None:
        shown: dict[str, Any] = self.api.describe_execution(executionArn=execution)
        return shown if shown["status"] != "RUNNING" else None

    def happened(self, execution: str, kind: str, times: int = 1) -> Any:
        """Waits until the history has so many events of a kind."""
        return self.when(lambda: self._if_happened(execution, kind, times))

    def _if_happened(self, execution: str, kind: str, times: int) -> list[dict[str, Any]] | None:
        found = [event for event in self.history(execution) if event["type"] == kind]
        return found if len(found) >= times else None

    def history(self, execution: str) -> list[dict[str, Any]]:
        pages = self.api.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def kinds(self, execution: str) -> list[str]:
        return [event["type"] for event in self.history(execution)]

    def when(self, found: Callable[[], Any]) -> Any:
        """What `found` gives as soon as it gives something."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if result := found():
                return result
            time.sleep(0.003)
        raise AssertionError("it never happened")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        fake = FakeAws()
        fake.states.start()
        yield fake
        fake.states.stop()
        fake.forget()


@pytest.fixture
def machines(aws: FakeAws) -> Machines:
    return Machines(aws)


@pytest.fixture
def function(aws: FakeAws) -> Callable[[str, Function], None]:
    """Registers a function: `function("plan", lambda event: ...)`."""
    return aws.functions.__setitem__


@pytest.fixture
def failing() -> type[FunctionError]:
    return FunctionError


@pytest.fixture
def throttled() -> type[Throttled]:
    return Throttled


@pytest.fixture
def call() -> Callable[..., dict[str, Any]]:
    """A Task that invokes a function: `call("plan", Payload={...}, Next="B")`; ends without Next."""

    def task(name: str, payload: Any = "{% $states.input %}", wait: bool = False, **more: Any) -> dict[str, Any]:
        suffix = ".waitForTaskToken" if wait else ""
        arguments = {"FunctionName": name, "Payload": payload}
        state = {"Type": "Task", "Resource": f"arn:aws:states:::lambda:invoke{suffix}", "Arguments": arguments, **more}
        return state if "Next" in more else {**state, "End": True}

    return task
