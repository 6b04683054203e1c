"""Asked by CloudWatch's dashboard: draws what waits for a person."""

from typing import Any

from fmops.core import clock, wiring
from fmops.widgets import waiting
from fmops.widgets.page import Context, answered


def handler(event: dict[str, Any], context: Any) -> str:
    def draw(view: Context) -> str:
        return waiting.draw(wiring.ledger(), view, wiring.settings().region, clock.now())

    return answered(event, waiting.DOCUMENTATION, draw)
