"""What AWS would refuse by its model alone: required, types, lengths, ranges, enums, patterns."""

import functools
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator

# Java's character classes as near as `re` has them, for use inside brackets.
_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{M}": r"\u0300-\u036f",
    r"\p{Z}": r"\s",
    r"\p{N}": r"\d",
    r"\p{S}": r"$+<=>^`|~",
    r"\p{P}": r"!-/:-@\[-`{-~",
}
# Classes that stand alone, and Java's end of the text.
_ALONE = {r"\p{ASCII}": r"[\x00-\x7f]", r"\p{Print}": r"\x20-\x7e", r"\z": r"\Z"}
_COUNTED_END = re.compile(r"\$\{\d+,\d+\}$")


def problems(service: str, operation: str, request: dict[str, Any]) -> list[str]:
    """All that is wrong with a request; `operation` is the client's method name."""
    shape = _operations(service)[operation].input_shape
    if shape is None:
        return []
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        return [report.generate_report()]
    return list(_broken(shape, request, ""))


@functools.cache
def _operations(service: str) -> dict[str, OperationModel]:
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): model.operation_model(name) for name in model.operation_names}


def _broken(shape: Shape, value: Any, where: str) -> Iterator[str]:
    for problem in _own(shape, value):
        yield f"{where}: {problem}"
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, item in value.items():
            yield from _broken(shape.members[name], item, f"{where}/{name}")
    elif isinstance(shape, ListShape) and isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from _broken(shape.member, item, f"{where}/{i}")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from _broken(shape.key, key, f"{where}/{key} (key)")
            yield from _broken(shape.value, item, f"{where}/{key}")


def _own(shape: Shape, value: Any) -> Iterator[str]:
    size = len(value) if isinstance(value, str | bytes | list | tuple | dict) else value
    if isinstance(size, int | float) and not isinstance(size, bool):
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        if least is not None and size < least:
            yield f"{size} is less than {least}"
        if most is not None and size > most:
            yield f"{size} is more than {most}"
    if isinstance(value, str):
        allowed = shape.metadata.get("enum")
        if allowed and value not in allowed:
            yield f"{value!r} is not one of {', '.join(allowed)}"
        pattern = shape.metadata.get("pattern")
        if pattern and not _compiled(pattern).fullmatch(value):
            yield f"{value!r} does not match {pattern}"


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in (_CLASSES | _ALONE).items():
        pattern = pattern.replace(java, python)
    return re.compile(_COUNTED_END.sub("", pattern))
