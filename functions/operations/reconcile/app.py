"""On a schedule: finds what events did not tell, and does what a crash left undone."""

from typing import Any

from fmops.approval.callbacks import retry
from fmops.approval.trail import note_overdue
from fmops.core import clock, log, wiring
from fmops.core.announcing import announce_overdue
from fmops.evaluation.closing import close_abandoned
from fmops.evaluation.reviews import telling
from fmops.evaluation.wiring import turn_desk
from fmops.launches.reconcile import Reconciler
from fmops.launches.wiring import callbacks, purse, sagemaker
from fmops.release.abandoned import Means, settle
from fmops.release.retention import clear
from fmops.release.routes import Routes
from fmops.release.undoing import Yard
from fmops.release.watching import Watch
from fmops.serving.live import LiveEndpoints

logger = log.logger("operations")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings, ledger, states, now = wiring.settings(), wiring.ledger(), wiring.client("stepfunctions"), clock.now()
    yard = Yard(
        ledger,
        LiveEndpoints(wiring.client("sagemaker")),
        Watch(wiring.client("cloudwatch"), settings.prefix),
        Routes(wiring.client("ssm")),
        settings.stack,
    )
    found = Reconciler(ledger, sagemaker(), callbacks(), purse(), states).reconcile(now).model_dump(mode="json")
    done = {
        **found,
        "closed": close_abandoned(ledger, states, now),
        "turns_ended": turn_desk(wiring.settings().max_runs).sweep(now),
        # Before it is announced: that has the audit sealed.
        "noted": note_overdue(ledger, now),
        "announced": announce_overdue(ledger, wiring.emitter(), now),
        "releases": settle(Means(yard, wiring.emitter(), states), now).model_dump(mode="json"),
        "cleared": clear(ledger, yard.endpoints, now).model_dump(mode="json"),
        "told": retry(states, ledger, now),
        "reviews_told": telling.retry(states, ledger, now),
    }
    logger.info("reconciled", extra=done)
    return done
