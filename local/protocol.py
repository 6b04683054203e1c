"""What the parts of the embedded AWS agree on: errors, callers, services, and what a part may ask of the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

from local.clock import Clock

ACCOUNT = "123456789012"
REGION = "us-east-1"
PARTITION = "aws"
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"


class LocalError(Exception):
    """Something on this machine is not as it must be; the message is one sentence that a person can act on."""


class AwsError(Exception):
    """An error as AWS would answer it. `fields` are the members of the modelled error shape besides the message."""

    def __init__(self, code: str, message: str, status: int = 400, fields: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = dict(fields or {})


class NotImplementedByEmbeddedAws(AwsError):
    """The embedded AWS does not know how: loud, so that nobody takes silence for success."""

    def __init__(self, what: str) -> None:
        super().__init__("NotImplementedByEmbeddedAws", f"the embedded AWS does not implement {what}", 501)


@dataclass(frozen=True)
class Caller:
    """Who calls: a role's ARN, or the account's root for people and tests."""

    principal_arn: str = ROOT_ARN
    account: str = ACCOUNT
    region: str = REGION

    @property
    def is_root(self) -> bool:
        return self.principal_arn == ROOT_ARN


class Part(Protocol):
    """What is started and stopped with the whole."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Service:
    """One AWS service of our own.

    An operation is a method named `botocore.xform_name(operation)`: `def create_training_job(self, request, caller)`.
    `request` is validated against botocore's model and holds its member names, blobs as bytes, timestamps as aware
    datetimes. The answer is a dict in the same form. AWS' errors are raised as `AwsError`. An operation without a
    method answers 501. Methods are called from several threads at once.
    """

    name: ClassVar[str]
    """botocore's service name: "sagemaker", "stepfunctions", "events", "scheduler", "lambda", ..."""

    def start(self) -> None:
        """Begin background work. Called once, when the front already answers."""

    def stop(self) -> None:
        """End every thread and process that this part started. Called once."""


class InvokeResult(NamedTuple):
    """What a Lambda invocation answered; `function_error` is "Unhandled" when the function failed, as in AWS."""

    status: int
    function_error: str | None
    payload: bytes


InvocationType = Literal["RequestResponse", "Event", "DryRun"]


class Lambdas(Protocol):
    """Invoking functions from inside the process."""

    def invoke(
        self, function: str, payload: bytes, invocation_type: InvocationType = "RequestResponse"
    ) -> InvokeResult:
        """Call a function by name or ARN (qualified or not).

        Raises AwsError `ResourceNotFoundException` for an unknown function.
        """


class StateMachines(Protocol):
    """Starting executions from inside the process; requests and answers as in botocore's model."""

    def start_execution(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]: ...


@dataclass(frozen=True)
class JobSettings:
    """How SageMaker jobs and endpoints run on this machine: commands stand in for container images."""

    python: Path
    """The interpreter that jobs run in; `{python}` in the commands below stands for it."""
    assets: Path
    """What images carry baked in: FMOPS_ASSETS of every job."""
    images: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """ECR repository name -> command."""
    serve: Sequence[str] = ()
    """The endpoint's command; `--model-dir DIR --port N` is appended."""
    converse: Sequence[str] = ()
    """Likewise of the server behind a model of Bedrock; none: Converse is not implemented."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment of every job besides what SageMaker sets, PYTHONPATH above all."""


class Aws(Protocol):
    """What a part may ask of the embedded AWS that it belongs to. Parts are made as `Part(aws)`."""

    @property
    def clock(self) -> Clock: ...

    @property
    def root(self) -> Path:
        """A private folder for files of this run."""

    @property
    def url(self) -> str:
        """Where all AWS APIs answer: http://127.0.0.1:port."""

    @property
    def api_url(self) -> str:
        """Where the HTTP API answers."""

    @property
    def api_port(self) -> int:
        """The HTTP API's port, already resolved."""

    @property
    def jobs(self) -> JobSettings | None: ...

    @property
    def lambdas(self) -> Lambdas: ...

    @property
    def states(self) -> StateMachines: ...

    def client(self, service: str, role_arn: str | None = None) -> Any:
        """A boto3 client aimed at this AWS, as the role or (None) as root. Cached, thread-safe."""

    def credentials_for(self, role_arn: str) -> dict[str, str]:
        """AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of a session of the role."""

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: dict[str, Any],
        resources: Sequence[str] = (),
        bus: str = "default",
    ) -> None:
        """Put an event of AWS' own. Returns at once; delivery happens in other threads."""
