"""Calls the stack's functions that are there for the command line."""

import json
from typing import Any

from fmops_cli.target import Target


class Refused(Exception):
    """A function failed; `kind` is its error's class and `message` what it says."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind, self.message = kind, message


def call(target: Target, output: str, event: dict[str, Any]) -> dict[str, Any]:
    """What the function that an output names answers. Refused where it fails."""
    answer = target.client("lambda").invoke(FunctionName=target.output(output), Payload=json.dumps(event).encode())
    result: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise Refused(str(result.get("errorType")), str(result.get("errorMessage")))
    return result
