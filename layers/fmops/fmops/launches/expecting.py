"""Waiting for an endpoint that is changed, and not launched: its name outlives each change."""

from datetime import datetime
from typing import Any

from pydantic import Field

from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.launches import records
from fmops.launches.callbacks import Callbacks, Resumed
from fmops.launches.models import OPEN_KIND, Awaits, JobKind, Status


class Expectation(Ours):
    """Who waits for which endpoint, and until when."""

    endpoint: str
    run_id: str
    use_case: str
    candidate: str
    change: str
    """What names the change that is waited for: a release."""
    execution_arn: str
    task_token: str = Field(repr=False)
    outputs: dict[str, str] = Field(default_factory=dict)
    awaits: Awaits = Awaits.END


def expect(ledger: Ledger, callbacks: Callbacks, expected: Expectation, now: datetime) -> Resumed:
    """Have the newest task hear when the endpoint is as it waits for, at once if it is so.

    To be called when the change has begun: before it the endpoint's old state would count as the new one's end.
    Production's endpoint is not temporary: no reconciler deletes it.
    """
    record: dict[str, Any] = {
        **expected.model_dump(mode="json", exclude={"endpoint", "change"}),
        "name": expected.endpoint,
        "kind": JobKind.ENDPOINT,
        "status": Status.RUNNING,
        "specification": expected.change,
        "temporary": False,
    }
    ledger.put(records.key(expected.endpoint), record, kind=OPEN_KIND, now=now)
    # The event of its end may have come before this task's token was known.
    return callbacks.resume(expected.endpoint, now)
