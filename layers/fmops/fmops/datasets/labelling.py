"""Requests for labels in the ledger."""

from datetime import datetime

from fmops.core.events import Event
from fmops.core.ledger import Key, Ledger
from fmops.core.models import Theirs
from fmops.usecases.triggers import DatasetRef

KIND = "retraining"
_BELOW = "RETRAINING#"


class LabelRequest(Theirs):
    """Prompts that wait for labels."""

    request_id: str
    run_id: str
    use_case: str
    release_id: str
    since: str
    """The first window of the drift that they are of."""
    asked_at: str
    windows: list[str]
    prompts: int
    prompts_uri: str
    base: DatasetRef
    """The dataset that labelled rows are added to."""


def key(use_case: str, request_id: str) -> Key:
    return Key(f"USECASE#{use_case}", f"{_BELOW}{request_id}")


def of_use_case(ledger: Ledger, use_case: str) -> list[LabelRequest]:
    return [LabelRequest.model_validate(one) for one in ledger.records(f"USECASE#{use_case}", _BELOW)]


def find(ledger: Ledger, use_case: str, request_id: str) -> LabelRequest:
    """NotFound where nobody asked."""
    return LabelRequest.model_validate(ledger.require(key(use_case, request_id)))


def ask(ledger: Ledger, request: LabelRequest, event: Event, now: datetime) -> None:
    """Write a request down with its event, once; where another was faster its own stands."""
    record = request.model_dump(mode="json")
    ledger.put_new(key(request.use_case, request.request_id), record, kind=KIND, now=now, emit=event)
