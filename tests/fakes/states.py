"""Step Functions in memory: which tasks wait, and what they were told."""

import json
from typing import Any

from tests.fakes.sagemaker import refusal


class FakeStates:
    """The part of a boto3 client of Step Functions that answers tasks."""

    def __init__(self) -> None:
        self.successes: list[tuple[str, dict[str, Any]]] = []
        self.failures: list[tuple[str, str, str]] = []
        self.closed: set[str] = set()
        """Tokens of tasks that wait no longer."""
        self.over: dict[str, str] = {}
        """Executions that have ended, with their status."""
        self.running: list[str] = []
        """Executions that a list shows."""
        self.stopped: list[str] = []
        self.broken = 0
        """How many of the next calls fail."""

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803
        self._close(taskToken)
        self.successes.append((taskToken, json.loads(output)))

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> None:  # noqa: N803
        self._close(taskToken)
        self.failures.append((taskToken, error, cause))

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        return {"status": self.over.get(executionArn, "RUNNING")}

    def get_paginator(self, operation: str) -> "FakeStates":
        if operation != "list_executions":
            raise AttributeError(operation)
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"executions": [{"executionArn": arn} for arn in self.running]}]

    def stop_execution(self, *, executionArn: str, error: str, cause: str) -> None:  # noqa: N803
        self.stopped.append(executionArn)

    def _close(self, token: str) -> None:
        if self.broken:
            self.broken -= 1
            raise refusal("InternalServerError")
        if token in self.closed:
            raise refusal("TaskTimedOut")
        self.closed.add(token)
