"""Reads the SAM template as the checks need it: intrinsic functions in long form, plain dictionaries."""

import functools
import json
from pathlib import Path
from typing import Any

from cfnlint.config import ConfigMixIn
from cfnlint.decode.decode import decode, decode_str
from cfnlint.runner import Runner

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"
REGION = "us-east-1"


class UnreadableError(ValueError):
    """The file is no template; the message is for the person who wrote it."""


def read(path: Path) -> dict[str, Any]:
    """The template with `!Sub x` as `{"Fn::Sub": "x"}`; UnreadableError where it is no YAML or JSON."""
    template, problems = decode(str(path))
    if problems or template is None:
        raise UnreadableError(f"{path.name}: {'; '.join(problem.message for problem in problems) or 'is empty'}")
    # Out of cfn-lint's node classes, which remember positions, into plain ones that other libraries may change.
    plain: dict[str, Any] = json.loads(json.dumps(template))
    return plain


def resources(template: dict[str, Any], *types: str) -> dict[str, dict[str, Any]]:
    """Logical id -> properties of the resources of these types."""
    found = template.get("Resources") or {}
    return {name: body.get("Properties", {}) for name, body in found.items() if body.get("Type") in types}


def findings(template: dict[str, Any]) -> list[tuple[str, tuple[str, ...], str]]:
    """What cfn-lint says of a template without transforms, warnings too: rule, path, message."""
    # Through text, so that cfn-lint's own classes, which remember positions, hold it.
    decoded, problems = decode_str(json.dumps(template, indent=1))
    matches = problems or list(_linter().validate_template(decoded))
    return [(match.rule.id, tuple(map(str, match.path)), match.message) for match in matches]


@functools.cache
def _linter() -> Any:
    # Reading the rules takes most of the time of a lint.
    return Runner(ConfigMixIn(regions=[REGION]))
