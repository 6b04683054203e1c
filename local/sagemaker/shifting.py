"""The change from one fleet to the next: traffic in steps, a bake after each, and back when an alarm trips."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from local.sagemaker.deployments import Deployment, Step
from local.sagemaker.machine import Machine
from local.sagemaker.serving import Fleet
from local.sagemaker.traffic import Traffic

_LOOK_SECONDS = 10.0
"""How often alarms are looked at while nothing else happens."""


class RolledBack(Exception):
    """The old fleet has all traffic again; the message says why."""


class Shift(NamedTuple):
    """One deployment under way."""

    machine: Machine
    traffic: Traffic
    endpoint: str
    role: str
    """Reads the alarms: the execution role of the new fleet's model."""
    deployment: Deployment
    begun: float

    def refuse_alarms(self) -> None:
        """RolledBack when an alarm is tripped already, which may be the old fleet's doing."""
        self._must_be_quiet()

    def run(self, new: Fleet, baking: Callable[[Step], None], stopping: Callable[[], bool]) -> None:
        """Shift all traffic to the new fleet; `baking` is told of each step. RolledBack when that must not be."""
        try:
            for step in self.deployment.steps:
                self.traffic.share(self.endpoint, new, step.on / self.deployment.instances)
                baking(step)
                self._bake(step, stopping)
        except RolledBack:
            self.traffic.withdraw(self.endpoint)
            raise

    def _bake(self, step: Step, stopping: Callable[[], bool]) -> None:
        clock = self.machine.clock
        deadline = self.begun + self.deployment.timeout
        until = min(clock.now() + step.wait, deadline)
        while not stopping():
            over = clock.now() >= until
            # Looked at once more at the end: an advanced clock may have jumped over the whole bake.
            self._must_be_quiet()
            if over:
                break
            pause = _LOOK_SECONDS if self.deployment.alarms else step.wait
            clock.wait(min(until, clock.now() + pause), stopping)
        if clock.now() >= deadline and not stopping():
            raise RolledBack(
                f"The deployment exceeded its maximum execution timeout of {self.deployment.timeout} seconds."
            )

    def _must_be_quiet(self) -> None:
        if not self.deployment.alarms:
            return
        tripped = self._tripped()
        if tripped:
            raise RolledBack(f"One or more configured alarms are in the ALARM state: {', '.join(tripped)}.")

    def _tripped(self) -> list[str]:
        names = list(self.deployment.alarms)
        try:
            found = self.machine.aws.client("cloudwatch", self.role or None).describe_alarms(
                AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        except ClientError as error:
            raise RolledBack(f"The alarms could not be read with the role {self.role}: {error}") from error
        alarms: list[dict[str, Any]] = [*found["MetricAlarms"], *found["CompositeAlarms"]]
        missing = sorted({*names} - {alarm["AlarmName"] for alarm in alarms})
        if missing:
            raise RolledBack(f"The alarms {', '.join(missing)} do not exist.")
        # An advanced clock may have jumped over the time for which an alarm was tripped; on AWS nothing does.
        return [
            alarm["AlarmName"]
            for alarm in alarms
            if alarm["StateValue"] == "ALARM" or self._has_tripped(alarm["AlarmName"])
        ]

    def _has_tripped(self, name: str) -> bool:
        items = self.machine.aws.client("cloudwatch").describe_alarm_history(
            AlarmName=name,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            HistoryItemType="StateUpdate",
            StartDate=datetime.fromtimestamp(self.begun, UTC),
        )["AlarmHistoryItems"]
        return any(item["HistorySummary"].endswith("to ALARM") for item in items)
