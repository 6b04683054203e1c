"""What lasts from window to window: drift, toxicity, slowness, and a window that nothing can be said of."""

from collections.abc import Iterator

from fmops.alerts.models import Alert, Calm, Severity
from fmops.alerts.wording import Text, alert_id, alert_of
from fmops.core.events import DriftDetected, MonitoringCompleted, ToxicityDetected

SLOW, UNJUDGED = "LatencyRose", "WindowNotJudged"
DISLIKED, WORSE = "UsersDislike", "AnswersWorse"
# Which condition of a judged window stands for which reason of an alert.
_REASONS = {
    "drift": DriftDetected.kind,
    "toxicity": ToxicityDetected.kind,
    "latency": SLOW,
    "feedback": DISLIKED,
    "quality": WORSE,
}
_NAMED = 3


def drift(event: DriftDetected) -> Alert:
    lines = [
        f"The traffic of {_serves(event)} in the window {event.window} is unlike the baseline",
        f"({event.records} records were read). What moved, the most important first:",
        *(f"- {finding}" for finding in event.findings),
        "",
        "Next: look at the words and masked records that explain it (explanation.json beside the window's profile),",
        "then decide whether the model needs new data or the baseline is out of date. docs/monitoring.md says how.",
    ]
    more = f" and {len(event.features) - _NAMED} more" if len(event.features) > _NAMED else ""
    subject = f"{event.use_case}: drift in {', '.join(event.features[:_NAMED])}{more}"
    return _lasting(event.kind, Text(Severity(event.severity), subject, lines, [], window=event.window), event)


def toxicity(event: ToxicityDetected) -> Alert:
    lines = [
        f"Toxic answers of {_serves(event)} in the window {event.window}:",
        f"an estimated {event.share:.1%} (95 % interval {event.low:.1%} to {event.high:.1%}).",
        event.summary,
        "",
        f"Next: `fmops rollback {event.use_case} --reason ...`, or put a guardrail before the model.",
    ]
    subject = f"{event.use_case}: {event.share:.1%} toxic answers on {event.endpoint or event.model_id}"
    return _lasting(event.kind, Text(Severity(event.severity), subject, lines, [], window=event.window), event)


def _serves(event: DriftDetected | ToxicityDetected) -> str:
    return f"the endpoint {event.endpoint}" if event.endpoint else f"the model {event.model_id} of Bedrock"


def monitored(event: MonitoringCompleted) -> Iterator[Alert | Calm]:
    """What a judged window says of all conditions: that some hold, and that others do not."""
    if "feedback" in event.holds:
        # People vote whether or not their traffic was captured.
        yield _disliked(event)
    if "quality" in event.holds:
        yield _worse(event)
    if event.verdict == "INSUFFICIENT_DATA":
        # What is unknown is not over.
        yield _unjudged(event)
        return
    if "latency" in event.holds:
        yield _slow(event)
    over = [reason for condition, reason in _REASONS.items() if condition not in (*event.holds, *event.unknown)]
    for reason in (*over, UNJUDGED):
        yield Calm(alert_id=alert_id(reason, event.use_case, []), window=event.window)


def _unjudged(event: MonitoringCompleted) -> Alert:
    lines = [
        f"The window {event.window} could not be judged: it holds {event.records} usable records.",
        *(f"- {reason}" for reason in event.reasons),
        "",
        "Next: see whether there is traffic, whether it is captured (on a route: whether Bedrock logs it to the",
        "stack's capture bucket), and whether the toxicity job ran.",
    ]
    subject = f"{event.use_case}: a window could not be judged"
    return _lasting(UNJUDGED, Text(Severity.WARNING, subject, lines, [], window=event.window), event)


def _slow(event: MonitoringCompleted) -> Alert:
    lines = [
        f"The model answered slowly in the window {event.window}:",
        *(f"- {reason}" for reason in event.reasons if "latency" in reason),
        "",
        "Next: look at the endpoint's load and its instances' metrics; on a route at Bedrock's.",
    ]
    severity = Severity.ALARM if event.verdict == "ALARM" else Severity.WARNING
    return _lasting(SLOW, Text(severity, f"{event.use_case}: slower answers", lines, [], window=event.window), event)


def _disliked(event: MonitoringCompleted) -> Alert:
    lines = [
        f"Users dislike the answers, as of the window {event.window}:",
        *(f"- {reason}" for reason in event.reasons if reason.startswith("users:")),
        "",
        "Next: read what they wrote (feedback/ in the capture bucket), and compare with the release before.",
    ]
    subject = f"{event.use_case}: users dislike the answers"
    return _lasting(DISLIKED, Text(Severity.ALARM, subject, lines, [], window=event.window), event)


def _worse(event: MonitoringCompleted) -> Alert:
    lines = [
        "Answers are worse than in the evaluation, by the truths that came since:",
        *(f"- {reason}" for reason in event.reasons if reason.startswith("answers of ")),
        "",
        f"Next: look at that window's traffic; `fmops rollback {event.use_case} --reason ...`, or train on the truths.",
    ]
    subject = f"{event.use_case}: answers are worse than evaluated"
    return _lasting(WORSE, Text(Severity.ALARM, subject, lines, [], window=event.window), event)


def _lasting(reason: str, text: Text, event: DriftDetected | ToxicityDetected | MonitoringCompleted) -> Alert:
    """Its identity is the reason alone: the same cause in the next window is the same alert."""
    return alert_of(reason, text, event.use_case, event.run_id)
