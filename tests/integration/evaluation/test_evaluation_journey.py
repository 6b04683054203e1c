"""The state machine itself, run by the interpreter, with the real functions behind it."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fmops.core import wiring
from tests.contract.states.conftest import ROLE, FakeAws, FunctionError, Machines
from tests.fakes.weights import safetensors
from tests.integration.account import TABLE
from tests.integration.evaluation.conftest import PREFIX, RUN, Evaluation

STEPS = {
    "PlanRunFunction": "evaluation/plan_run",
    "LaunchFineTuningFunction": "evaluation/launch_fine_tuning",
    "StartInferenceFunction": "evaluation/start_inference",
    "LaunchEvaluationFunction": "evaluation/launch_evaluation",
    "StopInferenceFunction": "evaluation/stop_inference",
    "LaunchJudgingFunction": "evaluation/launch_judging",
    "AwaitTurnFunction": "evaluation/await_turn",
    "EndTurnFunction": "evaluation/end_turn",
    "RequestReviewsFunction": "evaluation/request_reviews",
    "CountVotesFunction": "evaluation/count_votes",
    "CompareCandidatesFunction": "evaluation/compare_candidates",
    "RegisterWinnerFunction": "evaluation/register_winner",
}
INPUT = {
    "run_id": RUN,
    "use_case": "trivia",
    "trigger": {"kind": "dataset", "dataset": {"name": "trivia", "version": "v1"}},
}
DAY = 86_400
TIMETABLE = {"ask_seconds": 7 * DAY // 2, "remind_seconds": 7 * DAY // 2, "escalate_seconds": 0}
BASE = {"f1": [0.1 + 0.01 * (i % 5) for i in range(40)], "toxicity": [0.01] * 40}
BETTER = {"f1": [0.6 + 0.01 * (i % 7) for i in range(40)], "toxicity": [0.01] * 40}


class Journey:
    """An execution, and a SageMaker in which jobs end as the test says."""

    def __init__(self, evaluation: Evaluation, aws: FakeAws, definition: str) -> None:
        self.evaluation, self.aws, self.machines = evaluation, aws, Machines(aws)
        # moto's state is one process's: the functions of two candidates must not be in it at once.
        self._lock = threading.RLock()
        self.scores: dict[str, dict[str, list[Any]]] = {"base": BASE, "tuned": BETTER}
        self.failing: dict[str, dict[str, Any]] = {}
        """By job name: what Describe tells of its end."""
        self.approve: Callable[[dict[str, Any]], None] = lambda asked: self.answer(asked, "approved")
        self.decision = "approved"
        self.judge: Callable[[], None] = lambda: None
        """Leaves what a judge's job leaves."""
        for name, path in STEPS.items():
            aws.functions[name] = self._function(path)
        aws.functions["CheckApproversFunction"] = lambda event: TIMETABLE
        aws.functions["RequestApprovalFunction"] = self._ask
        aws.functions["RecordDecisionFunction"] = lambda event: {"decision": self.decision, "run_id": event["run_id"]}
        text = re.sub(r"\$\{Ledger\}", TABLE, definition)
        text = re.sub(r"\$\{(\w+)\}", r"\1", text)
        made = self.machines.api.create_state_machine(name="fmops-evaluation", definition=text, roleArn=ROLE)
        self._machine = made["stateMachineArn"]

    def start(self, **changes: Any) -> str:
        started = self.machines.api.start_execution(
            stateMachineArn=self._machine, name=RUN, input=json.dumps({**INPUT, **changes})
        )
        return str(started["executionArn"])

    def run(self, **changes: Any) -> dict[str, Any]:
        """The description of the execution when it has ended, with every job's end told as it comes."""
        return self.ended(self.start(**changes))

    def ended(self, execution: str) -> dict[str, Any]:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.tick()
            shown: dict[str, Any] = self.machines.api.describe_execution(executionArn=execution)
            if shown["status"] != "RUNNING":
                return shown
            time.sleep(0.005)
        raise AssertionError("the execution did not end")

    def pass_time(self, until: Callable[[], Any]) -> None:
        """Let waits between attempts pass, a second of theirs for a moment of ours: tasks must not time out by it."""
        for _ in range(2000):
            if until():
                return
            self.tick()
            self.aws.clock.advance(1)
            time.sleep(0.02)
        raise AssertionError("it never came")

    def tick(self) -> None:
        """End every job that runs."""
        with self._lock:
            things = self.evaluation.sagemaker.things
            for name, thing in list(things["training_job"].items()):
                if thing["TrainingJobStatus"] == "InProgress":
                    self._end("training_job", name, "TrainingJobName", {})
            for name, thing in list(things["processing_job"].items()):
                if thing["ProcessingJobStatus"] == "InProgress" and "-judge-" in name:
                    self.judge()
                    self._end("processing_job", name, "ProcessingJobName", {"ProcessingJobStatus": "Completed"})
                elif thing["ProcessingJobStatus"] == "InProgress":
                    # A job that was launched again ends in the number of its attempt.
                    candidate = re.sub(r"-\d+$", "", name.removeprefix(f"{PREFIX}-score-{RUN}-"))
                    self.evaluation.score(candidate, self.scores[candidate])
                    self._end("processing_job", name, "ProcessingJobName", {"ProcessingJobStatus": "Completed"})
            for name, thing in list(things["endpoint"].items()):
                if thing["EndpointStatus"] == "Creating":
                    self._end("endpoint", name, "EndpointName", {"EndpointStatus": "InService"})

    def answer(self, asked: dict[str, Any], decision: str) -> None:
        self.aws.client("stepfunctions").send_task_success(
            taskToken=asked["task_token"], output=json.dumps({"decision": decision})
        )

    def _end(self, kind: str, name: str, member: str, end: dict[str, Any]) -> None:
        sagemaker = self.evaluation.sagemaker
        if name in self.failing:
            sagemaker.end(kind, name, **self.failing[name])
        elif kind == "training_job":
            place = sagemaker.complete_training(name)
            bucket, _, key = place.removeprefix("s3://").partition("/")
            self.evaluation.account.s3.put_object(Bucket=bucket, Key=f"{key}model.safetensors", Body=safetensors())
        else:
            sagemaker.end(kind, name, **end)
        self.evaluation.news(member, name)

    def _function(self, path: str) -> Callable[[Any], Any]:
        handler = self.evaluation.account.handler(path)

        def call(event: Any) -> Any:
            with self._lock:
                try:
                    return handler(event, None)
                except Exception as error:
                    raise FunctionError(type(error).__name__, str(error)) from error

        return call

    def _ask(self, event: dict[str, Any]) -> dict[str, Any]:
        self.asked = event
        self.approve(event)
        return {}


