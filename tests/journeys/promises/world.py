"""The three journeys with all that surrounds them, in one thread: events, functions, jobs, people, and what goes wrong.

State machines are the real ones in the real interpreter, functions the real handlers on moto's state. SageMaker,
EventBridge and CloudWatch are in memory; which event leads where stands in `routes`.
"""

import contextlib
import functools
import gc
import hashlib
import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.sns.models import sns_backends

from fmops.core import clock, wiring
from fmops.core.ledger_items import record_of
from fmops.launches.images import Image, parameter
from fmops.links.people import Topic
from fmops.usecases.store import save
from tests.conftest import REPO
from tests.contract.states.conftest import ROLE, FunctionError
from tests.fakes.dynamo import WithoutWire
from tests.fakes.quotas import FakeQuotas
from tests.fakes.run import DOCUMENT, MODEL, use_case
from tests.fakes.sagemaker import refusal
from tests.integration import account as accounts
from tests.integration.account import CAPTURE, DATASETS, REGION, TABLE
from tests.integration.approval.conftest import request
from tests.integration.evaluation.conftest import IMAGES
from tests.journeys.promises import containers, parts
from tests.journeys.promises.cloud import Alarms, Bus, Cloud, Crash, Fragile, Fragility
from tests.journeys.promises.containers import Quality
from tests.journeys.promises.routes import NEWS_OF, ROUTES, Event
from tests.journeys.promises.stepping import SteppedAws, StillClock

BEGIN = datetime(2026, 11, 24, 4, 18, tzinfo=UTC).timestamp()
PREFIX, APPROVER = "ab12cd34", "boss@example.com"
ENDPOINT = f"{PREFIX}-trivia"
RUN_USD = 100.0
JOURNEYS = ("evaluation", "release", "monitoring")
_GROUP = f"{PREFIX}-fmops"
_MACHINE = f"arn:aws:states:{REGION}:{accounts.ACCOUNT}:stateMachine:fmops-"
_SETTINGS = {
    "FMOPS_TRAINING_ROLE": "arn:aws:iam::123456789012:role/training",
    "FMOPS_EVALUATION_ROLE": "arn:aws:iam::123456789012:role/evaluation",
    "FMOPS_ENDPOINT_ROLE": "arn:aws:iam::123456789012:role/endpoint",
    "FMOPS_IMAGES": IMAGES,
    "FMOPS_MAX_RUNS": "2",
    "FMOPS_MODEL_GROUP": _GROUP,
    "FMOPS_PUBLIC_URL": "https://api.example.org",
    **{f"FMOPS_{journey.upper()}_MACHINE": f"{_MACHINE}{journey}" for journey in JOURNEYS},
}
_ROUNDS_OF_JOBS, _MOST_ROUNDS = 12, 30
_MOST_TRIES = 3
"""Lambda's, of an event."""


@dataclass
class Link:
    """What an approver got by mail."""

    token: str
    run_id: str


@dataclass
class Seen:
    """What the world knows of its own, to judge the system by."""

    approved_by_people: set[str] = field(default_factory=set)
    """Runs whose winner a person wanted to approve, by a POST."""
    quality: dict[str, Quality] = field(default_factory=dict)
    """Of each FMEval job's results."""
    replaced: set[str] = field(default_factory=set)
    """Runs whose winner's weights were overwritten before a release claimed them."""
    versions: list[str] = field(default_factory=list)
    """Of the dataset, in the order in which they were dropped."""
    decided: dict[str, str] = field(default_factory=dict)
    """How each approval that is over ended."""


