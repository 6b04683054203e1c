"""Alarms as they are kept: the request that made them, their state, and how each is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from local.cloudwatch.judgement import COMPARISONS, EXTRA_PERIODS, State, judge
from local.cloudwatch.queries import Queries, check_statistic, compact, invalid, key_of
from local.cloudwatch.rule_language import AlarmRule, RuleError, parse_rule
from local.cloudwatch.store import MetricStore
from local.protocol import ACCOUNT, PARTITION, REGION, NotImplementedByEmbeddedAws

Kind = Literal["MetricAlarm", "CompositeAlarm"]
_PREFIX: Final = f"arn:{PARTITION}:cloudwatch:{REGION}:{ACCOUNT}:alarm"
_UNKNOWN_MEMBERS: Final = frozenset(
    {
        "EvaluationWindow",
        "WarmUpConfiguration",
        "EvaluationCriteria",
        "EvaluationInterval",
        "ActionConfiguration",
        "ActionsSuppressor",
        "ActionsSuppressorWaitPeriod",
        "ActionsSuppressorExtensionPeriod",
    }
)
_ACTION_SERVICES: Final = frozenset({"sns", "lambda"})
_METRIC_MEMBERS: Final = frozenset(
    {"Namespace", "MetricName", "Statistic", "ExtendedStatistic", "Period", "Dimensions"}
)


@dataclass(frozen=True)
class Verdict:
    """What an evaluation says."""

    state: State
    reason: str
    data: dict[str, Any]


@dataclass
class Alarm:
    """An alarm of either kind."""

    kind: Kind
    document: dict[str, Any]
    configured_at: float
    updated_at: float
    state: State = "INSUFFICIENT_DATA"
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str | None = None
    transitioned_at: float = field(default=0.0)
    rule: AlarmRule | None = None
    queries: Queries | None = None

    @property
    def name(self) -> str:
        return str(self.document["AlarmName"])

    @property
    def arn(self) -> str:
        return f"{_PREFIX}:{self.name}"

    @property
    def description(self) -> str | None:
        return self.document.get("AlarmDescription")

    def actions(self, state: State) -> list[str]:
        """The ARNs to act on when the alarm comes into the state."""
        if not self.document["ActionsEnabled"]:
            return []
        member = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}[state]
        return list(self.document.get(member, []))

    def described(self) -> dict[str, Any]:
        """As DescribeAlarms shows it."""
        return {
            **self.document,
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": self.configured_at,
            "StateValue": self.state,
            "StateReason": self.reason,
            "StateReasonData": self.reason_data,
            "StateUpdatedTimestamp": self.updated_at,
            "StateTransitionedTimestamp": self.transitioned_at,
        }

    def evaluate(self, store: MetricStore, end: float) -> Verdict:
        """Judge a metric alarm by the periods that end at `end`."""
        periods = int(self.document["EvaluationPeriods"])
        needed = int(self.document.get("DatapointsToAlarm", periods))
        length = self.period
        start = end - length * (periods + EXTRA_PERIODS)
        series = self._series(store, start, end)
        starts = [start + length * step for step in range(periods + EXTRA_PERIODS)]
        breaches = COMPARISONS[self.document["ComparisonOperator"]]
        threshold = float(self.document["Threshold"])
        points = [None if at not in series else breaches(series[at], threshold) for at in starts]
        state = judge(points, periods, needed, self.document.get("TreatMissingData", "missing"), self.state)
        recent = [(at, series[at]) for at in starts if at in series][-periods:]
        return Verdict(state, self._reason(state, recent, periods, needed), self._data(recent, threshold, length))

    @property
    def period(self) -> int:
        """Seconds of one period."""
        return self.queries.period if self.queries else int(self.document["Period"])

    def _series(self, store: MetricStore, start: float, end: float) -> dict[float, float]:
        if self.queries is None:
            stat = self.document.get("Statistic") or self.document["ExtendedStatistic"]
            key = key_of(self.document)
            return store.statistic(key, start, end, self.period, stat, self.document.get("Unit"))
        found = self.queries.run(store, start, end, aligned=False)
        return found[0].series if found else {}

    def _reason(self, state: State, recent: list[tuple[float, float]], periods: int, needed: int) -> str:
        if not recent:
            if state == "INSUFFICIENT_DATA":
                return f"Insufficient Data: {periods} datapoints were unknown."
            treatment = str(self.document.get("TreatMissingData", "missing"))
            return (
                f"no datapoints were received for {periods} periods "
                f"and {periods} missing datapoints were treated as [{treatment}]."
            )
        values = ", ".join(f"{value} ({_clock(at)})" for at, value in recent)
        words = _WORDS[self.document["ComparisonOperator"]]
        breaches, threshold = COMPARISONS[self.document["ComparisonOperator"]], float(self.document["Threshold"])
        crossing = sum(breaches(value, threshold) for _, value in recent)
        count = crossing if state == "ALARM" else len(recent) - crossing
        return (
            f"Threshold Crossed: {count} out of the last {len(recent)} datapoints [{values}] "
            f"{'was' if count == 1 else 'were'} {'' if state == 'ALARM' else 'not '}{words} "
            f"the threshold ({threshold}) "
            f"(minimum {needed} datapoint{'' if needed == 1 else 's'} for OK -> ALARM transition)."
        )

    def _data(self, recent: list[tuple[float, float]], threshold: float, length: int) -> dict[str, Any]:
        return {
            "version": "1.0",
            "startDate": iso(recent[0][0]) if recent else None,
            "statistic": self.document.get("Statistic") or self.document.get("ExtendedStatistic"),
            "period": length,
            "recentDatapoints": [value for _, value in recent],
            "threshold": threshold,
            "evaluatedDatapoints": [{"timestamp": iso(at), "value": value} for at, value in reversed(recent)],
        }

    def judged(self, states: Mapping[str, State], arns: Mapping[str, str]) -> Verdict:
        """Judge a composite alarm by the states of the alarms that its rule names."""
        assert self.rule is not None  # noqa: S101 - composite alarms have one
        holds = self.rule.holds(states)
        state: State = "ALARM" if holds else "OK"
        triggering = [
            {"arn": arns[name], "state": {"value": states[name]}} for name in sorted(self.rule.alarms) if name in states
        ]
        names = ", ".join(arns[name] for name in sorted(self.rule.alarms) if name in arns) or "the rule"
        return Verdict(state, f"{names} transitioned to {state}", {"triggeringAlarms": triggering})


_WORDS: Final = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}


def metric_alarm(request: Mapping[str, Any], now: float) -> Alarm:
    """A metric alarm from its request. AwsError for what AWS or the embedded AWS refuses."""
    document = _document(request)
    for member in ("EvaluationPeriods", "ComparisonOperator"):
        if member not in document:
            raise invalid(f"{member} is required")
    if document["ComparisonOperator"] not in COMPARISONS or "ThresholdMetricId" in document:
        raise NotImplementedByEmbeddedAws("alarms on anomaly detection bands")
    if document.get("EvaluateLowSampleCountPercentile") == "ignore":
        raise NotImplementedByEmbeddedAws("EvaluateLowSampleCountPercentile: ignore")
    if "Threshold" not in document:
        raise invalid("Threshold is required")
    treatment = document.get("TreatMissingData", "missing")
    if treatment not in ("breaching", "notBreaching", "ignore", "missing"):
        raise invalid(f"Option {treatment} is not supported for TreatMissingData.")
    if int(document.get("DatapointsToAlarm", 1)) > int(document["EvaluationPeriods"]):
        raise invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods")
    queries = _alarm_queries(document) if "Metrics" in document else None
    if queries is None:
        _check_metric(document)
    return Alarm("MetricAlarm", document, now, now, queries=queries, transitioned_at=now)


def _check_metric(document: Mapping[str, Any]) -> None:
    for member in ("Namespace", "MetricName", "Period"):
        if member not in document:
            raise invalid(f"{member} is required without Metrics")
    if ("Statistic" in document) == ("ExtendedStatistic" in document):
        raise invalid("Exactly one of Statistic and ExtendedStatistic must be given")
    check_statistic(document.get("Statistic") or document["ExtendedStatistic"])


def _alarm_queries(document: Mapping[str, Any]) -> Queries:
    if _METRIC_MEMBERS & set(document):
        raise invalid("Metrics excludes MetricName, Namespace, Dimensions, Period and Statistic")
    returned = [query for query in document["Metrics"] if query.get("ReturnData", True)]
    if len(returned) != 1:
        raise invalid("Exactly one element of Metrics must have ReturnData set to true.")
    return Queries(document["Metrics"])


def composite_alarm(request: Mapping[str, Any], now: float) -> Alarm:
    """A composite alarm from its request. AwsError for what AWS or the embedded AWS refuses."""
    document = _document(request)
    try:
        rule = parse_rule(document["AlarmRule"])
    except RuleError as error:
        raise invalid(str(error)) from error
    return Alarm("CompositeAlarm", document, now, now, rule=rule, transitioned_at=now)


def _document(request: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(request) & _UNKNOWN_MEMBERS:
        raise NotImplementedByEmbeddedAws(f"{', '.join(sorted(unknown))} of alarms")
    document = {name: value for name, value in request.items() if name != "Tags"}
    document.setdefault("ActionsEnabled", True)
    for member in ("OKActions", "AlarmActions", "InsufficientDataActions"):
        for arn in document.setdefault(member, []):
            if arn.split(":")[2:3] not in [[service] for service in _ACTION_SERVICES]:
                raise NotImplementedByEmbeddedAws(f"the alarm action {arn}")
    return document


def iso(moment: float) -> str:
    """A time as CloudWatch writes it in events and messages."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(moment * 1000) % 1000:03d}+0000"


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d/%m/%y %H:%M:%S")


def reason_data(verdict: Verdict, now: float) -> str:
    """A verdict's data as DescribeAlarms carries it."""
    return compact({**verdict.data, "queryDate": iso(now)})
