"""What a target is given: the event, a constant, a part of the event, or a template filled from it."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

_PLACEHOLDER = re.compile(r"<([^<>\s\"]+)>")
_PATH = re.compile(r"\$((\.[A-Za-z0-9_\-/]+|\.\*|\[\d+\]|\[\*\]|\['[^']+'\])*)")
_STEP = re.compile(r"\.(?P<name>[A-Za-z0-9_\-/]+)|\[(?P<index>\d+)\]|\['(?P<quoted>[^']+)'\]|(?P<all>\.\*|\[\*\])")
_MISSING: Final = object()
RESERVED: Final = frozenset(
    {
        "aws.events.rule-arn",
        "aws.events.rule-name",
        "aws.events.event.ingestion-time",
        "aws.events.event",
        "aws.events.event.json",
    }
)


class TransformError(ValueError):
    """A path or template that EventBridge refuses, or whose result is not JSON."""


def at_path(path: str, document: Any) -> Any:
    """The value at a JSON path, None where there is none. A wildcard gives the list of what it finds."""
    value = _find(path, document)
    return None if value is _MISSING else value


def _find(path: str, document: Any) -> Any:
    check_path(path)
    values, many = [document], False
    for step in _STEP.finditer(path):
        if step["all"]:
            many = True
            values = [item for value in values for item in _children(value)]
        elif step["index"]:
            index = int(step["index"])
            values = [value[index] for value in values if isinstance(value, list) and index < len(value)]
        else:
            name = step["name"] or step["quoted"]
            values = [value[name] for value in values if isinstance(value, Mapping) and name in value]
    if many:
        return values
    return values[0] if values else _MISSING


def _children(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def check_path(path: str) -> None:
    """Raise TransformError for a path outside EventBridge's part of JSON path."""
    if not _PATH.fullmatch(path):
        raise TransformError(f"{path} is not a JSON path that EventBridge supports")


def check_target(target: Mapping[str, Any]) -> None:
    """Refuse what PutTargets refuses: two kinds of input, bad paths, templates that cannot become JSON."""
    kinds = [kind for kind in ("Input", "InputPath", "InputTransformer") if target.get(kind) is not None]
    where = f"target {target['Id']}"
    if len(kinds) > 1:
        raise TransformError(f"Only one of Input, InputPath, or InputTransformer must be provided for {where}")
    if "Input" in kinds:
        _json(target["Input"], f"Input for {where}")
    elif "InputPath" in kinds:
        check_path(target["InputPath"])
    elif "InputTransformer" in kinds:
        _check_transformer(target["InputTransformer"], where)


def _check_transformer(transformer: Mapping[str, Any], where: str) -> None:
    paths = transformer.get("InputPathsMap", {})
    for name, path in paths.items():
        if name.startswith("aws."):
            raise TransformError(f"Invalid InputPathsMap for {where}: {name} is reserved")
        check_path(path)
    template = transformer["InputTemplate"]
    unknown = set(_PLACEHOLDER.findall(template)) - set(paths) - RESERVED
    if unknown:
        raise TransformError(f"InputTemplate for {where} contains invalid placeholder {min(unknown)}")
    _check_output(_fill(template, dict.fromkeys({*paths, *RESERVED}, "")), f"InputTemplate for {where}")


def _check_output(text: str, what: str) -> None:
    """A template is one JSON document, or lines that are JSON strings."""
    try:
        json.loads(text)
    except ValueError:
        for line in text.splitlines():
            _json(line, what)


def _json(text: str, what: str) -> None:
    try:
        json.loads(text)
    except ValueError as error:
        raise TransformError(f"Invalid {what}: it is not JSON ({error})") from error


def target_input(
    target: Mapping[str, Any], event: Mapping[str, Any], *, rule_arn: str, rule_name: str, ingested: str
) -> str:
    """The text that the target gets. Raises TransformError when a filled template is not JSON."""
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath") is not None:
        return json.dumps(at_path(target["InputPath"], event))
    transformer = target.get("InputTransformer")
    if transformer is None:
        return json.dumps(event)
    values: dict[str, Any] = {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_name,
        "aws.events.event.ingestion-time": ingested,
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": event,
    }
    for name, path in transformer.get("InputPathsMap", {}).items():
        value = _find(path, event)
        if value is not _MISSING:
            values[name] = value
    filled = _fill(transformer["InputTemplate"], values)
    _check_output(filled, f"InputTemplate for target {target['Id']} after substitution")
    return filled


def _fill(template: str, values: Mapping[str, Any]) -> str:
    """Put values in: as JSON outside of quotes, as text inside of them."""
    parts: list[str] = []
    end = 0
    quoted = False
    for match in _PLACEHOLDER.finditer(template):
        between = template[end : match.start()]
        parts.append(between)
        quoted ^= len(re.findall(r'(?<!\\)(?:\\\\)*"', between)) % 2 == 1
        # A path that found nothing leaves nothing; outside of quotes that must still be JSON.
        value = values.get(match[1], "")
        parts.append(_as_text(value) if quoted else json.dumps(value))
        end = match.end()
    return "".join([*parts, template[end:]])


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value)[1:-1]
    # EventBridge drops the quotes of objects and lists that it puts into text.
    return json.dumps(value, separators=(",", ":")).replace("\\", "").replace('"', "")
