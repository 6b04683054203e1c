"""Runs that wait for approval, in the deployed stack: the evaluation journey's own states, from the request on."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from fmops.approval import records
from fmops.approval.models import Approval
from fmops.approval.rules import timetable
from fmops.core.artifacts import Location
from fmops.core.ids import short_hash
from fmops.core.ledger import Key
from fmops.evaluation.places import RunPlaces
from fmops.links.people import Topic
from fmops.selection.models import Report
from fmops.selection.page import page as report_page
from fmops.usecases.models import UseCase
from fmops.usecases.store import save
from fmops_cli.target import Target, local_clients
from local.demo import people
from local.embedded import EmbeddedAws
from local.sagemaker.settings import JobSettings
from tests.fakes.report import report
from tests.waiting import eventually

ANN, BOB, CAT = "ann@example.com", "bob@example.com", "cat@example.com"
OWNER = "owner@example.com"
DIGEST = "sha256:" + "5e" * 32
WINNER = "llama-3b-tuned"
DAYS = 7


class Case:
    """One run that waits for its approvers."""

    def __init__(self, office: "Office", run_id: str, execution: str) -> None:
        self._office, self.run_id, self._execution = office, run_id, execution

    def link(self, address: str) -> str:
        """The link in the newest mail to an approver, waited for."""
        return self.links(address)[0]

    def links(self, address: str, least: int = 1) -> list[str]:
        """The links in all mails about this run to an approver, the newest first, once there are so many."""
        mails: list[str] = self._office.until(lambda: len(found := self.mails(address)) >= least and found)
        return [next(link for link in people.links(text) if "/approvals/" in link) for text in mails]

    def mails(self, address: str) -> list[str]:
        mails = self._office.aws.mailbox.messages(address)
        return [mail.text for mail in mails if self.run_id in mail.text and "/approvals/" in mail.text]

    @property
    def approval(self) -> Approval:
        return records.load(self._office.target.ledger, self.run_id)

    @property
    def status(self) -> str:
        return self.approval.status.value

    def settled(self, mails: int) -> None:
        """Wait until so many mails are out and marked as sent: then nothing moves but by people."""

        def there() -> bool:
            found = records.find(self._office.target.ledger, self.run_id)
            marked = len(found.mailed) if found else 0
            return marked == mails == sum(len(self.mails(to)) for to in (ANN, BOB, CAT))

        self._office.until(there)

    @property
    def stored(self) -> list[dict[str, Any]]:
        """All that the ledger holds about the run."""
        return self._office.target.ledger.records(f"RUN#{self.run_id}")

    @property
    def decisions(self) -> list[dict[str, Any]]:
        return self._office.target.ledger.records(f"RUN#{self.run_id}", "DECISION#")

    @property
    def is_waiting(self) -> bool:
        """Whether the journey still waits for a decision."""
        return bool(self._described()["status"] == "RUNNING")

    def outcome(self) -> str:
        """How the journey ended, waited for."""
        found = self._office.until(lambda: (found := self._described())["status"] != "RUNNING" and found)
        assert found["status"] == "SUCCEEDED", found
        return str(json.loads(found["output"])["outcome"])

    def _described(self) -> dict[str, Any]:
        found: dict[str, Any] = self._office.target.client("stepfunctions").describe_execution(
            executionArn=self._execution
        )
        return found

    @property
    def package(self) -> dict[str, Any]:
        """The package in the registry."""
        arn = self.approval.model_package_arn
        found: dict[str, Any] = self._office.target.client("sagemaker").describe_model_package(ModelPackageName=arn)
        del found["ResponseMetadata"]
        return found


class Office:
    """A deployed stack whose approvers have confirmed their addresses."""

    def __init__(self, aws: EmbeddedAws, outputs: dict[str, str], machine: str) -> None:
        self.aws, self.outputs, self._machine = aws, outputs, machine
        self.target = Target("fmops", outputs, local_clients(aws.url), local=True)
        self._numbers = count(1)

    def ask(
        self,
        use_case: str | None = None,
        approvers: tuple[str, ...] = (ANN, BOB),
        shown: Callable[[Report], Report] = lambda found: found,
        began: timedelta = timedelta(),
        **rules: Any,
    ) -> Case:
        """Have the journey ask about a new run; `began` moves the run's beginning."""
        number = next(self._numbers)
        name, run_id = use_case or f"case-{number}", f"run-{short_hash(str(number), length=12)}"
        self._save(name, approvers, rules)
        found = shown(report(run_id=run_id, use_case=name))
        self._store(found, self.aws.clock.datetime() + began)
        escalates = bool(rules.get("escalate_to"))
        given = {
            "plan": {"use_case": name},
            "asking": timetable(DAYS, escalates=escalates).model_dump(mode="json"),
            "comparison": {"verdict": "PROMOTE", "report_uri": self._places(run_id).report.uri},
            "registered": {"candidate": WINNER, "model_package_arn": self._register(found), "digest": DIGEST},
        }
        started = self.target.client("stepfunctions").start_execution(
            stateMachineArn=self._machine, name=run_id, input=json.dumps(given)
        )
        return Case(self, run_id, started["executionArn"])

    def alerts(self) -> list[dict[str, Any]]:
        """What operators and owners were told, newest first."""
        return self.target.ledger.of_kind("alert")

    def until(self, done: Callable[[], Any], seconds: float = 90) -> Any:
        """The first true answer of `done`."""
        return eventually(done, seconds)

    def _save(self, name: str, approvers: tuple[str, ...], rules: dict[str, Any]) -> None:
        document = {
            "name": name,
            "owner": OWNER,
            "task": "question_answering",
            "datasets": [name],
            "candidates": [{"id": "tuned", "model_id": "llm", "instance_type": "ml.g5.xlarge"}],
            "metrics": [{"name": "f1", "weight": 1}],
            "approvers": approvers,
            "approval": rules,
            "approval_days": DAYS,
            "budget": {"run_usd": 10, "month_usd": 100},
            "release": {"endpoint_name": name, "instance_type": "ml.g5.xlarge"},
        }
        save(self.target.ledger, UseCase.model_validate(document), self.aws.clock.datetime())

    def _store(self, found: Report, began: datetime) -> None:
        ledger, places = self.target.ledger, self._places(found.run_id)
        run = {
            "run_id": found.run_id,
            "use_case": found.use_case,
            "status": "awaiting_approval",
            "dataset": {"name": found.use_case, "version": "1"},
            "worst_case_usd": 4.2,
        }
        ledger.put_once(Key(f"RUN#{found.run_id}", "RUN"), run, kind="run", now=began)
        # With it the registry's event knows the package for one of ours.
        ledger.put_once(Key(f"RUN#{found.run_id}", "PACKAGE"), {"digest": DIGEST}, kind="package", now=began)
        self.target.store.write_json(places.report, found.model_dump(mode="json"))
        html = Location(places.report.bucket, places.report.key.removesuffix(".json") + ".html")
        self.target.store.write(html, report_page(found).encode(), "text/html")

    def _register(self, found: Report) -> str:
        answer = self.target.client("sagemaker").create_model_package(
            ModelPackageGroupName=self.outputs["ModelGroupName"],
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve:1"}],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            CustomerMetadataProperties={"digest": DIGEST, "fmops_run_id": found.run_id},
        )
        return str(answer["ModelPackageArn"])

    def _places(self, run_id: str) -> RunPlaces:
        return RunPlaces(self.outputs["ArtifactsBucketName"], run_id)


