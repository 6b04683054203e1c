"""From an event to what it says of causes: signs of them, and that others do not hold any more."""

from typing import Any

from fmops.alerts.builds import BUILD_EVENT, of_build
from fmops.alerts.conditions import drift, monitored, toxicity
from fmops.alerts.executions import EXECUTION_EVENT, of_execution
from fmops.alerts.happenings import HAPPENINGS
from fmops.alerts.models import Alert, Calm
from fmops.alerts.wording import alert_of
from fmops.core.events import DriftDetected, MonitoringCompleted, ToxicityDetected

_OF_AWS = {BUILD_EVENT: of_build, EXECUTION_EVENT: of_execution}


def of_event(detail_type: str, detail: dict[str, Any]) -> list[Alert | Calm]:
    """What an event says of causes."""
    match detail_type:
        case DriftDetected.kind:
            return [drift(DriftDetected.model_validate(detail))]
        case ToxicityDetected.kind:
            return [toxicity(ToxicityDetected.model_validate(detail))]
        case MonitoringCompleted.kind:
            return list(monitored(MonitoringCompleted.model_validate(detail)))
    if detail_type in _OF_AWS:
        failed = _OF_AWS[detail_type](detail)
        return [] if failed is None else [failed]
    kind, rule = HAPPENINGS[detail_type]
    event = kind.model_validate(detail)
    text = rule(event)
    return [] if text is None else [alert_of(detail_type, text, event.use_case, event.run_id)]
