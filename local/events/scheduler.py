"""EventBridge Scheduler: schedules that really fire, by the embedded clock."""

import logging
import threading
from typing import Any, ClassVar

from local.events.delivery import Dispatcher
from local.events.rules import page
from local.events.schedules import DEFAULT_GROUP, Group, Invocation, Record, new_execution_id
from local.events.ticker import Ticker, due_until
from local.events.timed import Timed
from local.protocol import Aws, AwsError, Caller, Service

logger = logging.getLogger(__name__)

Request = dict[str, Any]
Answer = dict[str, Any]


class Scheduler(Timed, Service):
    """The service "scheduler". `fire` invokes a schedule's target now, `drain` waits until nothing is in flight."""

    name: ClassVar[str] = "scheduler"

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._lock = threading.RLock()
        self._groups = {DEFAULT_GROUP: Group(DEFAULT_GROUP, aws.clock.now())}
        self._records: dict[tuple[str, str], Record] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._dispatcher = Dispatcher(aws.clock, "scheduler", workers=4)
        self._ticker = Ticker(aws.clock, "scheduler-clock", self._run_due)

    # ---------------------------------------------------------------- for the other parts

    def fire(self, name: str, group: str = DEFAULT_GROUP) -> str:
        """Invoke the target as if the schedule were due, enabled or not; the execution id. AwsError when unknown."""
        with self._lock:
            return self._invoke(self._record(name, group), self._aws.clock.now())

    def _invoke(self, record: Record, at: float) -> str:
        execution_id = new_execution_id()
        self._dispatcher.submit(Invocation(self._aws, record.arn, record.target, at, execution_id))
        return execution_id

    def _run_due(self, now: float) -> float | None:
        with self._lock:
            for record in list(self._records.values()):
                if not record.enabled:
                    continue
                due = due_until(record.next_after, record.next_at, now)
                if due.skipped:
                    logger.warning("%s skips %d missed occurrences", record.arn, due.skipped)
                for at in due.times:
                    self._invoke(record, at)
                record.next_at = due.next_at
                if due.next_at is None and record.document["ActionAfterCompletion"] == "DELETE":
                    del self._records[record.group, record.name]
            upcoming = (record.next_at for record in self._records.values() if record.enabled)
            return min((at for at in upcoming if at is not None), default=None)

    # ---------------------------------------------------------------- schedules

    def create_schedule(self, request: Request, _caller: Caller) -> Answer:
        record = Record.made(request, self._aws.clock.now())
        with self._lock:
            self._group(record.group)
            if (record.group, record.name) in self._records:
                raise AwsError("ConflictException", f"Schedule {record.name} already exists.", 409)
            self._records[record.group, record.name] = record
        self._ticker.poke()
        return {"ScheduleArn": record.arn}

    def update_schedule(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            known = self._record(request["Name"], request.get("GroupName"))
            record = Record.made(request, self._aws.clock.now(), known.created_at)
            self._records[record.group, record.name] = record
        self._ticker.poke()
        return {"ScheduleArn": record.arn}

    def get_schedule(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            return self._record(request["Name"], request.get("GroupName")).described()

    def delete_schedule(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            record = self._record(request["Name"], request.get("GroupName"))
            del self._records[record.group, record.name]
        return {}

    def list_schedules(self, request: Request, _caller: Caller) -> Answer:
        group, prefix, state = request.get("GroupName"), request.get("NamePrefix", ""), request.get("State")
        with self._lock:
            records = [
                record
                for record in self._records.values()
                if group in (None, record.group)
                and record.name.startswith(prefix)
                and state in (None, record.document["State"])
            ]
        found = page(records, request, limit_name="MaxResults")
        return {"Schedules": [_summary(record) for record in found.pop("")], **found}

    def _record(self, name: str, group: str | None) -> Record:
        record = self._records.get((group or DEFAULT_GROUP, name))
        if record is None:
            raise AwsError("ResourceNotFoundException", f"Schedule {name} does not exist.", 404)
        return record

    # ---------------------------------------------------------------- groups and tags

    def create_schedule_group(self, request: Request, _caller: Caller) -> Answer:
        group = Group(request["Name"], self._aws.clock.now())
        with self._lock:
            if group.name in self._groups:
                raise AwsError("ConflictException", f"Schedule group {group.name} already exists.", 409)
            self._groups[group.name] = group
            self._tags[group.arn] = _tags(request.get("Tags", []))
        return {"ScheduleGroupArn": group.arn}

    def get_schedule_group(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            return self._group(request["Name"]).described()

    def delete_schedule_group(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            group = self._group(request["Name"])
            if group.name == DEFAULT_GROUP:
                raise AwsError("ValidationException", "The default schedule group cannot be deleted.")
            del self._groups[group.name]
            self._records = {key: record for key, record in self._records.items() if record.group != group.name}
        return {}

    def list_schedule_groups(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            groups = [group for group in self._groups.values() if group.name.startswith(request.get("NamePrefix", ""))]
        found = page(groups, request, limit_name="MaxResults")
        return {"ScheduleGroups": [group.described() for group in found.pop("")], **found}

    def _group(self, name: str) -> Group:
        if name not in self._groups:
            raise AwsError("ResourceNotFoundException", f"Schedule group {name} does not exist.", 404)
        return self._groups[name]

    def tag_resource(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            self._tagged(request["ResourceArn"]).update(_tags(request["Tags"]))
        return {}

    def untag_resource(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            tags = self._tagged(request["ResourceArn"])
            for key in request["TagKeys"]:
                tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, request: Request, _caller: Caller) -> Answer:
        with self._lock:
            tags = self._tagged(request["ResourceArn"])
            return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _tagged(self, arn: str) -> dict[str, str]:
        if arn not in {group.arn for group in self._groups.values()}:
            raise AwsError("ResourceNotFoundException", f"{arn} does not exist.", 404)
        return self._tags.setdefault(arn, {})


def _summary(record: Record) -> Answer:
    return {
        "Arn": record.arn,
        "Name": record.name,
        "GroupName": record.group,
        "State": record.document["State"],
        "CreationDate": record.created_at,
        "LastModificationDate": record.changed_at,
        "Target": {"Arn": record.target["Arn"]},
    }


def _tags(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