class World:
    """One use case with its account, from the first dataset on."""

    def __init__(self, month_usd: float) -> None:
        self._open = ExitStack()
        try:
            self._begin(month_usd)
        except BaseException:
            # Nobody else closes what was opened until here, and the next life needs it.
            self._open.close()
            raise

    def _begin(self, month_usd: float) -> None:
        patch = self._open.enter_context(pytest.MonkeyPatch.context())
        self.account = self._open.enter_context(accounts.fresh(Path(REPO), patch))
        self.clock, self.pending, self.dead, self.past = StillClock(BEGIN), list[Event](), list[Event](), list[Event]()
        self.seen, self.fragility = Seen(), Fragility()
        self.cloud, self.alarms = Cloud(self._tell, self._is_reserved), Alarms()
        self.cloud.publish(MODEL, json.dumps(DOCUMENT), "1.2.0")
        self.aws = SteppedAws(self.clock, self._tell)
        self._open.callback(self._stop)
        self._counted = 0
        self.month_usd, self.last_scheduled = month_usd, datetime.fromtimestamp(BEGIN, UTC)
        self.connections: list[Any] = []
        self.forgotten: list[str] = []
        """What ran on after the reconciler had looked last, although its execution was over."""
        self._wire(patch)
        self._start(month_usd)

    def close(self) -> None:
        self._open.close()
        # Executions, their tasks and their events point at each other.
        gc.collect()

    # ---- how it is made

    def _wire(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(socket.socket, "connect", lambda _, address: self.connections.append(address))
        key = parts.client("kms").create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
        for name, value in {**_SETTINGS, "FMOPS_LINK_KEYS": f"v1={key}"}.items():
            patch.setenv(name, value)
        made: dict[str, Any] = {
            "sagemaker": self.cloud,
            "stepfunctions": self.aws.client("stepfunctions"),
            "service-quotas": FakeQuotas(),
            "cloudwatch": self.alarms,
            "events": Bus(self._tell),
            "dynamodb": WithoutWire(accounts.ACCOUNT, REGION),
        }

        @functools.cache
        def client(service: str) -> Any:
            return Fragile(made.get(service) or parts.client(service), self.fragility)

        patch.setattr(wiring, "client", client)
        patch.setattr(clock, "_source", lambda: datetime.fromtimestamp(self.clock.now(), UTC))

    def _start(self, month_usd: float) -> None:
        self.use_case = use_case(
            budget={"run_usd": RUN_USD, "month_usd": month_usd},
            monitoring={"window_hours": 24, "lateness_minutes": 5, "toxicity_sample": 20},
            release={"endpoint_name": "trivia", "instance_type": "ml.g5.xlarge", "golden_prompts": 20},
        )
        save(wiring.ledger(), self.use_case, clock.now())
        Topic(wiring.client("sns"), self.account.approvals_topic).subscribe(APPROVER)
        for image in Image:
            wiring.client("ssm").put_parameter(Name=parameter(IMAGES, image), Type="String", Value=f"{image}@sha256:1")
        self.aws.states.start()
        for name, path in parts.functions().items():
            self.aws.functions[name] = functools.partial(self._call, path)
        for journey in JOURNEYS:
            self.steps.create_state_machine(name=f"fmops-{journey}", definition=parts.machine(journey), roleArn=ROLE)

    def _stop(self) -> None:
        self.aws.states.stop()
        self.aws.forget()

    @property
    def steps(self) -> Any:
        return self.aws.client("stepfunctions")

    # ---- events

    def _tell(self, _source: str, kind: str, detail: str | dict[str, Any]) -> None:
        found = json.loads(detail) if isinstance(detail, str) else detail
        self._counted += 1
        body = {"id": f"event-{self._counted}", "detail-type": kind, "detail": found}
        if kind == "Step Functions Execution Status Change" and found["status"] not in (
            "FAILED",
            "TIMED_OUT",
            "ABORTED",
        ):
            return
        self.pending += [Event(kind, body, to) for to in ROUTES.get(kind, [])]
        if kind == "SageMaker Model Package State Change" and found["ModelApprovalStatus"] == "Approved":
            self.pending.append(Event(kind, body, "release"))

    def deliver(self, event: Event) -> None:
        """Hand an event on; a function that failed gets it again, and in the end it lies with the dead letters."""
        self.past.append(event)
        if event.to == "release":
            self.steps.start_execution(stateMachineArn=f"{_MACHINE}release", input=json.dumps(event.body))
            return
        try:
            self._call(event.to, event.body)
        except FunctionError:
            event.tries += 1
            (self.pending if event.tries < _MOST_TRIES else self.dead).append(event)

    def deliver_again(self, event: Event) -> None:
        """A duplicate of what was delivered before; should its function fail, others of it are tried."""
        self.deliver(Event(event.kind, event.body, event.to))
        self.past.pop()

    def _call(self, path: str, event: Any) -> Any:
        try:
            with self.fragility.function():
                return parts.handler(path)(event, None)
        except Crash:
            raise FunctionError("Runtime.ExitError", "signal: killed") from None
        except Exception as error:
            raise FunctionError(type(error).__name__, str(error)) from error

    def _on_schedule(self, path: str) -> bool:
        """A schedule calls its function, which must not fail but by a crash; whether it came to its end."""
        try:
            self._call(path, {})
        except FunctionError as error:
            if error.kind != "Runtime.ExitError":
                raise AssertionError(f"{path} failed: {error.kind}: {error.message}") from error
            return False
        return True

    def redrive_dead_letters(self) -> None:
        dead, self.dead = self.dead, []
        self.pending += [Event(one.kind, one.body, one.to) for one in dead]

    # ---- what happens outside

    def drop_dataset(self) -> None:
        """A team uploads a new version."""
        version = f"v{len(self.seen.versions) + 1}"
        self.seen.versions.append(version)
        below, files = f"datasets/trivia/{version}", []
        for split in ("train", "test"):
            self._put(f"{below}/{split}.jsonl", parts.rows_of(split))
            digest = hashlib.sha256(parts.rows_of(split)).hexdigest()
            files.append({"path": f"{split}.jsonl", "sha256": digest, "split": split})
        document = {
            "name": "trivia",
            "version": version,
            "task": "question_answering",
            "columns": {"id": "id", "input": "text", "target": "correct_answer"},
            "files": files,
            "owner": "owner@example.com",
        }
        stored = self._put(f"{below}/manifest.json", json.dumps(document).encode())
        told = {"bucket": {"name": DATASETS}, "object": {"key": f"{below}/manifest.json", "version-id": stored}}
        self._tell("aws.s3", "Object Created", told)

    def _put(self, key: str, content: bytes) -> str:
        return str(self.account.s3.put_object(Bucket=DATASETS, Key=key, Body=content)["VersionId"])

    def running_jobs(self) -> list[tuple[str, str]]:
        """Kind and name of the jobs that run."""
        return [
            (kind, name)
            for kind, status in (("training_job", "TrainingJobStatus"), ("processing_job", "ProcessingJobStatus"))
            for name, job in self.cloud.things[kind].items()
            if job[status] == "InProgress"
        ]

    def end_job(self, kind: str, name: str, how: str, quality: Quality = "good") -> None:
        """A job ends: `Completed`, `Failed`, `Stopped` at its time limit, or for want of `Capacity`."""
        status = {"training_job": "TrainingJobStatus", "processing_job": "ProcessingJobStatus"}[kind]
        if how == "Capacity":
            reason = "CapacityError: Unable to provision requested ML compute capacity"
            self.cloud.end(kind, name, **{status: "Failed", "FailureReason": reason})
        elif how != "Completed":
            self.cloud.end(kind, name, **{status: how}, **({"FailureReason": "no"} if how == "Failed" else {}))
        elif kind == "training_job":
            containers.trained(self.cloud.complete_training(name))
        else:
            self.seen.quality[name] = quality
            containers.scored(self.cloud.things[kind][name], quality)
            self.cloud.end(kind, name, **{status: "Completed"})
        self.news(kind, name)

    def move_endpoint(self, name: str, *, works: bool) -> None:
        self.cloud.move_endpoint(name, works=works)
        self.news("endpoint", name)

    def news(self, kind: str, name: str) -> None:
        """SageMaker tells of a job or an endpoint."""
        detail_type, member = NEWS_OF[kind]
        self._tell("aws.sagemaker", detail_type, {member: name})

    def refuse(self, operation: str, code: str) -> None:
        """SageMaker's next answer to a call."""
        self.cloud.refuse(operation, refusal(code))

    def traffic(self, *, calm: bool) -> None:
        """An hour of requests at production's endpoint."""
        hour = datetime.fromtimestamp(self.clock.now(), UTC).strftime("%Y/%m/%d/%H")
        key, content = containers.captured(hour, ENDPOINT, calm=calm)
        self.account.s3.put_object(Bucket=CAPTURE, Key=key, Body=content)

    # ---- people

    def links(self) -> list[Link]:
        """All that were ever mailed, in their order."""
        topic = sns_backends[accounts.ACCOUNT][REGION].topics[self.account.approvals_topic]
        found = []
        for _, message, *_ in topic.sent_notifications:
            token = re.search(r"https://api\.example\.org/approvals/(\S+)", str(message))
            run = re.search(r"run-[0-9a-f]{12}", str(message))
            assert token, message
            assert run, message
            found.append(Link(token[1], run[0]))
        return found

    def open_link(self, link: Link, method: str = "GET") -> int:
        """The status that came back."""
        return self._visit("approval/show_approval", request(method, link.token))

    def decide(self, link: Link, decision: str) -> int:
        """An approver posts the form; the status that came back."""
        if decision == "approve":
            self.seen.approved_by_people.add(link.run_id)
        fields = {"decision": decision, "confirmation": "tuned" if decision == "approve" else "", "reason": "because"}
        return self._visit("approval/decide_approval", request("POST", link.token, urlencode(fields)))

    def _visit(self, path: str, event: dict[str, Any]) -> int:
        """A crash shows as the gateway's 502."""
        try:
            return int(self._call(path, event)["statusCode"])
        except FunctionError as error:
            if error.kind != "Runtime.ExitError":
                raise
            return 502

    def flip(self, arn: str, status: str) -> None:
        """Somebody changes a package's status in the registry's console."""
        self.cloud.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=status)

    def replace_weights(self, package: dict[str, Any]) -> None:
        """Somebody overwrites what a package serves. What a release has claimed before is checked by its claim."""
        run_id = package["CustomerMetadataProperties"]["fmops_run_id"]
        if run_id not in {release["run_id"] for release in self.rows("RELEASE")}:
            self.seen.replaced.add(run_id)
        container = package["InferenceSpecification"]["Containers"][0]
        containers.trained(container["ModelDataSource"]["S3DataSource"]["S3Uri"], more=b"\0")

    # ---- as it goes where nothing goes wrong

    def go_on(self) -> None:
        """One round: each event is delivered, each job and each change of an endpoint ends well."""
        events, self.pending = self.pending, []
        for event in events:
            self.deliver(event)
        for kind, name in self.running_jobs():
            self.end_job(kind, name, "Completed")
        for name in self.cloud.changing():
            self.move_endpoint(name, works=True)

    def pass_time(self, seconds: float, *, at_once: bool = False) -> None:
        self.aws.states.loop.pass_time(seconds, at_once=at_once)

    def look_after(self) -> None:
        """All schedules fire."""
        disturbed = any(self.cloud.refusals.values())
        self.forgotten = []
        if self._on_schedule("operations/reconcile") and not disturbed:
            self.forgotten = self._orphans()
        self._on_schedule("operations/follow_up_alerts")
        now = clock.now()
        if self._on_schedule("monitoring/schedule_windows"):
            self.last_scheduled = now

    def _orphans(self) -> list[str]:
        """What runs of executions that are over. SageMaker deletes no endpoint while it is being made."""
        over = {one.arn for one in self.aws.states.started if one.status != "RUNNING"}
        running = {*self.cloud.running()} - {*self.cloud.changing(), ENDPOINT}
        return [row["name"] for row in self.rows("JOB") if row["name"] in running and row["execution_arn"] in over]

    def come_to_rest(self) -> None:
        """Let everything that is under way come to its end; what people were asked, they never answer."""
        self.fragility.arm(0, after=False)
        self.cloud.refusals.clear()
        for number in range(_MOST_ROUNDS):
            self.redrive_dead_letters()
            self.go_on()
            # The first rounds end jobs; later ones what waits for people.
            self.pass_time(20 * 60 if number < _ROUNDS_OF_JOBS else 4 * 86_400)
            self.look_after()
            if not (self.pending or self.dead or self.executions("RUNNING") or self.running_jobs()):
                return
        raise AssertionError(f"no rest: {self.pending}, {self.dead}, {self.executions('RUNNING')}")

    def executions(self, status: str) -> list[str]:
        """The ARNs of the executions with this status, in the order in which they began."""
        return [one.arn for one in self.aws.states.started if one.status == status]

    def redrive(self, arn: str) -> None:
        """Somebody has an execution go on where it failed; Step Functions may refuse that."""
        with contextlib.suppress(self.steps.exceptions.ExecutionNotRedrivable):
            self.steps.redrive_execution(executionArn=arn)

    def open_approvals(self) -> list[Link]:
        """The newest link of each run that waits for a person."""
        waiting = {row["run_id"] for row in self.rows("APPROVAL") if row["status"] == "pending"}
        return list({link.run_id: link for link in self.links() if link.run_id in waiting}.values())

    # ---- what there is

    def rows(self, sk: str) -> Iterator[dict[str, Any]]:
        """The ledger's records with this sort key, or whose sort key begins so if it ends in `#`."""
        for item in self._table.all_items():
            own = item.attrs["sk"].value
            if own == sk or (sk.endswith("#") and own.startswith(sk)):
                yield {"sk": own, **record_of(item.to_json()["Attributes"])}

    def unannounced(self) -> list[str]:
        """The types of the events that are still to be announced."""
        return [item.attrs["emit_type"].value for item in self._table.all_items() if "emit_pending" in item.attrs]

    def everything(self) -> Any:
        """All that a link could change."""
        return [item.to_json() for item in self._table.all_items()], len(self.pending), list(self.cloud.created)

    @property
    def _table(self) -> Any:
        return dynamodb_backends[accounts.ACCOUNT][REGION].tables[TABLE]

    def _is_reserved(self, name: str) -> bool:
        return name == ENDPOINT or any(
            item.attrs["pk"].value == f"JOB#{name}"
            and item.attrs["sk"].value.startswith("SPEND#")
            and item.attrs["status"].value == "reserved"
            for item in self._table.all_items()
        )

    def alerts(self) -> list[str]:
        """The text of each alert that went out."""
        topic = sns_backends[accounts.ACCOUNT][REGION].topics[self.account.alerts_topic]
        return [f"{subject}\n{message}" for _, message, subject, *_ in topic.sent_notifications]