@contextmanager
def office(root: Path, repo: Path, **parameters: str) -> Iterator[Office]:
    """A fresh stack below `root` with these parameters of the template."""
    jobs = JobSettings(python=Path(sys.executable), assets=root / "assets")
    with EmbeddedAws(root / "aws", jobs=jobs) as aws:
        stack = aws.deploy(repo / "template.yaml", "fmops", parameters)
        _hush(aws)
        made = Office(aws, stack.outputs, _from_the_request_on(aws, stack.outputs["EvaluationMachineArn"]))
        topic = Topic(aws.client("sns"), stack.resources["ApprovalsTopic"])
        for address in (ANN, BOB, CAT):
            topic.subscribe(address)
            mail = aws.mailbox.wait_for(lambda mail, to=address: mail.to == to, 20)  # type: ignore[misc]
            assert mail is not None
            people.open_link(people.links(mail.text)[0])
        yield made


def _hush(aws: EmbeddedAws) -> None:
    """Nothing on a schedule: a clock that goes a week forward would have it catch up for the rest of the day."""
    scheduler = aws.client("scheduler")
    for listed in scheduler.list_schedules()["Schedules"]:
        found = scheduler.get_schedule(Name=listed["Name"])
        kept = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")
        scheduler.update_schedule(State="DISABLED", **{member: found[member] for member in kept})


def _from_the_request_on(aws: EmbeddedAws, evaluation: str) -> str:
    """A machine of the evaluation journey's own states and role that begins where approvers are asked; its ARN."""
    states = aws.client("stepfunctions")
    found = states.describe_state_machine(stateMachineArn=evaluation)
    definition = json.loads(found["definition"])
    known = {name: f"{{% $states.input.{name} %}}" for name in ("plan", "asking", "comparison", "registered")}
    definition["States"]["Given"] = {"Type": "Pass", "Assign": known, "Next": "RequestApproval"}
    definition["StartAt"] = "Given"
    for unused in _before(definition["States"], "RequestApproval"):
        del definition["States"][unused]
    made = states.create_state_machine(
        name="fmops-approvals", definition=json.dumps(definition), roleArn=found["roleArn"]
    )
    return str(made["stateMachineArn"])


def _before(states: dict[str, Any], start: str) -> set[str]:
    """The states that can't be reached from `start` any more."""
    reached, ahead = {"Given"}, [start]
    while ahead:
        name = ahead.pop()
        if name in reached:
            continue
        reached.add(name)
        state = states[name]
        following = [state.get("Next"), state.get("Default")]
        following += [route["Next"] for route in (*state.get("Catch", []), *state.get("Choices", []))]
        ahead += [name for name in following if name]
    return set(states) - reached
