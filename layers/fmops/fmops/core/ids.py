"""Names that are the same each time they are made: what must happen once is found again by its name."""

import hashlib
import json
import re
from typing import Any

SAGEMAKER_NAME_LENGTH = 63
GOLDEN_INFERENCE_ID = "fmops-golden-"
"""What the inference ids of our own prompts to a production endpoint begin with: they are not production's traffic."""
OUR_METADATA = {"fmops": "evaluation"}
"""What our own calls of Bedrock bear as `requestMetadata`, to be told from production's in its logs."""
ROUTE_SCHEME = "ssm:"
_FORBIDDEN = re.compile(r"[^a-z0-9-]+")


def canonical_json(value: Any) -> str:
    """The one way to write a JSON value: sorted keys, no spaces, UTF-8. ValueError for NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """`sha256:<64 hex digits>` of the value's canonical JSON."""
    return "sha256:" + hashlib.sha256(canonical_json(value).encode()).hexdigest()


def short_hash(*parts: Any, length: int = 10) -> str:
    """`length` hex digits that stand for `parts`; 10 digits collide once in about a million names."""
    return hashlib.sha256(canonical_json(list(parts)).encode()).hexdigest()[:length]


def run_id(use_case: str, trigger: dict[str, Any]) -> str:
    """The id of the one run that `trigger` may start for `use_case`: the same event twice gives the same id."""
    return f"run-{short_hash(use_case, trigger, length=12)}"


def sagemaker_name(prefix: str, *parts: str) -> str:
    """`<prefix>-<part>-<part>`: lower case letters, digits and hyphens, at most 63 characters.

    A name that is too long, or that had characters replaced, ends in a hash: two different names stay different.
    """
    plain = "-".join([prefix, *parts])
    name = re.sub(r"-{2,}", "-", _FORBIDDEN.sub("-", plain.lower())).strip("-")
    if name == plain and len(name) <= SAGEMAKER_NAME_LENGTH:
        return name
    tail = short_hash(plain, length=8)
    return f"{name[: SAGEMAKER_NAME_LENGTH - len(tail) - 1].rstrip('-')}-{tail}"


def route_uri(stack: str, route_name: str) -> str:
    """What is approved in a model package's place, where a route names the model: `ssm:/<stack>/routes/<name>`."""
    return f"{ROUTE_SCHEME}/{stack}/routes/{route_name}"


def is_route(uri: str) -> bool:
    """Whether this names a route's parameter, and no model package."""
    return uri.startswith(f"{ROUTE_SCHEME}/")
