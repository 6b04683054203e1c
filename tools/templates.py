"""Reads the SAM template as the checks need it: intrinsic functions in long form, plain dictionaries."""

import json
from pathlib import Path
from typing import Any

from cfnlint.decode.decode import decode

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"


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
