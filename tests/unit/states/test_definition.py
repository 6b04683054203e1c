"""What is refused when a machine is made, and where the refusal points to."""

import copy
import json
from typing import Any

import pytest

from local.states.definition import check
from local.states.errors import InvalidDefinition

LAMBDA = "arn:aws:states:::lambda:invoke"


def _valid() -> dict[str, Any]:
    """A machine with a state of every type; the tests break one thing in it."""
    task = {"Type": "Task", "Resource": LAMBDA, "Arguments": {"FunctionName": "f"}, "Next": "Choose"}
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "Arguments": {"Bucket": "b", "Key": "k"},
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 5},
    }
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "Child",
        "States": {"Child": {"Type": "Succeed"}},
    }
    return {
        "QueryLanguage": "JSONata",
        "Comment": "all of it",
        "TimeoutSeconds": 900,
        "Version": "1.0",
        "StartAt": "Task",
        "States": {
            "Task": {
                **task,
                "Comment": "why",
                "TimeoutSeconds": 60,
                "HeartbeatSeconds": "{% $states.input.beat %}",
                "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 2, "MaxAttempts": 3,
                           "BackoffRate": 2.0, "MaxDelaySeconds": 10, "JitterStrategy": "FULL"}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"failure": "{% $states.errorOutput %}"},
                           "Next": "Fail"}],
                "Assign": {"plan": "{% $states.result.Payload %}"},
            },
            "Choose": {"Type": "Choice", "Choices": [{"Condition": "{% $plan.ok %}", "Next": "Both"}],
                       "Default": "Fail"},
            "Both": {
                "Type": "Parallel",
                "Branches": [{"StartAt": "Left", "States": {"Left": {"Type": "Pass", "Assign": {"l": 1}, "End": True}}},
                             {"StartAt": "Right", "States": {"Right": {"Type": "Wait", "Seconds": 1, "End": True}}}],
                "Next": "Each",
            },
            "Each": {"Type": "Map", "Items": "{% $states.input %}", "MaxConcurrency": 3,
                     "ItemSelector": {"i": "{% $states.context.Map.Item.Index %}"},
                     "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": {"Type": "Pass", "End": True}}},
                     "Next": "Many"},
            "Many": {"Type": "Map", "Label": "Many", "ItemReader": reader, "ItemProcessor": processor,
                     "ItemBatcher": {"MaxItemsPerBatch": 10, "BatchInput": {"b": 1}},
                     "ToleratedFailurePercentage": 5.5, "ToleratedFailureCount": 3,
                     "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "b"},
                                      "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}},
                     "Next": "Done"},
            "Done": {"Type": "Succeed", "Output": "{% $plan %}"},
            "Fail": {"Type": "Fail", "Error": "E", "Cause": "{% $string($failure) %}"},
        },
    }  # fmt: skip


def test_a_machine_with_everything_is_accepted() -> None:
    check(_valid())


REMOVED = object()


