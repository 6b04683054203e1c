"""A machine of the shape of the evaluation journey, from plan to approval, with the ways in which it can go wrong."""

import json
from typing import Any

import pytest

WEEK = 7 * 86_400
THROTTLED = [
    {
        "ErrorEquals": ["Lambda.TooManyRequestsException"],
        "IntervalSeconds": 2,
        "MaxAttempts": 3,
        "MaxDelaySeconds": 10,
        "JitterStrategy": "FULL",
    }
]
FAILED = {"ErrorEquals": ["States.ALL"], "Assign": {"why": "{% $states.errorOutput.Error %}"}, "Next": "StopInference"}
TIMED_OUT = {**FAILED, "ErrorEquals": ["States.Timeout"], "Assign": {"why": "timeout"}}


def _candidate(call: Any) -> dict[str, Any]:
    token = "{% $states.context.Task.Token %}"
    return {
        "Remember": {
            "Type": "Pass",
            "Assign": {"c": "{% $states.input.candidate %}", "endpoint": None, "why": None},
            "Next": "NeedsTuning",
        },
        "NeedsTuning": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $c.tune = true %}", "Next": "FineTune"}],
            "Default": "StartInference",
        },
        "FineTune": call(
            "launch_training",
            {"token": token, "candidate": "{% $c.id %}", "run": "{% $run_id %}"},
            wait=True,
            TimeoutSeconds="{% $limit %}",
            Catch=[TIMED_OUT, FAILED],
            Assign={"artifact": "{% $states.result.artifact %}"},
            Next="StartInference",
        ),
        "StartInference": call(
            "start_inference",
            {"artifact": "{% $exists($artifact) ? $artifact : 'default' %}"},
            Retry=THROTTLED,
            Catch=[FAILED],
            Assign={"endpoint": "{% $states.result.Payload.endpoint %}"},
            Next="Score",
        ),
        "Score": call(
            "launch_evaluation",
            {"token": token, "endpoint": "{% $endpoint %}"},
            wait=True,
            TimeoutSeconds=3600,
            Catch=[FAILED],
            Assign={"metrics": "{% $states.result.metrics %}"},
            Next="StopInference",
        ),
        "StopInference": call("stop_inference", {"candidate": "{% $c.id %}"}, Next="Outcome"),
        "Outcome": {
            "Type": "Choice",
            "Choices": [
                {
                    "Condition": "{% $why != null %}",
                    "Output": {"id": "{% $c.id %}", "ok": False, "why": "{% $why %}"},
                    "Next": "Done",
                }
            ],
            "Default": "Good",
        },
        "Good": {
            "Type": "Pass",
            "Output": {"id": "{% $c.id %}", "ok": True, "metrics": "{% $metrics %}"},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    }


@pytest.fixture
def journey(machines: Any, call: Any) -> str:
    alert = [{"ErrorEquals": ["States.ALL"], "Assign": {"failure": "{% $states.errorOutput %}"}, "Next": "Failed"}]
    states = {
        "Plan": call(
            "plan",
            {"execution": "{% $states.context.Execution.Id %}"},
            Assign={
                "run_id": "{% $states.result.Payload.run_id %}",
                "candidates": "{% $states.result.Payload.candidates %}",
                "limit": "{% $states.result.Payload.seconds ? $states.result.Payload.seconds : 3600 %}",
            },
            Catch=[
                {
                    "ErrorEquals": ["DatasetRejected"],
                    "Assign": {"failure": "{% $parse($states.errorOutput.Cause).errorMessage %}"},
                    "Next": "Rejected",
                },
                *alert,
            ],
            Next="Candidates",
        ),
        "Rejected": {"Type": "Fail", "Error": "DatasetRejected", "Cause": "{% 'rejected: ' & $failure %}"},
        "Candidates": {
            "Type": "Map",
            "Items": "{% $candidates %}",
            "MaxConcurrency": 2,
            "ItemSelector": {"candidate": "{% $states.context.Map.Item.Value %}"},
            "ItemProcessor": {"StartAt": "Remember", "States": _candidate(call)},
            "Catch": alert,
            "Assign": {
                "good": "{% [$states.result[ok]] %}",
                "bad": '{% [$states.result[ok = false].{"id": id, "why": why}] %}',
            },
            "Next": "Enough",
        },
        "Enough": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $count($good) >= 1 %}", "Next": "Ask"}],
            "Default": "NoneLeft",
        },
        "Ask": call(
            "ask_approval",
            {"token": "{% $states.context.Task.Token %}", "best": "{% ($good^(>metrics.f1))[0].id %}"},
            wait=True,
            TimeoutSeconds=WEEK,
            Catch=[{"ErrorEquals": ["States.Timeout"], "Output": {"decision": "expired"}, "Next": "Recorded"}],
            Output={"decision": "{% $states.result.decision %}", "failed": "{% $bad %}"},
            Next="Recorded",
        ),
        "Recorded": {"Type": "Pass", "End": True},
        "NoneLeft": {"Type": "Pass", "Assign": {"failure": "{% $bad %}"}, "Next": "Failed"},
        "Failed": {"Type": "Fail", "Error": "EvaluationFailed", "Cause": "{% $string($failure) %}"},
    }
    return str(machines.create(states, TimeoutSeconds=900_000))