@pytest.fixture
def journey(evaluation: Evaluation, repo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journey]:
    aws = FakeAws()
    others = wiring.client
    steps = aws.client("stepfunctions")
    monkeypatch.setattr(
        wiring, "client", _cached(lambda service: steps if service == "stepfunctions" else others(service))
    )
    aws.states.start()
    yield Journey(evaluation, aws, (repo / "statemachines" / "evaluation.asl.json").read_text())
    aws.states.stop()
    aws.forget()
    monkeypatch.setattr(wiring, "client", others)


def _cached(find: Callable[[str], Any]) -> Any:
    find.cache_clear = lambda: None  # type: ignore[attr-defined]
    return find


def test_better_candidate_is_registered_and_approved_and_nothing_is_left_running(journey: Journey) -> None:
    shown = journey.run()

    assert shown["status"] == "SUCCEEDED"
    output = json.loads(shown["output"])
    assert (output["outcome"], output["verdict"], output["winner"]) == ("approved", "PROMOTE", "tuned")
    [package] = journey.evaluation.sagemaker.packages
    assert journey.asked["model_package_arn"] == package["ModelPackageArn"] == output["model_package_arn"]
    assert journey.asked["digest"] == package["CustomerMetadataProperties"]["digest"]
    assert journey.evaluation.sagemaker.running() == []
    assert journey.evaluation.record("RUN")["status"] == "approved"


def test_no_better_candidate_ends_the_run_as_succeeded_without_a_package(journey: Journey) -> None:
    journey.scores["tuned"] = BASE

    shown = journey.run()

    assert shown["status"] == "SUCCEEDED"
    assert json.loads(shown["output"])["outcome"] == "inconclusive"
    assert journey.evaluation.sagemaker.packages == []
    assert journey.evaluation.record("RUN")["status"] == "completed"


def test_failed_training_job_fails_the_execution_with_its_reason_and_leaves_no_endpoint(journey: Journey) -> None:
    job = f"{PREFIX}-tune-{RUN}-tuned"
    journey.failing[job] = {"TrainingJobStatus": "Failed", "FailureReason": "AlgorithmError: the loss is not finite"}

    shown = journey.run()

    assert (shown["status"], shown["error"]) == ("FAILED", "CandidatesFailed")
    assert shown["cause"] == (
        f"tuned: JobFailed: The training job {job} of candidate tuned ended as Failed: "
        "AlgorithmError: the loss is not finite"
    )
    assert journey.evaluation.sagemaker.running() == []
    run = journey.evaluation.record("RUN")
    assert (run["status"], run["failure"]) == ("failed", f"CandidatesFailed: {shown['cause']}")
    assert journey.evaluation.record("CANDIDATE#base")["status"] == "scored"


def test_failed_endpoint_is_deleted_and_named(journey: Journey) -> None:
    name = f"{PREFIX}-eval-{RUN}-base"
    journey.failing[name] = {"EndpointStatus": "Failed", "FailureReason": "it did not pass its health check"}

    shown = journey.run()

    assert "base: EndpointFailed" in shown["cause"]
    assert "health check" in shown["cause"]
    assert journey.evaluation.sagemaker.running() == []


