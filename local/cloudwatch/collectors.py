"""Metrics that nobody pushes: how many messages wait in each queue, how executions of state machines end."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from local.protocol import Aws

logger = logging.getLogger(__name__)

_METRICS: Final = {
    "ApproximateNumberOfMessages": "ApproximateNumberOfMessagesVisible",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
}

Record = Callable[[str, str, float, str, Mapping[str, str]], None]


class QueueDepths:
    """Writes the depths of all queues into AWS/SQS: alarms on dead-letter queues stand on them."""

    def __init__(self, aws: Aws, record: Record) -> None:
        self._aws = aws
        self._record = record

    def __call__(self) -> None:
        client = self._aws.client("sqs")
        for url in client.list_queues().get("QueueUrls", []):
            try:
                attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=list(_METRICS))["Attributes"]
            except ClientError as error:
                # Deleted between the two calls.
                logger.info("the queue %s has no depth: %s", url, error)
                continue
            dimensions = {"QueueName": url.rpartition("/")[2]}
            for attribute, metric in _METRICS.items():
                self._record("AWS/SQS", metric, float(attributes[attribute]), "Count", dimensions)


_EXECUTIONS: Final = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


def count_execution(event: Mapping[str, Any], record: Record) -> None:
    """Write AWS/States from an event; events of other services pass."""
    if event["detail-type"] != "Step Functions Execution Status Change":
        return
    detail = event["detail"]
    dimensions = {"StateMachineArn": detail["stateMachineArn"]}
    if detail["status"] in _EXECUTIONS:
        record("AWS/States", _EXECUTIONS[detail["status"]], 1.0, "Count", dimensions)
    if detail.get("stopDate") is not None:
        duration = float(detail["stopDate"]) - float(detail["startDate"])
        record("AWS/States", "ExecutionTime", duration, "Milliseconds", dimensions)
