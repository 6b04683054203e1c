"""Policies as AWS judges them. The cases follow IAM's documentation of policy evaluation and condition operators."""

from typing import Any

import pytest

from local.iam.evaluator import Decision, UnknownOperator, decide

BUCKET = "arn:aws:s3:::reports"


def _policy(*statements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Version": "2012-10-17", "Statement": list(statements)}]


def _allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*", **more}


def _deny(**more: Any) -> dict[str, Any]:
    return {**_allow(**more), "Effect": "Deny"}


def _decided(*statements: dict[str, Any], action: str = "s3:GetObject", **context: Any) -> Decision:
    keys = {name.replace("_", ":"): value for name, value in context.items()}
    return decide(_policy(*statements), action, f"{BUCKET}/a", keys)


def test_nothing_said_is_an_implicit_deny() -> None:
    assert _decided(_allow(Action="s3:PutObject")) is Decision.IMPLICIT_DENY


def test_actions_match_in_any_case_and_with_wildcards() -> None:
    assert _decided(_allow(Action=["S3:get*"])) is Decision.ALLOW


def test_resource_outside_of_the_pattern_is_not_allowed() -> None:
    assert _decided(_allow(Resource="arn:aws:s3:::other/*")) is Decision.IMPLICIT_DENY


def test_one_deny_outweighs_every_allow() -> None:
    assert _decided(_allow(), _allow(Action="s3:*"), _deny()) is Decision.EXPLICIT_DENY


def test_deny_whose_condition_fails_does_not_count() -> None:
    condition = {"StringEquals": {"aws:PrincipalAccount": "999"}}

    assert _decided(_allow(), _deny(Condition=condition), aws_principalaccount="123") is Decision.ALLOW


def test_deny_with_not_action_spares_the_action() -> None:
    statement = {"Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"}

    assert _decided(_allow(), statement) is Decision.ALLOW
    assert _decided(_allow(Action="*"), statement, action="s3:PutObject") is Decision.EXPLICIT_DENY


def test_not_resource_is_everything_else() -> None:
    elsewhere = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": f"{BUCKET}/secret*"}

    assert _decided(elsewhere) is Decision.ALLOW


@pytest.mark.parametrize(
    "present, decision", [(None, Decision.ALLOW), ("eu", Decision.IMPLICIT_DENY), ("us", Decision.ALLOW)]
)
def test_if_exists_passes_a_missing_key_and_judges_a_present_one(present: str | None, decision: Decision) -> None:
    condition = {"StringEqualsIfExists": {"aws:RequestedRegion": "us"}}
    context = {} if present is None else {"aws_requestedregion": present}

    assert _decided(_allow(Condition=condition), **context) is decision


def test_missing_key_fails_a_plain_condition_and_meets_a_negated_one() -> None:
    assert _decided(_allow(Condition={"StringEquals": {"aws:x": "1"}})) is Decision.IMPLICIT_DENY
    assert _decided(_allow(Condition={"StringNotEquals": {"aws:x": "1"}})) is Decision.ALLOW


def test_for_all_values_needs_each_value_and_takes_none_at_all() -> None:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["RUN#*"]}}

    assert _decided(_allow(Condition=condition), dynamodb_leadingkeys=["RUN#1", "RUN#2"]) is Decision.ALLOW
    assert _decided(_allow(Condition=condition), dynamodb_leadingkeys=["RUN#1", "JOB#1"]) is Decision.IMPLICIT_DENY
    assert _decided(_allow(Condition=condition)) is Decision.ALLOW


def test_for_any_value_needs_one_value() -> None:
    condition = {"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}

    assert _decided(_allow(Condition=condition), aws_tagkeys=["team", "x"]) is Decision.ALLOW
    assert _decided(_allow(Condition=condition)) is Decision.IMPLICIT_DENY


@pytest.mark.parametrize(
    "operator, wanted, have",
    [
        ("ArnLike", "arn:aws:sns:*:123:a*", "arn:aws:sns:us-east-1:123:alerts"),
        ("Bool", "true", True),
        ("NumericLessThanEquals", "10", 10),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-11-24T04:00:00Z"),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3"),
        ("StringNotLike", "a*", "b"),
        ("Null", "false", "x"),
    ],
)
def test_operator_accepts_what_it_should(operator: str, wanted: str, have: Any) -> None:
    assert _decided(_allow(Condition={operator: {"k": wanted}}), k=have) is Decision.ALLOW


def test_every_key_of_a_condition_must_hold() -> None:
    condition = {"StringEquals": {"a": "1", "b": "2"}}

    assert _decided(_allow(Condition=condition), a="1", b="3") is Decision.IMPLICIT_DENY


def test_variable_is_replaced_by_the_callers_value() -> None:
    statement = _allow(Resource=f"{BUCKET}/${{aws:PrincipalAccount}}/*")

    keys = {"aws:principalaccount": "123"}
    assert decide(_policy(statement), "s3:GetObject", f"{BUCKET}/123/x", keys) is Decision.ALLOW
    assert decide(_policy(statement), "s3:GetObject", f"{BUCKET}/456/x", keys) is Decision.IMPLICIT_DENY


def test_operator_that_nobody_knows_is_loud() -> None:
    with pytest.raises(UnknownOperator, match="StringAlmost"):
        _decided(_allow(Condition={"StringAlmost": {"k": "x"}}), k="x")
