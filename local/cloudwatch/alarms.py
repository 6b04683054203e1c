"""Alarms at work: evaluated each minute of the embedded clock, acting when their state changes."""

import json
import logging
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local.cloudwatch.alarm_messages import Change, state_of
from local.cloudwatch.alarm_records import Alarm, Verdict, reason_data
from local.cloudwatch.judgement import State
from local.cloudwatch.queries import compact
from local.cloudwatch.store import MetricStore
from local.events.delivery import Dispatcher, Failure, RetryPolicy
from local.events.policies import service_allowed
from local.events.targets import (
    DeliveryError,
    calling,
    refuse_lambda_unless_allowed,
    refuse_unless_key_allows,
)
from local.events.ticker import Ticker
from local.events.timed import Timed
from local.protocol import ACCOUNT, Aws, AwsError

logger = logging.getLogger(__name__)

_CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
_MINUTE: Final = 60
MOST_MINUTES: Final = 180
"""How many missed minutes one advance of the clock evaluates; the newest ones."""

_RETRY: Final = RetryPolicy(maximum_attempts=3, maximum_age_seconds=3600)

_KEPT: Final = ("state", "reason", "reason_data", "updated_at", "transitioned_at")

History = dict[str, Any]


class Alarms(Timed):
    """All alarms of the account. `evaluate()` judges them at once, with what has been measured until now."""

    def __init__(self, aws: Aws, store: MetricStore) -> None:
        self._aws = aws
        self._store = store
        self._lock = threading.RLock()
        self._alarms: dict[str, Alarm] = {}
        self._history: list[History] = []
        self._collectors: list[Callable[[], None]] = []
        self._dispatcher = Dispatcher(aws.clock, "alarm-actions", workers=2)
        self._ticker = Ticker(aws.clock, "alarms-clock", self._run_due)
        self._last_minute = _minute(aws.clock.now())

    # ---------------------------------------------------------------- for the other parts

    def before_evaluation(self, collect: Callable[[], None]) -> None:
        """Have `collect` called before each round: it writes metrics that nobody pushes."""
        self._collectors.append(collect)

    def evaluate(self) -> None:
        """Judge all alarms now, the minute that has just begun included."""
        self._collect()
        self._round(_minute(self._aws.clock.now()) + _MINUTE)

    def kept(self) -> dict[str, tuple[Any, ...]]:
        """The alarms' states, for `put_back` after a restart."""
        with self._lock:
            return {name: tuple(getattr(alarm, member) for member in _KEPT) for name, alarm in self._alarms.items()}

    def put_back(self, kept: Mapping[str, tuple[Any, ...]]) -> None:
        """Alarms that are no more are passed over."""
        with self._lock:
            for name in kept.keys() & self._alarms.keys():
                for member, value in zip(_KEPT, kept[name], strict=True):
                    setattr(self._alarms[name], member, value)

    def catch_up(self) -> None:
        """Judge the minutes that have passed: whoever asks for states right after an advance gets those of now."""
        self._ticker.catch_up()

    def _run_due(self, now: float) -> float:
        newest = _minute(now)
        missed = range(int(self._last_minute) + _MINUTE, int(newest) + 1, _MINUTE)
        self._last_minute = newest
        if missed and self._alarms:
            self._collect()
            if len(missed) > MOST_MINUTES:
                logger.warning("alarms skip %d missed minutes", len(missed) - MOST_MINUTES)
            for minute in missed[-MOST_MINUTES:]:
                self._round(float(minute))
        return newest + _MINUTE

    def _collect(self) -> None:
        for collect in self._collectors:
            collect()

    def _round(self, end: float) -> None:
        with self._lock:
            for alarm in list(self._alarms.values()):
                if alarm.kind == "MetricAlarm":
                    self._settle(alarm, alarm.evaluate(self._store, end))
            self._judge_composites()

    def _judge_composites(self) -> None:
        """Until nothing changes: composites may look at composites."""
        composites = [alarm for alarm in self._alarms.values() if alarm.kind == "CompositeAlarm"]
        for _ in composites:
            states: dict[str, State] = {name: alarm.state for name, alarm in self._alarms.items()}
            arns = {name: alarm.arn for name, alarm in self._alarms.items()}
            changed = [self._settle(alarm, alarm.judged(states, arns)) for alarm in composites]
            if not any(changed):
                return

    def _settle(self, alarm: Alarm, verdict: Verdict) -> bool:
        """Put a verdict into effect; whether the state changed."""
        now = self._aws.clock.now()
        if verdict.state == alarm.state:
            return False
        self._change(alarm, verdict.state, verdict.reason, reason_data(verdict, now))
        return True

    def _change(self, alarm: Alarm, state: State, reason: str, data: str | None) -> None:
        previous, now = state_of(alarm), self._aws.clock.now()
        changed = state != alarm.state
        alarm.state, alarm.reason, alarm.reason_data, alarm.updated_at = state, reason, data, now
        if not changed:
            return
        alarm.transitioned_at = now
        change = Change(alarm, previous)
        logger.info("alarm %s: %s -> %s", alarm.name, previous["value"], state)
        summary = f"Alarm updated from {previous['value']} to {state}"
        self._remember(
            alarm,
            "StateUpdate",
            summary,
            {"version": "1.0", "oldState": _in_history(previous), "newState": _in_history(state_of(alarm))},
        )
        self._aws.emit("aws.cloudwatch", "CloudWatch Alarm State Change", change.detail(), [alarm.arn])
        for arn in alarm.actions(state):
            self._dispatcher.submit(Action(self._aws, change, arn))
            self._remember(alarm, "Action", f"Acted on {arn}", {"actionArn": arn, "state": state})

    def _remember(self, alarm: Alarm, kind: str, summary: str, data: dict[str, Any]) -> None:
        self._history.append(
            {
                "AlarmName": alarm.name,
                "AlarmType": alarm.kind,
                "Timestamp": self._aws.clock.now(),
                "HistoryItemType": kind,
                "HistorySummary": summary,
                "HistoryData": compact(data),
            }
        )

    # ---------------------------------------------------------------- for the API

    def put(self, alarm: Alarm) -> None:
        """Add an alarm or replace its configuration; its state stays. AwsError when its rule names unknown alarms."""
        with self._lock:
            unknown = sorted(alarm.rule.alarms - set(self._alarms)) if alarm.rule else []
            if unknown:
                raise AwsError("ValidationError", f"The alarms {unknown} in the alarm rule do not exist.")
            known = self._alarms.get(alarm.name)
            if known is not None:
                alarm.state, alarm.reason, alarm.reason_data = known.state, known.reason, known.reason_data
                alarm.updated_at, alarm.transitioned_at = known.updated_at, known.transitioned_at
            self._alarms[alarm.name] = alarm
            word = "created" if known is None else "updated"
            self._remember(alarm, "ConfigurationUpdate", f'Alarm "{alarm.name}" {word}', {"type": word.capitalize()})
            if alarm.rule is not None:
                self._judge_composites()

    def get(self, name: str) -> Alarm:
        """The alarm. AwsError when there is none."""
        with self._lock:
            if name not in self._alarms:
                raise AwsError("ResourceNotFound", f"There is no alarm {name}.", 404)
            return self._alarms[name]

    def all(self) -> list[Alarm]:
        with self._lock:
            return sorted(self._alarms.values(), key=lambda alarm: alarm.name)

    def delete(self, names: list[str]) -> None:
        with self._lock:
            for name in names:
                self._alarms.pop(name, None)

    def set_state(self, name: str, state: State, reason: str, data: str | None) -> None:
        """Put an alarm into a state, until its next evaluation."""
        with self._lock:
            self._change(self.get(name), state, reason, data)
            self._judge_composites()

    def history(self) -> list[History]:
        """What happened to alarms, newest first."""
        with self._lock:
            return self._history[::-1]


