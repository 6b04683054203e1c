"""Refuse what AWS would refuse by its model alone: required, types, lengths, ranges, enums, patterns."""

import functools
import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator

from local.protocol import AwsError

_validator = ParamValidator()


def validate(operation: OperationModel, request: dict[str, Any]) -> None:
    """Raise AwsError `ValidationException` that lists every violation, as AWS words it."""
    shape = operation.input_shape
    if shape is None:
        return
    report = _validator.validate(request, shape)
    if report.has_errors():
        raise AwsError("ValidationException", report.generate_report())
    problems = list(_problems(shape, request, ""))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise AwsError("ValidationException", f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")


def _problems(shape: Shape, value: Any, where: str) -> Iterator[str]:
    for constraint in _broken(shape, value):
        yield f"Value '{_shown(value)}' at '{where}' failed to satisfy constraint: {constraint}"
    if isinstance(shape, StructureShape) and isinstance(value, dict) and not shape.is_document_type:
        for name, item in value.items():
            yield from _problems(shape.members[name], item, f"{where}.{_lower(name)}" if where else _lower(name))
    elif isinstance(shape, ListShape) and isinstance(value, list | tuple):
        for index, item in enumerate(value, start=1):
            yield from _problems(shape.member, item, f"{where}.{index}.member")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from _problems(shape.key, key, f"{where}.key")
            yield from _problems(shape.value, item, f"{where}.{key}.member")


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    most = shape.metadata.get("max")
    if most is not None:
        if isinstance(value, str | bytes | list | tuple | dict) and len(value) > most:
            yield f"Member must have length less than or equal to {most}"
        elif isinstance(value, int | float) and not isinstance(value, bool) and value > most:
            yield f"Member must have value less than or equal to {most}"
    if not isinstance(value, str):
        return
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield f"Member must satisfy enum value set: [{', '.join(allowed)}]"
    pattern = shape.metadata.get("pattern")
    if pattern and (compiled := _compiled(pattern)) and not compiled.fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {pattern}"


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        # AWS writes them for Java: classes such as \p{L} have no counterpart in `re`, and are left unchecked.
        return None


def _shown(value: Any) -> str:
    return str(value) if len(str(value)) <= 200 else f"{str(value)[:200]}..."


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
