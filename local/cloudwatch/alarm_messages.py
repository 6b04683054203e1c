"""What an alarm says when its state changes: to SNS, to Lambda and to EventBridge."""

import json
from typing import Any

from local.cloudwatch.alarm_records import Alarm, iso
from local.cloudwatch.judgement import State
from local.protocol import ACCOUNT, REGION

_REGION_NAME = "US East (N. Virginia)"


class Change:
    """A state change, as each receiver wants it told. Made after the alarm has its new state."""

    def __init__(self, alarm: Alarm, previous: dict[str, Any]) -> None:
        """`previous` is `state_of(alarm)` from before."""
        self.alarm_name = alarm.name
        self.alarm_arn = alarm.arn
        self.state: State = alarm.state
        self._at = alarm.updated_at
        self._document = alarm.document
        self._composite = alarm.kind == "CompositeAlarm"
        self._configured_at = alarm.configured_at
        self._now = state_of(alarm)
        self._previous = previous
        self._configuration = _configuration(alarm)

    def subject(self) -> str:
        return f'{self.state}: "{self.alarm_name}" in {_REGION_NAME}'[:100]

    def message(self) -> str:
        """The JSON text that SNS subscribers get."""
        body = {
            "AlarmName": self.alarm_name,
            "AlarmDescription": self._document.get("AlarmDescription"),
            "AWSAccountId": ACCOUNT,
            "AlarmConfigurationUpdatedTimestamp": iso(self._configured_at),
            "NewStateValue": self.state,
            "NewStateReason": self._now["reason"],
            "StateChangeTime": iso(self._at),
            "Region": _REGION_NAME,
            "AlarmArn": self.alarm_arn,
            "OldStateValue": self._previous["value"],
            "OKActions": self._document["OKActions"],
            "AlarmActions": self._document["AlarmActions"],
            "InsufficientDataActions": self._document["InsufficientDataActions"],
        }
        if self._composite:
            return json.dumps({**body, "AlarmRule": self._document["AlarmRule"]})
        return json.dumps({**body, "Trigger": _trigger(self._document)})

    def invocation(self) -> bytes:
        """The event that a Lambda action gets."""
        body = {
            "source": "aws.cloudwatch",
            "alarmArn": self.alarm_arn,
            "accountId": ACCOUNT,
            "time": iso(self._at),
            "region": REGION,
            "alarmData": {"alarmName": self.alarm_name, **self.detail()},
        }
        return json.dumps(body).encode()

    def detail(self) -> dict[str, Any]:
        """The detail of `CloudWatch Alarm State Change`."""
        return {
            "alarmName": self.alarm_name,
            "state": self._now,
            "previousState": self._previous,
            "configuration": self._configuration,
        }


def state_of(alarm: Alarm) -> dict[str, Any]:
    """An alarm's state as events carry it."""
    members = {
        "value": alarm.state,
        "reason": alarm.reason,
        "reasonData": alarm.reason_data,
        "timestamp": iso(alarm.updated_at),
    }
    return {name: value for name, value in members.items() if value is not None}


def _configuration(alarm: Alarm) -> dict[str, Any]:
    document = alarm.document
    described = {} if alarm.description is None else {"description": alarm.description}
    if alarm.kind == "CompositeAlarm":
        return {**described, "alarmRule": document["AlarmRule"]}
    if "Metrics" in document:
        return {**described, "metrics": [_query(query) for query in document["Metrics"]]}
    stat = {
        "metric": {
            "namespace": document["Namespace"],
            "name": document["MetricName"],
            "dimensions": {item["Name"]: item["Value"] for item in document.get("Dimensions", [])},
        },
        "period": document["Period"],
        "stat": document.get("Statistic") or document["ExtendedStatistic"],
    }
    return {**described, "metrics": [{"id": "m1", "metricStat": stat, "returnData": True}]}


def _query(query: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    if "Expression" in query:
        return {**shown, "expression": query["Expression"]}
    stat = query["MetricStat"]
    metric = {
        "namespace": stat["Metric"]["Namespace"],
        "name": stat["Metric"]["MetricName"],
        "dimensions": {item["Name"]: item["Value"] for item in stat["Metric"].get("Dimensions", [])},
    }
    return {**shown, "metricStat": {"metric": metric, "period": stat["Period"], "stat": stat["Stat"]}}


def _trigger(document: dict[str, Any]) -> dict[str, Any]:
    common = {
        "Period": document.get("Period"),
        "EvaluationPeriods": document["EvaluationPeriods"],
        "DatapointsToAlarm": document.get("DatapointsToAlarm", document["EvaluationPeriods"]),
        "ComparisonOperator": document["ComparisonOperator"],
        "Threshold": document["Threshold"],
        "TreatMissingData": document.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": document.get("EvaluateLowSampleCountPercentile", ""),
    }
    if "Metrics" in document:
        return {**common, "Metrics": document["Metrics"]}
    extended = document.get("ExtendedStatistic")
    return {
        "MetricName": document["MetricName"],
        "Namespace": document["Namespace"],
        **({"StatisticType": "ExtendedStatistic", "ExtendedStatistic": extended} if extended else {}),
        **({} if extended else {"StatisticType": "Statistic", "Statistic": document["Statistic"].upper()}),
        "Unit": document.get("Unit"),
        "Dimensions": [{"value": item["Value"], "name": item["Name"]} for item in document.get("Dimensions", [])],
        **common,
    }
