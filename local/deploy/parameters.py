"""A template's parameters: what was given or is the default, checked as CloudFormation checks it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from local.protocol import LocalError

_SSM = "AWS::SSM::Parameter::Value<"


def parameter_values(
    declared: Mapping[str, Any], given: Mapping[str, str], ssm: Callable[[str], str]
) -> dict[str, str | list[str]]:
    """Name -> value. LocalError names the parameter that is unknown, missing or not allowed."""
    if unknown := set(given) - set(declared):
        raise LocalError(f"the template has no parameters {sorted(unknown)}")
    values: dict[str, str | list[str]] = {}
    for name, spec in declared.items():
        value = given.get(name, spec.get("Default"))
        if value is None:
            raise LocalError(f"parameter {name} needs a value")
        value = str(value)
        if problem := _problem(spec, value):
            raise LocalError(f"parameter {name}: {value!r} {spec.get('ConstraintDescription', problem)}")
        kind = spec["Type"]
        if kind.startswith(_SSM):
            value, kind = ssm(value), kind.removeprefix(_SSM).removesuffix(">")
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        values[name] = [part.strip() for part in value.split(",")] if is_list else value
    return values


def _problem(spec: Mapping[str, Any], value: str) -> str:
    if "AllowedValues" in spec and value not in map(str, spec["AllowedValues"]):
        return f"is not one of {spec['AllowedValues']}"
    if "AllowedPattern" in spec and not re.fullmatch(spec["AllowedPattern"], value):
        return f"does not match {spec['AllowedPattern']}"
    if len(value) < int(spec.get("MinLength", 0)) or len(value) > int(spec.get("MaxLength", len(value))):
        return "has the wrong length"
    if spec["Type"] == "Number":
        try:
            number = float(value)
        except ValueError:
            return "is not a number"
        if number < float(spec.get("MinValue", number)) or number > float(spec.get("MaxValue", number)):
            return "is out of range"
    return ""
