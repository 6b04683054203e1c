"""What the functions that tell people are made of."""

from fmops.alerts import records
from fmops.alerts.episodes import Rules
from fmops.alerts.raising import Desk
from fmops.alerts.topic import Topic
from fmops.core import wiring
from fmops.core.errors import NotFound
from fmops.usecases.alerting import Alerting
from fmops.usecases.store import load


def desk() -> Desk:
    settings = wiring.settings()
    topic = Topic(wiring.client("sns"), settings.alerts_topic, settings.dashboard_url)
    return Desk(wiring.ledger(), topic, wiring.emitter(), rules)


def rules(use_case: str) -> Rules:
    """What holds for a use case now; the defaults for what belongs to none."""
    if not use_case:
        return Rules(Alerting())
    try:
        alerting = load(wiring.ledger(), use_case).alerting
    except NotFound:
        alerting = Alerting()
    return Rules(alerting, records.muted_until(wiring.ledger(), use_case))


def owner(use_case: str) -> list[str]:
    """Who is told beside the operators; nobody where the use case is unknown."""
    try:
        return [load(wiring.ledger(), use_case).owner] if use_case else []
    except NotFound:
        return []
