"""Input, InputPath and InputTransformer: the documentation's examples."""

import json
from typing import Any

import pytest

from local.events.transform import TransformError, at_path, check_target, target_input

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "123456789012",
    "time": "2015-11-11T21:29:54Z",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
    "detail": {"instance-id": "i-0123456789", "state": "RUNNING", "count": 3, "text": 'say "hi"', "more": {"a": "b"}},
}
PATHS = {"instance": "$.detail.instance-id", "state": "$.detail.state"}


def given(**target: Any) -> str:
    check_target({"Id": "t", **target})
    return target_input(
        {"Id": "t", **target}, EVENT, rule_arn="arn:rule", rule_name="rule", ingested="2015-11-11T21:29:55Z"
    )


def transformed(template: str, **paths: str) -> str:
    return given(InputTransformer={"InputPathsMap": {**PATHS, **paths}, "InputTemplate": template})


def test_target_without_input_gets_the_event() -> None:
    assert json.loads(given()) == EVENT


def test_constant_input_is_passed_as_it_is() -> None:
    assert given(Input='{"a":  1}') == '{"a":  1}'


def test_input_path_passes_a_part() -> None:
    assert json.loads(given(InputPath="$.detail")) == EVENT["detail"]


def test_input_path_that_finds_nothing_passes_null() -> None:
    assert given(InputPath="$.detail.nothing") == "null"


@pytest.mark.parametrize(
    "template,expected",
    [
        ('"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'),
        ('"instance \\"<instance>\\" is in <state>"', '"instance \\"i-0123456789\\" is in RUNNING"'),
        ('{"instance" : <instance>, "state": <state>}', '{"instance" : "i-0123456789", "state": "RUNNING"}'),
        (
            '{"instance" : <instance>, "state": "<state>", "told": "instance \\"<instance>\\" is in <state>"}',
            '{"instance" : "i-0123456789", "state": "RUNNING", "told": "instance \\"i-0123456789\\" is in RUNNING"}',
        ),
        ('{"instance": <instance>, "state": [ 9, <state>, true ], "Transformed" : "Yes"}',
         '{"instance": "i-0123456789", "state": [ 9, "RUNNING", true ], "Transformed" : "Yes"}'),
        ('"<instance>"\n"<state>"', '"i-0123456789"\n"RUNNING"'),
    ],
)  # fmt: skip
def test_template_is_filled_as_documented(template: str, expected: str) -> None:
    assert transformed(template) == expected


def test_values_keep_their_types_outside_of_quotes() -> None:
    filled = transformed('{"n": <n>, "all": <all>}', n="$.detail.count", all="$.detail.more")

    assert json.loads(filled) == {"n": 3, "all": {"a": "b"}}


def test_text_inside_of_quotes_stays_json() -> None:
    assert json.loads(transformed('{"t": "they <text>"}', text="$.detail.text")) == {"t": 'they say "hi"'}


def test_objects_inside_of_quotes_lose_their_quotes() -> None:
    assert transformed('"got <more> and <list>"', more="$.detail.more", list="$.resources") == (
        '"got {a:b} and [arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111]"'
    )


def test_path_that_finds_nothing_leaves_nothing() -> None:
    assert transformed('{"a": "x<gone>y", "b": <gone>}', gone="$.detail.gone") == '{"a": "xy", "b": ""}'


def test_reserved_variables_are_known() -> None:
    filled = json.loads(
        transformed(
            '{"rule": <aws.events.rule-arn>, "name": "<aws.events.rule-name>", '
            '"at": <aws.events.event.ingestion-time>, "whole": <aws.events.event.json>, "envelope": <aws.events.event>}'
        )
    )

    assert filled["rule"] == "arn:rule"
    assert filled["name"] == "rule"
    assert filled["at"] == "2015-11-11T21:29:55Z"
    assert filled["whole"] == EVENT
    assert filled["envelope"] == {key: value for key, value in EVENT.items() if key != "detail"}


@pytest.mark.parametrize(
    "path,expected",
    [
        ("$", EVENT),
        ("$.resources[0]", EVENT["resources"][0]),
        ("$.detail['instance-id']", "i-0123456789"),
        ("$.detail.more.*", ["b"]),
        ("$.resources[5]", None),
    ],
)
def test_path_finds(path: str, expected: Any) -> None:
    assert at_path(path, EVENT) == expected


@pytest.mark.parametrize(
    "target",
    [
        {"Input": "{}", "InputPath": "$.detail"},
        {"Input": "not json"},
        {"InputPath": "detail.x"},
        {"InputPath": "$..x"},
        {"InputTransformer": {"InputTemplate": "plain words"}},
        {"InputTransformer": {"InputTemplate": '{"a": <nobody>}'}},
        {"InputTransformer": {"InputPathsMap": {"aws.x": "$.a"}, "InputTemplate": '"a"'}},
        {"InputTransformer": {"InputPathsMap": {"a": "x"}, "InputTemplate": '"<a>"'}},
    ],
)
def test_target_is_refused(target: dict[str, Any]) -> None:
    with pytest.raises(TransformError):
        check_target({"Id": "t", **target})
