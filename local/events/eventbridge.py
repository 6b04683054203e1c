"""EventBridge: the API over buses, rules and targets, and the events themselves."""

import json
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from local.events.delivery import Dispatcher
from local.events.registry import Answer, Registry, Request, compiled
from local.events.router import Event, Router, new_event
from local.events.rules import DEFAULT_BUS
from local.events.ticker import Ticker, due_until
from local.events.timed import Timed
from local.protocol import Aws, AwsError, Caller

logger = logging.getLogger(__name__)

_MOST_BYTES: Final = 1024 * 1024


class EventBridge(Timed, Registry):
    """The service "events". `emit` puts AWS' own events, `drain` waits until nothing is in flight."""

    def __init__(self, aws: Aws) -> None:
        super().__init__(aws)
        self._dispatcher = Dispatcher(aws.clock, "eventbridge")
        self._router = Router(aws, self._dispatcher, self._buses.find)
        self._ticker = Ticker(aws.clock, "eventbridge-schedules", self._run_due)
        self._listeners: list[Callable[[Event], None]] = []

    # ---------------------------------------------------------------- for the other parts

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: dict[str, Any],
        resources: Sequence[str] = (),
        bus: str = DEFAULT_BUS,
    ) -> None:
        """Put an event of AWS' own. Returns at once."""
        event = new_event(source, detail_type, _plain(detail), list(resources), self._aws.clock.now())
        for listener in self._listeners:
            listener(event)
        with self._lock:
            self._router.route(self._buses.get(bus), event)

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Have `listener` called with each event of AWS' own, in the emitting thread."""
        self._listeners.append(listener)

    # ---------------------------------------------------------------- events

    def put_events(self, request: Request, _caller: Caller) -> Answer:
        entries = request["Entries"]
        if sum(_size(entry) for entry in entries) > _MOST_BYTES:
            raise AwsError("ValidationException", "Total size of the entries in the request is over the limit.")
        answers = [self._put(entry) for entry in entries]
        failed = sum("ErrorCode" in answer for answer in answers)
        return {"FailedEntryCount": failed, "Entries": answers}

    def _put(self, entry: Request) -> Answer:
        problem = _problem(entry)
        if problem is not None:
            return problem
        at = entry["Time"].timestamp() if entry.get("Time") else self._aws.clock.now()
        detail = json.loads(entry["Detail"])
        event = new_event(entry["Source"], entry["DetailType"], detail, entry.get("Resources", []), at)
        with self._lock:
            bus = self._buses.find(entry.get("EventBusName"))
            if bus is None:
                # AWS says nothing either; a person who looks for the event should find this line.
                logger.error("an event for the unknown bus %s was dropped: %s", entry["EventBusName"], event["id"])
                self.counts.lost += 1
            else:
                self._router.route(bus, event)
        return {"EventId": event["id"]}

    def test_event_pattern(self, request: Request, _caller: Caller) -> Answer:  # noqa: PT019 - no test of pytest
        try:
            event = json.loads(request["Event"])
        except ValueError as error:
            raise AwsError("InvalidEventPatternException", f"Parameter Event is not valid JSON: {error}") from error
        required = ("id", "account", "source", "time", "region", "resources", "detail-type")
        missing = [name for name in required if name not in event]
        if missing:
            raise AwsError("ValidationException", f"Parameter Event is not valid. Reason: {missing[0]} is missing")
        return {"Result": compiled(request["EventPattern"]).matches(event)}

    def _run_due(self, now: float) -> float | None:
        with self._lock:
            scheduled = [rule for rule in self._buses.rules() if rule.schedule is not None and rule.enabled]
            for rule in scheduled:
                assert rule.schedule is not None  # noqa: S101 - chosen above
                due = due_until(rule.schedule.next_after, rule.next_at, now)
                if due.skipped:
                    logger.warning("the rule %s skips %d missed occurrences", rule.name, due.skipped)
                for at in due.times:
                    event = new_event("aws.events", "Scheduled Event", {}, [rule.arn], at)
                    self._router.trigger(rule, event, self._aws.clock.iso())
                rule.next_at = due.next_at
            return min((rule.next_at for rule in scheduled if rule.next_at is not None), default=None)

    def _schedules_changed(self) -> None:
        self._ticker.poke()


def _problem(entry: Request) -> Answer | None:
    """Why PutEvents refuses one entry, in its words; None when it takes it."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
    if entry["Source"].startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSource", "ErrorMessage": "Not authorized for the source."}
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return None


def _size(entry: Request) -> int:
    """Bytes of an entry as AWS counts them."""
    texts = [entry.get(name) or "" for name in ("Source", "DetailType", "Detail")] + entry.get("Resources", [])
    return sum(len(text.encode()) for text in texts) + (14 if entry.get("Time") else 0)


def _plain(detail: dict[str, Any]) -> Any:
    """The detail as a receiver would decode it: no objects shared with who emitted it, times as text."""
    return json.loads(json.dumps(detail, default=_text))


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(f"an event's detail cannot hold {type(value).__name__}")
