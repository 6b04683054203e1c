"""The desk of the journey's steps, from a function's settings and clients."""

from fmops.core import clock, wiring
from fmops.evaluation.desk import Desk, Yard
from fmops.evaluation.turns.desk import TurnDesk
from fmops.launches.wiring import launcher


def desk() -> Desk:
    settings = wiring.settings()
    return Desk(wiring.ledger(), wiring.store(), settings.artifacts_bucket, settings.prefix)


def yard(role_arn: str) -> Yard:
    """Where jobs of one role are launched from."""
    return Yard(desk(), launcher(), role_arn, clock.now(), wiring.settings().region)


def turn_desk(most: int) -> TurnDesk:
    return TurnDesk(wiring.ledger(), wiring.client("stepfunctions"), most)