@pytest.mark.parametrize(
    ("path", "value", "where", "why"),
    [
        ("QueryLanguage", REMOVED, "/QueryLanguage", "only JSONata"),
        ("QueryLanguage", "JSONPath", "/QueryLanguage", "only JSONata"),
        ("Timeout", 5, "/", "unknown fields ['Timeout']"),
        ("TimeoutSeconds", "{% 5 %}", "/TimeoutSeconds", "does not accept JSONata"),
        ("Version", "2.0", "/Version", "must be 1.0"),
        ("StartAt", "Nowhere", "/StartAt", "no state 'Nowhere'"),
        ("States", {}, "/States", "at least one state"),
        ("States/Task/Type", "Activity", "/States/Task/Type", "unknown type"),
        ("States/Task/QueryLanguage", "JSONPath", "/States/Task/QueryLanguage", "only JSONata"),
        ("States/Task/InputPath", "$.a", "/States/Task", "belong to JSONPath"),
        ("States/Task/Credentials", {}, "/States/Task", "unknown fields ['Credentials']"),
        ("States/Task/End", True, "/States/Task", "exactly one of Next and End"),
        ("States/Task/Next", REMOVED, "/States/Task", "exactly one of Next and End"),
        ("States/Task/Next", "Nowhere", "/States/Task/Next", "no state 'Nowhere'"),
        ("States/Task/Catch/0/Next", "Nowhere", "/States/Task/Catch/0/Next", "no state 'Nowhere'"),
        ("States/Choose/Default", "Nowhere", "/States/Choose/Default", "no state 'Nowhere'"),
        ("States/Choose/Choices/0/Next", "Nowhere", "/States/Choose/Choices/0/Next", "no state 'Nowhere'"),
        ("States/Task/Resource", f"{LAMBDA}.sync", "/States/Task/Resource", "no pattern .sync"),
        ("States/Task/Resource", "arn:aws:states:::sagemaker:createTrainingJob.sync", "/States/Task/Resource",
         "no integration sagemaker:createTrainingJob"),
        ("States/Task/Resource", "arn:aws:states:::aws-sdk:s3:putTheObject", "/States/Task/Resource", "no action"),
        ("States/Task/Resource", "arn:aws:states:::aws-sdk:nothing:do", "/States/Task/Resource", "not supported"),
        ("States/Task/Resource", "arn:aws:states:::http:invoke", "/States/Task/Resource", "no integration http:invoke"),
        ("States/Task/Resource", "arn:aws:states:us-east-1:123456789012:activity:a", "/States/Task/Resource",
         "not supported"),
        ("States/Task/Arguments/FunctionNaam", "f", "/States/Task/Arguments/FunctionNaam", "not supported by Step"),
        ("States/Task/Arguments", {}, "/States/Task/Arguments", "['FunctionName']"),
        ("States/Task/Arguments/Payload", {"a.$": "$.a"}, "/States/Task/Arguments/Payload/a.$", "JSONPath"),
        ("States/Task/Arguments/Payload", "{% $states.result %}", "/States/Task/Arguments/Payload", "cannot be used"),
        ("States/Task/Arguments/Payload", "{% 1", "/States/Task/Arguments/Payload", "does not end with"),
        ("States/Task/TimeoutSeconds", 0, "/States/Task/TimeoutSeconds", "at least 1"),
        ("States/Task/TimeoutSeconds", 1.5, "/States/Task/TimeoutSeconds", "must be an integer"),
        ("States/Task/HeartbeatSeconds", 60, "/States/Task/HeartbeatSeconds", "smaller than TimeoutSeconds"),
        ("States/Task/Retry/0/ErrorEquals", [], "/States/Task/Retry/0/ErrorEquals", "array of error names"),
        ("States/Task/Retry/0/ErrorEquals", ["States.ALL", "E"], "/States/Task/Retry/0/ErrorEquals", "stands alone"),
        ("States/Task/Retry/0/ErrorEquals", ["States.Oops"], "/States/Task/Retry/0/ErrorEquals", "no predefined"),
        ("States/Task/Retry/0/BackoffRate", 0.5, "/States/Task/Retry/0/BackoffRate", "from 1.0"),
        ("States/Task/Retry/0/IntervalSeconds", 0, "/States/Task/Retry/0/IntervalSeconds", "at least 1"),
        ("States/Task/Retry/0/MaxDelaySeconds", 2, "/States/Task/Retry/0/MaxDelaySeconds", "larger than Interval"),
        ("States/Task/Retry/0/JitterStrategy", "SOME", "/States/Task/Retry/0/JitterStrategy", "FULL"),
        ("States/Task/Retry/0/Next", "Done", "/States/Task/Retry/0", "unknown fields"),
        ("States/Task/Catch/0/ResultPath", "$", "/States/Task/Catch/0", "JSONPath"),
        ("States/Task/Catch/0/Output", "{% $states.result %}", "/States/Task/Catch/0/Output", "cannot be used"),
        ("States/Task/Assign", {"x.y": 1}, "/States/Task/Assign/x.y", "no name of a variable"),
        ("States/Task/Assign", {"states": 1}, "/States/Task/Assign/states", "reserved"),
        ("States/Task/Output", "{% total %}", "/States/Task/Output", "input document"),
        ("States/Choose/Choices", [], "/States/Choose/Choices", "at least one rule"),
        ("States/Choose/Choices/0/Condition", "yes", "/States/Choose/Choices/0/Condition", "boolean or an expression"),
        ("States/Choose/Choices/0/Variable", "$.a", "/States/Choose/Choices/0", "JSONPath"),
        ("States/Both/Branches", [], "/States/Both/Branches", "at least one branch"),
        ("States/Both/Branches/1/States/Right/Seconds", -1,
         "/States/Both/Branches/1/States/Right/Seconds", "at least 0"),
        ("States/Both/Branches/1/States/Right/Timestamp", "2026-01-01T00:00:00Z",
         "/States/Both/Branches/1/States/Right", "exactly one of Seconds and Timestamp"),
        ("States/Both/Branches/0/States/Left/Next", "Each", "/States/Both/Branches/0/States/Left", "exactly one"),
        ("States/Both/Branches/0/States/Left/Assign", {"plan": 1},
         "/States/Both/Branches/0/States/Left/Assign/plan", "inner scope cannot assign"),
        ("States/Each/ItemProcessor", REMOVED, "/States/Each", "ItemProcessor is missing"),
        ("States/Each/ItemsPath", "$.a", "/States/Each", "JSONPath"),
        ("States/Each/Iterator", {}, "/States/Each", "JSONPath"),
        ("States/Each/Items", 5, "/States/Each/Items", "must be an array"),
        ("States/Each/ToleratedFailureCount", 1, "/States/Each", "need a distributed map"),
        ("States/Each/ItemProcessor/ProcessorConfig", {"Mode": "FAST"},
         "/States/Each/ItemProcessor/ProcessorConfig/Mode", "DISTRIBUTED"),
        ("States/Many/Items", [1], "/States/Many", "both Items and ItemReader"),
        ("States/Many/ItemProcessor/ProcessorConfig/ExecutionType", REMOVED,
         "/States/Many/ItemProcessor/ProcessorConfig", "ExecutionType is missing"),
        ("States/Many/ItemReader/Resource", "arn:aws:states:::s3:headObject",
         "/States/Many/ItemReader/Resource", "one of"),
        ("States/Many/ItemReader/ReaderConfig/InputType", "PARQUET",
         "/States/Many/ItemReader/ReaderConfig/InputType", "one of"),
        ("States/Many/ItemReader/ReaderConfig/CSVHeaders", ["a"],
         "/States/Many/ItemReader/ReaderConfig/CSVHeaders", "exactly when"),
        ("States/Many/ItemReader/ReaderConfig/Transformation", "LOAD_AND_FLATTEN",
         "/States/Many/ItemReader/ReaderConfig", "unknown fields"),
        ("States/Many/ItemBatcher", {"BatchInput": 1}, "/States/Many/ItemBatcher", "needs MaxItemsPerBatch or"),
        ("States/Many/ToleratedFailurePercentage", 101, "/States/Many/ToleratedFailurePercentage", "from 0 to 100"),
        ("States/Many/ResultWriter", {}, "/States/Many/ResultWriter", "needs Resource and Arguments"),
        ("States/Many/ResultWriter/WriterConfig/OutputType", "CSV",
         "/States/Many/ResultWriter/WriterConfig/OutputType", "JSON"),
        ("States/Many/Label", "a/b", "/States/Many/Label", "at most 40"),
        ("States/Alone", {"Type": "Succeed"}, "/States/Alone", "never reached"),
        ("States/Done/Assign", {}, "/States/Done", "unknown fields"),
        ("States/Fail/Output", 1, "/States/Fail", "unknown fields"),
        ("States/Fail/Cause", 5, "/States/Fail/Cause", "must be a string"),
    ],
)  # fmt: skip
def test_refused(path: str, value: Any, where: str, why: str) -> None:
    definition = _valid()
    *parents, last = path.split("/")
    part: Any = definition
    for name in parents:
        part = part[int(name)] if isinstance(part, list) else part[name]
    if value is REMOVED:
        del part[last]
    else:
        part[last] = copy.deepcopy(value)

    with pytest.raises(InvalidDefinition) as caught:
        check(json.loads(json.dumps(definition)))

    assert caught.value.where == where
    assert why in caught.value.why


def test_state_names_are_unique_across_the_whole_machine() -> None:
    definition = _valid()
    inner = definition["States"]["Each"]["ItemProcessor"]
    inner["States"] = {"Done": {"Type": "Succeed"}}
    inner["StartAt"] = "Done"

    with pytest.raises(InvalidDefinition, match="used twice"):
        check(definition)


def test_express_machines_have_no_distributed_maps() -> None:
    with pytest.raises(InvalidDefinition, match="distributed map"):
        check(_valid(), express=True)


def test_children_of_an_express_map_cannot_wait_for_tokens() -> None:
    definition = _valid()
    child = {"Type": "Task", "Resource": f"{LAMBDA}.waitForTaskToken", "Arguments": {"FunctionName": "f"}, "End": True}
    definition["States"]["Many"]["ItemProcessor"]["States"]["Child"] = child

    with pytest.raises(InvalidDefinition, match="express workflows do not support"):
        check(definition)
