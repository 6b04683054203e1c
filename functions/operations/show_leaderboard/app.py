"""Asked by CloudWatch's dashboard: draws the candidates of the newest runs."""

from typing import Any

from fmops.core import wiring
from fmops.widgets import leaderboard
from fmops.widgets.page import answered


def handler(event: dict[str, Any], context: Any) -> str:
    return answered(event, leaderboard.DOCUMENTATION, lambda view: leaderboard.draw(wiring.ledger(), view))
