"""JSON as Step Functions passes it: compact text, its size in bytes, numbers of a given kind."""

import json
from typing import Any, NoReturn

from local.states.errors import DATA_LIMIT, StatesError

DATA_BYTES = 256 * 1024


def text_of(value: Any) -> str:
    """Compact JSON; characters outside ASCII stay as they are, as in AWS' history."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def value_of(text: str | bytes) -> Any:
    """The value of a JSON text. ValueError for anything else, NaN and Infinity included."""
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def size_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def checked_text(value: Any, what: str) -> str:
    """The JSON text of a value that travels between states. StatesError above 256 KiB."""
    text = text_of(value)
    if size_of(text) > DATA_BYTES:
        raise StatesError(
            DATA_LIMIT, f"{what} returned a result with a size exceeding the maximum number of bytes service limit."
        )
    return text


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def kind_of(value: Any) -> str:
    """The JSON type's name, as AWS writes it in messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
