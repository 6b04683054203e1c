"""Begins to take a release back after any failure; the state waits until the endpoint is what it was."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.launches.expecting import expect
from fmops.launches.wiring import callbacks
from fmops.release import records, undoing
from fmops.release.awaiting import expectation
from fmops.release.routes import Routes
from fmops.release.watching import Watch
from fmops.serving.live import LiveEndpoints

logger = log.logger("release")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    ledger, settings, now = wiring.ledger(), wiring.settings(), clock.now()
    release = records.load(ledger, event["release_id"])
    yard = undoing.Yard(
        ledger,
        LiveEndpoints(wiring.client("sagemaker")),
        Watch(wiring.client("cloudwatch"), settings.prefix),
        Routes(wiring.client("ssm")),
        settings.stack,
    )
    begun = undoing.begin(yard, release, now).model_dump(mode="json")
    logger.info("release goes back", extra={**release.ids, **begun})
    if not begun["waits"]:
        callbacks().succeed(event["task_token"], begun)
        return begun
    expected = expectation(release, event, change=f"{release.release_id} back")
    expect(ledger, callbacks(), expected, now)
    return begun
