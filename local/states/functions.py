"""The JSONata functions that Step Functions adds, and those that must read the embedded clock."""

import hashlib
import random
import threading
import uuid
from collections.abc import Callable
from typing import Any

from jsonata.functions import Functions
from jsonata.utils import Utils

from local.states.values import value_of

_RANGE_LIMIT = 1000
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}

moment = threading.local()
"""`moment.milliseconds`: the embedded time at which the current evaluation of this thread began."""


def _partition(items: list[Any] | None = None, size: float | None = None) -> list[Any] | None:
    if items is None or size is None:
        return None
    step = int(size)
    if step <= 0:
        raise ValueError("$partition: the size must be positive")
    return [items[i : i + step] for i in range(0, len(items), step)]


def _range(first: float | None = None, last: float | None = None, step: float | None = None) -> list[Any] | None:
    if first is None or last is None or step is None:
        return None
    if step == 0:
        raise ValueError("$range: the step must not be 0")
    count = max(0, int((last - first) // step) + 1)
    if count > _RANGE_LIMIT:
        raise ValueError(f"$range: more than {_RANGE_LIMIT} elements")
    return [first + i * step for i in range(count)]


def _hash(text: str | None = None, algorithm: str | None = None) -> str | None:
    if text is None or algorithm is None:
        return None
    if algorithm not in _HASHES:
        raise ValueError(f"$hash: the algorithm must be one of {', '.join(_HASHES)}")
    return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _random(seed: float | None = None) -> float:
    source = random.Random(seed) if seed is not None else random.SystemRandom()  # noqa: S311
    return source.random()


def _uuid() -> str:
    return str(uuid.uuid4())


def _parse(text: str | None = None) -> Any:
    if text is None:
        return None
    value = value_of(text)
    return Utils.NULL_VALUE if value is None else value


def _millis() -> int:
    return int(moment.milliseconds)


def _now(picture: str | None = None, timezone: str | None = None) -> Any:
    return Functions.datetime_from_millis(_millis(), picture, timezone)


ADDED: dict[str, Callable[..., Any]] = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": _uuid,
    "parse": _parse,
    "millis": _millis,
    "now": _now,
}
