"""A small AWS for the tests of events: the real front and parts; functions and machines are only told, not run."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config

from local.clock import Clock
from local.cloudwatch.service import CloudWatch
from local.events.eventbridge import EventBridge
from local.events.scheduler import Scheduler
from local.http_api.gateway import HttpApi
from local.mail.mailbox import Mailbox
from local.moto_state import MotoState
from local.protocol import (
    ACCOUNT,
    REGION,
    ROOT_ARN,
    AwsError,
    Caller,
    InvocationType,
    InvokeResult,
    JobSettings,
    Service,
)
from local.server import Server

# One for all tests: reading botocore's models takes most of the time of making a client.
_SESSION = boto3.Session(region_name=REGION)
_CONFIG = Config(retries={"total_max_attempts": 1}, proxies={})

ROLE = f"arn:aws:iam::{ACCOUNT}:role/target"


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


class Functions(Service):
    """Lambda: what each function was given, and what it answers. `permit` writes a function's resource policy."""

    name = "lambda"

    def __init__(self) -> None:
        self.given: list[tuple[str, Any]] = []
        self.answers: dict[str, Callable[[Any], Any]] = {}
        self.failing: dict[str, int] = {}
        self._policies: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def permit(self, name: str, principal: str, **conditions: Mapping[str, str]) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": principal},
            "Action": "lambda:InvokeFunction",
            "Resource": function_arn(name),
            "Condition": conditions,
        }
        self._policies.setdefault(name, []).append(statement)
        return function_arn(name)

    def get_policy(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        name = request["FunctionName"].rpartition(":")[2]
        if name not in self._policies:
            raise AwsError("ResourceNotFoundException", "No policy is associated with the given resource.", 404)
        return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": self._policies[name]})}

    # Named as in the API; a call through the front comes with a role.
    def invoke(self, first: Any, second: Any, invocation_type: InvocationType = "RequestResponse") -> Any:
        if isinstance(first, dict):
            self._call(first["FunctionName"].rpartition(":")[2], first["Payload"])
            return {"StatusCode": 202}
        return self._call(first.rpartition(":")[2], second)

    def _call(self, name: str, payload: bytes) -> InvokeResult:
        event = json.loads(payload)
        with self._lock:
            if self.failing.get(name, 0):
                self.failing[name] -= 1
                raise AwsError("TooManyRequestsException", "Rate exceeded", 429)
            self.given.append((name, event))
        answer = self.answers[name](event) if name in self.answers else None
        return answer if isinstance(answer, InvokeResult) else InvokeResult(200, None, json.dumps(answer).encode())

    def events(self, name: str) -> list[Any]:
        with self._lock:
            return [event for function, event in self.given if function == name]


class Machines(Service):
    """Step Functions: which executions were started."""

    name = "stepfunctions"

    def __init__(self) -> None:
        self.started: list[dict[str, Any]] = []

    def start_execution(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        self.started.append(request)
        return {
            "executionArn": request["stateMachineArn"].replace(":stateMachine:", ":execution:") + ":x",
            "startDate": 0.0,
        }


class Gate:
    """A gatekeeper that knows one role by its access key; `denied` are the operations that it may not."""

    def __init__(self) -> None:
        self.denied: set[str] = set()

    def caller(self, access_key: str) -> Caller:
        return Caller(ROLE if access_key == "ROLE" else ROOT_ARN)

    def check(self, access_key: str, service: str, operation: str, params: Mapping[str, Any]) -> None:
        if access_key == "ROLE" and f"{service}:{operation}" in self.denied:
            raise AwsError("AccessDeniedException", f"{ROLE} is not authorized to perform {service}:{operation}", 403)

    def may_list(self, access_key: str, bucket: str) -> bool:
        return True

    def changed(self) -> None:
        return


class World:
    """As local.protocol.Aws asks, with the parts under test as attributes."""

    jobs: JobSettings | None = None

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = Clock()
        self.lambdas = Functions()
        self.states = Machines()
        self.gate = Gate()
        self._state = MotoState(self.clock)
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._making = threading.Lock()
        self.events = EventBridge(self)
        self.schedules = Scheduler(self)
        self.cloudwatch = CloudWatch(self)
        self.events.listen(self.cloudwatch.observe)
        self.mailbox = Mailbox(self)
        self.http_api = HttpApi(self, 0, self.mailbox.page)
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self._state.open()
        services: list[Service] = [self.events, self.schedules, self.cloudwatch, self.lambdas, self.states]
        self._server = Server({each.name: each for each in services}, self._state, self.gate, lambda _: None)
        self._server.start()
        for part in (self.events, self.schedules, self.cloudwatch, self.mailbox, self.http_api):
            part.start()
        return self

    def __exit__(self, *_: object) -> None:
        for part in (self.http_api, self.mailbox, self.cloudwatch, self.schedules, self.events):
            part.stop()
        for client in self._clients.values():
            client.close()
        assert self._server is not None
        self._server.stop()
        self._state.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return self._server.url

    @property
    def api_port(self) -> int:
        return self.http_api.port

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    def client(self, service: str, role_arn: str | None = None) -> Any:
        with self._making:
            if (service, role_arn) not in self._clients:
                self._clients[service, role_arn] = _SESSION.client(
                    service,
                    endpoint_url=self.url,
                    aws_access_key_id="ROOT" if role_arn is None else "ROLE",
                    aws_secret_access_key="x",
                    config=_CONFIG,
                )
            return self._clients[service, role_arn]

    def credentials_for(self, role_arn: str) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": "ROLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x"}

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: dict[str, Any],
        resources: Sequence[str] = (),
        bus: str = "default",
    ) -> None:
        self.events.emit(source, detail_type, detail, resources, bus)

    def queue(self, name: str, *services: str) -> str:
        """A queue that these services may send to; its ARN."""
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        statements = [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": arn}
            for service in services
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client("sqs").create_queue(QueueName=name, Attributes={"Policy": policy} if services else {})
        return arn

    def messages(self, name: str) -> list[dict[str, Any]]:
        """What lies in a queue, with its attributes."""
        client = self.client("sqs")
        url = client.get_queue_url(QueueName=name)["QueueUrl"]
        found: list[dict[str, Any]] = []
        while batch := client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=600
        ).get("Messages"):
            found += batch
        return found
