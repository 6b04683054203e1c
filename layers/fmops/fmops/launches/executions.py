"""Asks Step Functions how an execution stands."""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

FORGOTTEN = "FORGOTTEN"
"""Step Functions keeps executions for 90 days after their end."""
_GOES_ON = frozenset({"RUNNING", "PENDING_REDRIVE"})


class Execution(NamedTuple):
    """`status` is Step Functions', or FORGOTTEN."""

    status: str
    error: str
    cause: str

    @property
    def is_over(self) -> bool:
        return self.status not in _GOES_ON


def look(states: Any, arn: str) -> Execution:
    """`states` is a boto3 client of Step Functions."""
    try:
        found = states.describe_execution(executionArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
            return Execution(FORGOTTEN, "", "")
        raise
    return Execution(found["status"], found.get("error", ""), found.get("cause", ""))


def is_over(states: Any, arn: str) -> bool:
    return look(states, arn).is_over
