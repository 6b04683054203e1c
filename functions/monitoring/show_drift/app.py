"""Asked by CloudWatch's dashboard: draws the drift of each feature over the hours."""

from typing import Any

from fmops.core import wiring
from fmops.widgets import heat_map
from fmops.widgets.page import answered


def handler(event: dict[str, Any], context: Any) -> str:
    return answered(event, heat_map.DOCUMENTATION, lambda view: heat_map.draw(wiring.ledger(), view))
