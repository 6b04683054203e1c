"""CloudWatch: the service with metrics, dashboards and alarms. moto's own knows neither percentiles nor evaluation."""

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from local.cloudwatch.alarm_records import Alarm, composite_alarm, metric_alarm
from local.cloudwatch.alarms import Alarms
from local.cloudwatch.collectors import QueueDepths, count_execution
from local.cloudwatch.data_api import Answer, DataApi, Request
from local.cloudwatch.queries import key_of
from local.emf import EmfIngest
from local.events.rules import page
from local.protocol import ACCOUNT, PARTITION, Aws, AwsError, Caller

_DASHBOARDS: Final = f"arn:{PARTITION}:cloudwatch::{ACCOUNT}:dashboard"


class CloudWatch(DataApi):
    """The service "cloudwatch". `record` adds metrics of AWS' own, `alarms` evaluates."""

    def __init__(self, aws: Aws) -> None:
        super().__init__(aws)
        self.alarms = Alarms(aws, self.store)
        self._emf = EmfIngest(self.store.add)
        self.alarms.before_evaluation(QueueDepths(aws, self.record))
        self._lock = threading.RLock()
        self._dashboards: dict[str, tuple[str, float]] = {}
        self._tags: dict[str, dict[str, str]] = {}

    def start(self) -> None:
        self.alarms.start()

    def stop(self) -> None:
        self.alarms.stop()

    def ingest(self, line: str) -> None:
        """Take the metrics of a log line in the Embedded Metric Format; other lines pass."""
        self._emf.ingest(line)

    def observe(self, event: Mapping[str, Any]) -> None:
        """Take the metrics that follow from an event of AWS' own."""
        count_execution(event, self.record)

    # ---------------------------------------------------------------- alarms

    def put_metric_alarm(self, request: Request, _caller: Caller) -> Answer:
        return self._put(metric_alarm(request, self._aws.clock.now()), request)

    def put_composite_alarm(self, request: Request, _caller: Caller) -> Answer:
        return self._put(composite_alarm(request, self._aws.clock.now()), request)

    def _put(self, alarm: Alarm, request: Request) -> Answer:
        self.alarms.put(alarm)
        with self._lock:
            if alarm.arn not in self._tags:
                self._tags[alarm.arn] = _tags(request.get("Tags", []))
        return {}

    def describe_alarms(self, request: Request, _caller: Caller) -> Answer:
        self.alarms.catch_up()
        # Without AlarmTypes AWS answers metric alarms only.
        kinds = request.get("AlarmTypes") or ["MetricAlarm"]
        chosen = [alarm for alarm in self.alarms.all() if alarm.kind in kinds and _wanted(alarm, request)]
        if parent := request.get("ChildrenOfAlarmName"):
            rule = self.alarms.get(parent).rule
            chosen = [alarm for alarm in self.alarms.all() if rule is not None and alarm.name in rule.alarms]
        if child := request.get("ParentsOfAlarmName"):
            chosen = [alarm for alarm in self.alarms.all() if alarm.rule is not None and child in alarm.rule.alarms]
        found = page(chosen, request, limit=50, limit_name="MaxRecords")
        alarms: list[Alarm] = found.pop("")
        return {
            "MetricAlarms": [alarm.described() for alarm in alarms if alarm.kind == "MetricAlarm"],
            "CompositeAlarms": [alarm.described() for alarm in alarms if alarm.kind == "CompositeAlarm"],
            **found,
        }

    def describe_alarms_for_metric(self, request: Request, _caller: Caller) -> Answer:
        wanted = key_of(request)
        alarms = [
            alarm.described()
            for alarm in self.alarms.all()
            if "MetricName" in alarm.document
            and key_of(alarm.document) == wanted
            and all(
                request.get(member) in (None, alarm.document.get(member))
                for member in ("Statistic", "ExtendedStatistic", "Period", "Unit")
            )
        ]
        return {"MetricAlarms": alarms}

    def describe_alarm_history(self, request: Request, _caller: Caller) -> Answer:
        start = request["StartDate"].timestamp() if "StartDate" in request else float("-inf")
        end = request["EndDate"].timestamp() if "EndDate" in request else float("inf")
        items = [
            item
            for item in self.alarms.history()
            if request.get("AlarmName") in (None, item["AlarmName"])
            and request.get("HistoryItemType") in (None, item["HistoryItemType"])
            and item["AlarmType"] in (request.get("AlarmTypes") or ["MetricAlarm"])
            and start <= item["Timestamp"] <= end
        ]
        if request.get("ScanBy") == "TimestampAscending":
            items.reverse()
        found = page(items, request, limit_name="MaxRecords")
        return {"AlarmHistoryItems": found.pop(""), **found}

    def delete_alarms(self, request: Request, _caller: Caller) -> Answer:
        for name in request["AlarmNames"]:
            self.alarms.get(name)
        self.alarms.delete(request["AlarmNames"])
        return {}

    def set_alarm_state(self, request: Request, _caller: Caller) -> Answer:
        data = request.get("StateReasonData")
        if data is not None:
            _json(data, "InvalidFormat", "StateReasonData is not JSON")
        self.alarms.set_state(request["AlarmName"], request["StateValue"], request["StateReason"], data)
        return {}

    def enable_alarm_actions(self, request: Request, _caller: Caller) -> Answer:
        return self._switch(request, enabled=True)

    def disable_alarm_actions(self, request: Request, _caller: Caller) -> Answer:
        return self._switch(request, enabled=False)

    def _switch(self, request: Request, *, enabled: bool) -> Answer:
        for alarm in self.alarms.all():
            if alarm.name in request["AlarmNames"]:
                alarm.document["ActionsEnabled"] = enabled
        return {}

    # ---------------------------------------------------------------- dashboards

    def put_dashboard(self, request: Request, _caller: Caller) -> Answer:
        body = _json(request["DashboardBody"], "InvalidParameterInput", "The field DashboardBody must be valid JSON")
        if not isinstance(body, dict):
            raise AwsError("InvalidParameterInput", "The field DashboardBody must be a JSON object")
        with self._lock:
            self._dashboards[request["DashboardName"]] = (request["DashboardBody"], self._aws.clock.now())
        return {"DashboardValidationMessages": []}

    def get_dashboard(self, request: Request, _caller: Caller) -> Answer:
        name = request["DashboardName"]
        with self._lock:
            body, _ = self._dashboard(name)
        return {"DashboardArn": f"{_DASHBOARDS}/{name}", "DashboardBody": body, "DashboardName": name}

    def list_dashboards(self, request: Request, _caller: Caller) -> Answer:
        prefix = request.get("DashboardNamePrefix", "")
        with self._lock:
            names = sorted(name for name in self._dashboards if name.startswith(prefix))
            entries = [
                {
                    "DashboardName": name,
                    "DashboardArn": f"{_DASHBOARDS}/{name}",
                    "LastModified": self._dashboards[name][1],
                    "Size": len(self._dashboards[name][0].encode()),
                }
                for name in names
            ]
        found = page(entries, request, limit=1000)
        return {"DashboardEntries": found.pop(""), **found}

    def delete_dashboards(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            for name in request["DashboardNames"]:
                self._dashboard(name)
            for name in request["DashboardNames"]:
                del self._dashboards[name]
        return {}

    def _dashboard(self, name: str) -> tuple[str, float]:
        if name not in self._dashboards:
            raise AwsError("ResourceNotFound", f"Dashboard {name} does not exist", 404)
        return self._dashboards[name]

    # ---------------------------------------------------------------- tags

    def tag_resource(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            self._tagged(request["ResourceARN"]).update(_tags(request["Tags"]))
        return {}

    def untag_resource(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            tags = self._tagged(request["ResourceARN"])
            for key in request["TagKeys"]:
                tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            tags = self._tagged(request["ResourceARN"])
            return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _tagged(self, arn: str) -> dict[str, str]:
        if arn not in {alarm.arn for alarm in self.alarms.all()}:
            raise AwsError("ResourceNotFoundException", f"{arn} does not exist.", 404)
        return self._tags.setdefault(arn, {})


def _wanted(alarm: Alarm, request: Request) -> bool:
    names: Sequence[str] = request.get("AlarmNames") or []
    prefix = request.get("ActionPrefix")
    actions = [
        arn for member in ("AlarmActions", "OKActions", "InsufficientDataActions") for arn in alarm.document[member]
    ]
    return (
        (not names or alarm.name in names)
        and alarm.name.startswith(request.get("AlarmNamePrefix", ""))
        and request.get("StateValue") in (None, alarm.state)
        and (prefix is None or any(arn.startswith(prefix) for arn in actions))
    )


def _tags(tags: Sequence[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _json(text: str, code: str, message: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise AwsError(code, message) from error