@dataclass(frozen=True)
class Action:
    """One alarm action on its way. Actions have no dead-letter queue: one that fails for good is logged and counted."""

    aws: Aws
    change: Change
    arn: str
    retry: RetryPolicy = _RETRY

    @property
    def name(self) -> str:
        return f"alarm {self.change.alarm_name} ({self.change.state}) to {self.arn}"

    def attempt(self, number: int) -> None:  # noqa: ARG002 - receivers are told no attempt numbers
        calling(self._notify if ":sns:" in self.arn else self._invoke)

    def _notify(self) -> None:
        client = self.aws.client("sns")
        attributes = client.get_topic_attributes(TopicArn=self.arn)["Attributes"]
        allowed = service_allowed(
            attributes.get("Policy"),
            service=_CLOUDWATCH,
            action="sns:Publish",
            resource=self.arn,
            source_arn=self.change.alarm_arn,
            # A topic's default policy lets its own account's alarms in by this key.
            more={"aws:sourceowner": ACCOUNT},
        )
        if not allowed:
            raise DeliveryError(
                "NO_PERMISSIONS", f"the topic's policy keeps CloudWatch out: {self.arn}", permanent=True
            )
        refuse_unless_key_allows(self.aws, _CLOUDWATCH, self.change.alarm_arn, attributes.get("KmsMasterKeyId"))
        client.publish(TopicArn=self.arn, Subject=self.change.subject(), Message=self.change.message())

    def _invoke(self) -> None:
        refuse_lambda_unless_allowed(
            self.aws, "lambda.alarms.cloudwatch.amazonaws.com", self.change.alarm_arn, self.arn
        )
        self.aws.lambdas.invoke(self.arn, self.change.invocation(), "Event")

    def bury(self, failure: Failure) -> bool:  # noqa: ARG002 - there is nowhere to bury it
        return False


def _in_history(state: dict[str, Any]) -> dict[str, Any]:
    """An alarm's state as HistoryData spells it: other names than in events, and the data as an object."""
    data = {"stateReasonData": json.loads(state["reasonData"])} if state.get("reasonData") else {}
    return {"stateValue": state["value"], "stateReason": state.get("reason", ""), **data}


def _minute(moment: float) -> float:
    return float(math.floor(moment / _MINUTE) * _MINUTE)