def test_scoring_job_that_reached_its_time_limit_fails_the_execution(journey: Journey) -> None:
    journey.failing[f"{PREFIX}-score-{RUN}-base"] = {"ProcessingJobStatus": "Stopped"}

    shown = journey.run()

    assert shown["status"] == "FAILED"
    assert "ended as Stopped" in shown["cause"]
    assert journey.evaluation.sagemaker.running() == []


def test_run_that_another_execution_has_ends_at_once(journey: Journey) -> None:
    journey.evaluation.plan(execution="arn:aws:states:us-east-1:123456789012:execution:fmops-evaluation:older")

    shown = journey.run()

    assert shown["status"] == "SUCCEEDED"
    assert json.loads(shown["output"]) == {"outcome": "duplicate", "run_id": RUN}
    assert journey.evaluation.sagemaker.created == []


def test_run_that_can_not_be_planned_fails_with_a_sentence_and_says_so_in_its_record(journey: Journey) -> None:
    trigger = {"kind": "dataset", "dataset": {"name": "trivia", "version": "v9"}}

    shown = journey.run(trigger=trigger)

    assert (shown["status"], shown["error"]) == ("FAILED", "NotFound")
    assert "v9" in shown["cause"] or "trivia" in shown["cause"]
    assert "errorMessage" not in shown["cause"]
    assert journey.evaluation.record("RUN")["status"] == "failed"


def test_input_that_is_no_request_fails_without_a_record(journey: Journey) -> None:
    shown = journey.run(use_case=7)

    assert shown["status"] == "FAILED"
    assert wiring.ledger().records(f"RUN#{RUN}") == []


def _asked_for(journey: Journey, occasion: str) -> None:
    while getattr(journey, "asked", {}).get("occasion") != occasion:
        journey.tick()
        time.sleep(0.005)


def test_approval_that_nobody_gives_is_reminded_escalated_and_expires_after_seven_days(journey: Journey) -> None:
    days = {"ask_seconds": 3 * DAY, "remind_seconds": 2 * DAY, "escalate_seconds": 2 * DAY}
    journey.aws.functions["CheckApproversFunction"] = lambda event: days
    journey.approve, journey.decision = lambda asked: None, "expired"
    execution = journey.start()
    for occasion, wait in (("ask", 3 * DAY), ("remind", 2 * DAY), ("escalate", 2 * DAY - 60)):
        _asked_for(journey, occasion)
        assert journey.asked["timetable"] == days
        journey.aws.clock.advance(wait)

    waiting = journey.machines.api.describe_execution(executionArn=execution)["status"]
    journey.aws.clock.advance(120)

    shown = journey.ended(execution)
    assert waiting == "RUNNING"
    assert json.loads(shown["output"])["outcome"] == "expired"
    assert journey.evaluation.record("RUN")["status"] == "expired"


def test_without_a_second_list_nobody_is_asked_after_the_reminder(journey: Journey) -> None:
    journey.approve, journey.decision = lambda asked: None, "expired"
    execution = journey.start()
    for occasion in ("ask", "remind"):
        _asked_for(journey, occasion)
        journey.aws.clock.advance(7 * DAY / 2)

    assert json.loads(journey.ended(execution)["output"])["outcome"] == "expired"
    assert journey.asked["occasion"] == "remind"


def test_reminded_approver_decides(journey: Journey) -> None:
    journey.approve = lambda asked: None
    execution = journey.start()
    _asked_for(journey, "ask")
    journey.approve = lambda asked: journey.answer(asked, "approved")

    journey.aws.clock.advance(7 * DAY / 2)

    assert json.loads(journey.ended(execution)["output"])["outcome"] == "approved"


def test_nobody_to_ask_is_known_before_anything_is_launched(journey: Journey) -> None:
    def refuse(event: dict[str, Any]) -> None:
        raise FunctionError("NoApprovers", "0 of 1 approvers can approve")

    journey.aws.functions["CheckApproversFunction"] = refuse

    shown = journey.run()

    assert (shown["error"], shown["cause"]) == ("NoApprovers", "0 of 1 approvers can approve")
    assert journey.evaluation.record("RUN")["failure"] == "NoApprovers: 0 of 1 approvers can approve"
    assert not any(journey.evaluation.sagemaker.things.values())


def test_nobody_to_ask_fails_the_execution_with_the_reason(journey: Journey) -> None:
    def refuse(asked: dict[str, Any]) -> None:
        raise FunctionError("NoApprovers", "0 of the approvers have confirmed their address")

    journey.approve = refuse

    shown = journey.run()

    assert (shown["error"], shown["cause"]) == ("NoApprovers", "0 of the approvers have confirmed their address")
    assert journey.evaluation.record("RUN")["status"] == "failed"


def test_no_task_token_is_in_any_output_of_the_execution(journey: Journey) -> None:
    execution = journey.start()
    journey.ended(execution)

    outputs = [
        event["stateExitedEventDetails"].get("output", "")
        for event in journey.machines.history(execution)
        if "stateExitedEventDetails" in event
    ]
    assert outputs
    assert not any(journey.asked["task_token"] in text for text in outputs)
