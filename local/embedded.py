"""The embedded AWS: all parts put together, started and stopped as one."""

import errno
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.bedrock.control import Bedrock
from local.bedrock.runtime import BedrockRuntime
from local.clients import Clients
from local.clock import Clock
from local.cloudwatch.alarms import Alarms
from local.cloudwatch.service import CloudWatch
from local.codebuild.service import CodeBuild
from local.deploy.stack import Stack, deploy
from local.events.eventbridge import EventBridge
from local.events.scheduler import Scheduler
from local.http_api.gateway import HttpApi
from local.iam.gate import Gate
from local.lambdas.host import Host, Metrics
from local.lambdas.logs import LogSink
from local.lambdas.service import LambdaService
from local.mail.mailbox import Mailbox
from local.moto_state import MotoState
from local.objects import ObjectEvents
from local.protocol import REGION, JobSettings, LocalError, Part, Service
from local.sagemaker.runtime import SageMakerRuntime
from local.sagemaker.service import SageMaker
from local.sagemaker.service_quotas import ServiceQuotas
from local.server import Server
from local.states.service import StepFunctions

logger = logging.getLogger(__name__)

_LEAST_FREE_BYTES = 200 * 1024 * 1024


class EmbeddedAws:
    """A whole AWS account on this machine, empty at the start and gone at the end.

    Use it as a context manager, or call `start` and `stop`. `root` gets its files. Without `jobs` there is no
    SageMaker. LocalError says in one sentence what is wrong with the machine.
    """

    def __init__(
        self,
        root: Path,
        *,
        port: int = 0,
        api_port: int = 0,
        clock: Clock | None = None,
        jobs: JobSettings | None = None,
    ) -> None:
        self.root = root.resolve()
        self.jobs = jobs
        self._port = port
        with _plain_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            self.clock = clock or Clock(self.root / "clock")
            if clock is not None:
                self._share_offset()
                clock.after_advance(self._share_offset)
        self._running = ExitStack()
        self._clients = Clients(lambda: self.url, self.credentials_for)
        self.state = MotoState(self.clock)
        self._gate = Gate(self.state, self.clock)
        self.logs = LogSink(self)
        self.events = EventBridge(self)
        self.schedules = Scheduler(self)
        self.cloudwatch = CloudWatch(self)
        self.events.listen(self.cloudwatch.observe)
        metrics = Metrics(self.cloudwatch.ingest, self.cloudwatch.record)
        self.lambdas = Host(self, _Roles(self), self.logs, metrics)
        self.states = StepFunctions(self)
        self.mailbox = Mailbox(self)
        self.http_api = HttpApi(self, api_port, self.mailbox.page, self.logs, self._gate)
        self._sagemaker = SageMaker(self, jobs) if jobs else None
        self.bedrock = Bedrock(self)
        self.bedrock_runtime = BedrockRuntime(self, jobs) if jobs else None
        self._server: Server | None = None

    # ---- what is asked of it

    @property
    def url(self) -> str:
        """Where all AWS APIs answer."""
        if self._server is None:
            raise LocalError("the embedded AWS is not started")
        return self._server.url

    @property
    def api_url(self) -> str:
        """Where the HTTP API answers."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def api_port(self) -> int:
        return self.http_api.port

    @property
    def alarms(self) -> Alarms:
        return self.cloudwatch.alarms

    @property
    def sagemaker(self) -> SageMaker:
        if self._sagemaker is None:
            raise LocalError("the embedded AWS was started without settings for jobs, so it has no SageMaker")
        return self._sagemaker

    def client(self, service: str, role_arn: str | None = None) -> Any:
        """A boto3 client aimed at this AWS, as root or as a role."""
        return self._clients.get(service, role_arn)

    def credentials_for(self, role_arn: str, session_name: str = "embedded") -> dict[str, str]:
        """Environment variables with which a process calls as the role."""
        session = self._gate.session(role_arn, session_name)
        return {
            "AWS_ACCESS_KEY_ID": session.access_key,
            "AWS_SECRET_ACCESS_KEY": session.secret_key,
            "AWS_SESSION_TOKEN": session.token,
        }

    def may_assume(self, role_arn: str, service: str, source_arn: str = "") -> bool:
        """Whether a role trusts a service, such as `scheduler.amazonaws.com`."""
        return self._gate.may_assume(role_arn, service, source_arn)

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: dict[str, Any],
        resources: Sequence[str] = (),
        bus: str = "default",
    ) -> None:
        """Put an event of AWS' own; delivered by other threads."""
        self.events.emit(source, detail_type, detail, resources, bus)

    def managed_policies(self) -> dict[str, str]:
        """AWS' own policies: name -> ARN."""
        return {policy.name: policy.arn for policy in self.state.backend("iam").aws_managed_policies}

    def deploy(self, template_path: Path, stack_name: str, parameters: Mapping[str, str] | None = None) -> Stack:
        """Deploy a SAM template as a new stack. LocalError says what in it cannot be deployed here."""
        with _plain_errors(self.root):
            return deploy(self, template_path, stack_name, dict(parameters or {}))

    # ---- life

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start every part. When one cannot, those that did are stopped again."""
        with _plain_errors(self.root), ExitStack() as starting:
            # Its event loop is open before it starts.
            starting.callback(self.states.stop)
            self._check_machine()
            self.state.open()
            starting.callback(self.state.close)
            services = self._services()
            tell = ObjectEvents(self.emit, self.clock.now)
            self._server = Server(services, self.state, self._gate, tell, self._port)
            starting.callback(self._server.stop)
            self._server.start()
            starting.callback(self._clients.close)
            parts: list[Part] = [self.logs, self.mailbox, self.lambdas, *services.values(), self.http_api]
            for part in parts:
                starting.callback(part.stop)
                part.start()
            self._running = starting.pop_all()

    def stop(self) -> None:
        """Stop every part, last started first; every thread and process that they started ends."""
        self._running.close()

    def _services(self) -> dict[str, Service]:
        services: list[Service] = [
            self.states,
            self.events,
            self.schedules,
            self.cloudwatch,
            LambdaService(self, self.lambdas),
            self.bedrock,
            CodeBuild(self),
        ]
        if self.bedrock_runtime is not None:
            services.append(self.bedrock_runtime)
        if self._sagemaker is not None:
            services += [self._sagemaker, SageMakerRuntime(self), ServiceQuotas(self._sagemaker.quotas)]
        return {service.name: service for service in services}

    def _check_machine(self) -> None:
        free = shutil.disk_usage(self.root).free
        if free < _LEAST_FREE_BYTES:
            raise LocalError(f"only {free >> 20} MB are free on the disk of {self.root}; 200 are needed")
        if self.jobs is not None and shutil.which(str(self.jobs.python)) is None:
            raise LocalError(f"the jobs' Python {self.jobs.python} is missing; `make setup` installs it")

    def _share_offset(self) -> None:
        fresh = self.root / "clock.new"
        fresh.write_text(f"{self.clock.offset!r}\n", encoding="ascii")
        fresh.replace(self.root / "clock")


class _Roles:
    """What Lambda asks about roles."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._aws = aws

    def may_assume(self, role_arn: str, service: str) -> bool:
        return self._aws.may_assume(role_arn, service)

    def credentials(self, role_arn: str, session_name: str) -> dict[str, str]:
        return {**self._aws.credentials_for(role_arn, session_name), "AWS_REGION": REGION}


@contextmanager
def _plain_errors(root: Path) -> Iterator[None]:
    """Say in one sentence what the operating system says in a number."""
    try:
        yield
    except OSError as error:
        where = error.filename or root
        match error.errno:
            case errno.ENOSPC | errno.EDQUOT:
                raise LocalError(f"the disk is full: nothing more can be written to {where}") from error
            case errno.EACCES | errno.EROFS | errno.EPERM:
                raise LocalError(f"{where} may not be written; choose another folder") from error
            case errno.EMFILE | errno.ENFILE:
                raise LocalError("too many files are open; raise the limit (ulimit -n 4096)") from error
        raise
