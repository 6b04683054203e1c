"""Rules of composite alarms."""

import pytest

from local.cloudwatch.judgement import State
from local.cloudwatch.rule_language import RuleError, parse_rule

STATES: dict[str, State] = {"cpu": "ALARM", "disk": "OK", "net work": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    "rule,holds",
    [
        ("ALARM(cpu)", True),
        ('ALARM("cpu")', True),
        ("ALARM('disk')", False),
        ("ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu)", True),
        ('INSUFFICIENT_DATA("net work")', True),
        ("OK(disk) AND ALARM(cpu)", True),
        ("OK(cpu) OR OK(disk)", True),
        ("NOT ALARM(cpu)", False),
        ("NOT (ALARM(cpu) AND ALARM(disk))", True),
        ("ALARM(disk) AND ALARM(cpu) OR ALARM(cpu)", True),
        ("ALARM(cpu) OR ALARM(cpu) AND ALARM(disk)", True),
        ("(ALARM(cpu) OR ALARM(cpu)) AND ALARM(disk)", False),
        ("TRUE", True),
        ("FALSE OR NOT FALSE", True),
        ("ALARM(nobody)", False),
    ],
)
def test_rule_holds(rule: str, holds: bool) -> None:
    assert parse_rule(rule).holds(STATES) is holds


def test_rule_names_its_alarms() -> None:
    rule = parse_rule("ALARM(cpu) AND NOT OK(arn:aws:cloudwatch:us-east-1:123456789012:alarm:disk)")

    assert rule.alarms == {"cpu", "disk"}


@pytest.mark.parametrize(
    "rule", ["", "ALARM", "ALARM(", "ALARM(cpu", "ALARM(cpu) ALARM(disk)", "cpu", "AND TRUE", "()"]
)
def test_rule_is_refused(rule: str) -> None:
    with pytest.raises(RuleError):
        parse_rule(rule)