class Backend:
    """The functions of the journey. Jobs answer at once, unless a test says otherwise."""

    def __init__(self, machines: Any) -> None:
        self.api = machines.api
        self.candidates: list[dict[str, Any]] = [{"id": "base", "tune": False}, {"id": "tuned", "tune": True}]
        self.stopped: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.jobs: dict[str, str] = {}
        self.endpoints = 0
        self.throttle = 0

    def plan(self, event: Any) -> Any:
        return {"run_id": "r-1", "candidates": self.candidates}

    def launch_training(self, event: Any) -> None:
        match self.jobs.get(event["candidate"], "ok"):
            case "ok":
                self._answer(event, {"artifact": f"s3://artifacts/{event['run']}/{event['candidate']}"})
            case "fails":
                self.api.send_task_failure(taskToken=event["token"], error="CapacityError", cause="no GPU")

    def launch_evaluation(self, event: Any) -> None:
        self._answer(event, {"metrics": {"f1": 0.9 if "artifacts" in event["endpoint"] else 0.5}})

    def stop_inference(self, event: Any) -> None:
        self.stopped.append(event["candidate"])

    def ask_approval(self, event: Any) -> None:
        self.asked.append(event)

    def _answer(self, event: Any, value: Any) -> None:
        self.api.send_task_success(taskToken=event["token"], output=json.dumps(value))


@pytest.fixture
def backend(machines: Any, function: Any, throttled: Any) -> Backend:
    made = Backend(machines)

    def start_inference(event: Any) -> Any:
        if made.throttle:
            made.throttle -= 1
            raise throttled
        return {"endpoint": f"endpoint of {event['artifact']}"}

    function("start_inference", start_inference)
    for name in ("plan", "launch_training", "launch_evaluation", "stop_inference", "ask_approval"):
        function(name, getattr(made, name))
    return made


def test_the_better_candidate_is_put_before_the_approver(machines: Any, journey: str, backend: Backend) -> None:
    execution = machines.start(journey)
    asked = machines.when(lambda: backend.asked)
    machines.happened(execution, "TaskSubmitted", 4)

    machines.api.send_task_success(taskToken=asked[0]["token"], output='{"decision": "approved"}')

    assert json.loads(machines.ended(execution)["output"]) == {"decision": "approved", "failed": []}
    assert asked[0]["best"] == "tuned"
    assert sorted(backend.stopped) == ["base", "tuned"]


def test_a_candidate_whose_job_fails_does_not_end_the_others(machines: Any, journey: str, backend: Backend) -> None:
    backend.jobs["tuned"] = "fails"
    execution = machines.start(journey)
    asked = machines.when(lambda: backend.asked)
    machines.api.send_task_success(taskToken=asked[0]["token"], output='{"decision": "rejected"}')

    output = json.loads(machines.ended(execution)["output"])

    assert asked[0]["best"] == "base"
    assert output == {"decision": "rejected", "failed": [{"id": "tuned", "why": "CapacityError"}]}
    assert sorted(backend.stopped) == ["base", "tuned"]


def test_a_job_that_never_answers_times_out(machines: Any, journey: str, backend: Backend) -> None:
    backend.candidates = [{"id": "tuned", "tune": True}]
    backend.jobs["tuned"] = "hangs"
    execution = machines.start(journey)
    machines.happened(execution, "TaskSubmitted")
    machines.clock.advance(3601)

    shown = machines.ended(execution)

    assert (shown["error"], shown["cause"]) == ("EvaluationFailed", '[{"id":"tuned","why":"timeout"}]')
    assert backend.stopped == ["tuned"]


def test_an_approval_that_is_never_given_expires(machines: Any, journey: str, backend: Backend) -> None:
    execution = machines.start(journey)
    machines.when(lambda: backend.asked)
    machines.happened(execution, "TaskSubmitted", 4)
    machines.clock.advance(WEEK + 1)

    assert json.loads(machines.ended(execution)["output"]) == {"decision": "expired"}


def test_throttled_calls_are_tried_again(machines: Any, journey: str, backend: Backend) -> None:
    backend.throttle = 2
    execution = machines.start(journey)
    for attempt in (1, 2):
        machines.happened(execution, "TaskFailed", attempt)
        machines.clock.advance(10)

    assert machines.when(lambda: backend.asked)[0]["best"] == "tuned"


def test_a_rejected_dataset_says_why(
    machines: Any, journey: str, backend: Backend, function: Any, failing: Any
) -> None:
    def plan(event: Any) -> Any:
        raise failing("DatasetRejected", "train.jsonl line 3: no target")

    function("plan", plan)

    shown = machines.ended(machines.start(journey))

    assert (shown["error"], shown["cause"]) == ("DatasetRejected", "rejected: train.jsonl line 3: no target")
