"""Policy statements against one action on one resource: allow, deny, or nobody said anything."""

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any

Context = Mapping[str, Any]
"""Condition keys in lower case; a list where the key holds several values."""


class Decision(StrEnum):
    ALLOW = "allow"
    EXPLICIT_DENY = "explicit deny"
    IMPLICIT_DENY = "implicit deny"


class UnknownOperator(Exception):
    """A policy uses a condition operator that this evaluator does not know."""


def decide(policies: Iterable[Mapping[str, Any]], action: str, resource: str, context: Context) -> Decision:
    """What identity policies say. One matching Deny outweighs every Allow."""
    allowed = False
    for policy in policies:
        for statement in as_list(policy["Statement"]):
            if matches(statement, action, resource, context):
                if statement["Effect"] == "Deny":
                    return Decision.EXPLICIT_DENY
                allowed = True
    return Decision.ALLOW if allowed else Decision.IMPLICIT_DENY


def matches(statement: Mapping[str, Any], action: str, resource: str | None, context: Context) -> bool:
    """Whether a statement speaks about the action (and, where given, the resource) in this context."""
    if "Action" in statement:
        if not any(like(pattern.lower(), action.lower()) for pattern in as_list(statement["Action"])):
            return False
    elif any(like(pattern.lower(), action.lower()) for pattern in as_list(statement["NotAction"])):
        return False
    if resource is not None:
        named = "Resource" if "Resource" in statement else "NotResource"
        patterns = [_filled(pattern, context) for pattern in as_list(statement[named])]
        if any(like(pattern, resource) for pattern in patterns) != (named == "Resource"):
            return False
    return conditions_hold(statement, context)


def conditions_hold(statement: Mapping[str, Any], context: Context) -> bool:
    """Whether every condition of a statement is met."""
    return all(
        _condition(operator, key, [_filled(str(value), context) for value in as_list(wanted)], context)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def as_list(value: Any) -> list[Any]:
    """IAM lets a list of one be written without the list."""
    return value if isinstance(value, list) else [value]


def like(pattern: str, value: str) -> bool:
    """IAM's wildcards: `*` any characters, `?` one."""
    return _pattern(pattern).match(value) is not None


@functools.lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", ".") + r"\Z", re.DOTALL)


def _arn_like(pattern: str, value: str) -> bool:
    if pattern == "*":
        return True
    wanted, have = pattern.split(":", 5), value.split(":", 5)
    return len(wanted) == len(have) == 6 and all(map(like, wanted, have))


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, have: wanted == have,
    "StringEqualsIgnoreCase": lambda wanted, have: wanted.lower() == have.lower(),
    "StringLike": like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, have: wanted.lower() == have.lower(),
    "NumericEquals": lambda wanted, have: float(wanted) == float(have),
    "NumericLessThan": lambda wanted, have: float(have) < float(wanted),
    "NumericLessThanEquals": lambda wanted, have: float(have) <= float(wanted),
    "NumericGreaterThan": lambda wanted, have: float(have) > float(wanted),
    "NumericGreaterThanEquals": lambda wanted, have: float(have) >= float(wanted),
    "DateEquals": lambda wanted, have: _time(have) == _time(wanted),
    "DateLessThan": lambda wanted, have: _time(have) < _time(wanted),
    "DateLessThanEquals": lambda wanted, have: _time(have) <= _time(wanted),
    "DateGreaterThan": lambda wanted, have: _time(have) > _time(wanted),
    "DateGreaterThanEquals": lambda wanted, have: _time(have) >= _time(wanted),
    "IpAddress": lambda wanted, have: ip_address(have) in ip_network(wanted, strict=False),
}
_NEGATIONS: Mapping[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}


def _condition(operator: str, key: str, wanted: Sequence[str], context: Context) -> bool:
    have = context.get(key.lower())
    quantifier, name = _split(operator)
    if name == "Null":
        return (have is None) == (wanted[0].lower() == "true")
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negative = name in _NEGATIONS
    test = _TESTS.get(_NEGATIONS.get(name, name))
    if test is None:
        raise UnknownOperator(operator)
    if have is None:
        # A missing key meets a negated operator, IfExists, and "all of none"; and fails any other.
        return optional or quantifier == "ForAllValues" or (negative and quantifier is None)
    values = [str(value).lower() if isinstance(value, bool) else str(value) for value in as_list(have)]

    def one(value: str) -> bool:
        return any(test(pattern, value) for pattern in wanted) != negative

    if quantifier == "ForAllValues":
        return all(map(one, values))
    if quantifier == "ForAnyValue":
        return any(map(one, values))
    return bool(values) and one(values[0])


def _split(operator: str) -> tuple[str | None, str]:
    quantifier, colon, name = operator.partition(":")
    if not colon:
        return None, operator
    if quantifier not in ("ForAllValues", "ForAnyValue"):
        raise UnknownOperator(operator)
    return quantifier, name


_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def _filled(pattern: str, context: Context) -> str:
    if "${" not in pattern:
        return pattern

    def value(found: re.Match[str]) -> str:
        if found[1] in ("*", "?", "$"):
            return found[1]
        have = context.get(found[1].lower())
        # A variable without a value matches nothing; kept as it is, it does just that.
        return found[0] if have is None else str(as_list(have)[0])

    return _VARIABLE.sub(value, pattern)
