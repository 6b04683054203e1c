"""Resource policies: which service gets in."""

import json
from typing import Any

import pytest

from local.events.policies import service_allowed

QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
RULE = "arn:aws:events:us-east-1:123456789012:rule/r"


def allowed(*statements: dict[str, Any]) -> bool:
    base = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
    }
    policy = json.dumps({"Statement": [{**base, **statement} for statement in statements]})
    return service_allowed(
        policy, service="events.amazonaws.com", action="sqs:SendMessage", resource=QUEUE, source_arn=RULE
    )


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"Service": ["x.amazonaws.com", "events.amazonaws.com"]}},
        {"Action": "SQS:*"},
        {"Action": ["sqs:ReceiveMessage", "sqs:Send*"]},
        {"Resource": "*"},
        {"Condition": {"ArnEquals": {"aws:SourceArn": RULE}}},
        {"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:events:*:*:rule/*"}}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
        {"Condition": {"StringEqualsIfExists": {"aws:SourceAccount": ["1", "123456789012"]}}},
    ],
)
def test_statement_lets_the_service_in(statement: dict[str, Any]) -> None:
    assert allowed(statement)


@pytest.mark.parametrize(
    "statement",
    [
        {"Principal": {"Service": "sns.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Action": "sqs:ReceiveMessage"},
        {"Resource": f"{QUEUE}-other"},
        {"Effect": "Deny"},
        {"Condition": {"ArnEquals": {"aws:SourceArn": f"{RULE}2"}}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "999999999999"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
        {"Condition": {"NumericLessThan": {"aws:SourceAccount": "1"}}},
    ],
)
def test_statement_keeps_the_service_out(statement: dict[str, Any]) -> None:
    assert not allowed(statement)


def test_deny_wins() -> None:
    assert not allowed({}, {"Effect": "Deny", "Condition": {"ArnLike": {"aws:SourceArn": "*"}}})


def test_no_policy_lets_nobody_in() -> None:
    assert not service_allowed(None, service="s", action="a", resource="r", source_arn="x")
