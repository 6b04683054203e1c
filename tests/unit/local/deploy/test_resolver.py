"""CloudFormation's functions, conditions and order."""

from typing import Any

import pytest

from local.deploy.parameters import parameter_values
from local.deploy.resolver import Resolver
from local.protocol import LocalError

PSEUDO = {"AWS::Region": "us-east-1", "AWS::StackName": "s", "AWS::StackId": "arn:x:stack/s/8f1c-22"}


def _resolver(parameters: dict[str, str] | None = None, **template: Any) -> Resolver:
    return Resolver({"Resources": {}, **template}, parameters or {}, PSEUDO, lambda name: f"ssm:{name}")


@pytest.mark.parametrize(
    "source, expected",
    [
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Fn::Sub": "${AWS::StackName}-${!Literal}"}, "s-${Literal}"),
        ({"Fn::Sub": ["${a}-${AWS::Region}", {"a": {"Fn::Join": ["", ["x", 1]]}}]}, "x1-us-east-1"),
        ({"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}, "s"),
        ({"Fn::If": ["Yes", "a", "b"]}, "a"),
        ({"Fn::If": ["No", "a", {"Ref": "AWS::NoValue"}]}, None),
        ({"Fn::FindInMap": ["M", "us-east-1", "size"]}, 3),
        ({"Fn::Base64": "hi"}, "aGk="),
        ({"Fn::ToJsonString": {"a": {"Ref": "AWS::Region"}}}, '{"a":"us-east-1"}'),
    ],
)
def test_function_gives_its_value(source: Any, expected: Any) -> None:
    resolver = _resolver(
        Conditions={"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]}},
        Mappings={"M": {"us-east-1": {"size": 3}}},
    )

    assert resolver.value({"key": source}).get("key") == expected


def test_unknown_function_is_refused_with_its_place() -> None:
    with pytest.raises(LocalError, match="Topic/Name: the local deployment does not know Fn::Transform"):
        _resolver().value({"Name": {"Fn::Transform": {}}}, "Topic")


def test_attribute_that_no_maker_gives_is_refused() -> None:
    resolver = _resolver()
    resolver.attributes["Queue"] = {"Arn": "a"}

    with pytest.raises(LocalError, match=r"Queue\.Colour"):
        resolver.value({"Fn::GetAtt": ["Queue", "Colour"]})


def test_resources_come_after_what_they_refer_to() -> None:
    resolver = _resolver(
        Resources={
            "A": {"Properties": {"x": {"Fn::Sub": "${B.Arn}"}}},
            "B": {"DependsOn": "C"},
            "C": {"Properties": {"y": [{"Ref": "D"}]}},
            "D": {"Condition": "Never"},
        },
        Conditions={"Never": {"Fn::Equals": ["a", "b"]}},
    )

    assert resolver.order() == ["C", "B", "A"]


def test_circle_is_refused() -> None:
    resolver = _resolver(Resources={"A": {"DependsOn": "B"}, "B": {"DependsOn": "A"}})

    with pytest.raises(LocalError, match="in a circle"):
        resolver.order()


@pytest.mark.parametrize(
    "spec, value, complaint",
    [
        ({"Type": "String"}, None, "needs a value"),
        ({"Type": "String", "AllowedValues": ["a"]}, "b", "is not one of"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "1", "does not match"),
        (
            {"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "must be letters"},
            "1",
            "must be letters",
        ),
        ({"Type": "Number", "MaxValue": 5}, "6", "is out of range"),
        ({"Type": "Number"}, "many", "is not a number"),
        ({"Type": "String", "MinLength": 2}, "a", "wrong length"),
    ],
)
def test_parameter_is_checked(spec: dict[str, Any], value: str | None, complaint: str) -> None:
    given = {} if value is None else {"P": value}

    with pytest.raises(LocalError, match=complaint):
        parameter_values({"P": spec}, given, str)


def test_parameter_that_the_template_does_not_have_is_refused() -> None:
    with pytest.raises(LocalError, match="no parameters"):
        parameter_values({}, {"P": "x"}, str)


def test_lists_and_stored_parameters_are_resolved() -> None:
    declared = {"L": {"Type": "CommaDelimitedList"}, "S": {"Type": "AWS::SSM::Parameter::Value<String>"}}

    assert parameter_values(declared, {"L": "a, b", "S": "/x"}, lambda name: f"ssm:{name}") == {
        "L": ["a", "b"],
        "S": "ssm:/x",
    }
