"""The release's state machine runs on its own functions: what each end looks like."""

import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fmops.approval.models import Status
from fmops.release.models import Status as ReleaseStatus
from local.clock import Clock
from local.protocol import AwsError, Caller
from local.states import StepFunctions
from tests.integration.doubles import refusal

ROLE = "arn:aws:iam::123456789012:role/release"


class Functions:
    """Lambda's client: runs the handlers here."""

    def __init__(self, yard: Any) -> None:
        self._yard = yard

    def invoke(self, *, FunctionName: str, Payload: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS' spelling
        try:
            result = self._yard.account.handler(f"release/{FunctionName}")(json.loads(Payload), None)
            failed = {}
        except Exception as error:  # noqa: BLE001 - Lambda turns every exception into an answer
            result = {"errorType": type(error).__name__, "errorMessage": str(error)}
            failed = {"FunctionError": "Unhandled"}
        body = io.BytesIO(json.dumps(result).encode())
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "ResponseMetadata": {}, "Payload": body, **failed}


class Aws:
    """What Step Functions asks of the embedded AWS."""

    root = Path("/nowhere")
    url = api_url = "http://127.0.0.1:0"
    api_port = 0
    jobs = None
    lambdas: Any = None

    def __init__(self, yard: Any) -> None:
        self.clock = Clock()
        self._functions = Functions(yard)
        self.states = StepFunctions(self)

    def client(self, service: str, role_arn: str | None = None) -> Any:
        assert service == "lambda"
        return self._functions

    def credentials_for(self, role_arn: str) -> dict[str, str]:
        raise NotImplementedError

    def emit(self, *_: Any, **__: Any) -> None:
        return None


class Journey:
    """Executions of the real definition."""

    def __init__(self, yard: Any, definition: str) -> None:
        self.yard, self.aws = yard, Aws(yard)
        self.aws.states.start()
        # Answers to tasks go to these executions, as they would go to Step Functions.
        yard.tasks.send_task_success = self._success
        yard.tasks.send_task_failure = self._failure
        # `${ClaimReleaseFunction}` becomes `claim_release`, the handler's folder.
        text = re.sub(r"\$\{(\w+)Function\}", lambda match: _snake(match[1]), definition)
        made = {"name": "fmops-release", "definition": text, "roleArn": ROLE}
        self.machine = self._call("create_state_machine", made)["stateMachineArn"]

    def start(self, package_arn: str, name: str = "one") -> str:
        event = {"detail": {"ModelPackageArn": package_arn, "ModelApprovalStatus": "Approved"}}
        request = {"stateMachineArn": self.machine, "name": name, "input": json.dumps(event)}
        return str(self._call("start_execution", request)["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        found: dict[str, Any] = self.when(lambda: self._ended(execution))
        return found

    def settle(self, *, works: bool = True) -> None:
        """Once the state waits for the endpoint, its change ends."""
        self.when(lambda: self.yard.endpoint and self.yard.endpoint["EndpointStatus"] in ("Creating", "Updating"))
        self.yard.settle(works=works)

    def when(self, found: Any) -> Any:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if result := found():
                return result
            time.sleep(0.01)
        raise AssertionError("it never happened")

    def _ended(self, execution: str) -> dict[str, Any] | None:
        shown = self._call("describe_execution", {"executionArn": execution})
        return shown if shown["status"] != "RUNNING" else None

    def _success(self, **request: Any) -> None:
        self._answer("send_task_success", request)

    def _failure(self, **request: Any) -> None:
        self._answer("send_task_failure", request)

    def _answer(self, operation: str, request: dict[str, Any]) -> None:
        try:
            self._call(operation, request)
        except AwsError as error:
            raise refusal(error.code, operation, error.message) from error

    def _call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = getattr(self.aws.states, operation)(request, Caller())
        return found


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


@pytest.fixture
def journey(yard: Any, repo: Path) -> Iterator[Journey]:
    made = Journey(yard, (repo / "statemachines/release.asl.json").read_text())
    yield made
    made.aws.states.stop()


def test_an_approved_package_ends_up_serving(journey: Journey) -> None:
    approved = journey.yard.approve(1)
    execution = journey.start(approved.package_arn)

    journey.settle()
    shown = journey.ended(execution)

    assert shown["status"] == "SUCCEEDED", shown
    output = json.loads(shown["output"])
    assert output["outcome"] == "released"
    assert output["endpoint"] == "ab12cd34-trivia"
    assert output["verification"]["matched"] == 4
    assert journey.yard.champion.model_package_arn == approved.package_arn


def test_the_same_event_again_ends_as_a_duplicate(journey: Journey) -> None:
    approved = journey.yard.approve(1)
    first = journey.start(approved.package_arn)
    journey.settle()
    journey.ended(first)

    shown = journey.ended(journey.start(approved.package_arn, "two"))

    assert shown["status"] == "SUCCEEDED"
    assert json.loads(shown["output"])["outcome"] == "duplicate"


def test_fault_39_an_approval_in_the_console_alone_fails_with_the_reason(journey: Journey) -> None:
    approved = journey.yard.approve(1, Status.PENDING)

    shown = journey.ended(journey.start(approved.package_arn))

    assert (shown["status"], shown["error"]) == ("FAILED", "NotApproved")
    assert shown["cause"].endswith("the decision on run-000000000001 is pending")
    assert journey.yard.endpoint is None


def test_an_endpoint_that_fails_is_taken_back(journey: Journey) -> None:
    approved = journey.yard.approve(1)
    execution = journey.start(approved.package_arn)

    journey.settle(works=False)
    shown = journey.ended(execution)

    assert (shown["status"], shown["error"]) == ("FAILED", "ReleaseRolledBack")
    assert "EndpointFailed" in shown["cause"]
    assert journey.yard.endpoint is None


def test_a_model_that_answers_otherwise_is_taken_back(journey: Journey) -> None:
    journey.yard.runtime.answers = dict.fromkeys(journey.yard.runtime.answers, "nonsense")
    execution = journey.start(journey.yard.approve(1).package_arn)

    journey.settle()
    shown = journey.ended(execution)

    assert shown["error"] == "ReleaseRolledBack"
    assert "only 0 of 4 golden prompts" in shown["cause"]
    ((kind, detail),) = journey.yard.account.events()
    assert kind == "ReleaseRolledBack"
    assert detail["reason"].startswith("VerificationFailed: ab12cd34-trivia: only 0 of 4")
    assert journey.yard.record(detail["release_id"])["status"] == ReleaseStatus.ROLLED_BACK


def test_an_endpoint_that_is_never_in_service_is_given_up(journey: Journey) -> None:
    execution = journey.start(journey.yard.approve(1).package_arn)
    journey.when(lambda: journey.yard.endpoint)
    journey.when(lambda: journey.yard.account.records("JOB#ab12cd34-trivia"))

    journey.aws.clock.advance(7201)
    journey.when(lambda: journey.yard.endpoint)
    journey.yard.sagemaker.settle("ab12cd34-trivia", works=False)
    journey.aws.clock.advance(120)
    shown = journey.ended(execution)

    assert shown["error"] == "ReleaseRolledBack"
    assert "nothing was heard in time" in shown["cause"]
    assert journey.yard.endpoint is None
