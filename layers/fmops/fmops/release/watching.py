"""CloudWatch's part of a release: its alarms, and the veto that only we can give."""

import json
from datetime import datetime
from typing import Any

from fmops.release import guards
from fmops.release.models import Release


class Watch:
    """The alarms of releases."""

    def __init__(self, cloudwatch: Any, stack_prefix: str) -> None:
        """`cloudwatch` is a boto3 client of CloudWatch."""
        self._cloudwatch, self._prefix = cloudwatch, stack_prefix

    def begin(self, watched: guards.Watched, tags: dict[str, str]) -> list[str]:
        """Make a release's alarms, or put them right; their names. Twice is no harm."""
        requests = guards.alarms(self._prefix, watched, tags)
        for request in requests:
            self._cloudwatch.put_metric_alarm(**request)
        return [str(request["AlarmName"]) for request in requests]

    def veto(self, release: Release, now: datetime, *, worse: bool) -> None:
        """Tell what the golden prompts said: SageMaker takes the update back when it is worse, if it still can."""
        self._cloudwatch.put_metric_data(
            Namespace=guards.METRICS,
            MetricData=[
                {
                    "MetricName": guards.QUALITY_VETO,
                    "Dimensions": guards.veto_dimensions(release.use_case, release.release_id),
                    "Timestamp": now,
                    "Value": float(worse),
                    "Unit": "Count",
                }
            ],
        )

    def tripped(self, release: Release) -> list[str]:
        """Which alarms tripped since they were made, with the numbers: `errors: Threshold Crossed: …`."""
        found = []
        for name in self._names(release):
            pages = self._cloudwatch.get_paginator("describe_alarm_history").paginate(
                AlarmName=name, HistoryItemType="StateUpdate"
            )
            reasons = [reason for page in pages for item in page["AlarmHistoryItems"] if (reason := _reason(item))]
            if reasons:
                found.append(f"{name.removeprefix(guards.prefix(self._prefix, release.release_id))}: {reasons[0]}")
        return found

    def end(self, release: Release) -> list[str]:
        """Remove a release's alarms; the names of those that were there."""
        names = self._names(release)
        if names:
            self._cloudwatch.delete_alarms(AlarmNames=names)
        return names

    def _names(self, release: Release) -> list[str]:
        before = guards.prefix(self._prefix, release.release_id)
        answer = self._cloudwatch.describe_alarms(AlarmNamePrefix=before, AlarmTypes=["MetricAlarm"])
        return sorted(str(alarm["AlarmName"]) for alarm in answer["MetricAlarms"])


def _reason(item: dict[str, Any]) -> str | None:
    """Why the alarm tripped, from an item of its history; None where the item tells something else."""
    state = json.loads(item.get("HistoryData") or "{}").get("newState", {})
    return str(state.get("stateReason", "no reason is given")) if state.get("stateValue") == "ALARM" else None
